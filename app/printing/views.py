"""Office pages of printing: choose points and see the real thing, order, follow, hand over, reprint."""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, APPROVER, COORDINATOR, PRINT_SHOP, Actor
from app.db import unit_of_work
from app.errors import NotFoundError
from app.places.models import Unit, Zone
from app.printing import actions, queries
from app.printing.design_files import design_ids, load_design
from app.printing.designs import Design
from app.printing.models import PrintLot
from app.printing.ordering import lot_folder, point_of, theme_of, words_of
from app.printing.previews import SAMPLE, preview_png, preview_tag
from app.printing.rules import (
    HANDED,
    LOT_STATES,
    LOT_STEPS,
    MAKING,
    PIECE_STATES,
    PRINTED,
    VOID,
    advise,
    picked,
    row_ranges,
)
from app.printing.shelf import stock
from app.printing.themes import load_theme, theme_ids
from app.registry.queries.printable import PrintableRow, Unprintable
from app.registry.rules.stages import QR_ISSUED, STAGES
from app.settings import Settings
from app.web.access import allow, current_actor, public
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut

pages = Blueprint("printing", __name__, url_prefix="/desk/prints")
public_pages = Blueprint("print_links", __name__, url_prefix="/in")

ORDER = (COORDINATOR, ADMIN)
SEE = (COORDINATOR, APPROVER, PRINT_SHOP, ADMIN)
FILES = {
    "lot.pdf": "Tệp in (PDF)",
    "headers.pdf": "Phiếu đầu chồng (PDF)",
    "manifest.csv": "Danh sách từng bản (CSV)",
    "manifest.xlsx": "Danh sách từng bản (Excel)",
    "gate.json": "Kết quả kiểm (JSON)",
}
THUMB_PX = 360
DETAIL_PX = 900


@dataclass(frozen=True, slots=True)
class Choice:
    """What the order page asks for, as the address holds it."""

    zone: Zone | None
    stage: str
    only: str
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
            "stage": self.stage,
            "only": self.only,
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
    return Choice(
        zone=zone,
        stage=values.get("stage", "") if values.get("stage", "") in STAGES else "",
        only=values.get("only", "")[:400],
        design=design,
        theme=theme,
        sheet=sheet if sheet in fitting else ("a4" if "a4" in fitting else "single"),
        filling="row" if values.get("filling") == "row" else "stack",
        start_cell=int(start) if start.isascii() and start.isdigit() and len(start) < 4 else 1,  # noqa: PLR2004
    )


def _points(actor: Actor, choice: Choice) -> tuple[list[PrintableRow], list[Unprintable]]:
    rows, missing = queries.points_to_print(actor, choice.zone.id if choice.zone else None, choice.stage, moment())
    keep = picked([row.stall or row.point_code for row in rows], choice.only)
    left = picked([point.point_code for point in missing], choice.only)
    return [rows[at] for at in keep], [missing[at] for at in left]


@pages.get("")
@allow(*SEE)
def lots() -> ResponseReturnValue:
    """All lots, newest first."""
    actor, cut = current_actor(), requested_cut()
    state = request.args.get("state", "")
    rows, total = queries.lots_page(actor, state, cut.offset, cut.per_page)
    shelf = stock()
    titles = {name: load_design(shelf.designs, name).title for name in design_ids(shelf.designs)}
    return render_template(
        "printing/lots.html",
        page=cut.page(rows, total),
        state=state,
        totals=queries.state_totals(actor),
        stale=queries.stale_count(actor),
        titles=titles,
        states=LOT_STATES,
        may_order=actor.has(*ORDER),
    )


