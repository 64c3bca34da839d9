"""Communes and hamlets through the API, with their old names."""

from typing import Any

from marshmallow import fields, validate

from app.db import unit_of_work
from app.errors import ForbiddenError
from app.places import actions, catalogue, queries
from app.places.api.frame import GEOMETRY, KEEPERS, READERS, OutlineIn, api, geometry_of
from app.places.forms import HAMLET_KINDS
from app.places.geojson import AREAS, middle_of
from app.places.models import LEVELS, Unit
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import (
    Done,
    Entry,
    PageQuery,
    Reason,
    Shown,
    cut_of,
    one_of,
    paged,
    row_number,
    row_query,
)


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
    geometry = geometry_of(entry["geometry"], AREAS)
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


def _hamlet(unit_id: int) -> Unit:
    unit = queries.unit_in_reach(current_actor(), unit_id)
    if unit.level != "hamlet":
        raise ForbiddenError("Tên xã, phường theo danh mục nhà nước.", remedy="Chỉ thôn, tổ của xã mới sửa ở đây.")
    return unit


def _unit(unit: Unit) -> dict[str, Any]:
    names = (name for name in UnitOut().fields if name != "has_boundary")
    return {name: getattr(unit, name) for name in names} | {"has_boundary": unit.boundary is not None}


def _detail(unit: Unit) -> dict[str, Any]:
    return _unit(unit) | {"boundary": unit.boundary, "aliases": queries.aliases_of(unit.id)}
