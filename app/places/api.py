"""Places through the API: units of today with their old names, zones, floor plans and their stalls."""

import json
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from app.actors import ADMIN, APPROVER, COORDINATOR, PRINT_SHOP, PROVINCE, TEAM_LEAD, VOLUNTEER
from app.db import db, unit_of_work
from app.errors import ForbiddenError, NotFoundError, RefusedError
from app.places import actions, catalogue, queries
from app.places.actions import ZoneDetails
from app.places.forms import HAMLET_KINDS, PHASE_MAX, ZONE_WORDS
from app.places.geojson import AREAS, LINES, middle_of, read_geometry
from app.places.models import LEVELS, Stall, Unit, Zone
from app.places.rules import Layout, layout_faults
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import (
    Done,
    Entry,
    Number,
    PageQuery,
    Reason,
    Shown,
    Whole,
    YesNo,
    cut_of,
    one_of,
    paged,
    row_number,
    row_query,
    text_field,
)

api = Blueprint("places_api", __name__, url_prefix="/api/v1", description="Địa bàn, khu vực, sơ đồ quầy")

READERS = (VOLUNTEER, TEAM_LEAD, COORDINATOR, APPROVER, PRINT_SHOP, PROVINCE, ADMIN)
KEEPERS = (COORDINATOR, ADMIN)
METRES = validate.Range(min=0.5, max=30)
GEOMETRY = {"type": "Polygon", "coordinates": [[[105.70, 19.80], [105.71, 19.80], [105.71, 19.81], [105.70, 19.80]]]}


class UnitOut(Shown):
    """A commune or hamlet."""

    id = fields.Integer(required=True)
    level = fields.String(required=True)
    code = fields.String()
    code_source = fields.String()
    kind = fields.String()
    name = fields.String()
    title = fields.String()
    parent_id = fields.Integer(allow_none=True)
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    has_boundary = fields.Boolean()


class AliasOut(Shown):
    """What a unit, or a part of it, was called."""

    kind = fields.String()
    name = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    source = fields.String()


class UnitDetail(UnitOut):
    """One unit with its outline and old names."""

    boundary = fields.Dict(allow_none=True)
    aliases = fields.List(fields.Nested(AliasOut))


class UnitQuery(PageQuery):
    """Which units."""

    level = one_of(["", *LEVELS[1:]], "cấp", load_default="")
    parent = row_query("số của xã")


class NameQuery(Entry):
    """A name of today or of before, also of a former district."""

    q = fields.String(required=True, validate=validate.Length(min=1, max=100))


class FoundOut(Shown):
    """A commune of 2025, and the old name under which it was found."""

    code = fields.String()
    title = fields.String()
    province = fields.String()
    old_name = fields.String()


class HamletIn(Entry):
    """A hamlet to be added."""

    commune_id = row_number("số của xã", required=True)
    kind = one_of(HAMLET_KINDS, "loại", required=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))


class RenameIn(Reason):
    """A hamlet's new name; the old one is kept and found."""

    kind = one_of(HAMLET_KINDS, "loại", required=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))


class OutlineIn(Entry):
    """A GeoJSON geometry in WGS 84, or null to take it away."""

    geometry = fields.Dict(required=True, allow_none=True)


class ZoneOut(Shown):
    """A market, a street, a centre."""

    id = fields.Integer(required=True)
    slug = fields.String(required=True)
    unit_id = fields.Integer()
    kind = fields.String()
    name = fields.String()
    phase = fields.Integer()
    planned_on = fields.Date(allow_none=True)
    target_percent = fields.Integer()
    lead = fields.String()
    partner = fields.String()
    note = fields.String()
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    bearing_deg = fields.Float()
    width_m = fields.Float(allow_none=True)
    depth_m = fields.Float(allow_none=True)
    closed_on = fields.Date(allow_none=True)
    geometry = fields.Dict(allow_none=True)


class ZoneIn(Entry):
    """A zone to be added."""

    unit_id = row_number("số của xã, thôn", required=True)
    kind = one_of(ZONE_WORDS, "loại", required=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=120))
    phase = Whole(load_default=1, validate=validate.Range(min=1, max=PHASE_MAX))
    planned_on = fields.Date(load_default=None, allow_none=True)
    target_percent = Whole(load_default=100, validate=validate.Range(min=0, max=100))
    lead = text_field("đơn vị chủ trì", 120)
    partner = text_field("đơn vị phối hợp", 200)
    note = text_field("ghi chú", 2000)
    lat = Number(load_default=None, allow_none=True, validate=validate.Range(min=-90, max=90))
    lng = Number(load_default=None, allow_none=True, validate=validate.Range(min=-180, max=180))
    bearing_deg = Number(load_default=0.0, validate=validate.Range(min=-360, max=360))


