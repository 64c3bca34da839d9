"""Which merchants each kind of trouble is about, worked out from the record itself: nothing to tick off."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.actors import Actor
from app.approval.rules import APPROVED, PROPOSED
from app.db import db
from app.registry.models import (
    Consent,
    Merchant,
    MerchantState,
    Milestone,
    PaymentAccount,
    PersonRequest,
    Point,
    PointState,
    QrAsset,
)
from app.registry.queries.labels import relabelled_merchants
from app.registry.queries.reach import merchants_in_reach
from app.registry.rules.issues import ENDS_DAYS, GRAVE, ISSUES, WAIT_DAYS, Issue
from app.registry.rules.recency import CHECK_DAYS, ON_THE_WALL, SOON_SHARE
from app.registry.rules.stages import CONSENTED, DORMANT, INSTALLED, LADDER, SURVEYED
from app.vn.dates import local_date, start_of_day

LIVE = (PROPOSED, APPROVED)
SINCE_SURVEY = LADDER[LADDER.index(SURVEYED) :]


def issue_counts(actor: Actor, now: datetime) -> list[tuple[Issue, int]]:
    """Every kind of trouble this person may look into, with how many merchants it is about; the worst first."""
    return [(issue, _count(actor, now, issue)) for issue in sorted(ISSUES.values(), key=lambda each: -each.severity)]


def grave_count(actor: Actor, now: datetime) -> int:
    """How many grave things wait: for the desk's first page."""
    return sum(_count(actor, now, issue) for issue in ISSUES.values() if issue.severity >= GRAVE)


def _count(actor: Actor, now: datetime, issue: Issue) -> int:
    query = select(func.count()).select_from(MerchantState)
    return db.session.scalar(query.where(merchants_in_reach(actor), has_issue(issue.kind, now))) or 0


def issues_of(merchant_id: int, now: datetime) -> list[Issue]:
    """The troubles of one merchant at this moment, the worst first; one query."""
    kinds = sorted(ISSUES, key=lambda kind: -ISSUES[kind].severity)
    query = select(*(has_issue(kind, now).label(kind) for kind in kinds))
    found = db.session.execute(query.where(MerchantState.merchant_id == merchant_id)).one_or_none()
    return [ISSUES[kind] for kind, there in zip(kinds, found or (), strict=False) if there]


def has_issue(kind: str, now: datetime) -> ColumnElement[bool]:
    """Condition on MerchantState: this trouble is theirs at this moment. Raises KeyError for an unknown kind."""
    return _CONDITIONS[kind](now)


def _shared_account(_now: datetime) -> ColumnElement[bool]:
    """Each account looked up by its number in the one index that answers alone: grouping all takes thrice as long."""
    mine, other, holder = aliased(PaymentAccount), aliased(PaymentAccount), aliased(MerchantState)
    elsewhere = (
        exists()
        .where(other.bank_bin == mine.bank_bin, other.account_number == mine.account_number)
        .where(other.merchant_id != mine.merchant_id, other.state.in_(LIVE))
        .where(holder.merchant_id == other.merchant_id)
    )
    sharing = select(mine.merchant_id).where(mine.state.in_(LIVE), mine.account_number != "", elsewhere)
    return MerchantState.merchant_id.in_(sharing)


def _code_waits(_now: datetime) -> ColumnElement[bool]:
    waiting = select(PaymentAccount.merchant_id).join(QrAsset, QrAsset.account_id == PaymentAccount.id)
    proposed = MerchantState.merchant_id.in_(waiting.where(QrAsset.state == "proposed"))
    return proposed | MerchantState.merchant_id.in_(relabelled_merchants())


def _account_waits(now: datetime) -> ColumnElement[bool]:
    late = PaymentAccount.proposed_at < now - timedelta(days=WAIT_DAYS)
    waiting = select(PaymentAccount.merchant_id).where(PaymentAccount.state == PROPOSED, late)
    return MerchantState.merchant_id.in_(waiting)


def _late_request(now: datetime) -> ColumnElement[bool]:
    late = (PersonRequest.state == "open") & (PersonRequest.due_on < local_date(now))
    return MerchantState.merchant_id.in_(select(PersonRequest.merchant_id).where(late))


