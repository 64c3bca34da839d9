"""A lot: points x design x theme on sheets, drawn in parts, put together, read back, and only then handed over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from app.paper.canvas import Line, Part, colour_bar, crop_marks
from app.paper.colours import BLACK
from app.paper.fonts import Fonts
from app.paper.gate import Expected
from app.paper.imposition import Layout, Place, places, sheets_needed
from app.paper.measures import Box, points
from app.paper.prepress import Imprint, assemble
from app.paper.text import fit, printable
from app.printing.artwork import Artwork
from app.printing.contents import content_of
from app.printing.gate import Report, check
from app.printing.manifest import write_gate, write_manifest
from app.printing.orders import Order, Piece, Stock
from app.printing.points import Point
from app.qr.symbol import symbol

PIECES_PER_PART = 500
"""ReportLab keeps what it drew until the part is saved: small parts keep memory flat."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot that was made: what the gate found, and every piece."""

    report: Report
    pieces: tuple[Piece, ...]


@dataclass(slots=True)
class _Run:
    """One lot in the making."""

    order: Order
    layout: Layout
    artwork: Artwork
    stock: Stock
    sheets: int
    pieces: list[Piece] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)


SYMBOLS_KEPT = 4096
EXAMPLE_SITE = "https://choso.example"
"""Stands in the themes that come with the program: real pieces need a real address."""
Progress = Callable[[str, int, int], None]
"""Told after each part: what is being done, how many pieces are done, of how many."""


def make_lot(
    order: Order,
    items: Sequence[Point],
    stock: Stock,
    folder: Path,
    now: datetime,
    *,
    extra_headings: Sequence[str] = (),
    on_progress: Progress = lambda _what, _done, _all: None,
) -> Lot:
    """Make lot.pdf, manifest.csv and gate.json in the folder; lot.pdf only if the gate finds no fault.

    Everything is written beside the folder and moved in at the end, so nothing half-done can be taken for a lot.
    """
    layout = order.design.layout_on(order.sheet)
    placed = list(places(len(items), layout.per_sheet, order=order.order, start_cell=order.start_cell))
    artwork = Artwork(order.design, order.theme, stock.fonts, stock.art)
    run = _Run(order, layout, artwork, stock, sheets_needed(len(items), layout.per_sheet, order.start_cell))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".lot-", dir=folder.parent) as scratch:
        parts = []
        for number, chunk in enumerate(_chunks(placed, layout.per_sheet)):
            path = Path(scratch, f"part{number}.pdf")
            _draw_part(run, path, [(place, items[place.item]) for place in chunk])
            parts.append(path)
            on_progress("in", len(run.pieces), len(items))
        if len(items) > SYMBOLS_KEPT:
            symbol.cache_clear()  # a lot beyond the cache has pushed every older symbol out of it already
        pdf = Path(scratch, "lot.pdf")
        assemble(parts, pdf, Imprint(_title(order), now, order.theme.condition))
        report = check(pdf, order.design, order.sheet, run.expected, run.pieces, parts, on_progress)
        write_manifest(Path(scratch, "manifest.csv"), run.pieces, extra_headings)
        write_gate(Path(scratch, "gate.json"), report, order, run.sheets, layout.bleed_mm)
        _hand_over(Path(scratch), folder, passed=report.passed)
    return Lot(report, tuple(run.pieces))


def _hand_over(scratch: Path, folder: Path, *, passed: bool) -> None:
    folder.mkdir(exist_ok=True)
    # An older lot must not lie beside the new gate's verdict, so it goes first.
    (folder / "lot.pdf").unlink(missing_ok=True)
    for name in ("manifest.csv", "gate.json", *(["lot.pdf"] if passed else [])):
        (scratch / name).replace(folder / name)


def _title(order: Order) -> str:
    return f"{order.design.title} – {order.name}" if order.name else order.design.title