class ZoneChange(Entry):
    """New values; what is left out stays."""

    unit_id = row_number("số của xã, thôn")
    kind = one_of(ZONE_WORDS, "loại")
    name = fields.String(validate=validate.Length(min=1, max=120))
    phase = Whole(validate=validate.Range(min=1, max=PHASE_MAX))
    planned_on = fields.Date(allow_none=True)
    target_percent = Whole(validate=validate.Range(min=0, max=100))
    lead = fields.String(validate=validate.Length(max=120))
    partner = fields.String(validate=validate.Length(max=200))
    note = fields.String(validate=validate.Length(max=2000))
    lat = Number(allow_none=True, validate=validate.Range(min=-90, max=90))
    lng = Number(allow_none=True, validate=validate.Range(min=-180, max=180))
    bearing_deg = Number(validate=validate.Range(min=-360, max=360))


class ZoneQuery(PageQuery):
    """Which zones."""

    unit = row_query("số của xã, thôn")


class StallOut(Shown):
    """A stall of a floor plan."""

    id = fields.Integer(required=True)
    code = fields.String(required=True)
    row = fields.String()
    x_m = fields.Float(allow_none=True)
    y_m = fields.Float(allow_none=True)
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    polygon = fields.List(fields.List(fields.Float()), allow_none=True)
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    split_from_id = fields.Integer(allow_none=True)


class LayoutIn(Entry):
    """A hall of stalls in rows."""

    rows = Whole(required=True, validate=validate.Range(min=1, max=99))
    stalls_per_row = Whole(required=True, validate=validate.Range(min=1, max=99))
    stall_width_m = Number(load_default=2.0, validate=METRES)
    stall_depth_m = Number(load_default=2.0, validate=METRES)
    aisle_m = Number(load_default=2.5, validate=METRES)
    back_to_back = YesNo(load_default=True)
    letter = fields.String(load_default="A", validate=validate.Length(min=1, max=3))
    first_row = Whole(load_default=1, validate=validate.Range(min=1, max=99))
    cross_aisle_after = Whole(load_default=0, validate=validate.Range(min=0, max=99))


class Drawn(Done):
    """How many stalls were drawn."""

    stalls = fields.Integer()


@api.get("/units")
@allow(*READERS)
@api.arguments(UnitQuery, location="query")
@api.response(200, paged(UnitOut))
def list_units(query: dict[str, Any]) -> dict[str, Any]:
    """Xã, thôn, tổ trong địa bàn của bạn."""
    units = [
        unit
        for unit in queries.units_in_reach(current_actor())
        if query["level"] in {"", unit.level} and query["parent"] in {None, unit.parent_id}
    ]
    cut = cut_of(query)
    return {"items": [_unit(unit) for unit in units[cut.offset :][: cut.per_page]], "total": len(units)}


@api.get("/units/search")
@allow(*READERS)
@api.arguments(NameQuery, location="query")
@api.response(200, paged(FoundOut))
def search_units(query: dict[str, Any]) -> dict[str, Any]:
    """Tìm xã, phường năm 2025 theo tên nay, tên cũ hoặc huyện cũ."""
    found = catalogue.search(query["q"].strip())
    items = [
        {
            "code": each.commune.code,
            "title": each.commune.title,
            "province": each.commune.province.title,
            "old_name": f"{each.through.kind} {each.through.name}" if each.through else "",
        }
        for each in found
    ]
    return {"items": items, "total": len(items)}


@api.get("/units/<int:unit_id>")
@allow(*READERS)
@api.response(200, UnitDetail)
def one_unit(unit_id: int) -> dict[str, Any]:
    """Một xã hoặc thôn, tổ, với ranh giới và tên cũ."""
    return _detail(queries.unit_in_reach(current_actor(), unit_id))


@api.post("/units")
@allow(*KEEPERS)
@api.arguments(HamletIn, example={"commune_id": 2, "kind": "thôn", "name": "Tân Lập"})
@api.response(201, UnitDetail)
def add_hamlet(entry: dict[str, Any]) -> dict[str, Any]:
    """Thêm thôn, tổ dân phố của xã."""
    actor = current_actor()
    commune = queries.commune_of(queries.unit_in_reach(actor, entry["commune_id"]))
    with unit_of_work():
        unit = actions.create_hamlet(commune, entry["kind"], entry["name"], actor, moment())
    return _detail(unit)


