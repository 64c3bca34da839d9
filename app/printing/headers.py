"""Header cards for the piles of a lot: the first counts the whole lot, one more for each market row."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.paths import hidden_name
from app.printing.design_files import load_design
from app.printing.lots import Lot, make_lot
from app.printing.orders import Order, Stock
from app.printing.points import Point
from app.printing.rules import row_ranges

DESIGN = "pile-header"


def make_headers(order: Order, number: str, lot: Lot, shelf: Stock, folder: Path, now: datetime) -> None:
    """Write headers.pdf beside the lot: A4, cut and laid on the piles."""
    cards = [_whole(number, lot), *_rows(lot)]
    design = load_design(shelf.designs, DESIGN)
    with TemporaryDirectory(prefix=hidden_name("headers"), dir=folder.parent) as scratch:
        wanted = replace(order, design=design, sheet="a4", order="row", start_cell=1, sheet_codes=())
        made = make_lot(wanted, cards, shelf, Path(scratch, "headers"), now)
        if made.report.passed:
            Path(scratch, "headers", "lot.pdf").replace(folder / "headers.pdf")


def _whole(number: str, lot: Lot) -> Point:
    report, sheets = lot.report, max(piece.sheet for piece in lot.pieces)
    read = f"{report.codes_right}/{report.codes} mã đọc lại đúng từ trang in" if report.codes else "không có mã QR"
    zone = lot.pieces[0].point.zone
    return Point(line=0, point_code=number, zone=zone, note=f"{report.items} bản, {sheets} tờ · {read}")


def _rows(lot: Lot) -> list[Point]:
    pieces = sorted(lot.pieces, key=lambda piece: (piece.point.row, piece.sheet))
    zones = {piece.point.row: piece.point.zone for piece in pieces}
    codes: dict[str, list[str]] = {}
    for piece in sorted(lot.pieces, key=lambda piece: piece.point.line):
        codes.setdefault(piece.point.row, []).append(piece.point.place)
    cards = []
    for row, count, first, last in row_ranges((piece.sheet, piece.point.row) for piece in pieces):
        if not row:
            continue
        span = f"tờ {first}" if first == last else f"tờ {first}–{last}"
        note = f"{count} bản · {codes[row][0]} đến {codes[row][-1]} · {span}"
        cards.append(Point(line=0, point_code=row, row=row, zone=zones[row], note=note))
    return cards
