"""Where the pieces lie on a sheet, in which order they are filled, and where the knife goes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import floor

from app.paper.measures import Box, PaperError

MARKS_MM = 7.0
"""Room around a single piece for crop marks and slug."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper format with the edge a machine cannot print."""

    name: str
    width_mm: float
    height_mm: float
    edge_mm: float = 5.0
    code_edge_mm: float = 4.5
    """How near its edge a code may stand that only the press room reads; SRA3 is larger than what is printed on it."""


A4 = Sheet("a4", 210, 297)
A3 = Sheet("a3", 297, 420)
SRA3 = Sheet("sra3", 320, 450, code_edge_mm=3.0)
SHEETS = {sheet.name: sheet for sheet in (A4, A3, SRA3)}


@dataclass(frozen=True, slots=True)
class Cell:
    """One place on the sheet: the trimmed piece as seen, and whether it lies turned by a quarter."""

    trim: Box
    turned: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet with its cells, row by row from the top left as seen."""

    sheet: str
    width_mm: float
    height_mm: float
    bleed_mm: float
    cells: tuple[Cell, ...]
    marks: bool = True
    """Whether crop marks, colour bar and slug stand around the pieces; an office sheet is the piece itself."""

    @property
    def per_sheet(self) -> int:
        """How many pieces one sheet holds."""
        return len(self.cells)

    @property
    def trim(self) -> Box:
        """The box around all trimmed pieces."""
        left = min(cell.trim.x for cell in self.cells)
        top = min(cell.trim.y for cell in self.cells)
        right = max(cell.trim.right for cell in self.cells)
        bottom = max(cell.trim.bottom for cell in self.cells)
        return Box(left, top, right - left, bottom - top)

    @property
    def bleed(self) -> Box:
        """The box around all pieces with their bleed."""
        return self.trim.grown(self.bleed_mm)

    def cut_lines(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The x of every vertical cut and the y of every horizontal one."""
        across = {round(x, 4) for cell in self.cells for x in (cell.trim.x, cell.trim.right)}
        down = {round(y, 4) for cell in self.cells for y in (cell.trim.y, cell.trim.bottom)}
        return tuple(sorted(across)), tuple(sorted(down))

    def moved(self, right_mm: float, down_mm: float) -> "Layout":
        """The same layout elsewhere on the sheet; raises PaperError where a piece would leave the paper."""
        cells = tuple(
            replace(cell, trim=replace(cell.trim, x=cell.trim.x + right_mm, y=cell.trim.y + down_mm))
            for cell in self.cells
        )
        there = replace(self, cells=cells)
        room = there.bleed
        if min(room.x, room.y) < 0 or room.right > self.width_mm or room.bottom > self.height_mm:
            raise PaperError(
                f"dời {right_mm:+g} mm sang phải, {down_mm:+g} mm xuống thì ấn phẩm ra ngoài tờ giấy; hãy đo lại máy in"
            )
        return there


def single(width_mm: float, height_mm: float, bleed_mm: float) -> Layout:
    """One piece a sheet, the sheet as large as piece, bleed and marks need."""
    room = bleed_mm + MARKS_MM
    cell = Cell(Box(room, room, width_mm, height_mm), turned=False)
    return Layout("single", width_mm + 2 * room, height_mm + 2 * room, bleed_mm, (cell,))


def uncut(sheet: Sheet, width_mm: float, height_mm: float) -> Layout:
    """One piece that is the whole sheet of an office printer: nothing around it, nothing to cut."""
    turned = (width_mm > height_mm) != (sheet.width_mm > sheet.height_mm)
    wide, high = (height_mm, width_mm) if turned else (width_mm, height_mm)
    trim = Box((sheet.width_mm - wide) / 2, (sheet.height_mm - high) / 2, wide, high)
    return Layout(sheet.name, sheet.width_mm, sheet.height_mm, 0.0, (Cell(trim, turned),), marks=False)


def fill(sheet: Sheet, width_mm: float, height_mm: float, bleeds_mm: tuple[float, ...] = (3.0, 2.0)) -> Layout:
    """As many pieces as the sheet holds, turned if that gives more; the widest bleed that costs no piece.

    Raises PaperError when not even one piece fits.
    """
    tries = [_grid(sheet, width_mm, height_mm, bleed, turned=turned) for bleed in bleeds_mm for turned in (False, True)]
    best = max(tries, key=lambda layout: layout.per_sheet if layout else 0)
    if best is None:
        size = f"{width_mm:g}×{height_mm:g} mm"
        raise PaperError(f"mẫu {size} không đặt vừa khổ {sheet.name.upper()}; hãy dùng --sheet single hoặc khổ lớn hơn")
    return best


