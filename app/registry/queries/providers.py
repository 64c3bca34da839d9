"""What a payment provider sees of the registry: who banks with them, and agreed that it is shared with them.

Nothing else: no other bank's account, no phone, no note. A person without a provider of their own sees nobody.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from app.actors import PROVIDER, Actor
from app.approval.rules import APPROVED, PROPOSED
from app.db import db
from app.errors import NotFoundError
from app.places.models import Unit, Zone
from app.qr import bank_name
from app.registry.models import Consent, Merchant, MerchantState, PaymentAccount, Point, PointState, QrAsset
from app.registry.rules.search import search_words
from app.registry.rules.stages import STAGES
from app.vn.dates import local_date
from app.web.paging import Cut, Page

CHUNK = 500
LIVE = (PROPOSED, APPROVED)
#: What a merchant must have agreed to before anything of theirs is shared.
SHARED_FOR = ("register", "provider")


@dataclass(frozen=True, slots=True)
class ProviderFilter:
    """What the list is narrowed to; empty means not narrowed."""

    q: str = ""
    stage: str = ""
    state: str = ""  #: of the account: proposed or approved


@dataclass(frozen=True, slots=True)
class ProviderPoint:
    """A place where the provider's code hangs, or is to hang."""

    code: str
    place: str  #: market or street
    stage: str
    lat: float | None
    lng: float | None
    codes: tuple[QrAsset, ...]


@dataclass(frozen=True, slots=True)
class ProviderMerchant:
    """A merchant with an account at the provider, as the provider sees them."""

    merchant: Merchant
    stage: str
    since: datetime | None
    unit: str
    accounts: tuple[PaymentAccount, ...]  #: newest first, at this provider only
    points: tuple[ProviderPoint, ...]


def providers_of(actor: Actor) -> frozenset[str] | None:
    """The ids (BIN) of the providers this person works for; None where their role reaches all of them."""
    scopes = actor.scopes_of(PROVIDER)
    if any(scope.kind == "all" for scope in scopes):
        return None
    return frozenset(f"{scope.id:06d}" for scope in scopes if scope.kind == "provider")


def provider_names(actor: Actor) -> list[str]:
    """The same by name."""
    return sorted(bank_name(each) for each in providers_of(actor) or ())


def provider_page(actor: Actor, wanted: ProviderFilter, now: datetime, cut: Cut) -> Page[ProviderMerchant]:
    """One page of the merchants this provider has an account of, by given name."""
    query = select(MerchantState.merchant_id).where(*_conditions(actor, wanted, now))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.order_by(MerchantState.sort_key, MerchantState.merchant_id)
    ids = db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all()
    return cut.page(_seen_as(actor, ids), total)


def provider_merchants(actor: Actor, wanted: ProviderFilter, now: datetime) -> Iterator[ProviderMerchant]:
    """All of them, read in pieces."""
    query = select(MerchantState.merchant_id).where(*_conditions(actor, wanted, now))
    ids = db.session.scalars(query.order_by(MerchantState.sort_key, MerchantState.merchant_id)).all()
    for start in range(0, len(ids), CHUNK):
        yield from _seen_as(actor, ids[start : start + CHUNK])


