"""Drawing on sheets: forms drawn once and reused, symbols as one path, shaped text; everything in CMYK.

A thin layer over ReportLab's canvas that thinks in millimetres from the top left of a piece.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.paper.colours import BLACK, Cmyk
from app.paper.fonts import Face, Fonts
from app.paper.imposition import Cell, Layout
from app.paper.measures import Box, PaperError, number, points
from app.paper.outlines import rounded, written
from app.paper.text import Setting

rl_config.useA85 = 0  # ASCII armour makes every stream a quarter larger and no press needs it
LEADING = 1.25
MARK_PT = 0.3
MARK_GAP_MM = 1.0
MARK_LENGTH_MM = 3.0
BAR_MM = 3.0


@dataclass(frozen=True, slots=True)
class Line:
    """One text to set: its box, face, setting and colour; `align` is left, centre or right."""

    box: Box
    face: Face
    setting: Setting
    colour: Cmyk
    align: str = "centre"
    leading: float = LEADING
    from_top: bool = False
    """Whether it begins at the top of its box rather than standing in its middle."""
    upside_down: bool = False


def standing(line: Line) -> Iterator[tuple[str, Box]]:
    """Each line of a text with where it stands in mm: from its baseline to the height of its capitals."""
    size, face, box = line.setting.size_pt, line.face, line.box
    capital, step = face.cap_height * size / points(1), line.leading * size / points(1)
    block = (len(line.setting.lines) - 1) * step + capital
    top = box.y if line.from_top else box.y + (box.height - block) / 2
    for index, words in enumerate(line.setting.lines):
        wide = face.width(words) * size / points(1)
        x = box.x + {"left": 0.0, "right": box.width - wide}.get(line.align, (box.width - wide) / 2)
        place = Box(x, top + index * step, wide, capital)
        if line.upside_down:
            place = Box(2 * box.x + box.width - place.right, 2 * box.y + box.height - place.bottom, wide, capital)
        yield words, place


def symbol_path(runs: Iterable[tuple[int, int, int]]) -> str:
    """A symbol's dark runs (x, y, width in modules, y downwards) as one path, one unit a module."""
    return " ".join([f"{x} {y} {width} 1 re" for x, y, width in runs])


