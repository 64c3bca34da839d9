"""Pages of lots and pieces: list, one lot, its files, its way to the wall."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import NotFoundError
from app.paper.imposition import SHEETS
from app.printing import actions, queries
from app.printing.design_files import all_designs, load_design
from app.printing.models import PrintLot
from app.printing.ordering import lot_folder
from app.printing.piece_queries import pieces_with, state_counts
from app.printing.printers import printers_for
from app.printing.rules import HANDED, LOT_STATES, LOT_STEPS, MAKING, PIECE_STATES, PRINTED, VOID, row_ranges
from app.printing.shelf import stock
from app.printing.themes import load_theme
from app.printing.views.frame import ORDER, SEE, lots_dir, pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut
from app.web.row_ids import row_id

FILES = {
    "lot.pdf": "Tệp in (PDF)",
    "cover.pdf": "Phiếu lô (PDF)",
    "headers.pdf": "Phiếu đầu chồng (PDF)",
    "manifest.csv": "Danh sách từng bản (CSV)",
    "manifest.xlsx": "Danh sách từng bản (Excel)",
    "gate.json": "Kết quả kiểm (JSON)",
}


@pages.get("")
@allow(*SEE)
def lots() -> ResponseReturnValue:
    """All lots, newest first."""
    actor, cut = current_actor(), requested_cut()
    state = request.args.get("state", "")
    rows, total = queries.lots_page(actor, state, cut.offset, cut.per_page)
    shelf = stock()
    titles = {design.id: design.title for design in all_designs(shelf.designs)}
    return render_template(
        "printing/lots.html",
        page=cut.page(rows, total),
        state=state,
        totals=queries.state_totals(actor),
        pieces=state_counts(actor),
        piece_states=PIECE_STATES,
        titles=titles,
        states=LOT_STATES,
        may_order=actor.has(*ORDER),
    )


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
        state_name=LOT_STATES[found.standing],
        design=load_design(shelf.designs, found.design),
        theme=load_theme(shelf.themes, found.theme),
        files=_files(found),
        printers=printers_for(actor) if found.sheet in SHEETS else (),
        page=cut.page(rows, total),
        stale=queries.stale_in(lot_id),
        keepers=queries.keepers_of_lot(lot_id),
        links=queries.links_of(lot_id),
        now=moment(),
        counts=queries.piece_counts(lot_id),
        piece_states=PIECE_STATES,
        ranges=row_ranges(queries.places_of(lot_id)),
        steps=LOT_STEPS[found.standing],
        may_order=actor.has(*ORDER),
        q=wanted.text,
    )


def _files(lot: PrintLot) -> list[tuple[str, str]]:
    if lot.state in {MAKING, VOID}:
        return []
    folder = lot_folder(lots_dir(), lot)
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
    if name == "lot.pdf":
        actions.refuse_stale(lot_id)
    return download(lot_folder(lots_dir(), found) / name, f"{found.number}-{name}")


@pages.post("/<int:lot_id>/stop")
@allow(*ORDER)
def stop(lot_id: int) -> ResponseReturnValue:
    """Stop the making."""
    actor = current_actor()
    with unit_of_work():
        actions.stop_lot(actor, moment(), queries.lot_in_reach(actor, lot_id))
    return redirect(url_for("printing.lot", lot_id=lot_id))


@pages.post("/<int:lot_id>/again")
@allow(*ORDER)
def again(lot_id: int) -> ResponseReturnValue:
    """Make a lot that stopped once more."""
    actor = current_actor()
    with unit_of_work():
        actions.restart_lot(actor, moment(), queries.lot_in_reach(actor, lot_id))
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
    ids = [key for value in request.form.getlist("piece") if (key := row_id(value)) is not None]
    with unit_of_work():
        queries.lot_in_reach(actor, lot_id)
        chosen = pieces_with(actor, queries.PieceFilter(lot_id=lot_id, ids=ids))
        again = actions.reprint(actor, moment(), chosen, request.form.get("reason", "")[:200], stock())
    return redirect(url_for("printing.lot", lot_id=again[0].id))
