"""One-time addresses for a print shop without an account."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.printing import actions, queries
from app.printing.design_files import load_design
from app.printing.ordering import lot_folder
from app.printing.parcel import parcel
from app.printing.shelf import stock
from app.printing.views.frame import ORDER, lots_dir, pages, public_pages
from app.web.access import allow, current_actor, public
from app.web.address import public_link, required_public_url
from app.web.clock import moment
from app.web.downloads import download


@pages.post("/<int:lot_id>/link")
@allow(*ORDER)
def link(lot_id: int) -> ResponseReturnValue:
    """Make a one-time address for the print shop; it is shown on this page only."""
    actor = current_actor()
    required_public_url()
    with unit_of_work():
        found = queries.lot_in_reach(actor, lot_id)
        secret = actions.make_link(actor, moment(), found)
    address = public_link("print_links.fetch", secret=secret)
    return render_template("printing/link.html", lot=found, address=address)


@pages.post("/links/<int:link_id>/revoke")
@allow(*ORDER)
def revoke_link(link_id: int) -> ResponseReturnValue:
    """Close a one-time address that was not used yet."""
    actor = current_actor()
    with unit_of_work():
        found = queries.link_in_reach(actor, link_id)
        actions.revoke_link(actor, moment(), found)
    flash("Đã thu hồi đường dẫn.", "good")
    return redirect(url_for("printing.lot", lot_id=found.lot_id))


@public_pages.get("/<secret>")
@public
def fetch(secret: str) -> ResponseReturnValue:
    """What waits behind a one-time address; opening the page uses nothing up."""
    found = actions.open_link(moment(), secret)
    design = load_design(stock().designs, found.lot.design)
    cut = design.cut_on(found.lot.sheet)
    return render_template("printing/fetch.html", lot=found.lot, design=design, cut=cut, expires_at=found.expires_at)


@public_pages.post("/<secret>")
@public
def take(secret: str) -> ResponseReturnValue:
    """The lot with all that belongs to it, once."""
    with unit_of_work():
        found = actions.use_link(moment(), secret)
        try:
            packed = parcel(found, lot_folder(lots_dir(), found))
        except FileNotFoundError:
            abort(404)
    return download(packed, f"{found.number}.zip")
