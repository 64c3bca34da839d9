"""Posters, signs and banners: one piece for a place, made at once, read back like every other."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from app.errors import ConflictError
from app.printing.design_files import all_designs
from app.printing.designs import Design
from app.printing.lots import make_lot
from app.printing.ordering import theme_of
from app.printing.orders import Order, Stock
from app.printing.points import Point

PER_POINT = frozenset({"receipt-slip", "volunteer-badge", "plate-address", "plate-heritage", "pile-header"})
"""Designs that show no payee and still belong to one point or person, not to a place."""


def poster_designs(shelf: Stock) -> list[Design]:
    """Designs of which a place needs one, and a press prints as many as wanted."""
    return [design for design in all_designs(shelf.designs) if not design.shows_payee and design.id not in PER_POINT]


def poster_pdf(
    design: Design,
    theme_id: str,
    words: Mapping[str, str],
    zone: str,
    shelf: Stock,
    now: datetime,
    sheet: str = "single",
) -> bytes:
    """The finished file, for a press or (`sheet`) for the office's own paper.

    Raises ConflictError with the gate's first reason when it must not be printed.
    """
    point = Point(line=0, point_code="AP", zone=zone)
    order = Order(design, theme_of(shelf, theme_id, words), sheet, name=zone)
    with TemporaryDirectory() as scratch:
        made = make_lot(order, [point], shelf, Path(scratch, "lot"), now)
        if not made.report.passed:
            raise ConflictError(f"Tệp bị giữ lại: {made.report.failures[0].reason}.", remedy="Hãy chọn mẫu khác.")
        return Path(scratch, "lot", "lot.pdf").read_bytes()
