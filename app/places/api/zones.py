"""Markets, streets and centres through the API."""

from typing import Any

from marshmallow import fields, validate

from app.db import unit_of_work
from app.errors import RefusedError
from app.places import actions, queries
from app.places.actions import ZoneDetails
from app.places.api.frame import GEOMETRY, KEEPERS, READERS, OutlineIn, api, geometry_of
from app.places.forms import PHASE_MAX, ZONE_WORDS
from app.places.geojson import AREAS, LINES
from app.places.models import Zone
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
    cut_of,
    one_of,
    paged,
    row_number,
    row_query,
    text_field,
)


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
        actions.draw_zone(zone, geometry_of(entry["geometry"], (*LINES, *AREAS)), current_actor(), moment())
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


def _located(details: ZoneDetails) -> ZoneDetails:
    if (details.lat is None) != (details.lng is None):
        raise RefusedError("Vĩ độ và kinh độ phải có đủ cả hai, hoặc để trống cả hai.")
    return details


def _zone(zone: Zone) -> dict[str, Any]:
    return {name: getattr(zone, name) for name in ZoneOut().fields}
