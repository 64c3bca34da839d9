"""Drawing a lot's sheets: pieces in their cells; in the margin crop marks, colour bar, slug and the sheet's code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from app.paper.canvas import (
    BAR_MM,
    MARK_GAP_MM,
    MARK_LENGTH_MM,
    Line,
    Part,
    colour_bar,
    crop_marks,
    fold_marks,
    symbol_path,
)
from app.paper.colours import BLACK
from app.paper.fonts import Fonts
from app.paper.gate import Expected, Mark
from app.paper.imposition import SHEETS, Layout, Place, beside_pieces, sheets_needed
from app.paper.measures import Box, points
from app.paper.text import fit, printable
from app.printing.artwork import Artwork
from app.printing.contents import content_of, quoted
from app.printing.gate import MARGIN
from app.printing.orders import Order, Piece, Stock
from app.printing.points import Point
from app.qr.symbol import symbol

BAR_ROOM_MM, SLUG_GAP_MM, SLUG_PT, SLUG_LEAST_PT = 23.0, 3.0, 6.5, 4.0
SPARE = ("zone", "bleed", "count", "lot")
"""Facts that a slug gives up, in this order, where all together would be too small to read."""
BELOW_MARKS_MM = MARK_GAP_MM + MARK_LENGTH_MM + 0.2
Entry = tuple[Place, Point]


@dataclass(frozen=True, slots=True)
class Printed:
    """What lies on some sheets: every piece, and what the gate must find there."""

    pieces: tuple[Piece, ...]
    expected: tuple[Expected, ...]


class Press:
    """One order being printed."""

    def __init__(self, order: Order, stock: Stock, count: int) -> None:
        self.order, self._stock = order, stock
        layout = order.design.layout_on(order.sheet)
        self._code: Box | None = None
        if order.sheet_codes and order.sheet in SHEETS and layout.marks:
            largest = max(symbol(address, "L").size for address in order.sheet_codes)
            found = beside_pieces(layout, SHEETS[order.sheet], largest)
            if found:
                layout, self._code = found
        right, down = order.moved_mm
        self.layout: Layout = layout.moved(right, down) if right or down else layout
        if self._code:
            self._code = Box(self._code.x + right, self._code.y + down, self._code.width, self._code.height)
        self.sheets = sheets_needed(count, self.layout.per_sheet, order.start_cell)
        self._artwork = Artwork(
            order.design, order.theme, stock.fonts, stock.art, order.design.type_scale_on(order.sheet)
        )

    @property
    def title(self) -> str:
        """What the file is called inside."""
        order = self.order
        return f"{order.design.title} – {order.name}" if order.name else order.design.title

    def draw(self, path: Path, entries: Sequence[Entry]) -> Printed:
        """Draw whole sheets into one file."""
        part = Part(path, self._stock.fonts, self.layout, title=self.title)
        pieces: list[Piece] = []
        expected: list[Expected] = []
        for sheet, group in groupby(entries, key=lambda entry: entry[0].sheet):
            on_sheet = list(group)
            for place, point in on_sheet:
                piece, want = self.draw_piece(part, place, point)
                pieces.append(piece)
                expected.append(want)
            expected.extend(self._draw_margin(part, sheet, [point for _, point in on_sheet]))
            part.end_sheet()
        part.save()
        return Printed(tuple(pieces), tuple(expected))

    def draw_piece(self, part: Part, place: Place, point: Point) -> tuple[Piece, Expected]:
        """Draw one piece into its cell."""
        design = self.order.design
        content = content_of(point, design, self.order.theme)
        symbols = design.symbols_on(self.order.sheet, content.codes)
        cell = self.layout.cells[place.cell - 1]
        drawn = self._artwork.draw(part, cell, content.values, symbols)
        marks = tuple(Mark(box, modules, text) for text, (box, modules) in zip(content.codes, drawn.codes, strict=True))
        small = (f"chữ nhỏ: {quoted(text, content.codes)}" for text in drawn.small)
        warnings = [*point.warnings, *_dropped(point, self._stock.fonts), *small]
        piece = Piece(place.sheet, place.cell, point, content.print_id, content.codes, tuple(warnings))
        return piece, Expected(place.sheet, place.cell, cell.trim, marks, drawn.lines, drawn.writing, drawn.logos)

    def _draw_margin(self, part: Part, sheet: int, on_sheet: Sequence[Point]) -> Iterator[Expected]:
        """All that tells a pile of sheets apart, outside the pieces."""
        if not self.layout.marks:
            return
        layout, face = self.layout, self._stock.fonts["medium"]
        paper = Box(0, 0, layout.width_mm, layout.height_mm)
        below = layout.height_mm - layout.bleed.bottom
        bar_y = layout.bleed.bottom + min(BELOW_MARKS_MM, below - BAR_MM)
        design = self.order.design
        folds = fold_marks(layout, design.folds_mm, design.scale_on(self.order.sheet))
        marks = f"{crop_marks(layout)} {folds} {colour_bar(layout.trim.x + 3, bar_y)}"
        part.form("marks", marks, (), paper, layout.height_mm)
        part.reuse("marks")
        end = layout.trim.right - SLUG_GAP_MM
        if self._code and self._code.y > layout.bleed.bottom:
            end = self._code.x - SLUG_GAP_MM
        box = Box(layout.trim.x + BAR_ROOM_MM, bar_y, end - layout.trim.x - BAR_ROOM_MM, BAR_MM)
        facts = self._slug(sheet, on_sheet)
        while True:
            slug = printable(" · ".join(filter(None, facts.values())), self._stock.fonts.covers).text
            setting = fit(slug, face, points(box.width), points(box.height), SLUG_PT)
            spare = next((name for name in SPARE if facts.get(name)), None)
            if setting.size_pt >= SLUG_LEAST_PT or spare is None:
                break
            del facts[spare]
        part.text(Line(box, face, setting, BLACK, "left"), layout.height_mm)
        if self._code:
            drawn = symbol(self.order.sheet_codes[sheet - 1], "L")
            part.symbol(symbol_path(drawn.runs()), drawn.size, self._code, layout.height_mm)
            mark = Mark(self._code, drawn.size, self.order.sheet_codes[sheet - 1])
            yield Expected(sheet, MARGIN, self._code, (mark,))

    def _slug(self, sheet: int, on_sheet: Sequence[Point]) -> dict[str, str]:
        design, layout = self.order.design, self.layout
        wide, high = design.trim_on(self.order.sheet)
        codes = [point.place for point in on_sheet]
        in_a_row = self.order.order == "row" and len(codes) > 1
        right, down = self.order.moved_mm
        return {
            "lot": self.order.name,
            "sheet": f"Tờ {sheet}/{self.sheets}",
            "zone": on_sheet[0].zone,
            "places": f"{codes[0]} – {codes[-1]}" if in_a_row else ", ".join(codes),
            "count": f"{len(on_sheet)} con/tờ" if layout.per_sheet > 1 else "",
            "cut": f"cắt {wide:g}×{high:g} mm",
            "folds": f"cấn ở {design.folds_said} mm" if design.folds_mm else "",
            "bleed": f"tràn lề {layout.bleed_mm:g} mm",
            "moved": f"dời {right:+g}/{down:+g} mm" if right or down else "",
            "tenth": "vẽ 1:10, in phóng 1000 %" if design.is_tenth else "",
        }


def _dropped(point: Point, fonts: Fonts) -> Iterator[str]:
    if point.holder_name and not point.shop_name:
        yield "thiếu tên cửa hàng, in tên chủ tài khoản"
    for label, text in (("tên cửa hàng", point.shop_name), ("tên chủ tài khoản", point.holder_name)):
        dropped = printable(text, fonts.covers).dropped
        if dropped:
            yield f"{label} có ký tự không in được, đã bỏ: {' '.join(f'U+{ord(sign):04X}' for sign in dropped)}"
