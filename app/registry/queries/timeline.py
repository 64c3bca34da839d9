"""Everything dated about one merchant in one line of time: milestones, accounts, consents, points, requests, pieces.

Rooms above the registry add what they know (printed pieces) through `init_timeline`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask, current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.db import db
from app.qr import bank_name
from app.registry.models import Consent, Merchant, Merge, Milestone, PaymentAccount, PersonRequest, Tenancy
from app.registry.queries.records import timeline_of
from app.registry.rules.requests import KINDS as REQUEST_KINDS
from app.registry.rules.rights import masked_account
from app.registry.rules.stages import MILESTONES
from app.registry.rules.words import CONSENT_METHODS, PURPOSES
from app.vn.dates import start_of_day

MIDDAY = timedelta(hours=12)
_KEY = "choso_timeline"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, what in words, who did it, a line more, where."""

    at: datetime
    title: str
    who: str = ""
    note: str = ""
    icon: str = "check"
    point: str = ""  #: code of the point it is about
    milestone: Milestone | None = None  #: where it is one: it may be struck out


Source = Callable[[Merchant], Sequence[Moment]]


def init_timeline(app: Flask, *sources: Source) -> None:
    """What other rooms know about a merchant's past."""
    app.extensions[_KEY] = sources


def moments_of(merchant: Merchant) -> list[Moment]:
    """All of it, newest first."""
    found = [
        *_milestones(merchant),
        *_accounts(merchant),
        *_consents(merchant),
        *_tenancies(merchant),
        *_requests(merchant),
        *_merges(merchant),
    ]
    sources: Sequence[Source] = current_app.extensions.get(_KEY, ())
    for source in sources:
        found += source(merchant)
    return sorted(found, key=lambda each: each.at, reverse=True)


def earlier_holders(merchant: Merchant) -> dict[int, list[Tenancy]]:
    """Who else held the points this merchant holds or held, newest first: one stall, successive merchants."""
    own = select(Tenancy.point_id).where(Tenancy.merchant_id == merchant.id)
    query = select(Tenancy).where(Tenancy.point_id.in_(own), Tenancy.merchant_id != merchant.id)
    query = query.options(joinedload(Tenancy.merchant)).order_by(Tenancy.valid_from.desc(), Tenancy.id.desc())
    held: dict[int, list[Tenancy]] = {}
    for tenancy in db.session.scalars(query):
        held.setdefault(tenancy.point_id, []).append(tenancy)
    return held


def _milestones(merchant: Merchant) -> Iterator[Moment]:
    for step in timeline_of(merchant):
        point = step.point.code if step.point is not None else ""
        yield Moment(step.at, MILESTONES[step.kind], step.recorded_by, step.note, "check", point, step)


def _accounts(merchant: Merchant) -> Iterator[Moment]:
    for account in db.session.scalars(select(PaymentAccount).where(PaymentAccount.merchant_id == merchant.id)):
        bank = bank_name(account.bank_bin) if account.bank_bin else account.provider
        told = f"{bank} {masked_account(account.account_number)}".strip()
        yield Moment(account.proposed_at, "Đề nghị tài khoản", account.proposed_by, told, "bank")
        if account.decided_at is not None and account.state == "refused":
            why = f"{told}: {account.decision_reason}" if account.decision_reason else told
            yield Moment(account.decided_at, "Từ chối tài khoản", account.decided_by, why, "close")


def _consents(merchant: Merchant) -> Iterator[Moment]:
    for consent in db.session.scalars(select(Consent).where(Consent.merchant_id == merchant.id)):
        label = PURPOSES[consent.purpose].lower()
        how = CONSENT_METHODS[consent.method].lower()
        yield Moment(consent.given_at, f"Đồng ý: {label}", consent.recorded_by, how, "check-circle")
        if consent.withdrawn_at is not None:
            yield Moment(consent.withdrawn_at, f"Rút đồng ý: {label}", "", consent.withdraw_reason, "close")


def _tenancies(merchant: Merchant) -> Iterator[Moment]:
    query = select(Tenancy).where(Tenancy.merchant_id == merchant.id).options(joinedload(Tenancy.point))
    for tenancy in db.session.scalars(query):
        yield Moment(_noon(tenancy.valid_from), "Bắt đầu bán", icon="store", point=tenancy.point.code)
        if tenancy.valid_to is not None:
            yield Moment(_noon(tenancy.valid_to), "Rời điểm bán", icon="sign-out", point=tenancy.point.code)


def _requests(merchant: Merchant) -> Iterator[Moment]:
    for asked in db.session.scalars(select(PersonRequest).where(PersonRequest.merchant_id == merchant.id)):
        words = REQUEST_KINDS[asked.kind][0].lower()
        yield Moment(asked.recorded_at, f"Yêu cầu về dữ liệu: {words}", asked.recorded_by, icon="file")
        if asked.closed_at is not None:
            done = "Đã làm" if asked.state == "done" else "Không làm được"
            yield Moment(asked.closed_at, f"{done}: {words}", "", asked.note, "file")


def _merges(merchant: Merchant) -> Iterator[Moment]:
    query = select(Merge).where(or_(Merge.kept_id == merchant.id, Merge.gone_id == merchant.id))
    for merge in db.session.scalars(query):
        yield Moment(merge.merged_at, "Gộp hồ sơ", merge.merged_by, merge.reason, "copy")
        if merge.undone_at is not None:
            yield Moment(merge.undone_at, "Tách lại hồ sơ đã gộp", icon="undo")


def _noon(day: date) -> datetime:
    return start_of_day(day) + MIDDAY
