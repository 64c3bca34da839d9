"""The page behind the code in a sheet's margin: one tap marks its pieces printed, with or without an account."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.db import unit_of_work
from app.printing.design_files import load_design
from app.printing.sheet_marks import PRESS_ROOM, mark_sheet_printed, scanned_sheet
from app.printing.shelf import stock
from app.printing.views.frame import sheet_pages
from app.settings import Settings
from app.web.access import current_actor, public
from app.web.clock import moment


def _secret() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.secret_key


def _who() -> Actor:
    actor = current_actor()
    return actor if actor.id is not None else PRESS_ROOM


@sheet_pages.get("/<code>")
@public
def sheet(code: str) -> ResponseReturnValue:
    """What this sheet is; opening the page marks nothing."""
    found = scanned_sheet(moment(), code, _secret())
    return render_template("printing/sheet.html", found=found, design=load_design(stock().designs, found.lot.design))


@sheet_pages.post("/<code>")
@public
def mark(code: str) -> ResponseReturnValue:
    """The sheet is printed."""
    with unit_of_work():
        found = mark_sheet_printed(_who(), moment(), code, _secret())
        said = f"Đã đánh dấu tờ {found.sheet}: {found.pieces} bản đã in."
    flash(said, "good")
    return redirect(url_for("print_sheets.sheet", code=code))
