"""What happened at the stall, and what the merchant agreed to."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from app.accounts.repeats import repeatable
from app.db import db, unit_of_work
from app.errors import ConflictError, NotFoundError
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.actions.milestones import record_milestone, revoke_milestone
from app.registry.api.frame import api
from app.registry.models import Consent, Milestone
from app.registry.queries.merchants import merchant_lines
from app.registry.queries.persons import given_consents
from app.registry.queries.reach import merchant_by_code, point_in_reach
from app.registry.queries.records import timeline_of
from app.registry.rules.entries import NewConsent
from app.registry.rules.rights import EDITORS, READERS, RECORDERS
from app.registry.rules.stages import BY_PROGRAM, MILESTONES
from app.registry.rules.texts import CONSENT_VERSION
from app.registry.rules.words import CONSENT_METHODS, PURPOSES, REFUSAL_REASONS
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


class ConsentIn(Entry):
    """One yes for one purpose."""

    purpose = one_of(PURPOSES, "mục đích", required=True)
    method = one_of(CONSENT_METHODS, "cách đồng ý", required=True)
    witness = text_field("người chứng kiến", 120)
    expires_on = fields.Date(load_default=None, allow_none=True)


class ConsentOut(Shown):
    """What was agreed to, how, and whether it was taken back."""

    id = fields.Integer(required=True)
    purpose = fields.String()
    method = fields.String()
    text_version = fields.String()
    witness = fields.String()
    given_at = fields.AwareDateTime()
    expires_on = fields.Date(allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    recorded_by = fields.String()


class ConsentBack(Reason):
    """Which purpose is taken back."""

    purpose = one_of(PURPOSES, "mục đích", required=True)


class Ended(Done):
    """How many yeses it ended."""

    ended = fields.Integer()


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


@api.get("/merchants/<code>/consents")
@allow(*READERS)
@api.response(200, paged(ConsentOut))
def consents(code: str) -> dict[str, Any]:
    """Mọi lần đồng ý, mới nhất trước, kể cả đã rút."""
    rows = given_consents(merchant_by_code(current_actor(), code))
    return {"items": [_consent(row) for row in rows], "total": len(rows)}


@api.post("/merchants/<code>/consents")
@allow(*RECORDERS)
@api.arguments(ConsentIn, example={"purpose": "register", "method": "paper"})
@api.response(201, Done, example={"state": "given"})
@repeatable("state")
def note_consent(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Ghi một đồng ý cho một mục đích."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    with unit_of_work():
        give_consent(actor, moment(), merchant, NewConsent(**entry, text_version=CONSENT_VERSION))
    return {"state": "given"}


@api.post("/merchants/<code>/consents/withdraw")
@allow(*RECORDERS)
@api.arguments(ConsentBack, example={"purpose": "public_map", "reason": "Không muốn hiện trên bản đồ"})
@api.response(200, Ended, example={"state": "withdrawn", "ended": 1})
@repeatable("state", "ended")
def take_back(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Rút đồng ý cho một mục đích; trang công khai và tệp xuất dừng ngay."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    with unit_of_work():
        ended = withdraw_consent(actor, moment(), merchant, entry["purpose"], entry["reason"])
    if not ended:
        raise ConflictError("Không có đồng ý nào cho mục đích này để rút.")
    return {"state": "withdrawn", "ended": ended}


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


def _consent(row: Consent) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in ConsentOut().fields}
