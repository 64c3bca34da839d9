"""From the registry to paper: which points a lot holds, in whose words, and where its files lie."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import current_app, has_app_context

from app.paper.imposition import SHEETS, sheets_needed
from app.places.models import Unit, Zone
from app.printing.design_files import load_design
from app.printing.designs import Design
from app.printing.fitting import Ruler, sentence
from app.printing.models import PrintLot
from app.printing.orders import Order, Stock
from app.printing.own_logos import logos_of
from app.printing.payloads import Payee
from app.printing.place_words import worded
from app.printing.points import Point
from app.printing.queries import earlier_pieces
from app.printing.rules import initials
from app.printing.sheet_codes import sheet_address
from app.printing.themes import Theme, load_theme
from app.registry.queries.printable import PointFilter, PrintableRow, printable
from app.settings import Settings

ZONE_KIND = "zone_kind"
LOGOS_OF = "logos_of"
"""Among a commune's words: whose logos stand on its pieces."""


def lot_folder(lots_dir: Path, lot: PrintLot) -> Path:
    """The lot's folder: lot.pdf, cover.pdf, headers.pdf, manifest.csv, manifest.xlsx, gate.json."""
    return lots_dir / lot.number


def making_folder(lots_dir: Path, lot: PrintLot) -> Path:
    """Where the lot is made, until it is done."""
    return lots_dir / f".making-{lot.number}"


def words_of(commune: Unit | None, zone: Zone | None, site: str) -> dict[str, str]:
    """What stands in this commune's words instead of the theme's; `site`: the public address, "" where none is set."""
    words = {"site": site}
    if commune is not None:
        words |= {"commune": commune.title, "prefix": initials(commune.name), LOGOS_OF: str(commune.id)}
    if zone is not None:
        words[ZONE_KIND] = zone.kind
    if zone is not None and zone.partner:
        words["partner"] = zone.partner
    return words


def theme_of(shelf: Stock, theme_id: str, words: Mapping[str, str]) -> Theme:
    """The theme with a commune's own words in it."""
    theme = load_theme(shelf.themes, theme_id)
    prefix = words.get("prefix", theme.prefix)
    logos = {**theme.logos, **logos_of(_logos_dir(), words.get(LOGOS_OF, ""))}
    return replace(theme, texts={**worded(theme.texts, words.get(ZONE_KIND, "")), **words}, prefix=prefix, logos=logos)


def _logos_dir() -> Path | None:
    """Where the communes' logos lie, when the program runs."""
    settings: Settings | None = current_app.config["SETTINGS"] if has_app_context() else None
    return settings.logos_dir if settings else None


def order_of(lot: PrintLot, shelf: Stock, count: int, seal: str = "") -> Order:
    """The lot of so many pieces as an order to the press; with a `seal` each sheet has an address of its own."""
    design, theme = load_design(shelf.designs, lot.design), theme_of(shelf, lot.theme, lot.texts)
    site = lot.texts.get("site", "")
    codes: tuple[str, ...] = ()
    if seal and site and lot.sheet in SHEETS:
        sheets = sheets_needed(count, design.layout_on(lot.sheet).per_sheet, lot.start_cell)
        codes = tuple(sheet_address(site, seal, lot.id, sheet) for sheet in range(1, sheets + 1))
    return Order(design, theme, lot.sheet, lot.filling, lot.start_cell, f"Lô {lot.number}", codes)


def point_of(row: PrintableRow, serial: int = 1, card: str = "") -> Point:
    """A row of the registry as a point to print; its payload stays byte for byte."""
    payload = row.payload.decode("utf-8")
    return Point(
        line=row.point_id,
        point_code=row.point_code,
        zone=row.zone,
        row=row.row,
        stall=row.stall,
        kind=row.kind,
        zone_kind=row.zone_kind,
        shop_name=row.shop_name,
        holder_name=row.holder_name,
        payee=Payee(payload, row.bank_name, row.account_number[-4:]),
        serial=serial,
        card=card,
    )


def rows_of(point_ids: Sequence[int], now: datetime) -> tuple[list[PrintableRow], list[tuple[str, str]]]:
    """What of these points may be printed at this moment, in walking order, and (point code, reason) of the rest."""
    rows, missing = printable(PointFilter(point_ids=point_ids), now)
    good, odd = [], []
    for row in rows:
        try:
            row.payload.decode("utf-8")
        except UnicodeDecodeError:
            odd.append((row.point_code, "Mã của đơn vị cấp có ký tự không phải UTF-8, chưa in được."))
        else:
            good.append(row)
    return good, [*((point.point_code, point.reason) for point in missing), *odd]


def misfits(
    rows: Sequence[PrintableRow], design: Design, sheet: str, theme: Theme, shelf: Stock
) -> list[tuple[PrintableRow, str]]:
    """Of these rows those that the design cannot print on the sheet, and why: told before anybody orders."""
    if design.shows_address:  # what an address of ours says is known when the lot is made
        return []
    ruler = Ruler(Order(design, theme, sheet), shelf)
    found = ((row, ruler.refusal(point_of(row))) for row in rows)
    return [(row, sentence(reason)) for row, reason in found if reason]


def numbered(rows: Sequence[PrintableRow], cards: Mapping[int, str] | None = None) -> list[Point]:
    """The points with the number of their piece: a reprint counts on from the piece before.

    `cards`: merchant -> secret of their card, for designs that lead there.
    """
    before = earlier_pieces([row.point_id for row in rows])
    found = cards or {}
    return [point_of(row, before.get(row.point_id, 0) + 1, found.get(row.merchant_id, "")) for row in rows]
