"""What happened at the stall, and what the merchant agreed to."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from app.accounts.repeats import repeatable
from app.db import db, unit_of_work
from app.errors import NotFoundError
from app.registry.actions.milestones import record_milestone, revoke_milestone
from app.registry.api.frame import api
from app.registry.models import Milestone
from app.registry.queries.merchants import merchant_lines
from app.registry.queries.reach import merchant_by_code, point_in_reach
from app.registry.queries.records import timeline_of
from app.registry.rules.rights import EDITORS, READERS, RECORDERS
from app.registry.rules.stages import BY_PROGRAM, MILESTONES
from app.registry.rules.words import REFUSAL_REASONS
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import Done, Entry, Reason, Shown, one_of, paged, row_number, text_field

BY_HAND = {kind: label for kind, label in MILESTONES.items() if kind not in BY_PROGRAM}


class MilestoneIn(Entry):
    """What happened."""

    kind = one_of(BY_HAND, "mốc", required=True)
    at = fields.AwareDateTime(load_default=None, metadata={"description": "ISO 8601 có múi giờ; để trống là bây giờ"})
    point_id = row_number("điểm; để trống là cả hộ", load_default=None, allow_none=True)
    reason = one_of(["", *REFUSAL_REASONS], "lý do từ chối, dừng", load_default="")
    note = text_field("ghi chú")


class MilestoneOut(Shown):
    """A dated fact."""

    id = fields.Integer(required=True)
    kind = fields.String()
    label = fields.String()
    at = fields.AwareDateTime()
    point = fields.String(allow_none=True)
    note = fields.String()
    evidence = fields.String()
    recorded_by = fields.String()
    recorded_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)


@api.get("/merchants/<code>/milestones")
@allow(*READERS)
@api.response(200, paged(MilestoneOut))
def timeline(code: str) -> dict[str, Any]:
    """Dòng thời gian của hộ, mới nhất trước; mốc đã gạch vẫn còn."""
    rows = timeline_of(merchant_by_code(current_actor(), code))
    return {"items": [_milestone(row) for row in rows], "total": len(rows)}


@api.post("/merchants/<code>/milestones")
@allow(*RECORDERS)
@api.arguments(MilestoneIn, example={"kind": "surveyed", "at": "2026-11-22T09:30:00+07:00"})
@api.response(201, Done, example={"state": "surveyed"})
@repeatable("state")
def note_what_happened(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Ghi một mốc; trả về chặng mới của hộ."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    point = point_in_reach(actor, entry["point_id"], *RECORDERS) if entry["point_id"] else None
    with unit_of_work():
        record_milestone(
            actor,
            now,
            merchant,
            entry["kind"],
            entry["at"] or now,
            point=point,
            note=entry["note"],
            reason=entry["reason"],
        )
    return {"state": merchant_lines([merchant.id])[0].stage}


@api.post("/merchants/<code>/milestones/<int:milestone_id>/revoke")
@allow(*EDITORS)
@api.arguments(Reason, example={"reason": "Ghi nhầm hộ bên cạnh"})
@api.response(200, Done, example={"state": "listed"})
def strike(entry: dict[str, Any], code: str, milestone_id: int) -> dict[str, Any]:
    """Gạch một mốc ghi nhầm; trả về chặng mới của hộ."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *EDITORS)
    row = db.session.get(Milestone, milestone_id)
    if row is None or row.merchant_id != merchant.id:
        raise NotFoundError("Không có mốc này.")
    with unit_of_work():
        revoke_milestone(actor, moment(), milestone_id, entry["reason"])
    return {"state": merchant_lines([merchant.id])[0].stage}


def _milestone(row: Milestone) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "label": MILESTONES[row.kind],
        "at": row.at,
        "point": row.point.code if row.point else None,
        "note": row.note,
        "evidence": row.evidence,
        "recorded_by": row.recorded_by,
        "recorded_at": row.recorded_at,
        "revoked_at": row.revoked_at,
    }