def _grid(sheet: Sheet, width_mm: float, height_mm: float, bleed_mm: float, *, turned: bool) -> Layout | None:
    wide, high = (height_mm, width_mm) if turned else (width_mm, height_mm)
    step_x, step_y = wide + 2 * bleed_mm, high + 2 * bleed_mm
    columns = floor((sheet.width_mm - 2 * sheet.edge_mm) / step_x + 1e-9)
    rows = floor((sheet.height_mm - 2 * sheet.edge_mm) / step_y + 1e-9)
    if columns < 1 or rows < 1:
        return None
    left = (sheet.width_mm - columns * step_x) / 2 + bleed_mm
    top = (sheet.height_mm - rows * step_y) / 2 + bleed_mm
    cells = tuple(
        Cell(Box(left + column * step_x, top + row * step_y, wide, high), turned)
        for row in range(rows)
        for column in range(columns)
    )
    return Layout(sheet.name, sheet.width_mm, sheet.height_mm, bleed_mm, cells)


@dataclass(frozen=True, slots=True)
class Place:
    """Which item lies on which sheet and cell, all counted from 1 but the item, which is an index."""

    sheet: int
    cell: int
    item: int


def sheets_needed(items: int, per_sheet: int, start_cell: int = 1) -> int:
    """How many sheets the items fill when the first starts at a later cell."""
    return -(-(items + start_cell - 1) // per_sheet)


def places(items: int, per_sheet: int, *, order: str = "stack", start_cell: int = 1) -> Iterator[Place]:
    """Every item's place, sheet by sheet and cell by cell.

    `row` fills a sheet, then the next. `stack` is cut-and-stack: each pile that leaves the knife is in order already,
    and the piles follow each other. A partly used first sheet is filled in a row, as it is no part of the stack.
    Raises PaperError for a start cell that the sheet does not have.
    """
    if not 1 <= start_cell <= per_sheet:
        raise PaperError(f"ô bắt đầu {start_cell} không có trên tờ; tờ này có ô từ 1 đến {per_sheet}")
    used = start_cell - 1
    first = min(items, per_sheet - used) if used else 0
    for item in range(first):
        yield Place(1, used + item + 1, item)
    sheets_before = 1 if used else 0
    rest = items - first
    sheets = -(-rest // per_sheet)
    for sheet in range(sheets):
        for cell in range(per_sheet):
            item = sheet * per_sheet + cell if order == "row" else cell * sheets + sheet
            if item < rest:
                yield Place(sheets_before + sheet + 1, cell + 1, first + item)


QUIET_MODULES = 4
CODE_MODULES_MM = (0.4, 0.35, 0.3, 0.27, 0.25)
"""Module sizes of a code in the margin, largest first; it is scanned from a hand's breadth."""
MARK_LEFT_MM = 1.5
"""What must be left of a crop mark on the side the pieces are moved to."""
CUT_CLEAR_MM = 1.0


def beside_pieces(layout: Layout, sheet: Sheet, modules: int) -> tuple[Layout, Box] | None:
    """Room for a code of so many modules in the margin: the layout, moved if it must be, and the symbol's own box.

    Below the pieces, else at their right; None where not even the smallest module leaves room.
    """
    spare = sheet.code_edge_mm + MARK_LEFT_MM
    for module in CODE_MODULES_MM:
        side, quiet = modules * module, QUIET_MODULES * module
        need = quiet + side + sheet.code_edge_mm
        for across in (False, True):
            bleed = layout.bleed
            before, after = (
                (bleed.x, layout.width_mm - bleed.right) if across else (bleed.y, layout.height_mm - bleed.bottom)
            )
            move = max(0.0, need - after)
            if move and before - move < spare:
                continue
            there = layout.moved(-move if across else 0, 0 if across else -move)
            back = quiet + side + CUT_CLEAR_MM
            x = there.bleed.right + quiet if across else there.trim.right - back
            y = there.trim.bottom - back if across else there.bleed.bottom + quiet
            return there, Box(x, y, side, side)
    return None
