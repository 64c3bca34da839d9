"""Choosing what to print, seeing the real thing, ordering it."""

from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.db import unit_of_work
from app.places.models import Unit, Zone
from app.printing import actions, queries
from app.printing.design_files import all_designs, load_design
from app.printing.designs import Design
from app.printing.ordering import misfits, point_of, theme_of, words_of
from app.printing.orders import Stock
from app.printing.paper_advice import advice_line, paper_options
from app.printing.previews import SAMPLE, preview_png, preview_tag
from app.printing.rules import advise, picked
from app.printing.shelf import stock
from app.printing.themes import load_theme, theme_ids
from app.printing.views.frame import ORDER, pages, shown_site
from app.registry.queries.bulk import chosen_points
from app.registry.queries.printable import PrintableRow, Unprintable
from app.registry.rules.stages import QR_ISSUED, STAGES
from app.web.access import allow, current_actor
from app.web.address import public_url
from app.web.clock import moment
from app.web.row_ids import row_id

THUMB_PX = 360
DETAIL_PX = 900
COUNT_SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What the order page asks for, as the address holds it."""

    zone: Zone | None
    row: str
    stage: str
    pieces: str
    only: str
    chosen: int | None  #: merchants picked in their list (registry.queries.bulk)
    design: Design
    theme: str
    sheet: str
    filling: str
    start_cell: int

    @property
    def commune(self) -> Unit | None:
        """Whose lot it will be."""
        return queries.commune_for(self.zone)

    @property
    def fields(self) -> dict[str, str | int]:
        """The same as form fields."""
        zone = self.zone.id if self.zone else "all"
        return {
            "zone": zone,
            "row": self.row,
            "stage": self.stage,
            "pieces": self.pieces,
            "only": self.only,
            **({"chosen": self.chosen} if self.chosen is not None else {}),
            "design": self.design.id,
            "theme": self.theme,
            "sheet": self.sheet,
            "filling": self.filling,
            "start_cell": self.start_cell,
        }


def _choice(actor: Actor) -> Choice:
    values = request.values
    zones = list(queries.zones_for(actor))
    wanted = values.get("zone", "")
    first = None if wanted == "all" or not zones else zones[0]
    zone = next((zone for zone in zones if str(zone.id) == wanted), first)
    shelf = stock()
    design = load_design(shelf.designs, values.get("design") or "standee-a6")
    theme = values.get("theme") or "default"
    load_theme(shelf.themes, theme)
    fitting = [advice.sheet for advice in advise(design, 0)]
    sheet = values.get("sheet", "")
    start = values.get("start_cell", "1")
    pieces = values.get("pieces", queries.NO_PIECE)  # what hangs already is printed again only where somebody asks
    return Choice(
        zone=zone,
        row=values.get("row", "").strip()[:12],
        stage=values.get("stage", "") if values.get("stage", "") in STAGES else "",
        pieces=pieces if pieces in queries.HAS_PIECES else "",
        only=values.get("only", "")[:400],
        chosen=row_id(values.get("chosen", "")),
        design=design,
        theme=theme,
        sheet=sheet if sheet in fitting else ("a4" if "a4" in fitting else "single"),
        filling="row" if values.get("filling") == "row" else "stack",
        start_cell=int(start) if start.isascii() and start.isdigit() and len(start) < 4 else 1,  # noqa: PLR2004
    )


def _wish(choice: Choice) -> queries.PointWish:
    return queries.PointWish(
        zone_id=choice.zone.id if choice.zone else None,
        row=choice.row,
        stage=choice.stage,
        pieces=choice.pieces,
        design=choice.design.id,
    )


def _held(actor: Actor, choice: Choice) -> int:
    """Of the points somebody means: how many are left out, for they have a good piece of this design."""
    if choice.pieces != queries.NO_PIECE:
        return 0
    found = queries.points_with_pieces(actor, _wish(choice))
    if choice.chosen is not None:
        mine = chosen_points(actor, choice.chosen)
        found = [(point_id, code) for point_id, code in found if point_id in mine]
    return len(picked([code for _, code in found], choice.only))


def _points(actor: Actor, choice: Choice) -> tuple[list[PrintableRow], list[Unprintable]]:
    rows, missing = queries.points_to_print(actor, _wish(choice), moment())
    if choice.chosen is not None:
        mine = chosen_points(actor, choice.chosen)
        rows = [row for row in rows if row.point_id in mine]
        missing = [point for point in missing if point.point_id in mine]
    keep = picked([row.stall or row.point_code for row in rows], choice.only)
    left = picked([point.point_code for point in missing], choice.only)
    return [rows[at] for at in keep], [missing[at] for at in left]


@pages.get("/new")
@allow(*ORDER)
def choose() -> ResponseReturnValue:
    """Choose points, design and paper, and see the real thing."""
    actor = current_actor()
    choice = _choice(actor)
    rows, missing = _points(actor, choice)
    shelf = stock()
    theme = theme_of(shelf, choice.theme, words_of(choice.commune, choice.zone, shown_site()))
    unfit = misfits(rows, choice.design, choice.sheet, theme, shelf)
    left_out = {row.point_id for row, _ in unfit}
    rows = [row for row in rows if row.point_id not in left_out]
    missing = [*missing, *(Unprintable(row.point_id, row.point_code, row.shop_name, reason) for row, reason in unfit)]
    return render_template(
        "printing/order.html",
        choice=choice,
        rows=rows,
        missing=missing,
        held=_held(actor, choice),
        advice=advise(choice.design, len(rows), choice.start_cell),
        line=advice_line(choice.design, len(rows)) if rows else "",
        zones=queries.zones_for(actor),
        market_rows=queries.rows_in(actor, choice.zone.id if choice.zone else None),
        has_pieces=queries.HAS_PIECES,
        stages=[(QR_ISSUED, "Đã có mã, chưa in"), *((key, name) for key, name in STAGES.items() if key != QR_ISSUED)],
        designs=_designs(shelf),
        themes=[load_theme(shelf.themes, name) for name in theme_ids(shelf.themes)],
        sample=rows[0].point_id if rows else "",
        site=public_url(),
    )


def _designs(shelf: Stock) -> list[Design]:
    """Designs that are printed for points: those that say whom one pays."""
    return [design for design in all_designs(shelf.designs) if design.shows_payee]


@pages.get("/compare")
@allow(*ORDER)
def compare() -> ResponseReturnValue:
    """The same piece in every theme, side by side, large enough to judge."""
    actor = current_actor()
    choice, shelf = _choice(actor), stock()
    rows, _ = _points(actor, choice)
    return render_template(
        "printing/compare.html",
        choice=choice,
        themes=[load_theme(shelf.themes, name) for name in theme_ids(shelf.themes)],
        sample=rows[0] if rows else None,
    )


@pages.get("/paper")
@allow(*ORDER)
def paper() -> ResponseReturnValue:
    """Which paper for how many pieces: sheets, waste, cuts."""
    shelf = stock()
    choice = _choice(current_actor())
    written = request.args.get("count", "").replace(".", "").replace(" ", "")
    count = int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 0  # noqa: PLR2004 -- a million
    return render_template(
        "printing/paper.html",
        design=choice.design,
        designs=all_designs(shelf.designs),
        count=count or COUNT_SHOWN,
        options=paper_options(choice.design, count or COUNT_SHOWN),
        line=advice_line(choice.design, count or COUNT_SHOWN),
    )


@pages.get("/preview.png")
@allow(*ORDER)
def preview() -> ResponseReturnValue:
    """One piece as the press will print it."""
    actor = current_actor()
    choice, shelf = _choice(actor), stock()
    theme = theme_of(shelf, choice.theme, words_of(choice.commune, choice.zone, shown_site()))
    height = DETAIL_PX if request.args.get("size") == "l" else THUMB_PX
    point = SAMPLE
    wanted = row_id(request.args.get("point", ""))
    if wanted is not None:
        rows, _ = queries.point_to_print(actor, wanted, moment())
        point = point_of(rows[0]) if rows else SAMPLE
    response = Response(mimetype="image/png")
    response.set_etag(preview_tag(choice.design, theme, point, height))
    response.headers["Cache-Control"] = "private, no-cache"
    if not request.if_none_match.contains(response.get_etag()[0] or ""):
        response.data = preview_png(choice.design, theme, point, shelf, height)
    return response.make_conditional(request)


@pages.post("")
@allow(*ORDER)
def order() -> ResponseReturnValue:
    """Order the lot."""
    actor = current_actor()
    choice = _choice(actor)
    rows, _ = _points(actor, choice)
    commune = choice.commune
    wish = actions.LotWish(
        design=choice.design.id,
        theme=choice.theme,
        sheet=choice.sheet,
        filling=choice.filling,
        start_cell=choice.start_cell,
        point_ids=[row.point_id for row in rows],
        unit_id=commune.id if commune else None,
        place=choice.zone.name if choice.zone else (commune.title if commune else ""),
        words=words_of(commune, choice.zone, public_url()),
    )
    with unit_of_work():
        lot = actions.order_lot(actor, moment(), wish, stock())
    return redirect(url_for("printing.lot", lot_id=lot.id))
