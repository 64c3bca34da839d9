"""Conflicts on the page: the copies side by side, one button for each, the reason, and what was settled before."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.cashback.conflicts.actions import (
    APPROVERS,
    KEEPERS,
    NONE_HOLDS,
    approve_settlement,
    refuse_settlement,
    settle_conflict,
    withdraw_settlement,
)
from app.cashback.conflicts.queries import Held, conflict_of, conflicts_seen, copies_of, history, settlement_of
from app.cashback.wording import KIND_NAMES, clock
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError
from app.money import format_vnd
from app.settings import Settings
from app.tables import csv_text
from app.transactions.models import SETTLEMENT_STATES, ConflictSettlement
from app.transactions.queries import READERS
from app.transactions.rules import KINDS, STATUSES
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut

PER_PAGE = 10
TEXT_MAX = 80
KIND_OF = {code: KIND_NAMES[word] for word, code in KINDS.items()}
STATUS_OF = {code: word for word, code in STATUSES.items()}
STATUS_NAMES = {"success": "thành công", "failed": "thất bại", "reversed": "đã bị lấy lại"}
STEPS: dict[str, Callable[[Actor, datetime, ConflictSettlement, str], None]] = {
    "refuse": refuse_settlement,
    "withdraw": withdraw_settlement,
}
DONE = {
    "approve": "Đã đồng ý; lần xét sau theo bản này.",
    "refuse": "Đã ghi không đồng ý.",
    "withdraw": "Đã rút lại; mọi bản lại bị từ chối.",
}

pages = Blueprint("conflicts", __name__, url_prefix="/desk/reports/conflicts")


@pages.get("")
@allow(*READERS)
def conflicts() -> str:
    """Every conflict, the open ones first; `?show=open` only those."""
    actor, text = current_actor(), request.args.get("q", "").strip()[:TEXT_MAX]
    found = conflicts_seen(actor, _settings(), text)
    show = "open" if request.args.get("show") == "open" else ""
    shown = [each for each in found if each.is_open or not show]
    cut = requested_cut(PER_PAGE)
    return render_template(
        "transactions/conflicts.html",
        page=cut.page(shown[cut.offset : cut.offset + cut.per_page], len(shown)),
        q=text,
        show=show,
        open_count=sum(each.is_open for each in found),
        total=len(found),
        history=history(actor),
        states=SETTLEMENT_STATES,
        kinds=KIND_OF,
        statuses={code: STATUS_NAMES[word] for code, word in STATUS_OF.items()},
        clock=clock,
        may_settle=actor.has(*KEEPERS),
        may_approve=actor.has(*APPROVERS),
    )


@pages.get("/all.csv")
@allow(*READERS)
def conflicts_file() -> Response:
    """Every copy of every conflict, to be sent to who sent the files."""
    rows = [
        (
            each.reference, held.report.file_name, held.copy.line, held.copy.paid_at, KIND_OF[held.copy.kind],
            held.copy.amount_vnd, held.copy.customer, held.copy.merchant, STATUS_NAMES[STATUS_OF[held.copy.status]],
            "chưa phân xử" if each.is_open else "giữ" if held.copy.content == _content(each.settled) else "bỏ",
        )
        for each in conflicts_seen(current_actor(), _settings())
        for held in each.copies
    ]  # fmt: skip
    heading = (
        "Mã giao dịch", "Tệp", "Dòng", "Thời gian", "Loại", "Số tiền", "Khách hàng", "Điểm bán", "Kết quả", "Phân xử",
    )  # fmt: skip
    return download(csv_text(heading, rows, bom=True).encode(), "giao-dich-mau-thuan.csv")


@pages.post("")
@allow(*KEEPERS)
@present
def settle() -> ResponseReturnValue:
    """One copy holds, or none."""
    actor, form = current_actor(), request.form
    content = form.get("content", "")
    try:
        conflict = conflict_of(actor, _settings(), form.get("reference", ""))
        chosen = next((each for each in conflict.copies if each.copy.content == content), None)
        with unit_of_work():
            row = settle_conflict(actor, moment(), conflict, content, _in_words(chosen), form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        waits = "Đã chi tiền cho giao dịch này, nên cần người thứ hai đồng ý." if row.needs_second else ""
        flash(waits or "Đã phân xử; hãy xét lại chính sách để tính theo bản này.", "warn" if waits else "good")
    return redirect(url_for("conflicts.conflicts"))


@pages.post("/<int:settlement_id>/<verb>")
@allow(*APPROVERS)
@present
def step(settlement_id: int, verb: str) -> ResponseReturnValue:
    """Agreeing, not agreeing, taking back; who may is decided below."""
    if verb not in DONE:
        raise NotFoundError("Không có bước này.")
    actor, now = current_actor(), moment()
    row = settlement_of(actor, settlement_id)
    copies = copies_of(actor, _settings(), row.reference) if verb == "approve" else ()
    try:
        with unit_of_work():
            if verb == "approve":
                approve_settlement(actor, now, row, copies)
            else:
                STEPS[verb](actor, now, row, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash(DONE[verb], "good")
    return redirect(url_for("conflicts.conflicts"))


def _content(row: ConflictSettlement | None) -> str:
    return row.content if row is not None else ""


def _in_words(held: Held | None) -> str:
    """The copy as people will read it later, when its file may be gone."""
    if held is None:
        return NONE_HOLDS
    copy = held.copy
    return (
        f"{held.report.file_name}, dòng {copy.line}: {format_vnd(copy.amount_vnd)}, {clock(copy.paid_at)}, khách "
        f"{copy.customer}" + (f", điểm {copy.merchant}" if copy.merchant else "")
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
