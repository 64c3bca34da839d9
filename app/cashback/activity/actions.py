"""Saying who is close to a merchant, what came of looking at a sign, and which milestones the window speaks for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.actors import ADMIN, COORDINATOR, Actor
from app.audit.actions import record
from app.cashback.activity.models import ActivityReview, RelatedPayer
from app.cashback.activity.queries import Seen, Sign, writings
from app.cashback.activity.rules import DECISIONS, RELATIONS
from app.db import db
from app.errors import ConflictError, ForbiddenError, RefusedError
from app.places.queries import own_commune_id
from app.registry.actions.milestones import record_milestone
from app.registry.models import Merchant
from app.registry.rules.stages import ACTIVE
from app.transactions.queries import READERS

KEEPERS = (COORDINATOR, ADMIN)
NAME_MAX = 80
TEXT_MAX = 500
_LOCAL = timedelta(hours=7)


def add_related(
    actor: Actor, now: datetime, merchant: Merchant, payer: str, relation: str, note: str = ""
) -> RelatedPayer:
    """Payments of this person at this merchant count as no sign of activity from now on."""
    _require(actor)
    name = next(iter(writings(payer.strip())), "")[:NAME_MAX]
    if not name:
        raise RefusedError("Chưa ghi số hoặc mã của người trả.", remedy="Hãy ghi đúng như trong báo cáo giao dịch.")
    if relation not in RELATIONS:
        raise RefusedError("Chưa chọn quan hệ.", remedy="Hãy chọn chủ, nhân viên hoặc người nhà.")
    same = db.select(RelatedPayer.id).where(
        RelatedPayer.merchant_id == merchant.id, RelatedPayer.payer == name, RelatedPayer.removed_at.is_(None)
    )
    if db.session.scalar(same) is not None:
        raise ConflictError("Người này đã có trong danh sách của điểm bán.", remedy="Hãy xem lại danh sách.")
    row = RelatedPayer(
        merchant_id=merchant.id,
        payer=name,
        relation=relation,
        note=note.strip()[:TEXT_MAX],
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    record(actor, now, "related.add", ("merchant", merchant.id), after={"related": row.id, "relation": relation})
    return row


def remove_related(actor: Actor, now: datetime, row: RelatedPayer, reason: str) -> None:
    """This person is close to the merchant no more, or never was."""
    _require(actor)
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi ngắn: nghỉ việc, ghi nhầm…")
    row.removed_at, row.removed_by, row.removal_reason = now, actor.name, reason.strip()[:TEXT_MAX]
    db.session.flush()
    record(
        actor, now, "related.remove", ("merchant", row.merchant_id), before={"related": row.id},
        reason=row.removal_reason,
    )  # fmt: skip


def review_sign(actor: Actor, now: datetime, sign: Sign, in_words: str, decision: str, note: str) -> ActivityReview:
    """Somebody looked: fine, or these payments do not count. An earlier word about the same sign is replaced."""
    _require(actor)
    if decision not in DECISIONS:
        raise RefusedError("Chưa chọn kết luận.", remedy="Hãy chọn: không có gì lạ, hoặc không tính các giao dịch này.")
    if not note.strip():
        raise RefusedError("Chưa ghi đã xem thế nào.", remedy="Hãy ghi ngắn: đã hỏi ai, họ nói gì.")
    if sign.review is not None:
        _undo(actor, now, sign.review, "Xem lại lần nữa.")
    row = ActivityReview(
        unit_id=own_commune_id(actor, *READERS),
        flag=sign.flag.flag,
        point=sign.flag.merchant,
        who=sign.flag.who,
        references=sign.references,
        sign=in_words,
        decision=decision,
        note=note.strip()[:TEXT_MAX],
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    after = {"flag": row.flag, "point": row.point, "decision": decision, "payments": len(row.references)}
    record(actor, now, "activity.review", ("activity_review", row.id), after=after, reason=row.note)
    return row


def undo_review(actor: Actor, now: datetime, row: ActivityReview, reason: str) -> None:
    """The word is taken back: the payments count again, the sign is open again."""
    _require(actor)
    if row.undone_at is not None:
        raise ConflictError("Lần xem này đã được rút lại.", remedy="Hãy tải lại trang.")
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi một câu.")
    _undo(actor, now, row, reason.strip()[:TEXT_MAX])


def _undo(actor: Actor, now: datetime, row: ActivityReview, reason: str) -> None:
    row.undone_at, row.undone_by, row.undo_reason = now, actor.name, reason
    db.session.flush()
    record(actor, now, "activity.undo", ("activity_review", row.id), after={"decision": row.decision}, reason=reason)


def record_suggested(actor: Actor, now: datetime, points: Sequence[Seen], last_day: str) -> int:
    """Writes the milestone that the window speaks for into each record; how many were written."""
    _require(actor)
    written = 0
    for each in points:
        if not each.suggestion or each.place is None:
            continue
        paid_at = datetime.fromisoformat(each.counted.last_paid_at) if each.counted.last_paid_at else None
        at = (paid_at - _LOCAL).replace(tzinfo=UTC) if paid_at and each.suggestion == ACTIVE else now
        record_milestone(actor, now, each.place.merchant, each.suggestion, min(at, now), evidence=f"report:{last_day}")
        written += 1
    return written


def _require(actor: Actor) -> None:
    if not actor.has(*KEEPERS):
        raise ForbiddenError("Bạn không có vai trò làm việc này.")