class Part:
    """One PDF being drawn; a long lot is several parts, so that memory stays flat."""

    def __init__(self, path: Path, fonts: Fonts, layout: Layout, *, title: str) -> None:
        self._layout = layout
        self._page_pt = (points(layout.width_mm), points(layout.height_mm))
        # Naming our own face here keeps ReportLab from referring to a Helvetica that is not embedded.
        regular = fonts["regular"].name
        self._canvas = Canvas(
            str(path), pagesize=self._page_pt, initialFontName=regular, pageCompression=1, lang="vi-VN"
        )
        self._canvas.setTitle(title)
        self._forms: dict[str, str] = {}

    def form(
        self,
        key: str,
        operators: str,
        lines: Sequence[Line],
        box: Box,
        height_mm: float,
        pictures: Sequence[tuple[Image, Box]] = (),
    ) -> None:
        """Draw art once under a key: operators in mm with y downwards, pictures, then texts; it may cover `box`."""
        if key in self._forms:
            return
        name = f"F{len(self._forms)}"
        self._forms[key] = name
        lower, upper = points(height_mm - box.bottom), points(height_mm - box.y)
        self._canvas.beginForm(name, points(box.x), lower, points(box.right), upper)
        if operators:
            self.art(operators, height_mm)
        for picture, place in pictures:
            lower = points(height_mm - place.bottom)
            self._canvas.drawImage(
                ImageReader(picture), points(place.x), lower, points(place.width), points(place.height)
            )
        for line in lines:
            self.text(line, height_mm)
        self._canvas.endForm()

    def art(self, operators: str, height_mm: float) -> None:
        """Operators in millimetres, y downwards from the top of a piece this high."""
        scale = number6(points(1))
        self._canvas.addLiteral(f"q {scale} 0 0 -{scale} 0 {number(points(height_mm))} cm {operators} Q")

    def reuse(self, key: str) -> None:
        """Place a form drawn before."""
        self._canvas.doForm(self._forms[key])

    def symbol(self, path: str, modules: int, box: Box, height_mm: float, *, turned: bool = False) -> None:
        """A QR symbol filling the box, in black ink alone: one plate, so it cannot be printed out of register."""
        step = points(box.width) / modules
        left, top = (box.right, box.bottom) if turned else (box.x, box.y)
        wide, high = (-step, step) if turned else (step, -step)
        x, y = number(points(left)), number(points(height_mm - top))
        matrix = f"{number6(wide)} 0 0 {number6(high)} {x} {y} cm"
        self._canvas.addLiteral(f"q {matrix} {BLACK.operands} k {path} f Q")

    def text(self, line: Line, height_mm: float) -> None:
        """A text in the middle of its box's height, every line shaped."""
        size, face = line.setting.size_pt, line.face
        colour, box = line.colour, line.box
        count = len(line.setting.lines)
        block = (count - 1) * line.leading * size + face.cap_height * size
        middle = height_mm - box.y - box.height / 2
        top = points(height_mm - box.y) if line.from_top else points(middle) + block / 2
        y = top - face.cap_height * size
        for words in line.setting.lines:
            room = points(box.width) - face.width(words) * size
            shift = {"left": 0.0, "right": room}.get(line.align, room / 2)
            at = self._text_matrix(line, points(box.x) + shift, y, height_mm)
            self._canvas.addLiteral(f"BT {colour.operands} k {at} {self._shown(face, words, size)} ET")
            y -= line.leading * size

    @staticmethod
    def _text_matrix(line: Line, x: float, y: float, height_mm: float) -> str:
        """Where a line of text begins; upside down it is turned about the middle of its box."""
        if not line.upside_down:
            return f"1 0 0 1 {number(x)} {number(y)} Tm"
        box = line.box
        across, up = 2 * points(box.x + box.width / 2), 2 * points(height_mm - box.y - box.height / 2)
        return f"-1 0 0 -1 {number(across - x)} {number(up - y)} Tm"

    def _shown(self, face: Face, words: str, size_pt: float) -> str:
        """The operators that show a shaped text.

        ReportLab decides which subset of the font holds a character; kerning is HarfBuzz's, character by character.
        """
        if not face.characters.issuperset(words):  # ReportLab would leave a blank and say nothing
            missing = ", ".join(sorted(set(words) - face.characters))
            raise PaperError(f"phông {face.name} không có ký tự {missing} trong {words!r}")
        document = self._canvas._doc  # noqa: SLF001 -- TTFont.splitString is public and asks for it
        kerns = iter(face.kerning(words))
        code: list[str] = []
        for subset, codes in face.font.splitString(words, document):
            code.append(f"{face.font.getSubsetInternalName(subset, document)} {number(size_pt)} Tf")
            code.append(_kerned(codes, kerns))
        return " ".join(code)

    def enter(self, cell: Cell, scale: float, drawn: tuple[float, float]) -> None:
        """Begin a cell: from here on coordinates are the piece's own, scaled and clipped to its bleed.

        `drawn` is the size of the artwork in mm; scaled it is centred on the trimmed piece.
        """
        canvas, trim = self._canvas, cell.trim
        canvas.saveState()
        clip = trim.grown(self._layout.bleed_mm)
        x, y = points(clip.x), points(self._layout.height_mm - clip.bottom)
        canvas.addLiteral(f"{number(x)} {number(y)} {number(points(clip.width))} {number(points(clip.height))} re W n")
        canvas.translate(points(trim.x), points(self._layout.height_mm - trim.bottom))
        wide, high = trim.width, trim.height
        if cell.turned:
            canvas.translate(points(trim.width), 0)
            canvas.rotate(90)
            wide, high = high, wide
        canvas.translate(points((wide - drawn[0] * scale) / 2), points((high - drawn[1] * scale) / 2))
        if scale != 1:
            canvas.scale(scale, scale)

    def leave(self) -> None:
        """End the cell."""
        self._canvas.restoreState()

    def end_sheet(self) -> None:
        """Write the boxes a press reads (trim within bleed within media) and go on to the next sheet."""
        layout = self._layout
        self._canvas.setTrimBox(self._corners(layout.trim))
        self._canvas.setBleedBox(self._corners(layout.bleed))
        self._canvas.showPage()

    def _corners(self, box: Box) -> tuple[float, ...]:
        height = self._layout.height_mm
        return tuple(points(mm) for mm in (box.x, height - box.bottom, box.right, height - box.y))

    def save(self) -> None:
        """Write the part."""
        self._canvas.save()


