"""Pages of pieces: find one by what is read out, many by a filter; say what became of them, print them again."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.db import unit_of_work
from app.printing import actions, following, piece_queries, queries
from app.printing.design_files import load_design
from app.printing.models import PrintPiece
from app.printing.rules import BY_HAND, CHANGE_SOURCES, PIECE_STATES, PIECE_STEPS, REPLACED, may_become
from app.printing.shelf import stock
from app.printing.views.frame import ORDER, SEE, pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut
from app.web.row_ids import row_id

AGAIN = "again"
"""In the list of what to do: print the chosen pieces again."""


def _filter() -> queries.PieceFilter:
    """Which pieces the address, or the form that carries the same fields, asks for."""
    values = request.values
    state = values.get("state", "")
    return queries.PieceFilter(
        state=state if state in PIECE_STATES else "",
        stale=values.get("stale") == "1",
        text=values.get("q", "").strip()[:40],
        zone_id=row_id(values.get("zone", "")),
    )


def _fields(wanted: queries.PieceFilter) -> dict[str, Any]:
    """The filter as fields of an address; what is not asked for stays out."""
    fields = {"state": wanted.state, "stale": 1 if wanted.stale else "", "q": wanted.text, "zone": wanted.zone_id or ""}
    return {name: value for name, value in fields.items() if value}


@pages.get("/pieces")
@allow(*SEE)
def pieces() -> ResponseReturnValue:
    """All pieces of a filter; an id read out over the phone opens what it can mean."""
    actor, cut, wanted = current_actor(), requested_cut(50), _filter()
    heard = piece_queries.look_up(actor, wanted.text)
    if heard and heard.piece and not heard.near:
        return redirect(url_for("printing.piece", piece_id=heard.piece.piece.id))
    rows, total = queries.pieces_page(actor, wanted, cut.offset, cut.per_page)
    return render_template(
        "printing/pieces.html",
        page=cut.page(rows, total),
        wanted=wanted,
        fields=_fields(wanted),
        heard=heard,
        zones=queries.zones_for(actor),
        piece_states=PIECE_STATES,
        by_hand=BY_HAND,
        may_order=actor.has(*ORDER),
        last=piece_queries.last_change(actor),
    )


@pages.get("/pieces.xlsx")
@allow(*SEE)
def pieces_file() -> ResponseReturnValue:
    """The same list as a workbook."""
    rows = queries.piece_rows(current_actor(), _filter(), limit=piece_queries.BULK_MAX)
    return download(piece_queries.pieces_book(rows), "ban-in.xlsx")


@pages.get("/pieces/<int:piece_id>")
@allow(*SEE)
def piece(piece_id: int) -> ResponseReturnValue:
    """One piece: whose it is, where it is, everything that became of it."""
    actor = current_actor()
    row = piece_queries.piece_in_reach(actor, piece_id)
    return render_template(
        "printing/piece.html",
        row=row,
        design=load_design(stock().designs, row.piece.lot.design),
        history=piece_queries.history_of(piece_id),
        piece_states=PIECE_STATES,
        sources=CHANGE_SOURCES,
        steps=[state for state in BY_HAND if may_become(PIECE_STEPS, row.piece.state, state)],
        may_reprint=may_become(PIECE_STEPS, row.piece.state, REPLACED),
        may_order=actor.has(*ORDER),
    )


@pages.post("/pieces")
@allow(*ORDER)
def change_pieces() -> ResponseReturnValue:
    """What became of the chosen pieces, or of all of the filter; or print them again."""
    actor, to, reason = current_actor(), request.form.get("to", ""), request.form.get("reason", "")[:200]
    with unit_of_work():
        chosen = _chosen(actor)
        if to == AGAIN:
            lots = actions.reprint(actor, moment(), chosen, reason, stock())
            flash(f"Đã đặt in lại: lô {', '.join(lot.number for lot in lots)}.", "good")
            return redirect(url_for("printing.lot", lot_id=lots[0].id))
        change = following.move_pieces(actor, moment(), chosen, to, reason)
        left = len(chosen) - change.pieces_count
        told = f"{change.pieces_count} bản: {PIECE_STATES[to].lower()}." + (f" {left} bản giữ nguyên." if left else "")
    flash(told, "good")
    return redirect(_back())


def _chosen(actor: Actor) -> list[PrintPiece]:
    wanted = _filter()
    if request.form.get("scope") == "all":
        return piece_queries.pieces_with(actor, wanted)
    ids = [key for value in request.form.getlist("piece") if (key := row_id(value)) is not None]
    return piece_queries.pieces_with(actor, queries.PieceFilter(ids=ids)) if ids else []


def _back() -> str:
    """The page the form stood on: one piece, or the list with its filter."""
    one = row_id(request.form.get("from_piece", ""))
    if one is not None:
        return url_for("printing.piece", piece_id=one)
    return url_for("printing.pieces", **_fields(_filter()))


@pages.post("/pieces/changes/<int:change_id>/undo")
@allow(*ORDER)
def undo_change(change_id: int) -> ResponseReturnValue:
    """Take a change of many pieces back."""
    actor = current_actor()
    with unit_of_work():
        change = piece_queries.change_in_reach(actor, change_id)
        back = following.undo_change(actor, moment(), change)
        kept = change.pieces_count - back
    flash(f"Đã hoàn tác {back} bản." + (f" {kept} bản đã đi tiếp, giữ nguyên." if kept else ""), "good")
    return redirect(_back())
