"""Floor plans and their stalls through the API."""

from typing import Any

from marshmallow import fields, validate

from app.db import db, unit_of_work
from app.errors import NotFoundError, RefusedError
from app.places import actions, queries
from app.places.api.frame import KEEPERS, READERS, api
from app.places.models import Stall
from app.places.rules import Layout, layout_faults
from app.vn.stalls import clean_code
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
    paged,
)

METRES = validate.Range(min=0.5, max=30)


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
    row_names = fields.List(
        fields.String(validate=validate.Length(min=1, max=12)),
        load_default=list,
        validate=validate.Length(max=99),
        metadata={"description": "tên các dãy, ví dụ A, B, C; có thì thay cho rows, letter, first_row"},
    )
    digits = Whole(load_default=2, validate=validate.Range(min=1, max=3), metadata={"description": "1: A-1; 2: A-01"})


class Drawn(Done):
    """How many stalls were drawn."""

    stalls = fields.Integer()


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
    names = tuple(clean_code(name) for name in entry.pop("row_names"))
    layout = Layout(**entry, row_names=names)
    faults = layout_faults(layout)
    if faults:
        raise RefusedError(" ".join(faults.values()))
    with unit_of_work():
        stalls = actions.lay_out_market(zone, layout, current_actor(), moment())
    return {"state": "drawn", "stalls": len(stalls)}


@api.post("/zones/<slug>/plan/undo")
@allow(*KEEPERS)
@api.response(200, Drawn, example={"state": "undone", "stalls": 40})
def undo_plan(slug: str) -> dict[str, Any]:
    """Hoàn tác lần vẽ sơ đồ cuối; điểm bán ở đó giữ mã, không còn gắn với sơ đồ."""
    zone = queries.zone_in_reach(current_actor(), slug)
    with unit_of_work():
        count = actions.undo_drawing(zone, current_actor(), moment())
    return {"state": "undone", "stalls": count}


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


def _own_stall(slug: str, stall_id: int) -> Stall:
    zone, stall = queries.zone_in_reach(current_actor(), slug), db.session.get(Stall, stall_id)
    if stall is None or stall.zone_id != zone.id:
        raise NotFoundError("Không có quầy này.", remedy="Hãy tải lại sơ đồ.")
    return stall


def _stall(stall: Stall) -> dict[str, Any]:
    return {name: getattr(stall, name) for name in StallOut().fields}
