"""A floor plan out of the list: the rows and stalls that traders name, looked at, drawn with one button."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import DomainError
from app.places.queries import stalls_of, zone_in_reach
from app.registry.actions.plan_drawing import draw_listed, listed_rows
from app.registry.rules.rights import KEEPERS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.clock import moment


@pages.get("/zones/<slug>/plan")
@allow(*KEEPERS)
def plan_from_points(slug: str) -> str:
    """What the traders of a market say of its stalls, and the button that draws it."""
    zone = zone_in_reach(current_actor(), slug)
    return render_template(
        "registry/plan_from_list.html", zone=zone, found=listed_rows(zone), drawn=len(stalls_of(zone.id))
    )


@pages.get("/zones/<slug>/plan.svg")
@allow(*KEEPERS)
def plan_of_points(slug: str) -> Response:
    """The same as a picture."""
    found = listed_rows(zone_in_reach(current_actor(), slug))
    picture = render_template("places/plan.svg", plan=found.plan(), errors=[], taken=set())
    return Response(picture, content_type="image/svg+xml; charset=utf-8")


@pages.post("/zones/<slug>/plan")
@allow(*KEEPERS)
def draw_points(slug: str) -> ResponseReturnValue:
    """Draws the stalls and puts the traders on them."""
    zone = zone_in_reach(current_actor(), slug)
    try:
        with unit_of_work():
            stalls, points = draw_listed(current_actor(), moment(), zone)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("registry.plan_from_points", slug=slug))
    flash(f"Đã vẽ {stalls} quầy, {points} điểm bán đã nằm trên sơ đồ.", "good")
    return redirect(url_for("places.zone_page", slug=slug, _anchor="so-do-da-ve"))
