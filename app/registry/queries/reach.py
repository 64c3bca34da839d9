"""What part of the registry a person sees: to anyone else a record does not exist."""

from sqlalchemy import ColumnElement, false, or_, select, true

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.queries import units_below
from app.registry.models import Merchant, MerchantState, Point, PointState


def merchants_in_reach(actor: Actor) -> ColumnElement[bool]:
    """Condition on MerchantState: lies in a unit of this person, or holds a point in one of their zones."""
    if _sees_all(actor):
        return true()
    units, zones = _places(actor)
    conditions: list[ColumnElement[bool]] = [false()]
    if units:
        conditions.append(MerchantState.unit_id.in_(units))
        conditions.append(_holds_point(PointState.unit_id.in_(units)))
    if zones:
        conditions.append(_holds_point(PointState.zone_id.in_(zones)))
    return or_(*conditions)


def points_in_reach(actor: Actor) -> ColumnElement[bool]:
    """Condition on PointState: lies in a unit or zone of this person."""
    if _sees_all(actor):
        return true()
    units, zones = _places(actor)
    return or_(PointState.unit_id.in_(units), PointState.zone_id.in_(zones))


def merchant_in_reach(actor: Actor, merchant_id: int) -> Merchant:
    """The merchant, or NotFoundError where there is none or it is not this person's to see."""
    query = select(Merchant).where(Merchant.id == merchant_id)
    if not _sees_all(actor):
        query = query.join(MerchantState, MerchantState.merchant_id == Merchant.id).where(merchants_in_reach(actor))
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có hộ kinh doanh này.", remedy="Hãy tìm lại trong danh sách.")
    return found


def point_in_reach(actor: Actor, point_id: int) -> Point:
    """The point, or NotFoundError where there is none or it is not this person's to see."""
    query = select(Point).where(Point.id == point_id)
    if not _sees_all(actor):
        query = query.join(PointState, PointState.point_id == Point.id).where(points_in_reach(actor))
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có điểm này.", remedy="Hãy tìm lại trong danh sách.")
    return found


def _holds_point(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return MerchantState.merchant_id.in_(select(PointState.merchant_id).where(condition))


def _sees_all(actor: Actor) -> bool:
    return any(scope.kind == "all" for scope in actor.scopes)


def _places(actor: Actor) -> tuple[frozenset[int], frozenset[int]]:
    units = {scope.id for scope in actor.scopes if scope.kind == "unit"}
    zones = {scope.id for scope in actor.scopes if scope.kind == "zone"}
    return (units_below(units) if units else frozenset(), frozenset(zones))
