"""Zones: adding, changing, ending; what a zone's page shows."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR
from app.audit.queries import history_of
from app.audit.words import act_words
from app.db import unit_of_work
from app.errors import DomainError
from app.places import actions, queries
from app.places.forms import LAYOUT_USUAL, ZONE_WORDS, Shown, layout_of, shown_zone, zone_details
from app.places.geojson import AREAS, LINES, read_geometry
from app.places.models import Zone
from app.places.queries import zone_in_reach
from app.places.rules import next_letter
from app.places.views.frame import done, pages, unit_choices
from app.places.views.plans import drawn_plan
from app.places.views.units import sent_outline
from app.web.access import allow, current_actor
from app.web.clock import moment

HISTORY_MAX = 20


@pages.route("/zones/new", methods=["GET", "POST"])
@allow(COORDINATOR, ADMIN)
def zone_new() -> ResponseReturnValue:
    """Adds a market, street or centre."""
    units = unit_choices(current_actor())
    if request.method == "GET":
        kind = request.args.get("kind", "market")
        return _form_page(None, Shown({"kind": kind, "phase": "1", "target_percent": "100"}), units)
    details, shown = zone_details(request.form, units)
    if details is None:
        return _form_page(None, shown, units), 422
    try:
        with unit_of_work():
            zone = actions.create_zone(details, current_actor(), moment())
    except DomainError as error:
        return _form_page(None, Shown(shown.values, {"name": str(error)}), units), 422
    flash(f"Đã thêm {zone.name}.", "success")
    return redirect(url_for("places.zone_page", slug=zone.slug))


@pages.get("/zones/<slug>")
@allow(COORDINATOR, ADMIN)
def zone_page(slug: str) -> ResponseReturnValue:
    """One zone: phase, target, lead, its stalls and what was changed."""
    zone = zone_in_reach(current_actor(), slug)
    stalls = queries.stalls_of(zone.id)
    rows = {stall.row for stall in stalls}
    usual = {**LAYOUT_USUAL, "letter": next_letter(rows)}
    if rows and all(len(row) == 1 for row in rows):  # a market of rows A, B, C goes on with D
        usual |= {"row_names": next_letter(rows), "digits": "2" if "-0" in stalls[0].code else "1"}
    _, layout = layout_of({**usual, **request.args})
    return render_template(
        "places/zone.html",
        zone=zone,
        words=ZONE_WORDS,
        stalls=stalls,
        closed=queries.closed_stalls(zone.id),
        layout=layout,
        is_drawn=drawn_plan(zone, stalls) is not None,
        drawing=actions.last_drawing(zone),
        history=history_of("zone", zone.id)[::-1][:HISTORY_MAX],
        act_words=act_words,
    )


@pages.route("/zones/<slug>/edit", methods=["GET", "POST"])
@allow(COORDINATOR, ADMIN)
def zone_edit(slug: str) -> ResponseReturnValue:
    """Corrects a zone."""
    actor = current_actor()
    zone = zone_in_reach(actor, slug)
    units = unit_choices(actor)
    if request.method == "GET":
        return _form_page(zone, shown_zone(zone), units)
    details, shown = zone_details(request.form, units)
    if details is None:
        return _form_page(zone, shown, units), 422
    try:
        with unit_of_work():
            actions.change_zone(zone, details, actor, moment())
    except DomainError as error:
        return _form_page(zone, Shown(shown.values, {"name": str(error)}), units), 422
    flash("Đã lưu.", "success")
    return redirect(url_for("places.zone_page", slug=zone.slug))


@pages.post("/zones/<slug>/outline")
@allow(COORDINATOR, ADMIN)
def zone_outline(slug: str) -> ResponseReturnValue:
    """Keeps a street's line or a zone's outline; an empty one removes it."""
    zone = zone_in_reach(current_actor(), slug)

    def draw() -> None:
        text = sent_outline()
        actions.draw_zone(zone, read_geometry(text, (*LINES, *AREAS)) if text else None, current_actor(), moment())

    return done(url_for("places.zone_page", slug=slug), "Đã lưu đường bao.", draw)


@pages.post("/zones/<slug>/close")
@allow(COORDINATOR, ADMIN)
def zone_close(slug: str) -> ResponseReturnValue:
    """Ends a zone."""
    zone = zone_in_reach(current_actor(), slug)
    reason = request.form.get("reason", "").strip()[:500]
    return done(
        url_for("places.overview"), "Đã đóng.", lambda: actions.close_zone(zone, current_actor(), moment(), reason)
    )


def _form_page(zone: Zone | None, form: Shown, units: dict[int, str]) -> str:
    return render_template("places/zone_form.html", zone=zone, form=form, units=units, words=ZONE_WORDS)
