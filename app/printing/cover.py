"""The lot's cover sheet: what lies in the parcel, which market row on which sheets, and what the gate said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.paper.canvas import Line, Part
from app.paper.colours import BLACK, WHITE, Cmyk
from app.paper.fonts import Fonts
from app.paper.imposition import A4, Cell, Layout
from app.paper.measures import Box, points
from app.paper.outlines import rounded, written
from app.paper.prepress import Imprint, assemble
from app.paper.text import fit, printable
from app.printing.gate import Report
from app.printing.orders import Order, Piece, Stock
from app.printing.press import Press
from app.vn.dates import local_date

PAGE = Layout("a4", A4.width_mm, A4.height_mm, 0, (Cell(Box(0, 0, A4.width_mm, A4.height_mm), turned=False),))
LEFT, WIDE = 15.0, 180.0
ROW_MM, FIRST_ROW_MM, NEXT_ROW_MM, LAST_ROW_MM = 6.6, 138.0, 40.0, 258.0
COLUMNS = ((15, 52, "left"), (69, 20, "right"), (95, 48, "left"), (145, 18, "left"), (165, 30, "left"))
FACTS_MM = 53.0
"""Room for the facts above the table, however many there are."""
HEADINGS = ("Dãy", "Bản", "Từ quầy đến quầy", "Ô", "Tờ")
ORDERS = {
    "stack": "cắt cả chồng, đặt chồng ô 1, ô 2, ô 3… nối nhau",
    "row": "lần lượt từng tờ, từ trái sang phải, từ trên xuống",
}
GREY, HAIR = Cmyk(0, 0, 0, 62), Cmyk(0, 0, 0, 25)


@dataclass(frozen=True, slots=True)
class RowOnSheets:
    """One market row of the lot: its pieces, where it begins and ends, and the cells and sheets it lies on."""

    row: str
    count: int
    first: str
    last: str
    cells: str
    sheets: str


def rows_on_sheets(pieces: Iterable[Piece]) -> list[RowOnSheets]:
    """Every market row in walking order with its cells and sheets."""
    found: dict[tuple[str, str], list[Piece]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.point.line):
        found.setdefault((piece.point.zone, piece.point.row), []).append(piece)
    zones = {zone for zone, _ in found}
    return [
        RowOnSheets(
            row=" · ".join(part for part in (zone if len(zones) > 1 else "", row) if part) or "Không có dãy",
            count=len(those),
            first=those[0].point.place,
            last=those[-1].point.place,
            cells=spans(piece.cell for piece in those),
            sheets=spans(piece.sheet for piece in those),
        )
        for (zone, row), those in found.items()
    ]


def spans(numbers: Iterable[int]) -> str:
    """Numbers as people write them.

    >>> spans([3, 1, 2, 7, 2])
    '1–3, 7'
    """
    runs: list[list[int]] = []
    for each in sorted(set(numbers)):
        if runs and each == runs[-1][1] + 1:
            runs[-1][1] = each
        else:
            runs.append([each, each])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in runs)


def gate_line(report: Report) -> str:
    """What the gate found, in one sentence."""
    if not report.codes:
        return "Không có mã QR; chữ, màu, phông và khung đã được kiểm"
    return f"{grouped(report.codes_right)}/{grouped(report.codes)} mã QR đọc lại đúng từ chính trang in xong"


def grouped(count: int) -> str:
    """A count with its thousands apart: 5.000."""
    return f"{count:,}".replace(",", ".")


def write_cover(
    path: Path, press: Press, report: Report, pieces: Sequence[Piece], digest: str, stock: Stock, now: datetime
) -> None:
    """One A4 page, more where the lot has many rows."""
    sketch = path.with_suffix(".part.pdf")
    part = Part(sketch, stock.fonts, PAGE, title=f"Phiếu lô – {press.title}")
    page = _Page(part, stock.fonts, press.order)
    page.head(press, len(pieces))
    page.facts(press, report, digest, now)
    page.table(rows_on_sheets(pieces))
    page.sign()
    part.end_sheet()
    part.save()
    assemble([sketch], path, Imprint(f"Phiếu lô – {press.title}", now, press.order.theme.condition))
    sketch.unlink()


@dataclass(slots=True)
class _Page:
    """The cover being drawn."""

    part: Part
    fonts: Fonts
    order: Order

    def head(self, press: Press, count: int) -> None:
        """The lot's name and the count a person checks first."""
        deep, accent = self.order.theme.colour("deep"), self.order.theme.colour("accent")
        self._fill(Box(0, 0, 210, 30), deep)
        self._fill(Box(0, 30, 210, 1.4), accent)
        self._say(Box(LEFT, 7, 120, 6), "PHIẾU LÔ IN", "bold", 11, accent)
        self._say(Box(LEFT, 14, 120, 10), self.order.name or self.order.design.title, "extrabold", 20, WHITE)
        self._say(Box(130, 7, 65, 6), self.order.theme.texts.get("commune", ""), "bold", 11, accent, "right")
        self._say(Box(130, 15, 65, 8), self.order.design.title, "medium", 11, WHITE, "right")
        sheet = "trang rời" if self.order.sheet == "single" else f"tờ {self.order.sheet.upper()}"
        self._say(Box(LEFT, 37, 90, 20), f"{grouped(count)} bản", "extrabold", 46, BLACK)
        self._say(Box(110, 37, 85, 20), f"{grouped(press.sheets)} {sheet}", "extrabold", 30, BLACK, "right")

    def facts(self, press: Press, report: Report, digest: str, now: datetime) -> None:
        """What the print shop must keep to, and the gate's line."""
        self._fill(Box(LEFT, 60, WIDE, 12), self.order.theme.colour("deep"), radius=3)
        self._say(Box(LEFT + 5, 60, WIDE - 10, 12), gate_line(report), "bold", 13, WHITE, "left")
        folds = self.order.design.folds_said
        cut = self.order.design.cut_on(self.order.sheet)
        right, down = self.order.moved_mm
        said = [
            ("Cắt", f"{cut}, tràn lề {press.layout.bleed_mm:g} mm" if press.layout.marks else cut),
            ("Cấn gấp", f"{folds} mm từ mép trên; vạch đứt ở lề là chỗ cấn, không in lên ấn phẩm" if folds else ""),
            ("Mỗi tờ", f"{press.layout.per_sheet} bản, từ ô {self.order.start_cell} của tờ 1"),
            ("Thứ tự", ORDERS[self.order.order]),
            ("In", "đúng 100 %, không “vừa trang”; không đổi màu, mã QR chỉ dùng mực đen"),
            ("Điều kiện in", f"{self.order.theme.condition} · chủ đề {self.order.theme.title}"),
            ("Máy in", f"đã dời {right:+g} mm sang phải, {down:+g} mm xuống" if right or down else ""),
            ("Làm ngày", f"{local_date(now):%d/%m/%Y}"),
            ("SHA-256", digest),
        ]
        y, told = 76.0, [(label, text) for label, text in said if text]
        step = min(ROW_MM, FACTS_MM / len(told))
        for label, text in told:
            self._say(Box(LEFT, y, 28, 6), label, "medium", 9.5, GREY)
            self._say(Box(LEFT + 30, y, WIDE - 30, 6), text, "semibold", 10, BLACK)
            y += step

    def table(self, rows: Sequence[RowOnSheets]) -> None:
        """Each market row with its sheets; further pages where they are needed."""
        y = FIRST_ROW_MM
        self._headings(y - ROW_MM - 1)
        for row in rows:
            if y + ROW_MM > LAST_ROW_MM:
                self.part.end_sheet()
                y = NEXT_ROW_MM
                self._say(Box(LEFT, 18, WIDE, 8), f"{self.order.name} · các dãy (tiếp)", "bold", 13, BLACK)
                self._headings(y - ROW_MM - 1)
            span = row.first if row.first == row.last else f"{row.first} – {row.last}"
            cells = (row.row, grouped(row.count), span, row.cells, row.sheets)
            for (x, wide, align), text in zip(COLUMNS, cells, strict=True):
                self._say(Box(x, y, wide, ROW_MM - 1), text, "semibold", 10, BLACK, align)
            self._fill(Box(LEFT, y + ROW_MM - 0.6, WIDE, 0.15), HAIR)
            y += ROW_MM

    def sign(self) -> None:
        """Where those who printed, counted and received sign."""
        for at, text in enumerate(("Nhà in", "Người đếm", "Người nhận")):
            x = LEFT + at * 62
            self._say(Box(x, 264, 56, 5), text, "medium", 9.5, GREY)
            self._fill(Box(x, 284, 56, 0.25), BLACK)

    def _headings(self, y: float) -> None:
        for (x, wide, align), text in zip(COLUMNS, HEADINGS, strict=True):
            self._say(Box(x, y, wide, ROW_MM - 1), text, "medium", 9, GREY, align)
        self._fill(Box(LEFT, y + ROW_MM - 0.6, WIDE, 0.4), BLACK)

    def _say(self, box: Box, text: str, role: str, size: float, colour: Cmyk, align: str = "left") -> None:
        face, clean = self.fonts[role], printable(text, self.fonts.covers).text
        setting = fit(clean, face, points(box.width), points(box.height), size)
        if setting.lines:
            self.part.text(Line(box, face, setting, colour, align), PAGE.height_mm)

    def _fill(self, box: Box, colour: Cmyk, radius: float = 0) -> None:
        path = written(rounded(box.x, box.y, box.width, box.height, radius))
        self.part.art(f"{colour.operands} k {path} f", PAGE.height_mm)
