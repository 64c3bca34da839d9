"""Deciding: accounts old beside new, and codes for stalls that changed hands."""

from collections.abc import Iterator
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.approval.people import people
from app.approval.queries import keeping_notes, objections
from app.approval.rules import PROPOSED, approvals_needed
from app.db import db, unit_of_work
from app.errors import DomainError, NotFoundError
from app.jobs.actions import enqueue
from app.jobs.models import Job
from app.registry.actions.accounts import approve_account, behind, refuse_account
from app.registry.actions.code_approval import approve_code, refuse_code
from app.registry.actions.code_approval import behind as behind_code
from app.registry.actions.label_approval import approve_label, refuse_label
from app.registry.jobs import KIND as APPROVE_LIST
from app.registry.queries import imports
from app.registry.queries.approvals import (
    lists_waiting,
    recent_decisions,
    waiting_accounts,
    waiting_codes,
    waiting_labels,
)
from app.registry.queries.reach import require_unit
from app.registry.rules.rights import APPROVERS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.paging import requested_cut
from app.web.row_ids import row_id

BULK_MAX = 200
JOB_DIGITS = 10
LATELY = timedelta(days=7)


@pages.get("/approvals")
@allow(*APPROVERS)
def approvals() -> str:
    """What waits, with what this person may decide and why not."""
    actor, now = current_actor(), moment()
    page = waiting_accounts(actor, requested_cut(), only_changes=request.args.get("show") == "changes")
    labels = waiting_labels(actor)
    waiting = {each.account.id: behind(each.account, each.account.approvals) for each in page.items}
    codes, decided = waiting_codes(actor), recent_decisions(actor, now - LATELY)
    coming = [behind_code(asset) for asset in codes]
    pairs = [[*(who.user_id for who in others), actor.id] for others in waiting.values()]
    pairs += [[account.proposed_by_id, account.decided_by_id] for account in decided]
    notes = keeping_notes(pairs)
    return render_template(
        "registry/approvals.html",
        page=page,
        objections=dict(zip(waiting, objections(actor, list(waiting.values()), now=now), strict=True)),
        keeping=dict(zip(waiting, notes, strict=False)),
        codes=list(zip(codes, objections(actor, coming, now=now), strict=True)),
        labels=labels,
        label_objections=objections(actor, [each.behind for each in labels], now=now),
        names=people({each.user_id for label in labels for each in label.behind if each.user_id}),
        lists=lists_waiting(actor),
        job=_job(request.args.get("job", "")),
        decided=list(zip(decided, notes[len(waiting) :], strict=True)),
        needed=approvals_needed,
        show=request.args.get("show", ""),
        now=now,
    )


@pages.post("/approvals")
@allow(*APPROVERS)
@present
def decide() -> ResponseReturnValue:
    """Approves each chosen proposal by itself; one that may not be leaves the others alone."""
    actor, now = current_actor(), moment()
    chosen = list(chosen_of("account"))
    done, refused = 0, []
    for account_id, seen in chosen:
        try:
            with unit_of_work():
                approve_account(actor, now, account_id, seen=seen)
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


@pages.post("/approvals/lists/<int:batch_id>")
@allow(*APPROVERS)
@present
def decide_list(batch_id: int) -> ResponseReturnValue:
    """Yes to every first account of a list, in the background; changes are looked at one by one."""
    actor, now = current_actor(), moment()
    batch = imports.batch(batch_id)
    require_unit(actor, batch.unit_id, *APPROVERS)
    params = {"batch_id": batch.id, "user_id": actor.id, "session": actor.session}
    with unit_of_work():
        job = enqueue(APPROVE_LIST, params, actor, now)
    return redirect(url_for("registry.approvals", job=job.id))


