"""The worklist kept over time: what is new is noted, what is gone is closed with the act that ended it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import and_, func, insert, literal, or_, select, text

from app.actors import Actor
from app.audit.actions import record
from app.audit.models import AuditEvent
from app.db import db
from app.errors import ConflictError, RefusedError
from app.registry.actions.sealing import sealed
from app.registry.models import IssueRecord, IssueSweep, MerchantState, PaymentAccount, Tenancy
from app.registry.queries.issues import has_issue
from app.registry.rules.entries import clean
from app.registry.rules.issues import ISSUES, LOOKS, NOTE_MAX, SNOOZE_DAYS_MAX
from app.vn.dates import local_date

#: Looked through again after so many times the time that took: a small registry at once, a large one every minute.
REST = 30
REST_MAX = timedelta(minutes=10)
CHUNK = 500
_FIRST_SWEEP = text("INSERT INTO issue_sweep (id) VALUES (1) ON CONFLICT DO NOTHING")


@dataclass(frozen=True, slots=True)
class Swept:
    """How many troubles were new, and how many are over."""

    opened: int
    closed: int


def sweep_due(now: datetime) -> bool:
    """Whether it is time to look again; asked first, so that a page takes no write lock for nothing."""
    next_at = db.session.scalar(select(IssueSweep.next_at))
    return next_at is None or now >= next_at


def sweep_if_due(now: datetime) -> Swept | None:
    """Looks the registry through unless that was done a moment ago."""
    db.session.execute(_FIRST_SWEEP)
    sweep = db.session.scalars(select(IssueSweep).where(IssueSweep.id == 1).with_for_update()).one()
    if sweep.next_at is not None and now < sweep.next_at:
        return None
    began = perf_counter()
    swept = sweep_issues(now)
    took = timedelta(seconds=perf_counter() - began)
    sweep.swept_at, sweep.next_at = now, now + min(took * REST, REST_MAX)
    return swept


def sweep_issues(now: datetime) -> Swept:
    """Notes every trouble that is new and closes every one whose cause is gone; nobody ticks anything off."""
    opened = sum(_open(kind, now) for kind in ISSUES)
    gone = [row for kind in ISSUES for row in _gone(kind, now)] + _unknown_kinds()
    for start in range(0, len(gone), CHUNK):
        _close(gone[start : start + CHUNK], now)
    return Swept(opened, len(gone))


def assign_issue(actor: Actor, now: datetime, issue: IssueRecord, user_id: int | None, name: str) -> None:
    """Somebody looks after it, or (None) nobody in particular."""
    _refuse_closed(issue)
    before = {"assigned_to_id": issue.assigned_to_id}
    issue.assigned_to_id, issue.assigned_to = user_id, name if user_id is not None else ""
    record(
        actor, now, "issue.assign", ("merchant", issue.merchant_id), before=before,
        after={"issue": issue.kind, "assigned_to_id": user_id},
    )  # fmt: skip


def snooze_issue(actor: Actor, now: datetime, issue: IssueRecord, days: int, reason: str) -> None:
    """Out of the list for some days, for a reason; 0 days brings it back. Raises RefusedError."""
    _refuse_closed(issue)
    reason = clean(reason)[:200]
    if not 0 <= days <= SNOOZE_DAYS_MAX:
        raise RefusedError(f"Gác lại từ 1 đến {SNOOZE_DAYS_MAX} ngày.", remedy="Hãy chọn lại số ngày.")
    if days and not reason:
        raise RefusedError("Chưa ghi vì sao gác lại.", remedy="Ghi một câu, ví dụ: chủ hộ đi vắng đến cuối tháng.")
    issue.snoozed_until = local_date(now) + timedelta(days=days) if days else None
    issue.snooze_reason = reason if days else ""
    record(
        actor, now, "issue.snooze", ("merchant", issue.merchant_id),
        after={"issue": issue.kind, "days": days}, reason=issue.snooze_reason,
    )  # fmt: skip


def note_issue(actor: Actor, now: datetime, issue: IssueRecord, note: str) -> None:
    """What whoever goes there next should know; empty takes the note away."""
    _refuse_closed(issue)
    before, issue.note = issue.note, clean(note)[:NOTE_MAX]
    record(
        actor, now, "issue.note", ("merchant", issue.merchant_id), before=sealed(issue.merchant_id, {"note": before}),
        after=sealed(issue.merchant_id, {"issue": issue.kind, "note": issue.note}),
    )  # fmt: skip


def _refuse_closed(issue: IssueRecord) -> None:
    if issue.closed_at is not None:
        raise ConflictError("Việc này đã xong.", remedy="Hãy tải lại trang.")


def _open(kind: str, now: datetime) -> int:
    known = select(IssueRecord.merchant_id).where(IssueRecord.kind == kind, IssueRecord.closed_at.is_(None))
    new = select(
        literal(kind), MerchantState.merchant_id, literal(now, IssueRecord.found_at.type), literal(""), literal(""),
        literal(""), literal(""), literal(""),
    ).where(has_issue(kind, now), MerchantState.merchant_id.not_in(known))  # fmt: skip
    columns = ("kind", "merchant_id", "found_at", "closed_by", "closed_how", "assigned_to", "snooze_reason", "note")
    before = db.session.scalar(select(func.count()).select_from(IssueRecord)) or 0
    db.session.execute(insert(IssueRecord).from_select(columns, new))
    return (db.session.scalar(select(func.count()).select_from(IssueRecord)) or 0) - before


def _gone(kind: str, now: datetime) -> Sequence[IssueRecord]:
    still = select(MerchantState.merchant_id).where(has_issue(kind, now))
    query = select(IssueRecord).where(IssueRecord.kind == kind, IssueRecord.closed_at.is_(None))
    return db.session.scalars(query.where(IssueRecord.merchant_id.not_in(still))).all()


def _unknown_kinds() -> list[IssueRecord]:
    """Of kinds that the program no longer looks for."""
    query = select(IssueRecord).where(IssueRecord.closed_at.is_(None), IssueRecord.kind.not_in(tuple(ISSUES)))
    return list(db.session.scalars(query))


def _close(rows: Sequence[IssueRecord], now: datetime) -> None:
    """Each with the last act on the merchant, their points or accounts since it was seen; none: time did it."""
    last = _last_acts({row.merchant_id for row in rows})
    for row in rows:
        event = last.get(row.merchant_id)
        row.closed_at = now
        if event is not None and event.at >= row.found_at:
            row.closed_at, row.closed_by = event.at, event.actor_name
            row.closed_how, row.closed_event_id = event.action, event.id
    db.session.flush()


def _last_acts(merchant_ids: Iterable[int]) -> Mapping[int, AuditEvent]:
    ids = sorted(merchant_ids)
    owners = {("merchant", str(each)): each for each in ids}
    accounts = select(PaymentAccount.id, PaymentAccount.merchant_id).where(PaymentAccount.merchant_id.in_(ids))
    owners |= {("payment_account", str(key)): owner for key, owner in db.session.execute(accounts)}
    points = select(Tenancy.point_id, Tenancy.merchant_id).where(Tenancy.merchant_id.in_(ids))
    owners |= {("point", str(key)): owner for key, owner in db.session.execute(points)}
    newest: dict[int, int] = {}
    for kind in ("merchant", "payment_account", "point"):
        keys = [key for of, key in owners if of == kind]
        looks = or_(*(AuditEvent.action.startswith(each) for each in LOOKS))
        told = and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id.in_(keys), ~looks)
        query = select(AuditEvent.subject_id, func.max(AuditEvent.id)).where(told).group_by(AuditEvent.subject_id)
        for key, event_id in db.session.execute(query):
            owner = owners[kind, key]
            newest[owner] = max(newest.get(owner, 0), event_id)
    events = {
        each.id: each for each in db.session.scalars(select(AuditEvent).where(AuditEvent.id.in_(newest.values())))
    }
    return {owner: events[event_id] for owner, event_id in newest.items()}
