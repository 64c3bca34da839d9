"""Office printers: a sheet to measure on, what was measured, a lot's file moved for one of them."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import NotFoundError, RefusedError
from app.paper.imposition import SHEETS
from app.paper.prepress import shifted
from app.places.queries import own_commune_id
from app.printing import queries
from app.printing.calibration import BAR_MM, LINE_MM, calibration_pdf, shift_of
from app.printing.ordering import lot_folder
from app.printing.printers import forget_printer, printer_for, printers_for, remember_printer
from app.printing.shelf import stock
from app.printing.views.frame import ORDER, SEE, lots_dir, pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download

MEASURES = {"left": ("A", LINE_MM), "top": ("B", LINE_MM), "bar": ("C", BAR_MM)}
_MM = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")


@pages.get("/printers")
@allow(*SEE)
def printers() -> ResponseReturnValue:
    """The printers that were measured, and where to enter a new measure."""
    actor = current_actor()
    return render_template(
        "printing/printers.html", printers=printers_for(actor), may_order=actor.has(*ORDER), values=request.args
    )


@pages.get("/printers/calibration.pdf")
@allow(*SEE)
def calibration() -> ResponseReturnValue:
    """The sheet to print and measure."""
    return download(calibration_pdf(stock().fonts, moment()), "to-do-may-in.pdf")


@pages.post("/printers")
@allow(*ORDER)
def measure() -> ResponseReturnValue:
    """Keep what was measured."""
    actor = current_actor()
    left, top, bar = (_measure(name) for name in MEASURES)
    with unit_of_work():
        unit_id = own_commune_id(actor, *ORDER)
        printer = remember_printer(actor, moment(), request.form.get("name", ""), unit_id, shift_of(left, top, bar))
        said = f"Đã nhớ {printer.name}: dời {printer.right_mm:+g} mm sang phải, {printer.down_mm:+g} mm xuống."
    flash(said, "good")
    return redirect(url_for("printing.printers"))


@pages.post("/printers/<int:printer_id>/forget")
@allow(*ORDER)
def forget(printer_id: int) -> ResponseReturnValue:
    """Take a printer off the list."""
    actor = current_actor()
    with unit_of_work():
        forget_printer(actor, moment(), printer_for(actor, printer_id))
    return redirect(url_for("printing.printers"))


@pages.get("/<int:lot_id>/printer/<int:printer_id>.pdf")
@allow(*SEE)
def lot_for_printer(lot_id: int, printer_id: int) -> ResponseReturnValue:
    """The lot's file, its pages moved for this printer."""
    actor = current_actor()
    found, printer = queries.lot_in_reach(actor, lot_id), printer_for(actor, printer_id)
    pdf = lot_folder(lots_dir(), found) / "lot.pdf"
    if found.sheet not in SHEETS or not pdf.is_file():
        raise NotFoundError("Lô này không có tệp cho máy in văn phòng.", remedy="Hãy đặt lô trên khổ A4 hoặc A3.")
    with TemporaryDirectory() as scratch:
        moved = Path(scratch, "lot.pdf")
        shifted(pdf, moved, printer.right_mm, printer.down_mm)
        return download(moved.read_bytes(), f"{found.number}-{printer.name}.pdf")


def _measure(name: str) -> float:
    text = request.form.get(name, "").strip().removesuffix("mm").strip()
    if not _MM.fullmatch(text):
        line, right = MEASURES[name]
        raise RefusedError(
            f"Vạch {line}: {text or 'chưa ghi'} không phải số đo.", remedy=f"Ghi số milimét, ví dụ {right:g} hoặc 31,5."
        )
    return float(text.replace(",", "."))