@pages.get("/approvals/jobs/<int:job_id>")
@allow(*APPROVERS)
def progress(job_id: int) -> ResponseReturnValue:
    """How far the approval of a list is, for the bar on the page."""
    job = _job(str(job_id))
    if job is None:
        raise NotFoundError("Không có việc này.")
    percent = 100 if job.state == "done" else job.done * 100 // job.total if job.total else 0
    state = {"queued": "running", "cancelled": "failed"}.get(job.state, job.state)
    return {
        "percent": percent,
        "message": job.message or "Đang chờ đến lượt…",
        "state": state,
        "next": url_for("registry.approvals") if state != "running" else None,
    }


@pages.post("/approvals/<int:account_id>/approve")
@allow(*APPROVERS)
@present
def approve(account_id: int) -> ResponseReturnValue:
    """Yes to one proposal."""
    with unit_of_work():
        account = approve_account(current_actor(), moment(), account_id, seen=request.form.get("seen", ""))
    waits = account.state == PROPOSED
    flash("Đã ghi lượt duyệt thứ nhất; cần một người nữa." if waits else "Đã duyệt.", "good")
    return _back()


@pages.post("/approvals/<int:account_id>/refuse")
@allow(*APPROVERS)
def refuse(account_id: int) -> ResponseReturnValue:
    """No to one proposal, with the reason."""
    try:
        with unit_of_work():
            refuse_account(current_actor(), moment(), account_id, request.form.get("reason", ""))
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã từ chối; người đề nghị thấy lý do trong hồ sơ.", "good")
    return _back()


@pages.post("/approvals/codes/<int:asset_id>/<decision>")
@allow(*APPROVERS)
@present
def decide_code(asset_id: int, decision: str) -> ResponseReturnValue:
    """Yes or no to a code at a stall that changed hands."""
    actor, now = current_actor(), moment()
    try:
        with unit_of_work():
            if decision == "approve":
                approve_code(actor, now, asset_id)
            else:
                refuse_code(actor, now, asset_id, request.form.get("reason", ""))
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã duyệt mã; mã thay đổi in được sau 24 giờ." if decision == "approve" else "Đã từ chối mã.", "good")
    return _back()


@pages.post("/approvals/labels")
@allow(*APPROVERS)
@present
def decide_labels() -> ResponseReturnValue:
    """Yes to the words of each chosen point; one that may not be leaves the others alone."""
    actor, now = current_actor(), moment()
    chosen, done, refused = list(chosen_of("label")), 0, []
    for point_id, seen in chosen:
        try:
            with unit_of_work():
                approve_label(actor, now, point_id, seen)
            done += 1
        except DomainError as wrong:
            refused.append(str(wrong))
    if done:
        flash(f"Đã duyệt tên mới ở {done} điểm; in được sau 24 giờ.", "good")
    for reason in dict.fromkeys(refused):
        flash(f"{refused.count(reason)} điểm chưa duyệt được: {reason}", "warn")
    if not chosen:
        flash("Chưa chọn điểm nào.", "warn")
    return _back()


@pages.post("/approvals/labels/<int:point_id>/refuse")
@allow(*APPROVERS)
def refuse_labels(point_id: int) -> ResponseReturnValue:
    """No to the words of a point, with the reason."""
    try:
        with unit_of_work():
            refuse_label(current_actor(), moment(), point_id, request.form.get("reason", ""))
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã từ chối; điểm này chưa in được cho đến khi hồ sơ được sửa lại.", "good")
    return _back()


def chosen_of(name: str) -> Iterator[tuple[int, str]]:
    """What was ticked, "7:ab12" each: a row, and what was shown of it."""
    for each in request.form.getlist(name)[:BULK_MAX]:
        number, _, seen = each.partition(":")
        key = row_id(number)
        if key is not None:
            yield key, seen


def _job(number: str) -> Job | None:
    """This person's own approval of a list, by its number in the address."""
    job = (
        db.session.get(Job, int(number)) if number.isascii() and number.isdigit() and len(number) < JOB_DIGITS else None
    )
    return job if job is not None and (job.kind, job.owner_id) == (APPROVE_LIST, current_actor().id) else None


def _back() -> ResponseReturnValue:
    return redirect(url_for("registry.approvals", show=request.args.get("show") or None))
