"""A gallery of posters, signs and banners with this commune's words in them."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.errors import NotFoundError
from app.printing.design_files import load_design
from app.printing.ordering import words_of
from app.printing.posters import poster_designs, poster_pdf
from app.printing.queries import commune_for, zones_for
from app.printing.shelf import stock
from app.printing.themes import load_theme, theme_ids
from app.printing.views.frame import ORDER, pages
from app.web.access import allow, current_actor
from app.web.address import public_url
from app.web.clock import moment
from app.web.downloads import download


@pages.get("/posters")
@allow(*ORDER)
def posters() -> ResponseReturnValue:
    """All designs of which a place needs one."""
    shelf, zones = stock(), zones_for(current_actor())
    theme = load_theme(shelf.themes, request.args.get("theme") or "default")
    zone = next((zone for zone in zones if str(zone.id) == request.args.get("zone")), zones[0] if zones else None)
    return render_template(
        "printing/posters.html",
        designs=poster_designs(shelf),
        themes=[load_theme(shelf.themes, name) for name in theme_ids(shelf.themes)],
        theme=theme,
        zones=zones,
        zone=zone,
        site=public_url(),
    )


@pages.get("/posters/<design_id>.pdf")
@allow(*ORDER)
def poster(design_id: str) -> ResponseReturnValue:
    """One of them as a file for the press; `?width=` in mm for a banner, `?sheet=a4` for the office's own paper."""
    shelf, zones = stock(), zones_for(current_actor())
    design = load_design(shelf.designs, design_id)
    if design not in poster_designs(shelf):
        raise NotFoundError("Không có áp phích này.", remedy="Hãy chọn trong danh sách áp phích, biển.")
    width = request.args.get("width", "")
    if width.isascii() and width.isdigit() and len(width) < 6:  # noqa: PLR2004 -- no banner is longer than 99 m
        design = design.made_to(float(width))
    zone = next((zone for zone in zones if str(zone.id) == request.args.get("zone")), None)
    words = words_of(commune_for(zone), zone, public_url())
    theme = request.args.get("theme") or "default"
    office = next((sheet for sheet in design.office_sheets if sheet == request.args.get("sheet")), "")
    pdf = poster_pdf(design, theme, words, zone.name if zone else "", shelf, moment(), office or "single")
    parts = (design.id, zone.slug if zone else "", f"khong-cat-{office}" if office else "")
    return download(pdf, f"{'-'.join(filter(None, parts))}.pdf")