def _chunks(placed: Sequence[Place], per_sheet: int) -> Iterator[list[Place]]:
    """Whole sheets, about as many pieces as a part takes."""
    sheets_per_part = max(1, PIECES_PER_PART // per_sheet)
    for _, chunk in groupby(placed, key=lambda place: (place.sheet - 1) // sheets_per_part):
        yield list(chunk)


def _draw_part(run: _Run, path: Path, chunk: Sequence[tuple[Place, Point]]) -> None:
    part = Part(path, run.stock.fonts, run.layout, title=_title(run.order))
    for sheet, group in groupby(chunk, key=lambda entry: entry[0].sheet):
        on_sheet = list(group)
        for place, point in on_sheet:
            _draw_piece(run, part, place, point)
        _draw_margin(run, part, sheet, [point for _, point in on_sheet])
        part.end_sheet()
    part.save()


def _draw_piece(run: _Run, part: Part, place: Place, point: Point) -> None:
    design = run.order.design
    content = content_of(point, design, run.order.theme)
    symbols = [symbol(text, code.level) for text, code in zip(content.codes, design.codes, strict=True)]
    drawn = run.artwork.draw(part, run.layout.cells[place.cell - 1], content.values, symbols)
    run.expected.extend(
        Expected(place.sheet, place.cell, box, modules, text)
        for text, (box, modules) in zip(content.codes, drawn.codes, strict=True)
    )
    warnings = [*point.warnings, *_warnings(point, run.stock.fonts), *(f"chữ nhỏ: {text}" for text in drawn.small)]
    if any(text.startswith(EXAMPLE_SITE) for text in content.codes):
        warnings.append("mã dẫn tới địa chỉ mẫu; hãy ghi site của xã trong chủ đề hoặc thêm cột link")
    run.pieces.append(Piece(place.sheet, place.cell, point, content.print_id, content.codes, tuple(warnings)))


def _warnings(point: Point, fonts: Fonts) -> Iterator[str]:
    if point.holder_name and not point.shop_name:
        yield "thiếu tên cửa hàng, in tên chủ tài khoản"
    for label, text in (("tên cửa hàng", point.shop_name), ("tên chủ tài khoản", point.holder_name)):
        dropped = printable(text, fonts.covers).dropped
        if dropped:
            yield f"{label} có ký tự không in được, đã bỏ: {' '.join(f'U+{ord(sign):04X}' for sign in dropped)}"


def _draw_margin(run: _Run, part: Part, sheet: int, on_sheet: Sequence[Point]) -> None:
    """Crop marks, colour bar and the line that tells a pile of sheets apart."""
    layout, face = run.layout, run.stock.fonts["medium"]
    paper = Box(0, 0, layout.width_mm, layout.height_mm)
    bar_y = layout.height_mm - (layout.height_mm - layout.bleed.bottom) / 2 + 0.5
    part.form("marks", f"{crop_marks(layout)} {colour_bar(layout.trim.x + 3, bar_y)}", (), paper, layout.height_mm)
    part.reuse("marks")
    box = Box(layout.trim.x + 23, bar_y, layout.trim.width - 26, 3)
    slug = printable(_slug(run, sheet, on_sheet), run.stock.fonts.covers).text
    setting = fit(slug, face, points(box.width), points(box.height), 6.5)
    part.text(Line(box, face, setting, BLACK, "left"), layout.height_mm)


def _slug(run: _Run, sheet: int, on_sheet: Sequence[Point]) -> str:
    wide, high = run.order.design.trim_on(run.order.sheet)
    codes = [point.place for point in on_sheet]
    in_a_row = run.order.order == "row" and len(codes) > 1
    span = f"{codes[0]} – {codes[-1]}" if in_a_row else ", ".join(codes)
    facts = [
        run.order.name,
        f"Tờ {sheet}/{run.sheets}",
        on_sheet[0].zone,
        span,
        f"{len(on_sheet)} con/tờ" if run.layout.per_sheet > 1 else "",
        f"cắt {wide:g}×{high:g} mm",
        f"tràn lề {run.layout.bleed_mm:g} mm",
        "vẽ 1:10, in phóng 1000 %" if run.order.design.is_tenth else "",
    ]
    return " · ".join(fact for fact in facts if fact)