def _shared_code(_now: datetime) -> ColumnElement[bool]:
    """One payload on the stalls of several merchants."""
    live = (QrAsset.state == "active") & (PaymentAccount.id == QrAsset.account_id)
    shared = (
        select(QrAsset.payload_sha256)
        .join(PaymentAccount, live)
        .group_by(QrAsset.payload_sha256)
        .having(func.count(PaymentAccount.merchant_id.distinct()) > 1)
    )
    holders = select(PaymentAccount.merchant_id).join(QrAsset, live).where(QrAsset.payload_sha256.in_(shared))
    return MerchantState.merchant_id.in_(holders)


def _stale_code(now: datetime) -> ColumnElement[bool]:
    """A code that may be printed is newer, and another, than what was hung at the point last."""
    before = aliased(QrAsset)
    other = (before.id < QrAsset.id) & (before.payload_sha256 != QrAsset.payload_sha256)
    hung = (Milestone.kind == INSTALLED) & Milestone.revoked_at.is_(None) & (Milestone.point_id == QrAsset.point_id)
    stale = (
        select(PointState.merchant_id)
        .join(QrAsset, QrAsset.point_id == PointState.point_id)
        .where(PointState.merchant_id.is_not(None), QrAsset.state == "active", QrAsset.print_from <= now)
        .where(exists().where(before.point_id == QrAsset.point_id, other))
        .where(exists().where(hung), ~exists().where(hung, Milestone.at >= QrAsset.issued_at))
    )
    return MerchantState.merchant_id.in_(stale)


def _consent_ends(now: datetime) -> ColumnElement[bool]:
    today = local_date(now)
    ends = Consent.expires_on.between(today, today + timedelta(days=ENDS_DAYS)) & Consent.withdrawn_at.is_(None)
    return MerchantState.merchant_id.in_(select(Consent.merchant_id).where(ends))


def _no_consent(now: datetime) -> ColumnElement[bool]:
    holds = or_(Consent.expires_on.is_(None), Consent.expires_on >= local_date(now))
    given = select(Consent.merchant_id).where(Consent.purpose == "register", Consent.withdrawn_at.is_(None), holds)
    return MerchantState.stage.in_(SINCE_SURVEY) & MerchantState.merchant_id.not_in(given)


def _no_account(_now: datetime) -> ColumnElement[bool]:
    owners = select(PaymentAccount.merchant_id).where(PaymentAccount.state.in_((PROPOSED, APPROVED)))
    return (MerchantState.stage == CONSENTED) & MerchantState.merchant_id.not_in(owners)


def _no_phone(_now: datetime) -> ColumnElement[bool]:
    return MerchantState.merchant_id.in_(select(Merchant.id).where(Merchant.phone.is_(None)))


def _no_place(_now: datetime) -> ColumnElement[bool]:
    placed = or_(PointState.zone_id.is_not(None), PointState.cell.is_not(None), Point.place != "")
    known = select(PointState.merchant_id).join(Point, Point.id == PointState.point_id)
    known = known.where(PointState.merchant_id.is_not(None), placed)
    return MerchantState.merchant_id.not_in(known)


def _dormant(_now: datetime) -> ColumnElement[bool]:
    return MerchantState.stage == DORMANT


def _overdue(now: datetime) -> ColumnElement[bool]:
    return _holds(_seen_before(now, 0))


def _soon(now: datetime) -> ColumnElement[bool]:
    return _holds(_seen_before(now, SOON_SHARE)) & ~_overdue(now)


def _seen_before(now: datetime, share: int) -> ColumnElement[bool]:
    """Points on the wall last seen before their interval, or before it less its last `1 / share`."""
    today = local_date(now)
    conditions = [
        (PointState.kind == kind) & (PointState.seen_at < start_of_day(today - timedelta(days=days - planned)))
        for kind, days in CHECK_DAYS.items()
        for planned in [days // share if share else 0]
    ]
    return PointState.stage.in_(ON_THE_WALL) & or_(PointState.seen_at.is_(None), *conditions)


def _holds(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    held = select(PointState.merchant_id).where(PointState.merchant_id.is_not(None), condition)
    return MerchantState.merchant_id.in_(held)


_CONDITIONS: dict[str, Callable[[datetime], ColumnElement[bool]]] = {
    "late_request": _late_request,
    "shared_code": _shared_code,
    "stale_code": _stale_code,
    "consent_ends": _consent_ends,
    "shared_account": _shared_account,
    "code_waits": _code_waits,
    "account_waits": _account_waits,
    "no_consent": _no_consent,
    "no_account": _no_account,
    "no_phone": _no_phone,
    "no_place": _no_place,
    "dormant": _dormant,
    "overdue": _overdue,
    "soon": _soon,
}
