"""Points and who holds them: opening, changing, handing over, leaving."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as parts_of
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts.repeats import repeatable
from app.db import db, unit_of_work
from app.errors import ConflictError
from app.registry.actions.points import change_point, hand_over, open_point, vacate_point
from app.registry.api.frame import api
from app.registry.models import Merchant, Point, PointState, Tenancy
from app.registry.queries.reach import merchant_by_code, point_in_reach, points_in_reach, require_place
from app.registry.rules.entries import POINT_CODE_MAX, ROW_MAX, TEXT_MAX, NewPoint
from app.registry.rules.rights import EDITORS, READERS
from app.registry.rules.stages import STAGES
from app.registry.rules.words import LOCATED_HOW, POINT_KINDS, SERVICES
from app.vn.dates import local_date
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import (
    Entry,
    Number,
    PageQuery,
    Reason,
    Shown,
    cut_of,
    one_of,
    paged,
    row_number,
    row_query,
    shown_page,
    text_field,
)

LAT = validate.Range(min=-90, max=90)
LNG = validate.Range(min=-180, max=180)


class PointIn(Entry):
    """Where somebody can be paid."""

    kind = one_of(POINT_KINDS, "loại điểm", load_default="stall")
    code = text_field("mã quầy; để trống thì lập từ dãy và số, hoặc cấp mã ngắn", POINT_CODE_MAX)
    unit_id = row_number("số của xã, thôn", load_default=None, allow_none=True)
    zone_id = row_number("số của khu vực", load_default=None, allow_none=True)
    stall_id = row_number("số của quầy trên sơ đồ", load_default=None, allow_none=True)
    row = text_field("dãy", ROW_MAX)
    stall_text = text_field("quầy như danh sách ghi", POINT_CODE_MAX)
    place = text_field("vị trí bằng lời", TEXT_MAX)
    lat = Number(load_default=None, allow_none=True, validate=LAT)
    lng = Number(load_default=None, allow_none=True, validate=LNG)
    accuracy_m = Number(load_default=None, allow_none=True, validate=validate.Range(min=0, max=100_000))
    located_how = one_of(["", *LOCATED_HOW], "cách định vị", load_default="")
    services = fields.List(one_of(SERVICES, "dịch vụ"), load_default=list, validate=validate.Length(max=len(SERVICES)))
    opening_hours = text_field("giờ mở cửa", 120)
    detail = text_field("chi tiết, ví dụ tiểu học", 60)


class PointChange(Entry):
    """New values; what is left out stays."""

    kind = one_of(POINT_KINDS, "loại điểm")
    code = fields.String(validate=validate.Length(max=POINT_CODE_MAX))
    unit_id = row_number("số của xã, thôn")
    zone_id = row_number("số của khu vực", allow_none=True)
    row = fields.String(validate=validate.Length(max=ROW_MAX))
    place = fields.String(validate=validate.Length(max=TEXT_MAX))
    lat = Number(allow_none=True, validate=LAT)
    lng = Number(allow_none=True, validate=LNG)
    accuracy_m = Number(allow_none=True, validate=validate.Range(min=0, max=100_000))
    services = fields.List(one_of(SERVICES, "dịch vụ"), validate=validate.Length(max=len(SERVICES)))
    opening_hours = fields.String(validate=validate.Length(max=120))
    detail = fields.String(validate=validate.Length(max=60))


class PointOut(Shown):
    """A point, its place, and who holds it today."""

    id = fields.Integer(required=True)
    code = fields.String()
    kind = fields.String()
    unit_id = fields.Integer()
    zone_id = fields.Integer(allow_none=True)
    stall_id = fields.Integer(allow_none=True)
    row = fields.String()
    place = fields.String()
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    accuracy_m = fields.Float(allow_none=True)
    located_how = fields.String()
    services = fields.List(fields.String())
    opening_hours = fields.String()
    detail = fields.String()
    stage = fields.String(allow_none=True)
    merchant = fields.String(allow_none=True, metadata={"description": "mã hồ sơ đang bán ở đây"})


class PointQuery(PageQuery):
    """What a list of points is narrowed to."""

    zone = row_query("số của khu vực")
    unit = row_query("số của xã, thôn, đúng nơi ấy")
    kind = one_of(["", *POINT_KINDS], "loại điểm", load_default="")
    stage = one_of(["", *STAGES], "chặng", load_default="")


class TenancyOut(Shown):
    """Who held a point, from when to when."""

    merchant = fields.String()
    shop_name = fields.String()
    since = fields.Date()
    until = fields.Date(allow_none=True)


class HandOver(Entry):
    """Who gets the point, from which day."""

    successor = fields.String(required=True, validate=validate.Length(max=12), metadata={"description": "mã hồ sơ"})
    since = fields.Date(load_default=None, allow_none=True, metadata={"description": "để trống là hôm nay"})


POINT_EXAMPLE = {"code": "C01-02", "kind": "stall", "zone_id": 1, "row": "C01"}


@api.get("/points")
@allow(*READERS)
@api.arguments(PointQuery, location="query")
@api.response(200, paged(PointOut))
def list_points(query: dict[str, Any]) -> dict[str, Any]:
    """Điểm bán, điểm dịch vụ, điểm tiện ích bạn được xem, theo mã."""
    wanted = [points_in_reach(current_actor())]
    for name, column in (("zone", PointState.zone_id), ("unit", PointState.unit_id)):
        if query[name] is not None:
            wanted.append(column == query[name])
    for name, word in (("kind", PointState.kind), ("stage", PointState.stage)):
        if query[name]:
            wanted.append(word == query[name])
    cut = cut_of(query)
    total = db.session.scalar(select(func.count()).select_from(PointState).where(*wanted)) or 0
    found = (
        select(Point).join(PointState, PointState.point_id == Point.id).where(*wanted).order_by(Point.code, Point.id)
    )
    rows = db.session.scalars(found.options(joinedload(Point.state)).offset(cut.offset).limit(cut.per_page)).all()
    holders = _holders(rows)
    return shown_page(cut.page(rows, total), lambda point: _shown(point, holders))


@api.get("/points/<int:point_id>")
@allow(*READERS)
@api.response(200, PointOut)
def one_point(point_id: int) -> dict[str, Any]:
    """Một điểm."""
    return shown_point(point_in_reach(current_actor(), point_id))


@api.get("/points/<int:point_id>/tenancies")
@allow(*READERS)
@api.response(200, paged(TenancyOut))
def tenancies(point_id: int) -> dict[str, Any]:
    """Ai đã bán ở điểm này, từ ngày nào đến ngày nào; người sau cùng trước."""
    point = point_in_reach(current_actor(), point_id)
    query = select(Tenancy).where(Tenancy.point_id == point.id).options(joinedload(Tenancy.merchant))
    rows = db.session.scalars(query.order_by(Tenancy.id.desc())).all()
    items = [
        {"merchant": row.merchant.code, "shop_name": row.merchant.title, "since": row.valid_from, "until": row.valid_to}
        for row in rows
    ]
    return {"items": items, "total": len(items)}


@api.get("/merchants/<code>/points")
@allow(*READERS)
@api.response(200, paged(PointOut))
def points_of(code: str) -> dict[str, Any]:
    """Các điểm hộ này đang giữ."""
    merchant = merchant_by_code(current_actor(), code)
    held = select(Tenancy.point_id).where(Tenancy.merchant_id == merchant.id, Tenancy.valid_to.is_(None))
    rows = db.session.scalars(select(Point).where(Point.id.in_(held)).options(joinedload(Point.state))).all()
    holders = _holders(rows)
    return {"items": [_shown(row, holders) for row in rows], "total": len(rows)}


@api.post("/merchants/<code>/points")
@allow(*EDITORS)
@api.arguments(PointIn, example=POINT_EXAMPLE)
@api.response(201, PointOut)
@repeatable("id", again=lambda kept: shown_point(point_in_reach(current_actor(), kept["id"])))
def add_point(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Thêm một điểm cho hộ."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *EDITORS)
    place = require_place(actor, point_entry(entry), *EDITORS)
    with unit_of_work():
        point = open_point(actor, moment(), merchant, place)
    return shown_point(point)


@api.patch("/points/<int:point_id>")
@allow(*EDITORS)
@api.arguments(PointChange, example={"place": "Cổng sau chợ", "opening_hours": "6:00–11:00"})
@api.response(200, PointOut)
def amend_point(entry: dict[str, Any], point_id: int) -> dict[str, Any]:
    """Sửa một điểm."""
    actor = current_actor()
    point = point_in_reach(actor, point_id, *EDITORS)
    known = {part.name: getattr(point, part.name, part.default) for part in parts_of(NewPoint)}
    known |= {"since": None, "services": tuple(point.services)} | entry
    place = require_place(actor, point_entry(known), *EDITORS, now_in=point.zone_id)
    with unit_of_work():
        change_point(actor, moment(), point, place)
    return shown_point(point)


@api.post("/points/<int:point_id>/hand-over")
@allow(*EDITORS)
@api.arguments(HandOver, example={"successor": "HK-7K3M9Q"})
@api.response(200, PointOut)
@repeatable("id", again=lambda kept: shown_point(point_in_reach(current_actor(), kept["id"])))
def pass_on(entry: dict[str, Any], point_id: int) -> dict[str, Any]:
    """Điểm đổi người bán; mã QR của người mới chờ người thứ hai duyệt."""
    actor, now = current_actor(), moment()
    point = point_in_reach(actor, point_id, *EDITORS)
    successor = merchant_by_code(actor, entry["successor"].strip().upper(), *EDITORS)
    with unit_of_work():
        hand_over(actor, now, point, successor, _day(entry["since"] or local_date(now), point))
    return shown_point(point)


@api.post("/points/<int:point_id>/vacate")
@allow(*EDITORS)
@api.arguments(Reason, example={"reason": "Nghỉ bán"})
@api.response(200, PointOut)
def leave(entry: dict[str, Any], point_id: int) -> dict[str, Any]:
    """Người bán trả điểm."""
    actor, now = current_actor(), moment()
    point = point_in_reach(actor, point_id, *EDITORS)
    with unit_of_work():
        vacate_point(actor, now, point, local_date(now), entry["reason"])
    return shown_point(point)


def point_entry(entry: Mapping[str, Any]) -> NewPoint:
    """A point as the body brings it; coordinates without a word on how they were got are a pin."""
    located = entry["located_how"] or ("pin" if entry["lat"] is not None else "")
    stall_text = entry["stall_text"] or entry["code"]
    return NewPoint(**{**entry, "services": tuple(entry["services"]), "located_how": located, "stall_text": stall_text})


def shown_point(point: Point) -> dict[str, Any]:
    """A point as it goes out."""
    db.session.expire(point, ["state"])
    return _shown(point, _holders([point]))


def _day(since: Any, point: Point) -> Any:  # noqa: ANN401 - a day
    """Nobody takes a stall over before those who hold it came, or in the future."""
    begun = db.session.scalar(
        select(Tenancy.valid_from).where(Tenancy.point_id == point.id, Tenancy.valid_to.is_(None))
    )
    if since > local_date(moment()) or (begun is not None and since <= begun and since != local_date(moment())):
        raise ConflictError("Ngày nhận điểm không hợp với người đang bán.", remedy="Hãy ghi một ngày sau khi họ nhận.")
    return since


def _shown(point: Point, holders: Mapping[int, str]) -> dict[str, Any]:
    shown = {name: getattr(point, name) for name in PointOut().fields if name not in {"stage", "merchant"}}
    return shown | {"stage": point.state.stage if point.state else None, "merchant": holders.get(point.id)}


def _holders(points: Sequence[Point]) -> dict[int, str]:
    """Point -> code of the merchant who holds it today."""
    query = (
        select(Tenancy.point_id, Merchant.code)
        .join(Merchant, Merchant.id == Tenancy.merchant_id)
        .where(Tenancy.point_id.in_([point.id for point in points]), Tenancy.valid_to.is_(None))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
