"""One merchant's record: points, accounts old beside new, codes, consents, timeline and history."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.approval.rules import APPROVED, PROPOSED
from app.audit.models import AuditEvent
from app.db import db
from app.errors import NotFoundError
from app.registry.models import Consent, Merchant, Milestone, PaymentAccount, Point, PointState, QrAsset, Tenancy
from app.registry.rules.words import PURPOSES


@dataclass(frozen=True, slots=True)
class HeldPoint:
    """A point of the merchant with its codes, from when to when they hold it."""

    point: Point
    state: PointState | None
    since: date
    until: date | None
    codes: tuple[QrAsset, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """The merchant's accounts by what they are for now."""

    current: PaymentAccount | None  #: printed today
    resting: PaymentAccount | None  #: approved, not yet printable
    proposed: tuple[PaymentAccount, ...]
    past: tuple[PaymentAccount, ...]


@dataclass(frozen=True, slots=True)
class PurposeState:
    """Whether the merchant agrees to one purpose now, and the last word on it."""

    purpose: str
    label: str
    given: bool
    last: Consent | None


def held_points(merchant: Merchant) -> list[HeldPoint]:
    """Every point the merchant holds or held, those of today first."""
    query = (
        select(Tenancy)
        .where(Tenancy.merchant_id == merchant.id)
        .options(joinedload(Tenancy.point).options(joinedload(Point.zone), joinedload(Point.unit)))
        .order_by(Tenancy.valid_to.is_not(None), Tenancy.id)
    )
    tenancies = db.session.scalars(query).all()
    ids = [tenancy.point_id for tenancy in tenancies]
    states = {
        state.point_id: state for state in db.session.scalars(select(PointState).where(PointState.point_id.in_(ids)))
    }
    codes = _codes(merchant.id, ids)
    return [
        HeldPoint(
            tenancy.point,
            states.get(tenancy.point_id) if tenancy.valid_to is None else None,
            tenancy.valid_from,
            tenancy.valid_to,
            tuple(codes[tenancy.point_id]),
        )
        for tenancy in tenancies
    ]


def is_public(merchant: Merchant, points: Sequence[HeldPoint], today: date) -> bool:
    """Whether the merchant's public page exists: some point of theirs stands on the public map today."""
    ends = [held.state.public_until for held in points if held.state and held.state.merchant_id == merchant.id]
    return merchant.erased_at is None and any(end is not None and end >= today for end in ends)


def _codes(merchant_id: int, point_ids: Sequence[int]) -> dict[int, list[QrAsset]]:
    query = (
        select(QrAsset)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .where(QrAsset.point_id.in_(point_ids), PaymentAccount.merchant_id == merchant_id)
        .options(joinedload(QrAsset.account))
        .order_by(QrAsset.id.desc())
    )
    codes: dict[int, list[QrAsset]] = defaultdict(list)
    for asset in db.session.scalars(query):
        codes[asset.point_id].append(asset)
    return codes


def code_of(merchant: Merchant, serial: str) -> QrAsset:
    """The merchant's code with this serial. Raises NotFoundError."""
    query = (
        select(QrAsset)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .where(QrAsset.serial == serial, PaymentAccount.merchant_id == merchant.id)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có mã QR này.")
    return found


def accounts_of(merchant: Merchant, now: datetime) -> Accounts:
    """The merchant's accounts, sorted by what they are for at this moment."""
    query = select(PaymentAccount).where(PaymentAccount.merchant_id == merchant.id)
    query = query.options(selectinload(PaymentAccount.approvals)).order_by(PaymentAccount.version.desc())
    accounts = db.session.scalars(query).all()
    approved = [account for account in accounts if account.state == APPROVED]
    current = next((account for account in approved if account.print_from and account.print_from <= now), None)
    resting = next((account for account in approved if account.print_from and account.print_from > now), None)
    proposed = tuple(account for account in accounts if account.state == PROPOSED)
    shown = {account.id for account in (current, resting, *proposed) if account is not None}
    return Accounts(current, resting, proposed, tuple(each for each in accounts if each.id not in shown))


def consents_of(merchant: Merchant, today: date) -> list[PurposeState]:
    """Each purpose with what the merchant said last about it."""
    query = select(Consent).where(Consent.merchant_id == merchant.id).order_by(Consent.id)
    last = {consent.purpose: consent for consent in db.session.scalars(query)}
    return [
        PurposeState(purpose, label, given=_holds(last.get(purpose), today), last=last.get(purpose))
        for purpose, label in PURPOSES.items()
    ]


def _holds(consent: Consent | None, today: date) -> bool:
    if consent is None or consent.withdrawn_at is not None:
        return False
    return consent.expires_on is None or consent.expires_on >= today


def timeline_of(merchant: Merchant) -> Sequence[Milestone]:
    """Every dated fact, newest first; those taken back too."""
    query = select(Milestone).where(Milestone.merchant_id == merchant.id).options(joinedload(Milestone.point))
    return db.session.scalars(query.order_by(Milestone.at.desc(), Milestone.id.desc())).all()


def history(
    merchant: Merchant, points: Sequence[HeldPoint], accounts: Accounts, limit: int = 50
) -> Sequence[AuditEvent]:
    """Who changed what in this record: the merchant, their points and accounts; newest first."""
    of_points = [str(held.point.id) for held in points]
    known = (accounts.current, accounts.resting, *accounts.proposed, *accounts.past)
    of_accounts = [str(account.id) for account in known if account is not None]
    mine = or_(
        (AuditEvent.subject_kind == "merchant") & (AuditEvent.subject_id == str(merchant.id)),
        (AuditEvent.subject_kind == "point") & AuditEvent.subject_id.in_(of_points),
        (AuditEvent.subject_kind == "payment_account") & AuditEvent.subject_id.in_(of_accounts),
    )
    return db.session.scalars(select(AuditEvent).where(mine).order_by(AuditEvent.id.desc()).limit(limit)).all()