@pages.get("/new")
@allow(*ORDER)
def choose() -> ResponseReturnValue:
    """Choose points, design and paper, and see the real thing."""
    actor = current_actor()
    choice = _choice(actor)
    rows, missing = _points(actor, choice)
    shelf = stock()
    return render_template(
        "printing/order.html",
        choice=choice,
        rows=rows,
        missing=missing,
        advice=advise(choice.design, len(rows)),
        zones=queries.zones_for(actor),
        stages=[(QR_ISSUED, "Đã có mã, chưa in"), *((key, name) for key, name in STAGES.items() if key != QR_ISSUED)],
        designs=[design for name in design_ids(shelf.designs) if (design := load_design(shelf.designs, name)).payment],
        themes=[load_theme(shelf.themes, name) for name in theme_ids(shelf.themes)],
        sample=rows[0].point_id if rows else "",
    )


@pages.get("/preview.png")
@allow(*ORDER)
def preview() -> ResponseReturnValue:
    """One piece as the press will print it."""
    actor = current_actor()
    choice, shelf = _choice(actor), stock()
    theme = theme_of(shelf, choice.theme, words_of(choice.commune, choice.zone, request.url_root))
    height = DETAIL_PX if request.args.get("size") == "l" else THUMB_PX
    point = SAMPLE
    wanted = request.args.get("point", "")
    if wanted.isascii() and wanted.isdigit():
        rows, _ = queries.point_to_print(actor, int(wanted), moment())
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
        words=words_of(commune, choice.zone, request.url_root),
    )
    with unit_of_work():
        lot = actions.order_lot(actor, moment(), wish, stock())
    return redirect(url_for("printing.lot", lot_id=lot.id))


@pages.get("/<int:lot_id>")
@allow(*SEE)
def lot(lot_id: int) -> ResponseReturnValue:
    """One lot: how far it is, what the gate said, its files and pieces."""
    actor, cut = current_actor(), requested_cut()
    found = queries.lot_in_reach(actor, lot_id)
    wanted = queries.PieceFilter(
        lot_id=lot_id, stale=bool(request.args.get("stale")), text=request.args.get("q", "").strip()[:40]
    )
    rows, total = queries.pieces_page(actor, wanted, cut.offset, cut.per_page)
    shelf = stock()
    return render_template(
        "printing/lot.html",
        lot=found,
        state_name=LOT_STATES[found.state],
        design=load_design(shelf.designs, found.design),
        theme=load_theme(shelf.themes, found.theme),
        files=_files(found),
        page=cut.page(rows, total),
        counts=queries.piece_counts(lot_id),
        piece_states=PIECE_STATES,
        ranges=row_ranges(queries.places_of(lot_id)),
        steps=LOT_STEPS[found.state],
        may_order=actor.has(*ORDER),
        q=wanted.text,
    )


def _lots_dir() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.lots_dir


def _files(lot: PrintLot) -> list[tuple[str, str]]:
    if lot.state in {MAKING, VOID}:
        return []
    folder = lot_folder(_lots_dir(), lot)
    return [(name, label) for name, label in FILES.items() if (folder / name).is_file()]


@pages.get("/<int:lot_id>/progress")
@allow(*SEE)
def progress(lot_id: int) -> ResponseReturnValue:
    """How far the making is, for the moving bar."""
    found = queries.lot_in_reach(current_actor(), lot_id)
    job = found.job
    running = found.state == MAKING and job is not None and job.state in {"queued", "running"}
    percent = round(job.done * 100 / job.total) if job and job.total else 0
    message = (job.message if job else "") or "Đang chờ tới lượt"
    ended = "failed" if job is not None and job.state == "failed" else "done"
    return jsonify(percent=percent, message=message, state="running" if running else ended, next=None)


@pages.get("/<int:lot_id>/files/<name>")
@allow(*SEE)
def file(lot_id: int, name: str) -> ResponseReturnValue:
    """One file of the lot."""
    found = queries.lot_in_reach(current_actor(), lot_id)
    if name not in dict(_files(found)):
        raise NotFoundError("Lô này không có tệp ấy.", remedy="Hãy tải lại trang lô in.")
    return download(lot_folder(_lots_dir(), found) / name, f"{found.number}-{name}")


