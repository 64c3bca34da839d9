"""Opening, moving and closing points, and handing them to the next merchant."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError
from app.places.models import Stall, Zone
from app.registry.actions.codes import issue_codes
from app.registry.actions.sealing import sealed
from app.registry.actions.states import refresh_states
from app.registry.models import Merchant, Point, QrAsset, Tenancy
from app.registry.queries.likeness import commune_id_of
from app.registry.rules.cells import cell_of
from app.registry.rules.entries import Faults, NewPoint, new_code
from app.registry.rules.merchants import checked_point
from app.vn.dates import local_date
from app.vn.stalls import code_of_stall, is_same_stall

FIELDS = (
    "code",
    "kind",
    "unit_id",
    "zone_id",
    "stall_id",
    "row",
    "stall_text",
    "place",
    "lat",
    "lng",
    "accuracy_m",
    "located_how",
    "services",
    "opening_hours",
    "detail",
)


def open_point(actor: Actor, now: datetime, merchant: Merchant | None, entry: NewPoint) -> Point:
    """A new place to pay, held by this merchant (None: vacant). Raises RefusedError, ConflictError on a code in use.

    Where a point of that code stands empty in the zone it is taken over: its past stays with it.
    """
    faults = Faults()
    values = checked_point(entry, faults)
    faults.refuse()
    stall = db.session.get(Stall, entry.stall_id) if entry.stall_id else None
    zone_id = stall.zone_id if stall else entry.zone_id
    zone = db.session.get(Zone, zone_id) if zone_id else None
    unit_id = entry.unit_id or (zone.unit_id if zone else merchant.unit_id if merchant else None)
    if unit_id is None:
        raise RefusedError("Điểm này chưa thuộc địa bàn nào.", remedy="Hãy chọn xã, thôn hoặc khu vực.")
    code = values.pop("code") or code_of_stall(entry.row, entry.stall_text)
    stall = stall or _stall_written(zone_id, code)
    code = stall.code if stall else code
    vacant = _vacant(zone_id, code) if merchant is not None else None
    if vacant is not None and merchant is not None:
        hand_over(actor, now, vacant, merchant, entry.since or local_date(now))
        return vacant
    values["code"] = free_point_code(zone_id, code)
    point = Point(
        **values,
        unit_id=unit_id,
        zone_id=zone_id,
        stall_id=stall.id if stall else None,
        is_sample=entry.is_sample,
        created_at=now,
        created_by_id=actor.id,
        updated_at=now,
    )
    if stall is not None:
        _place_on_plan(point, stall)
    db.session.add(point)
    db.session.flush()
    after = sealed(merchant.id, _told(point)) if merchant is not None else _told(point)
    record(actor, now, "point.open", ("point", point.id), after=after)
    if merchant is not None:
        hand_over(actor, now, point, merchant, entry.since or local_date(now))
    return point


def change_point(actor: Actor, now: datetime, point: Point, entry: NewPoint) -> Point:
    """New values for a point; its code stays (it is painted and printed) unless the entry brings another."""
    faults = Faults()
    values = checked_point(entry, faults)
    faults.refuse()
    _refuse_elsewhere(point, entry.unit_id or point.unit_id, entry.zone_id)
    before = _told(point)
    code = values.pop("code") or point.code
    if (code, entry.zone_id) != (point.code, point.zone_id):
        values["code"] = free_point_code(entry.zone_id, code)
    for name, value in values.items():
        setattr(point, name, value)
    point.zone_id, point.stall_id = entry.zone_id, entry.stall_id
    if entry.unit_id:
        point.unit_id = entry.unit_id
    after = _told(point)
    changed = [name for name in FIELDS if before[name] != after[name]]
    if changed:
        point.updated_at = now
        record(
            actor,
            now,
            "point.change",
            ("point", point.id),
            before=_sealed(point, {name: before[name] for name in changed}),
            after=_sealed(point, {name: after[name] for name in changed}),
        )
        refresh_states(_holders(point))
    return point


def move_to_zone(actor: Actor, now: datetime, point: Point, zone_id: int | None) -> None:
    """The point belongs to this zone from now on, all else as it is. Raises ConflictError: its code is taken there."""
    if point.stall_id is not None:
        raise ConflictError(f"Quầy {point.code} nằm trên sơ đồ chợ.", remedy="Sửa từng điểm để đổi khu vực.")
    free_point_code(zone_id, point.code)
    _refuse_elsewhere(point, point.unit_id, zone_id)
    before = {"zone_id": point.zone_id}
    point.zone_id, point.updated_at = zone_id, now
    record(
        actor,
        now,
        "point.change",
        ("point", point.id),
        before=_sealed(point, before),
        after=_sealed(point, {"zone_id": zone_id}),
    )
    refresh_states(_holders(point))


def follow_stall(actor: Actor, now: datetime, gone: Stall, kept: Stall) -> None:
    """Points on a stall that became another go with it; a renamed stall's point takes the new code, if that is free."""
    for point in db.session.scalars(select(Point).where(Point.stall_id == gone.id)):
        before = {"stall_id": gone.id, "code": point.code}
        taken = select(Point.id).where(Point.zone_id == point.zone_id, Point.code == kept.code)
        if db.session.scalar(taken) is None:
            point.code = kept.code
        point.stall_id, point.updated_at = kept.id, now
        _place_on_plan(point, kept)
        db.session.flush()
        after = _sealed(point, {"stall_id": kept.id, "code": point.code})
        record(actor, now, "point.change", ("point", point.id), before=_sealed(point, before), after=after)
        refresh_states(_holders(point))


