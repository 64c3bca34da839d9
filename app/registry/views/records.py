"""One merchant's record: what is known, what happened, what they agreed to."""

from flask import Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.audit.words import act_words
from app.db import db, unit_of_work
from app.errors import ConflictError, NotFoundError
from app.qr import symbol
from app.qr.drawing import svg
from app.registry import forms
from app.registry.actions.milestones import record_milestone, revoke_milestone
from app.registry.actions.showing import show_personal
from app.registry.models import Merchant, Milestone
from app.registry.queries import records
from app.registry.queries.duplicates import survivor
from app.registry.queries.issues import issues_of
from app.registry.queries.printable import PointFilter, printable
from app.registry.queries.reach import merchant_by_code, point_in_reach
from app.registry.queries.timeline import earlier_holders, moments_of
from app.registry.rules.recency import BANDS, CHECK_DAYS, recency
from app.registry.rules.rights import EDITORS, READERS, RECORDERS, SEE_PERSONAL
from app.registry.rules.stages import BY_PROGRAM, MILESTONES
from app.registry.views.frame import bank_options, pages, record_address
from app.vn.dates import DateError, local_date
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.row_ids import row_id

#: Milestones a person records, in the order they are done.
BY_HAND = {kind: label for kind, label in MILESTONES.items() if kind not in BY_PROGRAM}


@pages.get("/merchants/<code>")
@allow(*READERS)
def merchant(code: str) -> ResponseReturnValue:
    """The whole record on one page; a paper that names a merged record leads to the one it lives on in."""
    found = merchant_by_code(current_actor(), code)
    left = survivor(found)
    return _record(found) if left is found else redirect(record_address(left))


@pages.get("/merchants/<code>/qr/<serial>.svg")
@allow(*READERS)
def qr_image(code: str, serial: str) -> Response:
    """A code of this merchant as a picture, drawn from the exact bytes."""
    found = merchant_by_code(current_actor(), code)
    asset = records.code_of(found, serial)
    return Response(svg(symbol(asset.text), title=asset.serial), mimetype="image/svg+xml")


@pages.post("/merchants/<code>/show")
@allow(*SEE_PERSONAL)
def show(code: str) -> ResponseReturnValue:
    """Phone and tax code in full, once; who looked is written down."""
    actor = current_actor()
    found = merchant_by_code(actor, code, *SEE_PERSONAL)
    field = request.form.get("field", "")
    with unit_of_work():
        show_personal(actor, moment(), found, field)
    return _record(found, field)


@pages.post("/merchants/<code>/milestones")
@allow(*RECORDERS)
def add_milestone(code: str) -> ResponseReturnValue:
    """Writes down what happened."""
    actor, now, form = current_actor(), moment(), request.form
    found = merchant_by_code(actor, code, *RECORDERS)
    point_id = row_id(form.get("point", ""))
    point = point_in_reach(actor, point_id, *RECORDERS) if point_id is not None else None
    try:
        at = forms.happened_at(form.get("on", ""), now)
        with unit_of_work():
            record_milestone(
                actor,
                now,
                found,
                form.get("kind", ""),
                at,
                point=point,
                note=form.get("note", "").strip()[:500],
                reason=form.get("reason", ""),
            )
    except (DateError, ConflictError) as wrong:
        flash(str(wrong), "error")
        return redirect(record_address(found, "moc"))
    flash(f"Đã ghi: {MILESTONES[form['kind']]}.", "good")
    return redirect(record_address(found, "moc"))


@pages.post("/merchants/<code>/milestones/<int:milestone_id>/revoke")
@allow(*EDITORS)
def strike_milestone(code: str, milestone_id: int) -> ResponseReturnValue:
    """Strikes out a fact that was recorded by mistake."""
    actor = current_actor()
    found = merchant_by_code(actor, code, *EDITORS)
    milestone = db.session.get(Milestone, milestone_id)
    if milestone is None or milestone.merchant_id != found.id:
        raise NotFoundError("Không có mốc này.")
    with unit_of_work():
        revoke_milestone(actor, moment(), milestone_id, request.form.get("reason", ""))
    flash("Đã gạch bỏ.", "good")
    return redirect(record_address(found, "moc"))


def _record(found: Merchant, shown: str = "") -> str:
    """The page; `shown` names the one personal field that is shown in full."""
    now = moment()
    today = local_date(now)
    points, accounts = records.held_points(found), records.accounts_of(found, now)
    return render_template(
        "registry/merchant.html",
        merchant=found,
        points=points,
        accounts=accounts,
        is_public=records.is_public(found, points, today),
        consents=records.consents_of(found, today),
        moments=moments_of(found),
        earlier=earlier_holders(found),
        point_options=[(str(held.point.id), held.point.code) for held in points if held.state],
        history=records.history(found, points, accounts),
        shown=shown,
        not_printed={each.point_id: each.reason for each in printable(PointFilter(merchant_ids=[found.id]), now)[1]},
        troubles=issues_of(found.id, now),
        banks=bank_options(),
        by_hand=BY_HAND,
        act_words=act_words,
        check_days=CHECK_DAYS,
        bands=BANDS,
        recency=lambda point, state: recency(
            point.kind, state.stage, local_date(state.seen_at) if state.seen_at else None, today
        ),
        today=today,
        now=now,
    )
