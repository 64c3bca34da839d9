"""Reports on the page: sent, looked at, received, taken back."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR, PROVIDER
from app.db import unit_of_work
from app.errors import DomainError
from app.settings import Settings
from app.tables import csv_text
from app.transactions.actions import look_at, receive_report, undo_report
from app.transactions.mapping.queries import waiting_page
from app.transactions.models import REPORT_STATES
from app.transactions.queries import READERS, profile_of, received, report_of, report_page
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import Cut, requested_cut

SENDERS = (COORDINATOR, PROVIDER, ADMIN)
KEEPERS = (COORDINATOR, ADMIN)
SHOWN_MAX = 200
WAITING_SHOWN = 20

pages = Blueprint("transactions", __name__, url_prefix="/desk")


@pages.get("/reports")
@allow(*READERS)
def reports() -> str:
    """Where a report is sent, and those that came before."""
    actor = current_actor()
    return render_template(
        "transactions/reports.html",
        page=report_page(actor, requested_cut()),
        waiting=waiting_page(actor, Cut(1, WAITING_SHOWN)),
        states=REPORT_STATES,
        may_send=actor.has(*SENDERS),
    )


@pages.post("/reports")
@allow(*SENDERS)
def receive() -> ResponseReturnValue:
    """Receives a file at once through a named profile, without looking at it first: for scripts."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        flash("Chưa chọn tệp.", "error")
        return redirect(url_for("transactions.reports"))
    try:
        profile = profile_of(request.form.get("profile", ""))
        data = sent.stream.read()
        with unit_of_work():
            report, is_new = receive_report(current_actor(), moment(), data, sent.filename, profile, _settings())
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("transactions.reports"))
    flash("Đã nhận báo cáo." if is_new else "Tệp này đã nhận từ trước, không có gì thay đổi.", "good")
    return redirect(url_for("transactions.report", report_id=report.id))


@pages.get("/reports/<int:report_id>")
@allow(*READERS)
def report(report_id: int) -> str:
    """What one report holds, and every line it lost with the reason."""
    found = report_of(current_actor(), report_id)
    sight = look_at(received(_settings(), [found])[0], [], SHOWN_MAX)
    return render_template(
        "transactions/report.html",
        report=found,
        refused=sight.refused,
        states=REPORT_STATES,
        may_undo=current_actor().has(*KEEPERS) and found.state == "received",
        may_send=current_actor().has(*SENDERS),
    )


@pages.get("/reports/<int:report_id>/refused.csv")
@allow(*READERS)
def refused_file(report_id: int) -> Response:
    """Only the refused lines with their reasons, to be mended by who sent them."""
    found = report_of(current_actor(), report_id)
    sight = look_at(received(_settings(), [found])[0], [])
    rows = ((found.file_name, line.line, line.reason) for line in sight.refused)
    text = csv_text(("Tệp", "Dòng", "Lý do"), rows, bom=True)
    return download(text.encode(), f"{found.file_name.rsplit('.', 1)[0]}-bi-tu-choi.csv")


@pages.post("/reports/<int:report_id>/undo")
@allow(*KEEPERS)
def undo(report_id: int) -> ResponseReturnValue:
    """Takes the whole file back; the report's page says so from then on."""
    found = report_of(current_actor(), report_id)
    try:
        with unit_of_work():
            undo_report(current_actor(), moment(), found, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    return redirect(url_for("transactions.report", report_id=report_id))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
