"""Deciding: accounts old beside new, and codes for stalls that changed hands."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import DomainError
from app.registry.actions.accounts import approve_account, person, refuse_account
from app.registry.actions.code_approval import approve_code, refuse_code
from app.registry.queries.approvals import Waiting, recent_decisions, waiting_accounts, waiting_codes
from app.registry.rules import approval
from app.registry.rules.approval import Proposal
from app.registry.rules.rights import APPROVERS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.paging import requested_cut

BULK_MAX = 200
LATELY = timedelta(days=7)


@pages.get("/approvals")
@allow(*APPROVERS)
def approvals() -> str:
    """What waits, with what this person may decide and why not."""
    actor, now = current_actor(), moment()
    me = person(actor)
    page = waiting_accounts(actor, requested_cut(), only_changes=request.args.get("show") == "changes")
    return render_template(
        "registry/approvals.html",
        page=page,
        objections={each.account.id: approval.objection(_proposal(each), me, now) for each in page.items},
        codes=waiting_codes(actor),
        decided=recent_decisions(actor, now - LATELY),
        needed=approval.approvals_needed,
        show=request.args.get("show", ""),
        now=now,
    )


@pages.post("/approvals")
@allow(*APPROVERS)
def decide() -> ResponseReturnValue:
    """Approves each chosen proposal by itself; one that may not be leaves the others alone."""
    actor, now = current_actor(), moment()
    chosen = [int(each) for each in request.form.getlist("account") if each.isdigit()][:BULK_MAX]
    done, refused = 0, []
    for account_id in chosen:
        try:
            with unit_of_work():
                approve_account(actor, now, account_id)
            done += 1
        except DomainError as wrong:
            refused.append(str(wrong))
    if done:
        flash(f"Đã duyệt {done} tài khoản.", "good")
    for reason in dict.fromkeys(refused):
        flash(f"{refused.count(reason)} tài khoản chưa duyệt được: {reason}", "warn")
    if not chosen:
        flash("Chưa chọn tài khoản nào.", "warn")
    return _back()


@pages.post("/approvals/<int:account_id>/approve")
@allow(*APPROVERS)
def approve(account_id: int) -> ResponseReturnValue:
    """Yes to one proposal."""
    with unit_of_work():
        account = approve_account(current_actor(), moment(), account_id)
    waits = account.state == approval.PROPOSED
    flash("Đã ghi lượt duyệt thứ nhất; cần một người nữa." if waits else "Đã duyệt.", "good")
    return _back()


@pages.post("/approvals/<int:account_id>/refuse")
@allow(*APPROVERS)
def refuse(account_id: int) -> ResponseReturnValue:
    """No to one proposal, with the reason."""
    try:
        with unit_of_work():
            refuse_account(current_actor(), moment(), account_id, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã từ chối; người đề nghị thấy lý do trong hồ sơ.", "good")
    return _back()


@pages.post("/approvals/codes/<int:asset_id>/<decision>")
@allow(*APPROVERS)
def decide_code(asset_id: int, decision: str) -> ResponseReturnValue:
    """Yes or no to a code at a stall that changed hands."""
    actor, now = current_actor(), moment()
    try:
        with unit_of_work():
            if decision == "approve":
                approve_code(actor, now, asset_id)
            else:
                refuse_code(actor, now, asset_id, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã duyệt mã; in được sau 24 giờ." if decision == "approve" else "Đã từ chối mã.", "good")
    return _back()


def _proposal(waiting: Waiting) -> Proposal:
    account = waiting.account
    return Proposal(
        account.state,
        account.proposed_by_id,
        account.proposed_session,
        frozenset(each.approver_id for each in account.approvals),
        frozenset(each.session for each in account.approvals),
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("registry.approvals", show=request.args.get("show") or None))