def _kerned(codes: bytes, kerns: Iterator[int]) -> str:
    """Character codes with the spaces between them in thousandths of an em, as PDF's TJ takes them."""
    pieces, run = [], ""
    for code, kern in zip(codes, kerns, strict=False):
        run += f"{code:02x}"
        if kern:
            pieces.append(f"<{run}>{kern}")
            run = ""
    if run:
        pieces.append(f"<{run}>")
    return f"[{''.join(pieces)}] TJ"


def number6(value: float) -> str:
    """A scale with six decimals: a rounded step would add up over a symbol."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def crop_marks(layout: Layout) -> str:
    """The knife's lines outside the bleed, and a colour bar, as operators in millimetres, y downwards."""
    across, down = layout.cut_lines()
    bleed = layout.bleed
    near, far = MARK_GAP_MM, MARK_GAP_MM + MARK_LENGTH_MM
    strokes = [f"{BLACK.operands} K {number(MARK_PT / points(1))} w 0 J"]
    for x in across:
        for start, end in ((bleed.y - near, bleed.y - far), (bleed.bottom + near, bleed.bottom + far)):
            strokes.append(f"{number(x)} {number(start)} m {number(x)} {number(end)} l")
    for y in down:
        for start, end in ((bleed.x - near, bleed.x - far), (bleed.right + near, bleed.right + far)):
            strokes.append(f"{number(start)} {number(y)} m {number(end)} {number(y)} l")
    return " ".join((*strokes, "S"))


def fold_marks(layout: Layout, folds_mm: Sequence[float], scale: float) -> str:
    """Dashes outside the bleed where every piece is creased, at both ends of the fold; no ink on the product."""
    bleed, near, far = layout.bleed, MARK_GAP_MM, MARK_GAP_MM + MARK_LENGTH_MM
    strokes = []
    for cell in layout.cells:
        for fold in folds_mm:
            at = number((cell.trim.x if cell.turned else cell.trim.y) + fold * scale)
            sides = (bleed.y, bleed.bottom) if cell.turned else (bleed.x, bleed.right)
            for start, end in ((sides[0] - near, sides[0] - far), (sides[1] + near, sides[1] + far)):
                line = (number(start), at, number(end), at)
                x1, y1, x2, y2 = (at, line[0], at, line[2]) if cell.turned else line
                strokes.append(f"{x1} {y1} m {x2} {y2} l")
    pen = f"{BLACK.operands} K {number(MARK_PT / points(1))} w 0 J [0.7 0.5] 0 d"
    return " ".join(("q", pen, *dict.fromkeys(strokes), "S Q")) if strokes else ""


def colour_bar(x: float, y: float) -> str:
    """A patch of each ink and a grey, for the person at the press."""
    inks = (Cmyk(100, 0, 0, 0), Cmyk(0, 100, 0, 0), Cmyk(0, 0, 100, 0), BLACK, Cmyk(0, 0, 0, 50))
    step = BAR_MM + 0.5
    patches = [rounded(x + index * step, y, BAR_MM, BAR_MM) for index in range(len(inks))]
    return " ".join(f"{ink.operands} k {written(patch)} f" for ink, patch in zip(inks, patches, strict=True))
