"""A market's floor plan: laying out with a live picture; each stall with its past, split, merged, renamed, closed."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR
from app.audit.queries import history_of
from app.audit.words import act_words
from app.db import db, unit_of_work
from app.errors import DomainError, NotFoundError
from app.places import actions, queries
from app.places.forms import LAYOUT_FIELDS, Shown, layout_of
from app.places.models import Stall, Zone
from app.places.queries import zone_in_reach
from app.places.rules import FloorPlan, PlannedStall, box_of, floor_plan
from app.places.views.frame import done, pages
from app.vn.stalls import stall_key
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.row_ids import row_id


@pages.get("/zones/<slug>/preview.svg")
@allow(COORDINATOR, ADMIN)
def plan_preview(slug: str) -> ResponseReturnValue:
    """The hall as it would be drawn, as a picture; what is wrong with the figures stands in it as words."""
    zone = zone_in_reach(current_actor(), slug)
    layout, shown = layout_of(request.args)
    plan = None if shown.errors else floor_plan(layout)
    return _svg(plan, shown, _taken(zone, plan))


@pages.post("/zones/<slug>/plan")
@allow(COORDINATOR, ADMIN)
def plan_draw(slug: str) -> ResponseReturnValue:
    """Draws the hall into the zone's plan."""
    zone = zone_in_reach(current_actor(), slug)
    layout, shown = layout_of(request.form)
    if shown.errors:
        typed = urlencode({name: request.form.get(name, "") for name in LAYOUT_FIELDS})
        return done(f"{url_for('places.zone_page', slug=slug)}?{typed}#so-do", "", lambda: _refuse(shown))
    words = f"Đã vẽ {layout.rows * layout.stalls_per_row} quầy vào sơ đồ."
    target = url_for("places.zone_page", slug=slug, _anchor="so-do-da-ve")
    return done(target, words, lambda: actions.lay_out_market(zone, layout, current_actor(), moment()))


@pages.post("/zones/<slug>/plan/undo")
@allow(COORDINATOR, ADMIN)
def plan_undo(slug: str) -> ResponseReturnValue:
    """Takes the last hall drawn out of the plan again."""
    zone = zone_in_reach(current_actor(), slug)
    target = url_for("places.zone_page", slug=slug, _anchor="so-do")
    return done(target, "Đã hoàn tác lần vẽ.", lambda: actions.undo_drawing(zone, current_actor(), moment()))


@pages.get("/zones/<slug>/plan.svg")
@allow(COORDINATOR, ADMIN)
def plan_drawn(slug: str) -> Response:
    """The plan as it stands, as a picture."""
    zone = zone_in_reach(current_actor(), slug)
    return _svg(drawn_plan(zone, queries.stalls_of(zone.id)), Shown({}), set())


@pages.get("/zones/<slug>/stalls/<int:stall_id>")
@allow(COORDINATOR, ADMIN)
def stall_page(slug: str, stall_id: int) -> str:
    """One stall: since when, what it came from and became, what can be done to it."""
    zone = zone_in_reach(current_actor(), slug)
    return _stall_page(zone, _stall(zone, stall_id), Shown({}))


def _stall_page(zone: Zone, stall: Stall, renaming: Shown) -> str:
    return render_template(
        "places/stall.html",
        zone=zone,
        stall=stall,
        renaming=renaming,
        relatives=queries.relatives_of(stall),
        others=[each for each in queries.stalls_of(zone.id) if each.id != stall.id],
        history=history_of("stall", stall.id)[::-1],
        act_words=act_words,
    )


@pages.post("/zones/<slug>/stalls/<int:stall_id>/split")
@allow(COORDINATOR, ADMIN)
def stall_split(slug: str, stall_id: int) -> ResponseReturnValue:
    """Cuts a stall in two."""
    stall, reason = _stall(zone_in_reach(current_actor(), slug), stall_id), _reason()
    words = f"Đã tách {stall.code}."
    return done(_stall_url(slug, stall), words, lambda: actions.split_stall(stall, current_actor(), moment(), reason))


@pages.post("/zones/<slug>/stalls/<int:stall_id>/merge")
@allow(COORDINATOR, ADMIN)
def stall_merge(slug: str, stall_id: int) -> ResponseReturnValue:
    """Another stall becomes part of this one."""
    zone, reason = zone_in_reach(current_actor(), slug), _reason()
    stall, gone = _stall(zone, stall_id), _stall(zone, row_id(request.form.get("gone", "")) or 0)
    return done(
        _stall_url(slug, stall),
        f"Đã gộp {gone.code} vào {stall.code}.",
        lambda: actions.merge_stalls(stall, gone, current_actor(), moment(), reason),
    )


@pages.post("/zones/<slug>/stalls/<int:stall_id>/rename")
@allow(COORDINATOR, ADMIN)
def stall_rename(slug: str, stall_id: int) -> ResponseReturnValue:
    """The stall gets another code; the old one leads to it. A code that cannot be stays in its field, with why."""
    zone, reason, code = zone_in_reach(current_actor(), slug), _reason(), request.form.get("code", "")[:40]
    stall = _stall(zone, stall_id)
    try:
        with unit_of_work():
            actions.rename_stall(stall, code, current_actor(), moment(), reason)
    except DomainError as wrong:
        return _stall_page(zone, stall, Shown({"code": code, "reason": reason}, {"code": str(wrong)})), 422
    flash(f"Đã đổi mã {stall.code}; bảng QR mang mã cũ cần in lại.", "success")
    return redirect(_stall_url(slug, stall))


@pages.post("/zones/<slug>/stalls/<int:stall_id>/close")
@allow(COORDINATOR, ADMIN)
def stall_close(slug: str, stall_id: int) -> ResponseReturnValue:
    """Ends a stall; its code is never given again."""
    stall, reason = _stall(zone_in_reach(current_actor(), slug), stall_id), _reason()
    return done(
        _stall_url(slug, stall),
        f"Đã đóng {stall.code}.",
        lambda: actions.close_stall(stall, current_actor(), moment(), reason),
    )


def _stall(zone: Zone, stall_id: int) -> Stall:
    stall = db.session.get(Stall, stall_id)
    if stall is None or stall.zone_id != zone.id:
        raise NotFoundError("Không có quầy này.", remedy="Hãy tải lại trang.")
    return stall


def _reason() -> str:
    return request.form.get("reason", "").strip()[:500]


def _stall_url(slug: str, stall: Stall) -> str:
    return url_for("places.stall_page", slug=slug, stall_id=stall.id)


def drawn_plan(zone: Zone, stalls: Sequence[Stall]) -> FloorPlan | None:
    """What stands in a zone's plan; None where nothing is drawn."""
    drawn = tuple(
        PlannedStall(stall.row, stall.code, (box[0], box[1], box[2], box[3]))
        for stall in stalls
        if stall.polygon and (box := box_of(stall.polygon))
    )
    return FloorPlan(zone.width_m, zone.depth_m, drawn) if drawn and zone.width_m and zone.depth_m else None


def _taken(zone: Zone, plan: FloorPlan | None) -> set[str]:
    existing = {stall_key(stall.code) for stall in queries.stalls_of(zone.id)}
    return {stall.code for stall in plan.stalls if stall_key(stall.code) in existing} if plan else set()


def _svg(plan: FloorPlan | None, shown: Shown, taken: set[str]) -> Response:
    picture = render_template("places/plan.svg", plan=plan, errors=list(shown.errors.values()), taken=taken)
    return Response(picture, content_type="image/svg+xml; charset=utf-8")


def _refuse(shown: Shown) -> None:
    raise actions.PlaceError(" ".join(shown.errors.values()))
