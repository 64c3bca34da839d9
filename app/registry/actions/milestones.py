"""Dated facts: recording them, and taking back what was recorded by mistake."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, NotFoundError, RefusedError
from app.registry.actions.states import refresh_states
from app.registry.models import Merchant, Milestone, PaymentAccount, Point, QrAsset, Tenancy
from app.registry.rules.stages import BY_PROGRAM, CHECKED, INSTALLED, MILESTONES, REFUSED, STOPPED
from app.registry.rules.words import REFUSAL_REASONS

#: Clocks of phones differ a little; more than this ahead is a mistake.
AHEAD_MAX = timedelta(minutes=10)
CHUNK = 500


def record_milestone(
    actor: Actor,
    now: datetime,
    merchant: Merchant,
    kind: str,
    at: datetime,
    *,
    point: Point | None = None,
    evidence: str = "",
    note: str = "",
    reason: str = "",
) -> Milestone:
    """What happened, when, who says so and what proves it. `reason` (a key of REFUSAL_REASONS) when somebody stops.

    Raises RefusedError for an unknown kind, one that only the program records, or a moment that has not come yet;
    ConflictError for a board that hangs where there is no code to print on it.
    """
    if kind not in MILESTONES or kind in BY_PROGRAM:
        raise RefusedError(f"Không ghi được mốc “{MILESTONES.get(kind, kind)}” bằng tay.")
    if at > now + AHEAD_MAX:
        raise RefusedError("Mốc này ở tương lai.", remedy="Hãy chọn ngày đã qua hoặc hôm nay.")
    if reason and reason not in REFUSAL_REASONS:
        raise RefusedError(f"Lý do “{reason}” không có trong danh sách.")
    if point is not None and not _holds(merchant.id, point.id):
        raise ConflictError("Điểm này không phải của hộ.", remedy="Hãy tải lại trang.")
    if kind == INSTALLED:
        _refuse_without_code(merchant, point)
    milestone = note_milestone(
        actor, now, merchant.id, kind, at, point_id=point.id if point else None, evidence=evidence, note=note
    )
    if kind in {REFUSED, STOPPED}:
        merchant.refusal = reason
    elif reason == "" and merchant.refusal and kind != CHECKED:
        merchant.refusal = ""
    record(
        actor,
        now,
        f"milestone.{kind}",
        ("merchant", merchant.id),
        after={"at": at.isoformat(), "point_id": milestone.point_id, "evidence": evidence},
        reason=REFUSAL_REASONS.get(reason, ""),
    )
    refresh_states([merchant.id])
    return milestone


def note_milestone(
    actor: Actor,
    now: datetime,
    merchant_id: int,
    kind: str,
    at: datetime,
    *,
    point_id: int | None = None,
    evidence: str = "",
    note: str = "",
) -> Milestone:
    """The same for the program itself, which has checked and refreshes the states when all is done."""
    milestone = Milestone(
        merchant_id=merchant_id,
        point_id=point_id,
        kind=kind,
        at=at,
        evidence=evidence,
        note=note,
        recorded_at=now,
        recorded_by_id=actor.id,
        recorded_by=actor.name,
    )
    db.session.add(milestone)
    db.session.flush()
    return milestone


def revoke_milestone(actor: Actor, now: datetime, milestone_id: int, reason: str) -> Milestone:
    """Takes a mistaken fact back; it stays in the timeline, crossed out, with the reason."""
    milestone = db.session.get(Milestone, milestone_id)
    if milestone is None:
        raise NotFoundError("Không có mốc này.")
    if milestone.revoked_at is not None:
        raise ConflictError("Mốc này đã được gạch bỏ.", remedy="Hãy tải lại trang.")
    if milestone.kind in BY_PROGRAM:
        raise RefusedError("Mốc do máy ghi thì không gạch bỏ được.")
    if not reason.strip():
        raise RefusedError("Thiếu lý do gạch bỏ.", remedy="Hãy ghi một câu.")
    milestone.revoked_at, milestone.revoke_reason = now, reason.strip()
    record(
        actor,
        now,
        "milestone.revoke",
        ("merchant", milestone.merchant_id),
        before={"kind": milestone.kind, "at": milestone.at.isoformat()},
        reason=reason.strip(),
    )
    refresh_states([milestone.merchant_id])
    return milestone


def take_back_noted(now: datetime, evidence: Collection[str], at: datetime, reason: str) -> set[int]:
    """Cross out what the program itself noted at this moment with these proofs; returns whose states must be refreshed.

    For whoever undoes the act that brought it in; a fact recorded by a person is not touched.
    """
    proofs, merchants = sorted(evidence), set()
    for start in range(0, len(proofs), CHUNK):
        query = select(Milestone).where(
            Milestone.evidence.in_(proofs[start : start + CHUNK]), Milestone.at == at, Milestone.revoked_at.is_(None)
        )
        for milestone in db.session.scalars(query):
            milestone.revoked_at, milestone.revoke_reason = now, reason
            merchants.add(milestone.merchant_id)
    db.session.flush()
    return merchants


def _refuse_without_code(merchant: Merchant, point: Point | None) -> None:
    """Raises ConflictError that says what is missing: an approved account, or the code made of it for this point."""
    of_merchant = select(PaymentAccount.id).where(PaymentAccount.merchant_id == merchant.id)
    code = select(QrAsset.id).where(QrAsset.account_id.in_(of_merchant), QrAsset.state == "active")
    if point is not None:
        code = code.where(QrAsset.point_id == point.id)
    if db.session.scalar(code.limit(1)) is not None:
        return
    approved = db.session.scalar(of_merchant.where(PaymentAccount.state == "approved").limit(1))
    if approved is None:
        raise ConflictError(
            "Chưa có tài khoản được duyệt nên chưa có bảng QR để lắp.", remedy="Hãy duyệt tài khoản rồi in bảng trước."
        )
    where = f"Điểm {point.code} chưa có mã QR" if point is not None else "Chưa có mã QR"
    raise ConflictError(
        f"{where} nên chưa có bảng để lắp.", remedy="Hãy cấp hoặc duyệt mã cho điểm bán rồi in bảng trước."
    )


def _holds(merchant_id: int, point_id: int) -> bool:
    query = select(Tenancy.id).where(Tenancy.point_id == point_id, Tenancy.merchant_id == merchant_id)
    return db.session.scalar(query.limit(1)) is not None
