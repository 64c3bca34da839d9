"""Reports on the page: sent, looked at, received, line by line, taken back."""

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR
from app.audit.exports import Leaving, export_list
from app.db import unit_of_work
from app.errors import DomainError
from app.evidence import kept_file
from app.settings import Settings
from app.tables import csv_text
from app.tables.cells import Cell
from app.transactions.actions import look_at, read_ahead, receive_report, undo_report
from app.transactions.intake import Received
from app.transactions.mapping.queries import waiting_page
from app.transactions.mapping.rules import WORD_NAMES
from app.transactions.models import REPORT_STATES
from app.transactions.queries import (
    READERS,
    REPORT_MB_MAX,
    SENDERS,
    every_report,
    profile_of,
    received,
    report_of,
    report_page,
)
from app.transactions.report_lines import ASKED_MAX, FATES, Wanted, lines_of_report, wanted_of
from app.vn.dates import wall_clock
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import Cut, requested_cut
from app.web.uploads import takes_up_to

KEEPERS = (COORDINATOR, ADMIN)
SHOWN_MAX = 200
WAITING_SHOWN = 20
_HEADING = (
    "Số", "Tệp", "Người gửi", "Nhận lúc", "Trạng thái", "Từ ngày", "Đến ngày", "Dòng", "Trùng", "Từ chối", "Mâu thuẫn",
    "Đã trả thành công", "Hồ sơ đọc", "SHA-256",
)  # fmt: skip
_LINE_HEADING = (
    "Dòng", "Mã giao dịch", "Lúc", "Loại", "Số tiền", "Khách hàng", "Điểm bán", "Trạng thái", "Kết quả", "Ghi chú",
)  # fmt: skip

pages = Blueprint("transactions", __name__, url_prefix="/desk")


@pages.get("/reports")
@allow(*READERS)
def reports() -> str:
    """Where a report is sent, and those that came before."""
    actor = current_actor()
    return render_template(
        "transactions/reports.html",
        page=report_page(actor, requested_cut(), *_asked()),
        asked=_asked(),
        most_mb=REPORT_MB_MAX,
        waiting=waiting_page(actor, Cut(1, WAITING_SHOWN)),
        states=REPORT_STATES,
        may_send=actor.has(*SENDERS),
    )


@pages.get("/reports.csv")
@allow(*READERS)
def reports_file() -> Response:
    """The reports that match, as a list."""
    rows = (
        [
            one.id, one.file_name, one.created_by, wall_clock(one.created_at), REPORT_STATES[one.state],
            one.first_day, one.last_day, one.line_count, one.duplicate_count, one.refused_count, one.conflict_count,
            one.paid_vnd, f"{one.profile} {one.profile_version}", one.sha256,
        ]
        for one in every_report(current_actor(), *_asked())
    )  # fmt: skip
    return download(csv_text(_HEADING, rows, bom=True).encode(), "bao-cao-giao-dich.csv")


def _asked() -> tuple[str, str]:
    """What the list is filtered by: words of a name, and a state."""
    state = request.args.get("state", "")
    return request.args.get("q", "").strip()[:ASKED_MAX], state if state in REPORT_STATES else ""


@pages.post("/reports")
@takes_up_to(REPORT_MB_MAX)
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
        given = (data, sent.filename, profile, _settings())
        ahead = read_ahead(current_actor(), *given)
        with unit_of_work():
            report, is_new = receive_report(current_actor(), moment(), *given, ahead=ahead)
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


@pages.get("/reports/<int:report_id>/lines")
@allow(*READERS)
def lines(report_id: int) -> str:
    """Every line of a report and what became of it."""
    found, wanted, cut = report_of(current_actor(), report_id), wanted_of(request.args), requested_cut()
    with lines_of_report(received(_settings(), [found])[0], wanted) as read:
        count, said_vnd = read.counted()
        page = cut.page(read.page(cut), count)
    return render_template(
        "transactions/lines.html",
        report=found,
        wanted=wanted,
        page=page,
        said_vnd=said_vnd,
        fates=FATES,
        kinds=WORD_NAMES["kind"],
        statuses=WORD_NAMES["status"],
    )


@pages.get("/reports/<int:report_id>/lines.<format_name>")
@allow(*READERS)
def lines_file(report_id: int, format_name: str) -> ResponseReturnValue:
    """The lines that match, as they were read; written down, for they say who paid where."""
    found = report_of(current_actor(), report_id)
    rows = _line_rows(received(_settings(), [found])[0], wanted_of(request.args))
    return export_list(_leaving(report_id), f"dong-bao-cao-{report_id}.{format_name}", "Dòng", _LINE_HEADING, rows)


def _leaving(report_id: int) -> Leaving:
    return Leaving("report.export", ("report", report_id))


def _line_rows(report: Received, wanted: Wanted) -> Iterator[list[Cell | None]]:
    with lines_of_report(report, wanted) as read:
        for one in read.every():
            kind, status = WORD_NAMES["kind"].get(one.kind, ""), WORD_NAMES["status"].get(one.status, "")
            yield [
                one.line, one.reference, one.paid_at, kind, one.amount_vnd, one.customer, one.merchant, status,
                FATES[one.fate], one.note,
            ]  # fmt: skip


@pages.get("/reports/<int:report_id>/original")
@allow(*READERS)
def original(report_id: int) -> Response:
    """The sender's file, byte by byte as it came. Raises NotFoundError where the evidence is gone."""
    found = report_of(current_actor(), report_id)
    data = kept_file(_settings().evidence_dir, found.sha256)
    _leaving(report_id).write_down("original")
    return download(data, found.file_name)


@pages.get("/reports/<int:report_id>/refused.csv")
@allow(*READERS)
def refused_file(report_id: int) -> Response:
    """Only the refused lines with their reasons, to be mended by who sent them."""
    found = report_of(current_actor(), report_id)
    sight = look_at(received(_settings(), [found])[0], [])
    rows = ((found.file_name, line.line, line.reason) for line in sight.refused)
    text = csv_text(("Tệp", "Dòng", "Lý do"), rows, bom=True)
    _leaving(report_id).write_down("refused.csv")
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
