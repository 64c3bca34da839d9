"""How far an office printer prints beside its place: a sheet to measure on, and what the measures mean.

Two lines are printed 30 mm from the paper's left and upper edge, and one of 150 mm. A person measures with a ruler.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from app.errors import RefusedError
from app.paper.canvas import Line, Part
from app.paper.colours import BLACK
from app.paper.fonts import Fonts
from app.paper.imposition import A4, Cell, Layout
from app.paper.measures import Box, number, points
from app.paper.prepress import Imprint, assemble
from app.paper.text import fit

LINE_MM: Final = 30.0
BAR_MM: Final = 150.0
BAR_SLACK_MM: Final = 0.75
"""Half a percent: more means that the printer scales, and no shift can mend that."""
OFF_MM_MAX: Final = 8.0
PAGE = Layout("a4", A4.width_mm, A4.height_mm, 0, (Cell(Box(0, 0, A4.width_mm, A4.height_mm), turned=False),))
TITLE = "Tờ đo máy in"
STEPS = (
    "1. In tờ này trên giấy A4 bằng máy in cần đo: cỡ 100 %, không “vừa trang”.",
    "2. Đo từ mép trái tờ giấy đến vạch đứng A. Đúng ra là 30 mm.",
    "3. Đo từ mép trên tờ giấy đến vạch ngang B. Đúng ra là 30 mm.",
    "4. Đo vạch C. Phải đúng 150 mm; nếu khác là máy đang phóng hoặc thu trang.",
    "5. Ghi ba số ấy ở trang In ấn, mục Máy in văn phòng.",
    "6. In thử một tờ bảng QR: dấu cắt ở bốn góc phải cách đều mép giấy.",
)
ROLE: Final = {True: "extrabold", False: "medium"}


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much sheets are moved for a printer, so that the print lies where it should."""

    right_mm: float
    down_mm: float


def shift_of(left_mm: float, top_mm: float, bar_mm: float) -> Shift:
    """What three measures ask for.

    >>> shift_of(31.2, 29.5, 150)
    Shift(right_mm=-1.2, down_mm=0.5)

    Raises RefusedError where the printer scales or somebody measured another line.
    """
    if abs(bar_mm - BAR_MM) > BAR_SLACK_MM:
        raise RefusedError(
            f"Vạch C đo được {bar_mm:g} mm, phải là 150 mm: máy in đang phóng hoặc thu trang.",
            remedy="Chọn cỡ 100 % (Actual size), bỏ “vừa trang”, in lại tờ đo rồi đo lại.",
        )
    shift = Shift(round(LINE_MM - left_mm, 2) + 0.0, round(LINE_MM - top_mm, 2) + 0.0)
    if max(abs(shift.right_mm), abs(shift.down_mm)) > OFF_MM_MAX:
        raise RefusedError(
            f"Lệch quá {OFF_MM_MAX:g} mm thì không dời được.",
            remedy="Đo lại từ mép giấy đến đúng vạch A, vạch B; xem giấy có nằm sát khay không.",
        )
    return shift


def calibration_pdf(fonts: Fonts, now: datetime) -> bytes:
    """The A4 sheet to print and measure."""
    with TemporaryDirectory() as scratch:
        sketch, out = Path(scratch, "part.pdf"), Path(scratch, "sheet.pdf")
        part = Part(sketch, fonts, PAGE, title=TITLE)
        part.art(_lines(), PAGE.height_mm)
        _say(part, fonts, Box(LINE_MM + 12, 40, 150, 12), TITLE, 26, bold=True)
        for at, step in enumerate(STEPS):
            _say(part, fonts, Box(LINE_MM + 12, 60 + at * 11, 150, 8), step, 11)
        _say(part, fonts, Box(LINE_MM + 2, 252, 8, 6), "A", 16, bold=True)
        _say(part, fonts, Box(188, LINE_MM + 2, 8, 6), "B", 16, bold=True)
        _say(part, fonts, Box(LINE_MM + 14, 153, 8, 6), "C", 16, bold=True)
        _say(part, fonts, Box(LINE_MM + 24, 153, 80, 6), "150 mm", 11)
        part.end_sheet()
        part.save()
        assemble([sketch], out, Imprint(TITLE, now))
        return out.read_bytes()


def _lines() -> str:
    far = LINE_MM + 12 + BAR_MM
    strokes = [
        (LINE_MM, 10, LINE_MM, 285),
        (10, LINE_MM, 200, LINE_MM),
        (LINE_MM + 12, 150, far, 150),
        (LINE_MM + 12, 146, LINE_MM + 12, 154),
        (far, 146, far, 154),
    ]
    strokes += [(LINE_MM + 12 + step, 148, LINE_MM + 12 + step, 150) for step in range(10, int(BAR_MM), 10)]
    drawn = " ".join(f"{number(x)} {number(y)} m {number(to_x)} {number(to_y)} l" for x, y, to_x, to_y in strokes)
    return f"{BLACK.operands} K 0.15 w 0 J {drawn} S"


def _say(part: Part, fonts: Fonts, box: Box, text: str, size: float, *, bold: bool = False) -> None:
    face = fonts[ROLE[bold]]
    setting = fit(text, face, points(box.width), points(box.height), size, lines=2)
    part.text(Line(box, face, setting, BLACK, "left"), PAGE.height_mm)
