"""What residents may see: traders who agreed to stand on the public map, for as long as they agreed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from app.approval.rules import APPROVED
from app.db import db
from app.errors import NotFoundError
from app.mapping.queries import PUBLIC_SERVICES
from app.mapping.rules import TAKES_QR
from app.places.models import Unit, Zone
from app.places.queries import commune_of
from app.public.rules import matches
from app.qr import bank_name
from app.registry.models import Merchant, MerchantState, PaymentAccount, Point, PointState
from app.registry.queries.duplicates import survivor
from app.registry.rules.search import search_words
from app.registry.rules.words import SERVICES

CANDIDATES_MAX = 500
SHOWN_MAX = 24


@dataclass(frozen=True, slots=True)
class Trader:
    """A trader as a stranger finds them."""

    code: str
    shop_name: str
    holder_name: str
    stall: str
    place: str


@dataclass(frozen=True, slots=True)
class PublicPoint:
    """One point of a trader that stands on the public map."""

    code: str
    kind: str
    stage: str
    zone: str
    unit: str
    lat: float | None
    lng: float | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """An account as a stranger may know it: who keeps it, its last four characters, the name a bank's app shows."""

    provider: str
    tail: str
    holder_name: str


@dataclass(frozen=True, slots=True)
class ServicePoint:
    """Where one can pay in, draw out or open an account."""

    name: str
    services: str
    hours: str
    lat: float | None
    lng: float | None


def traders_named(text: str, today: date) -> tuple[list[Trader], int]:
    """Traders whose shown names or places hold these words, and how many there are (counted up to 500)."""
    words = search_words(text)
    if not words:
        return [], 0
    query = (
        select(Merchant, Point, Zone.name)
        .join(PointState, PointState.merchant_id == Merchant.id)
        .join(Point, Point.id == PointState.point_id)
        .join(MerchantState, MerchantState.merchant_id == Merchant.id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(*_public(today), *(MerchantState.search.contains(word, autoescape=True) for word in words))
        .order_by(MerchantState.sort_key, Merchant.id, Point.id)
        .limit(CANDIDATES_MAX)
    )
    found: dict[str, Trader] = {}
    for merchant, point, zone in db.session.execute(query):
        names = (merchant.shop_name, merchant.holder_name, merchant.line_of_business)
        if merchant.code not in found and matches(words, merchant.code, *names, point.code, zone or ""):
            stall = point.code if point.kind == "stall" else ""
            place = ", ".join(part for part in (zone, f"quầy {stall}" if stall else "") if part)
            found[merchant.code] = Trader(merchant.code, merchant.title, merchant.holder_name, stall, place)
    return list(found.values())[:SHOWN_MAX], len(found)


def public_merchant(code: str, today: date) -> tuple[Merchant, list[PublicPoint]]:
    """A trader's page: the merchant and their public points. Without consent it does not exist: NotFoundError."""
    merchant = db.session.scalar(select(Merchant).where(Merchant.code == code.upper()))
    merchant = survivor(merchant) if merchant is not None else None
    points = _points(merchant.id, today) if merchant is not None else []
    if merchant is None or merchant.erased_at is not None or not points:
        raise NotFoundError("Không có trang này.", remedy="Mã có thể gõ nhầm, hoặc người bán chưa cho hiện công khai.")
    return merchant, points


def public_accounts(merchant: Merchant, now: datetime) -> list[PublicAccount]:
    """The approved, rested accounts of a merchant, newest first; never a whole number."""
    query = (
        select(PaymentAccount)
        .where(
            PaymentAccount.merchant_id == merchant.id,
            PaymentAccount.state == APPROVED,
            PaymentAccount.print_from <= now,
        )
        .order_by(PaymentAccount.version.desc())
    )
    return [
        PublicAccount(
            bank_name(account.bank_bin) if account.bank_bin else account.provider,
            account.tail,
            account.holder_name or merchant.holder_name,
        )
        for account in db.session.scalars(query)
    ]


def service_points(unit_ids: Sequence[int], today: date) -> list[ServicePoint]:
    """Public service points in these units, by name."""
    query = (
        select(Point, Merchant)
        .join(PointState, PointState.point_id == Point.id)
        .join(Merchant, Merchant.id == PointState.merchant_id)
        .where(Point.unit_id.in_(list(unit_ids)), Point.kind == "service_point", PointState.public_until >= today)
    )
    found = [
        ServicePoint(
            merchant.title,
            ", ".join(SERVICES[key].lower() for key in point.services if key in SERVICES) or "hỏi tại điểm",
            point.opening_hours or "hỏi tại điểm",
            point.lat,
            point.lng,
        )
        for point, merchant in db.session.execute(query)
    ]
    return sorted(found, key=lambda each: each.name)


def _points(merchant_id: int, today: date) -> list[PublicPoint]:
    query = (
        select(Point, PointState, Zone.name, Unit)
        .join(PointState, PointState.point_id == Point.id)
        .join(Unit, Unit.id == Point.unit_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(PointState.merchant_id == merchant_id, PointState.public_until >= today)
        .order_by(Point.id)
    )
    return [
        PublicPoint(
            point.code,
            point.kind,
            state.stage,
            zone or "",
            unit.title if unit.level == "hamlet" else commune_of(unit).title,
            state.lat,
            state.lng,
            state.seen_at,
        )
        for point, state, zone, unit in db.session.execute(query)
    ]


def _public(today: date) -> list[ColumnElement[bool]]:
    takes = PointState.stage.in_(TAKES_QR) | PointState.kind.in_(PUBLIC_SERVICES)
    return [PointState.public_until >= today, takes]
