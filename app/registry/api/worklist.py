"""The worklist row by row: who looks after what, what is put aside and why, what is over."""

from typing import Any

from marshmallow import fields, validate

from app.db import unit_of_work
from app.errors import RefusedError
from app.registry.actions.issues import assign_issue, note_issue, snooze_issue
from app.registry.api.frame import api
from app.registry.models import IssueRecord
from app.registry.queries.worklist import (
    PARTS,
    WHO,
    WorkFilter,
    WorkLine,
    helper,
    issue_in_reach,
    work_line,
    work_page,
)
from app.registry.rules.issues import ISSUES, NOTE_MAX, SNOOZE_DAYS_MAX
from app.registry.rules.rights import READERS, RECORDERS
from app.registry.sweeping import look_again
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import (
    Entry,
    PageQuery,
    Shown,
    Whole,
    YesNo,
    cut_of,
    one_of,
    paged,
    row_number,
    row_query,
    shown_page,
    text_field,
)


class WorkQuery(PageQuery):
    """Which part of the worklist."""

    show = one_of(PARTS, "phần", load_default="open")
    kind = fields.List(one_of(list(ISSUES), "loại việc"), load_default=list)
    who = one_of({"": "", **WHO}, "ai lo", load_default="")
    zone = row_query("số của khu vực")
    grave = fields.Boolean(load_default=False, metadata={"description": "chỉ việc nặng"})


class WorkOut(Shown):
    """One trouble of one merchant."""

    id = fields.Integer(required=True)
    kind = fields.String()
    label = fields.String()
    remedy = fields.String()
    severity = fields.Integer()
    merchant = fields.String(allow_none=True, metadata={"description": "mã hộ; trống khi hồ sơ đã gộp hoặc xoá"})
    shop_name = fields.String()
    points = fields.List(fields.String())
    found_at = fields.AwareDateTime()
    assigned_to_id = fields.Integer(allow_none=True)
    assigned_to = fields.String()
    snoozed_until = fields.Date(allow_none=True)
    snooze_reason = fields.String()
    note = fields.String()
    closed_at = fields.AwareDateTime(allow_none=True)
    closed_by = fields.String()
    closed_how = fields.String()


class Assignment(Entry):
    """Who looks after it."""

    me = YesNo(load_default=False, metadata={"description": "tôi nhận"})
    user_id = row_number(
        "giao cho ai, một trong /people; để trống là không giao ai", load_default=None, allow_none=True
    )


class Snooze(Entry):
    """For how long it is put aside, and why."""

    days = Whole(
        required=True,
        validate=validate.Range(min=0, max=SNOOZE_DAYS_MAX),
        metadata={"description": "số ngày; 0 là đưa lại vào danh sách"},
    )
    reason = text_field("vì sao gác lại", 200)


class Note(Entry):
    """What whoever goes there next should know."""

    note = text_field("để trống là bỏ ghi chú", NOTE_MAX)


@api.get("/worklist")
@allow(*READERS)
@api.arguments(WorkQuery, location="query")
@api.response(200, paged(WorkOut))
def work_rows(query: dict[str, Any]) -> dict[str, Any]:
    """Từng việc cần xử lý, nặng và cũ trước."""
    actor, now = current_actor(), moment()
    look_again(now)
    wanted = WorkFilter(query["show"], tuple(query["kind"]), query["who"], query["zone"], query["grave"])
    return shown_page(work_page(actor, wanted, now, cut_of(query)), _shown)


@api.get("/worklist/<int:issue_id>")
@allow(*READERS)
@api.response(200, WorkOut)
def one_work(issue_id: int) -> dict[str, Any]:
    """Một việc."""
    return _line(issue_in_reach(current_actor(), issue_id, *READERS))


@api.post("/worklist/<int:issue_id>/assign")
@allow(*RECORDERS)
@api.arguments(Assignment, example={"me": True})
@api.response(200, WorkOut)
def assign(entry: dict[str, Any], issue_id: int) -> dict[str, Any]:
    """Tôi nhận, giao cho người khác (đội trưởng, điều phối viên, quản trị), hoặc bỏ giao."""
    actor, now = current_actor(), moment()
    issue = issue_in_reach(actor, issue_id, *RECORDERS)
    if entry["me"] and entry["user_id"] is not None:
        raise RefusedError("Vừa nhận vừa giao cho người khác.", remedy="Gửi me hoặc user_id, một trong hai.")
    person = (actor.id, actor.name) if entry["me"] else (None, "")
    if entry["user_id"] is not None:
        given = helper(actor, entry["user_id"])
        person = (given.id, given.full_name)
    with unit_of_work():
        assign_issue(actor, now, issue, *person)
    return _line(issue)


@api.post("/worklist/<int:issue_id>/snooze")
@allow(*RECORDERS)
@api.arguments(Snooze, example={"days": 7, "reason": "Chủ hộ đi vắng đến cuối tháng"})
@api.response(200, WorkOut)
def snooze(entry: dict[str, Any], issue_id: int) -> dict[str, Any]:
    """Gác lại một số ngày kèm lý do, hoặc đưa lại."""
    actor, now = current_actor(), moment()
    issue = issue_in_reach(actor, issue_id, *RECORDERS)
    with unit_of_work():
        snooze_issue(actor, now, issue, entry["days"], entry["reason"])
    return _line(issue)


@api.put("/worklist/<int:issue_id>/note")
@allow(*RECORDERS)
@api.arguments(Note, example={"note": "Gọi trước khi đến, chỉ bán buổi sáng"})
@api.response(200, WorkOut)
def note(entry: dict[str, Any], issue_id: int) -> dict[str, Any]:
    """Ghi chú cho người đi tới."""
    actor, now = current_actor(), moment()
    issue = issue_in_reach(actor, issue_id, *RECORDERS)
    with unit_of_work():
        note_issue(actor, now, issue, entry["note"])
    return _line(issue)


def _line(issue: IssueRecord) -> dict[str, Any]:
    return _shown(work_line(issue, moment()))


def _shown(line: WorkLine) -> dict[str, Any]:
    row, issue, merchant = line.row, line.issue, line.merchant
    kept = ("id", "kind", "found_at", "assigned_to_id", "assigned_to", "snoozed_until", "snooze_reason", "note")
    ended = ("closed_at", "closed_by", "closed_how")
    return {name: getattr(row, name) for name in (*kept, *ended)} | {
        "label": issue.label if issue else row.kind,
        "remedy": issue.remedy if issue else "",
        "severity": issue.severity if issue else 0,
        "merchant": merchant.code if merchant else None,
        "shop_name": merchant.shop_name if merchant else "",
        "points": list(merchant.stalls) if merchant else [],
    }
