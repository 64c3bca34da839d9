"""What part of the registry a person sees: to anyone else a record does not exist."""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import ColumnElement, false, or_, select, true

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.models import Unit, Zone
from app.places.queries import units_below
from app.registry.models import Merchant, MerchantState, Point, PointState, Tenancy
from app.registry.rules.entries import EntryError, Fault, NewPoint
from app.registry.rules.rights import READERS
from app.vn.phones import PhoneError, parse_phone

CODE_MAX = 12
ASKED_MERCHANTS_MAX = 10  # one telephone for a market office and its stalls is no answer


def merchants_in_reach(actor: Actor, *roles: str) -> ColumnElement[bool]:
    """Condition on MerchantState: lies in a unit of this person, or holds a point in one of their zones.

    With `roles` only what these of their roles reach: a coordinator here may be a volunteer there.
    """
    if _sees_all(actor, *roles):
        return true()
    units, zones = _places(actor, *roles)
    conditions: list[ColumnElement[bool]] = [false()]
    if units:
        conditions.append(MerchantState.unit_id.in_(units))
        conditions.append(_holds_point(PointState.unit_id.in_(units)))
    if zones:
        conditions.append(_holds_point(PointState.zone_id.in_(zones)))
    return or_(*conditions)


def points_in_reach(actor: Actor, *roles: str) -> ColumnElement[bool]:
    """Condition on PointState: lies in a unit or zone of this person."""
    if _sees_all(actor, *roles):
        return true()
    units, zones = _places(actor, *roles)
    return or_(PointState.unit_id.in_(units), PointState.zone_id.in_(zones))


def merchant_in_reach(actor: Actor, merchant_id: int, *roles: str) -> Merchant:
    """The merchant, or NotFoundError where there is none or it is not this person's to see."""
    return _one_merchant(actor, Merchant.id == merchant_id, *roles)


def merchant_by_code(actor: Actor, code: str, *roles: str) -> Merchant:
    """The same by public code."""
    return _one_merchant(actor, Merchant.code == code, *roles)


def merchants_called(actor: Actor, names: Sequence[str]) -> Sequence[Merchant]:
    """Merchants this person may see whose code is one of these names, as a report writes them."""
    wanted = [name.upper() for name in names if len(name) <= CODE_MAX]
    query = select(Merchant).join(MerchantState, MerchantState.merchant_id == Merchant.id)
    query = query.where(Merchant.code.in_(wanted), merchants_in_reach(actor, *READERS))
    return db.session.scalars(query.order_by(Merchant.id)).all()


def merchants_asked(actor: Actor, asked: str) -> Sequence[Merchant]:
    """Merchants this person may see whose code, telephone or point's code somebody gave, however it is written."""
    word = asked.strip()
    known = [Merchant.code == word.upper()]
    with suppress(PhoneError):
        known.append(Merchant.phone == parse_phone(word).e164)
    held = select(PointState.merchant_id).join(Point, Point.id == PointState.point_id)
    known.append(Merchant.id.in_(held.where(Point.code == word.upper())))
    query = select(Merchant).join(MerchantState, MerchantState.merchant_id == Merchant.id)
    query = query.where(or_(*known), Merchant.merged_into_id.is_(None), merchants_in_reach(actor, *READERS))
    return db.session.scalars(query.order_by(Merchant.id).limit(ASKED_MERCHANTS_MAX)).all()


def point_in_reach(actor: Actor, point_id: int, *roles: str) -> Point:
    """The point, or NotFoundError where there is none or it is not this person's to see."""
    query = select(Point).where(Point.id == point_id)
    if not _sees_all(actor, *roles):
        units, zones = _places(actor, *roles)
        query = query.where(or_(Point.unit_id.in_(units), Point.zone_id.in_(zones)))
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có điểm này.", remedy="Hãy tìm lại trong danh sách.")
    return found


def _one_merchant(actor: Actor, condition: ColumnElement[bool], *roles: str) -> Merchant:
    """By the record itself, not by what lists read: it may have been merged, or not been worked out yet."""
    query = select(Merchant).where(condition)
    if not _sees_all(actor, *roles):
        units, zones = _places(actor, *roles)
        theirs = or_(Point.unit_id.in_(units), Point.zone_id.in_(zones))
        held = select(Tenancy.merchant_id).join(Point, Point.id == Tenancy.point_id)
        held = held.where(Tenancy.valid_to.is_(None), theirs)
        query = query.where(or_(Merchant.unit_id.in_(units), Merchant.id.in_(held)))
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có hộ kinh doanh này.", remedy="Hãy tìm lại trong danh sách.")
    return found


def _holds_point(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return MerchantState.merchant_id.in_(select(PointState.merchant_id).where(condition))


def _sees_all(actor: Actor, *roles: str) -> bool:
    return any(scope.kind == "all" for scope in actor.scopes_of(*roles))


def _places(actor: Actor, *roles: str) -> tuple[frozenset[int], frozenset[int]]:
    scopes = actor.scopes_of(*roles)
    units = {scope.id for scope in scopes if scope.kind == "unit"}
    zones = {scope.id for scope in scopes if scope.kind == "zone"}
    return (units_below(units) if units else frozenset(), frozenset(zones))


def require_unit(actor: Actor, unit_id: int | None, *roles: str) -> int:
    """The unit chosen in a form. Raises EntryError where none is, NotFoundError where it is not this person's.

    A zone of theirs opens the unit it lies in.
    """
    if unit_id is None:
        raise EntryError([Fault("unit_id", "Chưa chọn xã, thôn.")])
    if _sees_all(actor, *roles) and db.session.get(Unit, unit_id) is not None:
        return unit_id
    units, zones = _places(actor, *roles)
    in_zone = select(Zone.id).where(Zone.id.in_(zones), Zone.unit_id == unit_id).limit(1)
    if unit_id not in units and db.session.scalar(in_zone) is None:
        raise NotFoundError("Không có địa bàn này.", remedy="Hãy chọn lại từ danh sách địa bàn.")
    return unit_id


def require_place(actor: Actor, entry: NewPoint, *roles: str, now_in: int | None = None) -> NewPoint:
    """The point as entered, if its unit and zone are this person's. Raises NotFoundError where they are not.

    The market of a commune is open to its hamlets' people, and a point stays in the zone it is in (`now_in`).
    """
    if entry.unit_id is not None:
        require_unit(actor, entry.unit_id, *roles)
    if entry.zone_id is not None and entry.zone_id != now_in and not _reaches(actor, entry.zone_id, *roles):
        raise NotFoundError("Không có khu vực này.", remedy="Hãy chọn lại từ danh sách khu vực.")
    return entry


def require_zone(actor: Actor, zone_id: int | None, *roles: str) -> int:
    """The zone chosen in a form. Raises NotFoundError where none is, or it is not this person's."""
    if zone_id is None or not _reaches(actor, zone_id, *roles):
        raise NotFoundError("Không có khu vực này.", remedy="Hãy chọn lại từ danh sách khu vực.")
    return zone_id


def _reaches(actor: Actor, zone_id: int, *roles: str) -> bool:
    zone = db.session.get(Zone, zone_id)
    if zone is None or _sees_all(actor, *roles):
        return zone is not None
    units, zones = _places(actor, *roles)
    above = select(Unit.parent_id).where(Unit.id.in_(units))
    return zone.id in zones or zone.unit_id in units or zone.unit_id in set(db.session.scalars(above))