def refuse_while_held(stall: Stall) -> None:
    """A stall where somebody sells is not closed over their head. Raises ConflictError that says who it is."""
    by_code = (Point.zone_id == stall.zone_id) & Point.stall_id.is_(None) & (Point.code == stall.code)
    holders = (
        select(Merchant)
        .join(Tenancy, Tenancy.merchant_id == Merchant.id)
        .join(Point, Point.id == Tenancy.point_id)
        .where((Point.stall_id == stall.id) | by_code, Tenancy.valid_to.is_(None))
        .order_by(Merchant.id)
    )
    names = ", ".join(f"{each.title} ({each.code})" for each in db.session.scalars(holders).unique())
    if names:
        raise ConflictError(
            f"Quầy {stall.code} đang có người bán: {names}.",
            remedy="Mở hồ sơ của họ, ghi họ đã rời quầy hoặc chuyển điểm bán sang quầy khác, rồi đóng quầy.",
        )


def hand_over(actor: Actor, now: datetime, point: Point, merchant: Merchant, since: date) -> Tenancy:
    """From this day the point is the merchant's; the codes of whoever held it before are no longer printed there."""
    current = _current(point)
    before = None
    if current is not None:
        if current.merchant_id == merchant.id:
            return current
        before = {"merchant_id": current.merchant_id}
        _end(current, since - timedelta(days=1))
        _stop_codes(point, now)
    tenancy = Tenancy(point_id=point.id, merchant_id=merchant.id, valid_from=since)
    db.session.add(tenancy)
    db.session.flush()
    record(
        actor,
        now,
        "point.hand_over",
        ("point", point.id),
        before=before,
        after={"merchant_id": merchant.id, "since": since.isoformat()},
    )
    issue_codes(actor, now, merchant)
    refresh_states([merchant.id, *([before["merchant_id"]] if before else [])])
    return tenancy


def vacate_point(actor: Actor, now: datetime, point: Point, until: date, reason: str = "") -> None:
    """The merchant leaves: the tenancy ends on this day, and no code is printed for the point any more."""
    current = _current(point)
    if current is None:
        raise ConflictError("Điểm này đang trống.", remedy="Hãy tải lại trang.")
    _end(current, until)
    _stop_codes(point, now)
    record(
        actor,
        now,
        "point.vacate",
        ("point", point.id),
        before={"merchant_id": current.merchant_id},
        after={"until": until.isoformat()},
        reason=reason,
    )
    refresh_states([current.merchant_id])