@pages.post("/<int:lot_id>/stop")
@allow(*ORDER)
def stop(lot_id: int) -> ResponseReturnValue:
    """Stop the making."""
    actor = current_actor()
    with unit_of_work():
        actions.stop_lot(actor, moment(), queries.lot_in_reach(actor, lot_id))
    return redirect(url_for("printing.lot", lot_id=lot_id))


def _advance(lot_id: int, state: str) -> ResponseReturnValue:
    actor, to = current_actor(), request.form.get("to", "").strip()[:120]
    with unit_of_work():
        found = queries.lot_in_reach(actor, lot_id)
        actions.advance_lot(actor, moment(), found, state, to=to, reason=request.form.get("reason", "").strip()[:200])
    flash(f"Lô {found.number}: {LOT_STATES[state].lower()}.", "good")
    return redirect(url_for("printing.lot", lot_id=lot_id))


@pages.post("/<int:lot_id>/printed")
@allow(*SEE)
def printed(lot_id: int) -> ResponseReturnValue:
    """The print shop is done."""
    return _advance(lot_id, PRINTED)


@pages.post("/<int:lot_id>/handed")
@allow(*ORDER)
def handed(lot_id: int) -> ResponseReturnValue:
    """The pieces went to the team."""
    return _advance(lot_id, HANDED)


@pages.post("/<int:lot_id>/void")
@allow(*ORDER)
def void(lot_id: int) -> ResponseReturnValue:
    """The lot must not be used."""
    return _advance(lot_id, VOID)


@pages.post("/<int:lot_id>/reprint")
@allow(*ORDER)
def reprint(lot_id: int) -> ResponseReturnValue:
    """Print the marked pieces again."""
    actor = current_actor()
    ids = [int(value) for value in request.form.getlist("piece") if value.isascii() and value.isdigit()]
    with unit_of_work():
        found = queries.lot_in_reach(actor, lot_id)
        again = actions.reprint(actor, moment(), found, ids, request.form.get("reason", "")[:200], stock())
    return redirect(url_for("printing.lot", lot_id=again.id))


@pages.post("/<int:lot_id>/link")
@allow(*ORDER)
def link(lot_id: int) -> ResponseReturnValue:
    """Make a one-time address for the print shop; it is shown on this page only."""
    actor = current_actor()
    with unit_of_work():
        found = queries.lot_in_reach(actor, lot_id)
        secret = actions.make_link(actor, moment(), found)
    return render_template(
        "printing/link.html", lot=found, address=url_for("print_links.fetch", secret=secret, _external=True)
    )


@pages.get("/pieces")
@allow(*SEE)
def pieces() -> ResponseReturnValue:
    """Find a piece by the id on it; all stale pieces."""
    actor, cut = current_actor(), requested_cut(50)
    state = request.args.get("state", "")
    wanted = queries.PieceFilter(
        state=state if state in PIECE_STATES else "",
        stale=bool(request.args.get("stale")),
        text=request.args.get("q", "").strip()[:40],
    )
    rows, total = queries.pieces_page(actor, wanted, cut.offset, cut.per_page)
    return render_template("printing/pieces.html", page=cut.page(rows, total), wanted=wanted, piece_states=PIECE_STATES)


@public_pages.get("/<secret>")
@public
def fetch(secret: str) -> ResponseReturnValue:
    """What waits behind a one-time address; opening the page uses nothing up."""
    found = actions.open_link(moment(), secret)
    design = load_design(stock().designs, found.lot.design)
    return render_template("printing/fetch.html", lot=found.lot, design=design, expires_at=found.expires_at)


@public_pages.post("/<secret>")
@public
def take(secret: str) -> ResponseReturnValue:
    """The lot's PDF, once."""
    with unit_of_work():
        found = actions.use_link(moment(), secret)
    pdf = lot_folder(_lots_dir(), found) / "lot.pdf"
    if not pdf.is_file():
        abort(404)
    return download(pdf, f"{found.number}.pdf")
