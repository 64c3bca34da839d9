"""A market's floor plan: laying out with a live picture, splitting and closing stalls."""

from urllib.parse import urlencode

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR
from app.db import db
from app.errors import NotFoundError
from app.places import actions, queries
from app.places.forms import LAYOUT_FIELDS, Shown, layout_of
from app.places.models import Stall, Zone
from app.places.queries import zone_in_reach
from app.places.rules import FloorPlan, floor_plan
from app.places.views.frame import done, pages
from app.web.access import allow, current_actor
from app.web.clock import moment


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
    words = f"Đã vẽ {layout.rows * layout.stalls_per_row} quầy."
    target = url_for("places.zone_page", slug=slug, _anchor="so-do")
    return done(target, words, lambda: actions.lay_out_market(zone, layout, current_actor(), moment()))


@pages.post("/zones/<slug>/stalls/<int:stall_id>/split")
@allow(COORDINATOR, ADMIN)
def stall_split(slug: str, stall_id: int) -> ResponseReturnValue:
    """Cuts a stall in two."""
    stall = _stall(zone_in_reach(current_actor(), slug), stall_id)
    return done(
        _stalls_url(slug), f"Đã tách {stall.code}.", lambda: actions.split_stall(stall, current_actor(), moment())
    )


@pages.post("/zones/<slug>/stalls/<int:stall_id>/close")
@allow(COORDINATOR, ADMIN)
def stall_close(slug: str, stall_id: int) -> ResponseReturnValue:
    """Ends a stall; its code is never given again."""
    stall = _stall(zone_in_reach(current_actor(), slug), stall_id)
    reason = request.form.get("reason", "").strip()[:500]
    return done(
        _stalls_url(slug),
        f"Đã đóng {stall.code}.",
        lambda: actions.close_stall(stall, current_actor(), moment(), reason),
    )


def _stall(zone: Zone, stall_id: int) -> Stall:
    stall = db.session.get(Stall, stall_id)
    if stall is None or stall.zone_id != zone.id:
        raise NotFoundError("Không có quầy này.", remedy="Hãy tải lại trang.")
    return stall


def _stalls_url(slug: str) -> str:
    return url_for("places.zone_page", slug=slug, _anchor="cac-quay")


def _taken(zone: Zone, plan: FloorPlan | None) -> set[str]:
    existing = {stall.code for stall in queries.stalls_of(zone.id)}
    return existing & {stall.code for stall in plan.stalls} if plan else set()


def _svg(plan: FloorPlan | None, shown: Shown, taken: set[str]) -> Response:
    picture = render_template("places/plan.svg", plan=plan, errors=list(shown.errors.values()), taken=taken)
    return Response(picture, content_type="image/svg+xml; charset=utf-8")


def _refuse(shown: Shown) -> None:
    raise actions.PlaceError(" ".join(shown.errors.values()))