def provider_merchant(actor: Actor, code: str, now: datetime) -> ProviderMerchant:
    """One of them. Raises NotFoundError for anybody else: banks elsewhere, did not agree, or is not there."""
    query = (
        select(MerchantState.merchant_id)
        .join(Merchant, Merchant.id == MerchantState.merchant_id)
        .where(Merchant.code == code, *_conditions(actor, ProviderFilter(), now))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có hộ này tại đơn vị của bạn.", remedy="Hãy tìm lại trong danh sách.")
    return _seen_as(actor, [found])[0]


def _conditions(actor: Actor, wanted: ProviderFilter, now: datetime) -> list[ColumnElement[bool]]:
    accounts = select(PaymentAccount.merchant_id).where(_theirs(actor))
    if wanted.state in LIVE:
        accounts = accounts.where(PaymentAccount.state == wanted.state)
    conditions: list[ColumnElement[bool]] = [MerchantState.merchant_id.in_(accounts)]
    conditions += [MerchantState.merchant_id.in_(_agreed(purpose, now)) for purpose in SHARED_FOR]
    conditions += [_says(word) for word in search_words(wanted.q)]
    if wanted.stage in STAGES:
        conditions.append(MerchantState.stage == wanted.stage)
    return conditions


def _says(word: str) -> ColumnElement[bool]:
    """By name or code. A word with digits never meets what the office searches: phones, tax codes, other banks."""
    if not any(letter.isdigit() for letter in word):
        return MerchantState.search.contains(word, autoescape=True)
    coded = select(Merchant.id).where(Merchant.code.contains(word.upper(), autoescape=True))
    stalls = select(PointState.merchant_id).join(Point, Point.id == PointState.point_id)
    stalls = stalls.where(Point.code.contains(word.upper(), autoescape=True), PointState.merchant_id.is_not(None))
    return or_(MerchantState.merchant_id.in_(coded), MerchantState.merchant_id.in_(stalls))


def _theirs(actor: Actor) -> ColumnElement[bool]:
    providers = providers_of(actor)
    if providers is None:
        return PaymentAccount.state.in_(LIVE)
    if not providers:
        return false()
    return PaymentAccount.state.in_(LIVE) & PaymentAccount.bank_bin.in_(sorted(providers))


def _agreed(purpose: str, now: datetime) -> Select[int]:
    holds = or_(Consent.expires_on.is_(None), Consent.expires_on >= local_date(now))
    return select(Consent.merchant_id).where(Consent.purpose == purpose, Consent.withdrawn_at.is_(None), holds)


def _seen_as(actor: Actor, ids: Sequence[int]) -> list[ProviderMerchant]:
    query = (
        select(Merchant, MerchantState.stage, MerchantState.since, Unit)
        .join(MerchantState, MerchantState.merchant_id == Merchant.id)
        .join(Unit, Unit.id == Merchant.unit_id)
        .where(Merchant.id.in_(ids))
    )
    rows = {merchant.id: (merchant, stage, since, unit) for merchant, stage, since, unit in db.session.execute(query)}
    accounts = _accounts(actor, ids)
    points = _points(ids, [account.id for held in accounts.values() for account in held])
    return [
        ProviderMerchant(
            merchant, stage, since, unit.title, tuple(accounts[merchant.id]), tuple(points.get(merchant.id, ()))
        )
        for merchant, stage, since, unit in (rows[each] for each in ids if each in rows)
    ]


def _accounts(actor: Actor, ids: Sequence[int]) -> Mapping[int, list[PaymentAccount]]:
    found: dict[int, list[PaymentAccount]] = defaultdict(list)
    query = select(PaymentAccount).where(PaymentAccount.merchant_id.in_(ids), _theirs(actor))
    for account in db.session.scalars(query.order_by(PaymentAccount.version.desc())):
        found[account.merchant_id].append(account)
    return found


def _points(ids: Sequence[int], account_ids: Sequence[int]) -> Mapping[int, list[ProviderPoint]]:
    """Points held today, with the codes of these accounts only."""
    codes: dict[int, list[QrAsset]] = defaultdict(list)
    of_accounts = select(QrAsset).where(QrAsset.account_id.in_(account_ids), QrAsset.state.in_(("proposed", "active")))
    for asset in db.session.scalars(of_accounts.order_by(QrAsset.id.desc())):
        codes[asset.point_id].append(asset)
    query = (
        select(PointState.merchant_id, PointState.stage, Point, Zone.name)
        .join(Point, Point.id == PointState.point_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(PointState.merchant_id.in_(ids))
        .order_by(Point.id)
    )
    held: dict[int, list[ProviderPoint]] = defaultdict(list)
    for merchant_id, stage, point, zone in db.session.execute(query):
        if merchant_id is None:
            continue
        place = zone or point.place
        held[merchant_id].append(ProviderPoint(point.code, place, stage, point.lat, point.lng, tuple(codes[point.id])))
    return held