def free_point_code(zone_id: int | None, wanted: str) -> str:
    """The code wanted, if nobody in the zone has it; a drawn one where none is wanted. Raises ConflictError."""
    if not wanted:
        return new_code("", 5)
    same = select(Point.id).where(Point.code == wanted, Point.zone_id == zone_id)
    if zone_id is not None and db.session.scalar(same) is not None:
        raise ConflictError(
            f"Mã quầy {wanted} đã có trong khu vực này.", remedy="Mở điểm ấy và đổi người bán, hoặc đặt mã khác."
        )
    return wanted


def _refuse_elsewhere(point: Point, unit_id: int, zone_id: int | None) -> None:
    """A code was agreed to for a place in one commune; the same words mean another stall in the next one."""
    zone = db.session.get(Zone, zone_id) if zone_id else None
    communes = {commune_id_of(each) for each in (unit_id, zone.unit_id if zone else None) if each}
    coded = select(QrAsset.id).where(QrAsset.point_id == point.id, QrAsset.state.in_(("proposed", "active")))
    if communes - {commune_id_of(point.unit_id)} and db.session.scalar(coded.limit(1)) is not None:
        raise ConflictError(
            "Điểm đã có mã QR không chuyển sang xã khác được.",
            remedy="Hãy ghi họ đã rời điểm này, rồi mở điểm mới ở xã kia.",
        )


def _stall_written(zone_id: int | None, code: str) -> Stall | None:
    """The stall of the zone's plan that this code means, however it is written."""
    if zone_id is None or not code:
        return None
    query = select(Stall).where(Stall.zone_id == zone_id, Stall.valid_to.is_(None))
    return next((stall for stall in db.session.scalars(query) if is_same_stall(stall.code, code)), None)


def _vacant(zone_id: int | None, code: str) -> Point | None:
    """The point of this code in the zone, if nobody holds it today."""
    if zone_id is None or not code:
        return None
    held = select(Tenancy.point_id).where(Tenancy.valid_to.is_(None))
    query = select(Point).where(Point.zone_id == zone_id, Point.code == code, Point.id.not_in(held))
    return db.session.scalar(query)


def _end(tenancy: Tenancy, until: date) -> None:
    tenancy.valid_to = max(until, tenancy.valid_from)


def _stop_codes(point: Point, now: datetime) -> None:
    live = select(QrAsset).where(QrAsset.point_id == point.id, QrAsset.state.in_(("proposed", "active")))
    for asset in db.session.scalars(live):
        asset.state, asset.ended_at = "replaced", now
    db.session.flush()


def put_on_stall(actor: Actor, now: datetime, point: Point, stall: Stall | None) -> None:
    """The point stands on this stall of the plan, or (None) off it again; its code, painted and printed, stays.

    Whoever calls refreshes the states of those who hold it.
    """
    before = {"stall_id": point.stall_id}
    point.stall_id, point.updated_at = stall.id if stall else None, now
    if stall is not None:
        _place_on_plan(point, stall)
    elif point.located_how == "plan":
        point.lat = point.lng = point.cell = None
        point.located_how = ""
    after = {"stall_id": point.stall_id}
    subject = ("point", point.id)
    record(actor, now, "point.change", subject, before=_sealed(point, before), after=_sealed(point, after))
    db.session.flush()


def _place_on_plan(point: Point, stall: Stall) -> None:
    """Inside a market the plan wins over any GPS fix."""
    point.row, point.stall_text = stall.row, stall.code
    if stall.lat is not None and stall.lng is not None:
        point.lat, point.lng, point.cell = stall.lat, stall.lng, cell_of(stall.lat, stall.lng)
        point.located_how, point.accuracy_m = "plan", None


def _current(point: Point) -> Tenancy | None:
    return db.session.scalar(select(Tenancy).where(Tenancy.point_id == point.id, Tenancy.valid_to.is_(None)))


def _holders(point: Point) -> list[int]:
    return list(db.session.scalars(select(Tenancy.merchant_id).where(Tenancy.point_id == point.id)))


def _sealed(point: Point, values: dict[str, Any]) -> dict[str, Any]:
    """Where somebody sells is theirs as long as they sell there."""
    current = _current(point)
    return sealed(current.merchant_id, values) if current is not None else values


def _told(point: Point) -> dict[str, Any]:
    return {name: getattr(point, name) for name in FIELDS}