@api.patch("/units/<int:unit_id>")
@allow(*KEEPERS)
@api.arguments(RenameIn, example={"kind": "tổ dân phố", "name": "Tân Lập 1", "reason": "Sáp nhập"})
@api.response(200, UnitDetail)
def rename(entry: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """Đổi tên thôn, tổ; tên cũ vẫn tìm được."""
    unit = _hamlet(unit_id)
    with unit_of_work():
        actions.rename_unit(unit, entry["kind"], entry["name"], current_actor(), moment(), entry["reason"])
    return _detail(unit)


@api.put("/units/<int:unit_id>/boundary")
@allow(*KEEPERS)
@api.arguments(OutlineIn, example={"geometry": GEOMETRY})
@api.response(200, UnitDetail)
def bound(entry: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """Giữ ranh giới (GeoJSON Polygon, MultiPolygon), hoặc bỏ."""
    unit = queries.unit_in_reach(current_actor(), unit_id)
    geometry = _geometry(entry["geometry"], AREAS)
    with unit_of_work():
        actions.draw_unit(unit, geometry, middle_of(geometry) if geometry else None, current_actor(), moment())
    return _detail(unit)


@api.post("/units/<int:unit_id>/close")
@allow(*KEEPERS)
@api.arguments(Reason, example={"reason": "Sáp nhập"})
@api.response(200, Done, example={"state": "closed"})
def close_unit(entry: dict[str, Any], unit_id: int) -> dict[str, Any]:
    """Kết thúc một thôn, tổ; những gì đã diễn ra ở đó vẫn còn."""
    unit = _hamlet(unit_id)
    with unit_of_work():
        actions.close_unit(unit, current_actor(), moment(), entry["reason"])
    return {"state": "closed"}


@api.get("/zones")
@allow(*READERS)
@api.arguments(ZoneQuery, location="query")
@api.response(200, paged(ZoneOut))
def list_zones(query: dict[str, Any]) -> dict[str, Any]:
    """Chợ, tuyến phố, trung tâm xã bạn được xem, theo đợt."""
    zones = [zone for zone in queries.zones_in_reach(current_actor()) if query["unit"] in {None, zone.unit_id}]
    cut = cut_of(query)
    return {"items": [_zone(zone) for zone in zones[cut.offset :][: cut.per_page]], "total": len(zones)}


@api.get("/zones/<slug>")
@allow(*READERS)
@api.response(200, ZoneOut)
def one_zone(slug: str) -> dict[str, Any]:
    """Một khu vực."""
    return _zone(queries.zone_in_reach(current_actor(), slug))


@api.post("/zones")
@allow(*KEEPERS)
@api.arguments(ZoneIn, example={"unit_id": 2, "kind": "market", "name": "Chợ Mới", "phase": 1})
@api.response(201, ZoneOut)
def add_zone(entry: dict[str, Any]) -> dict[str, Any]:
    """Thêm chợ, tuyến phố hoặc trung tâm xã."""
    actor = current_actor()
    queries.unit_in_reach(actor, entry["unit_id"])
    with unit_of_work():
        zone = actions.create_zone(_located(ZoneDetails(**entry)), actor, moment())
    return _zone(zone)


@api.patch("/zones/<slug>")
@allow(*KEEPERS)
@api.arguments(ZoneChange, example={"phase": 2, "planned_on": "2027-03-01"})
@api.response(200, ZoneOut)
def amend_zone(entry: dict[str, Any], slug: str) -> dict[str, Any]:
    """Sửa một khu vực; sơ đồ quầy đi theo khi vị trí đổi."""
    actor = current_actor()
    zone = queries.zone_in_reach(actor, slug)
    if "unit_id" in entry:
        queries.unit_in_reach(actor, entry["unit_id"])
    known = {name: getattr(zone, name) for name in ZoneDetails.__dataclass_fields__}
    with unit_of_work():
        actions.change_zone(zone, _located(ZoneDetails(**{**known, **entry})), actor, moment())
    return _zone(zone)


@api.put("/zones/<slug>/outline")
@allow(*KEEPERS)
@api.arguments(OutlineIn, example={"geometry": GEOMETRY})
@api.response(200, ZoneOut)
def outline(entry: dict[str, Any], slug: str) -> dict[str, Any]:
    """Giữ đường bao hoặc tuyến phố (GeoJSON), hoặc bỏ."""
    zone = queries.zone_in_reach(current_actor(), slug)
    with unit_of_work():
        actions.draw_zone(zone, _geometry(entry["geometry"], (*LINES, *AREAS)), current_actor(), moment())
    return _zone(zone)


@api.post("/zones/<slug>/close")
@allow(*KEEPERS)
@api.arguments(Reason, example={"reason": "Chợ dời chỗ"})
@api.response(200, Done, example={"state": "closed"})
def close_zone(entry: dict[str, Any], slug: str) -> dict[str, Any]:
    """Đóng một khu vực."""
    zone = queries.zone_in_reach(current_actor(), slug)
    with unit_of_work():
        actions.close_zone(zone, current_actor(), moment(), entry["reason"])
    return {"state": "closed"}


@api.get("/zones/<slug>/stalls")
@allow(*READERS)
@api.arguments(PageQuery, location="query")
@api.response(200, paged(StallOut))
def list_stalls(query: dict[str, Any], slug: str) -> dict[str, Any]:
    """Sơ đồ quầy của chợ, theo lối đi: mã, vị trí tính bằng mét và trên bản đồ."""
    stalls = queries.stalls_of(queries.zone_in_reach(current_actor(), slug).id)
    cut = cut_of(query)
    return {"items": [_stall(stall) for stall in stalls[cut.offset :][: cut.per_page]], "total": len(stalls)}


@api.post("/zones/<slug>/plan")
@allow(*KEEPERS)
@api.arguments(LayoutIn, example={"rows": 4, "stalls_per_row": 10, "letter": "Z"})
@api.response(201, Drawn, example={"state": "drawn", "stalls": 40})
def draw_plan(entry: dict[str, Any], slug: str) -> dict[str, Any]:
    """Vẽ thêm một nhà lồng vào sơ đồ; mã quầy không bao giờ cấp lại."""
    zone = queries.zone_in_reach(current_actor(), slug)
    layout = Layout(**entry)
    faults = layout_faults(layout)
    if faults:
        raise RefusedError(" ".join(faults.values()))
    with unit_of_work():
        stalls = actions.lay_out_market(zone, layout, current_actor(), moment())
    return {"state": "drawn", "stalls": len(stalls)}


@api.post("/zones/<slug>/stalls/<int:stall_id>/split")
@allow(*KEEPERS)
@api.response(201, StallOut)
def split(slug: str, stall_id: int) -> dict[str, Any]:
    """Tách một quầy; phần mới mang thêm một chữ, ví dụ A01-06a."""
    stall = _own_stall(slug, stall_id)
    with unit_of_work():
        part = actions.split_stall(stall, current_actor(), moment())
    return _stall(part)


@api.post("/zones/<slug>/stalls/<int:stall_id>/close")
@allow(*KEEPERS)
@api.arguments(Reason, example={"reason": "Làm lối đi"})
@api.response(200, Done, example={"state": "closed"})
def close_stall(entry: dict[str, Any], slug: str, stall_id: int) -> dict[str, Any]:
    """Đóng một quầy."""
    stall = _own_stall(slug, stall_id)
    with unit_of_work():
        actions.close_stall(stall, current_actor(), moment(), entry["reason"])
    return {"state": "closed"}


def _hamlet(unit_id: int) -> Unit:
    unit = queries.unit_in_reach(current_actor(), unit_id)
    if unit.level != "hamlet":
        raise ForbiddenError("Tên xã, phường theo danh mục nhà nước.", remedy="Chỉ thôn, tổ của xã mới sửa ở đây.")
    return unit


def _own_stall(slug: str, stall_id: int) -> Stall:
    zone, stall = queries.zone_in_reach(current_actor(), slug), db.session.get(Stall, stall_id)
    if stall is None or stall.zone_id != zone.id:
        raise NotFoundError("Không có quầy này.", remedy="Hãy tải lại sơ đồ.")
    return stall


def _located(details: ZoneDetails) -> ZoneDetails:
    if (details.lat is None) != (details.lng is None):
        raise RefusedError("Vĩ độ và kinh độ phải có đủ cả hai, hoặc để trống cả hai.")
    return details


def _geometry(given: dict[str, Any] | None, kinds: tuple[str, ...]) -> dict[str, Any] | None:
    return read_geometry(json.dumps(given), kinds) if given else None


def _unit(unit: Unit) -> dict[str, Any]:
    names = (name for name in UnitOut().fields if name != "has_boundary")
    return {name: getattr(unit, name) for name in names} | {"has_boundary": unit.boundary is not None}


def _detail(unit: Unit) -> dict[str, Any]:
    return _unit(unit) | {"boundary": unit.boundary, "aliases": queries.aliases_of(unit.id)}


def _zone(zone: Zone) -> dict[str, Any]:
    return {name: getattr(zone, name) for name in ZoneOut().fields}


def _stall(stall: Stall) -> dict[str, Any]:
    return {name: getattr(stall, name) for name in StallOut().fields}
