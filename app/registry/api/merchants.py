"""Merchants: finding, reading, entering, changing; what wants attention; the list as a file."""

from dataclasses import fields as parts_of
from typing import Any

from flask import Response
from marshmallow import fields, validate

from app.accounts.repeats import repeatable
from app.actors import Actor
from app.db import unit_of_work
from app.registry.actions.merchants import change_merchant, known_merchant, register_merchant
from app.registry.actions.points import open_point
from app.registry.actions.showing import FIELDS, show_personal
from app.registry.api.frame import MERCHANT_EXAMPLE, MerchantOut, api, shown_event, shown_merchant
from app.registry.api.points import PointIn, point_entry
from app.registry.exports import export_file
from app.registry.models import Merchant
from app.registry.queries.issues import issue_counts
from app.registry.queries.merchants import SORTS, MerchantFilter, merchant_lines, merchant_page
from app.registry.queries.reach import merchant_by_code, require_place, require_unit
from app.registry.queries.records import accounts_of, held_points, history
from app.registry.rules.entries import NAME_MAX, SHOP_MAX, NewMerchant
from app.registry.rules.issues import ISSUES
from app.registry.rules.rights import EDITORS, KEEPERS, READERS, SEE_PERSONAL
from app.registry.rules.stages import STAGES
from app.registry.rules.words import MERCHANT_KINDS, POINT_KINDS, REFUSAL_REASONS
from app.vn.ids import mask_id
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import (
    Entry,
    EventOut,
    PageQuery,
    Shown,
    Whole,
    YesNo,
    cut_of,
    one_of,
    paged,
    row_number,
    row_query,
    shown_page,
    text_field,
)


class MerchantFilterQuery(Entry):
    """What a list of merchants is narrowed to."""

    q = fields.String(load_default="", metadata={"description": "tên, quầy, điện thoại, đuôi tài khoản; không cần dấu"})
    stage = fields.List(one_of(STAGES, "chặng"), load_default=list)
    zone = row_query("số của khu vực")
    unit = row_query("số của xã, thôn; gồm cả bên trong")
    kind = one_of(["", *POINT_KINDS], "loại điểm", load_default="")
    waiting = fields.Boolean(load_default=False, metadata={"description": "chỉ hộ có tài khoản chờ duyệt"})
    issue = one_of(["", *ISSUES], "việc cần xử lý", load_default="")
    sort = one_of(SORTS, "sắp theo", load_default="name")


class MerchantQuery(MerchantFilterQuery, PageQuery):
    """The same, in pages."""


class MerchantDetail(MerchantOut):
    """One merchant's record."""

    unit_id = fields.Integer()
    tax_code_masked = fields.String()
    online_shops = fields.List(fields.String())
    has_soundbox = fields.Boolean(allow_none=True)
    refusal = fields.String()
    note = fields.String()
    source = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    version = fields.Integer(metadata={"description": "gửi lại khi sửa; khác là đã có người sửa trước"})


class MerchantChange(Entry):
    """New values; what is left out stays."""

    version = Whole(required=True, metadata={"description": "version khi đọc"})
    holder_name = fields.String(validate=validate.Length(max=NAME_MAX))
    shop_name = fields.String(validate=validate.Length(max=SHOP_MAX))
    kind = one_of(MERCHANT_KINDS, "loại")
    unit_id = row_number("số của xã, thôn")
    phone = fields.String(validate=validate.Length(max=40))
    tax_code = fields.String(validate=validate.Length(max=20))
    line_of_business = fields.String(validate=validate.Length(max=NAME_MAX))
    online_shops = fields.List(fields.String(validate=validate.Length(max=400)), validate=validate.Length(max=10))
    has_soundbox = YesNo(allow_none=True)
    refusal = one_of(["", *REFUSAL_REASONS], "lý do không tham gia")
    note = fields.String(validate=validate.Length(max=2000))


class MerchantIn(Entry):
    """A merchant to be entered, with a first point where one is known."""

    holder_name = fields.String(required=True, validate=validate.Length(max=NAME_MAX))
    shop_name = text_field("tên cửa hàng", SHOP_MAX)
    kind = one_of(MERCHANT_KINDS, "loại", load_default="household")
    unit_id = row_number("số của xã, thôn", required=True)
    phone = text_field("điện thoại, cách viết nào cũng được", 40)
    tax_code = text_field("mã số thuế 10, 12 hoặc 13 số", 20)
    line_of_business = text_field("ngành hàng", NAME_MAX)
    online_shops = fields.List(
        fields.String(validate=validate.Length(max=400)), load_default=list, validate=validate.Length(max=10)
    )
    has_soundbox = YesNo(load_default=None, allow_none=True)
    note = text_field("ghi chú", 2000)
    source = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=64))
    external_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=120))
    point = fields.Nested(PointIn, load_default=None, allow_none=True)


class Look(Entry):
    """Which masked field to see."""

    field = one_of(list(FIELDS), "mục", required=True)


class Seen(Shown):
    """The field in full."""

    field = fields.String()
    value = fields.String()


class IssueOut(Shown):
    """One kind of trouble and how many merchants it is about."""

    kind = fields.String()
    severity = fields.Integer(metadata={"description": "0 đến 1000"})
    label = fields.String()
    remedy = fields.String()
    count = fields.Integer(metadata={"description": "số hộ"})


class IssueList(Shown):
    """The worklist."""

    items = fields.List(fields.Nested(IssueOut))
    total = fields.Integer()


@api.get("/merchants")
@allow(*READERS)
@api.arguments(MerchantQuery, location="query")
@api.response(200, paged(MerchantOut), example={"items": [MERCHANT_EXAMPLE], "total": 1})
def list_merchants(query: dict[str, Any]) -> dict[str, Any]:
    """Hộ kinh doanh bạn được xem, theo tên gọi."""
    actor = current_actor()
    page = merchant_page(actor, wanted_of(query), cut_of(query))
    return shown_page(page, lambda line: shown_merchant(actor, line))


@api.get("/merchants/<code>")
@allow(*READERS)
@api.response(200, MerchantDetail)
def one_merchant(code: str) -> dict[str, Any]:
    """Một hồ sơ theo mã."""
    actor = current_actor()
    return shown_record(actor, merchant_by_code(actor, code))


@api.post("/merchants")
@allow(*EDITORS)
@api.arguments(
    MerchantIn,
    example={
        "holder_name": "Nguyễn Thị Mẫu",
        "shop_name": "Bún riêu cô Mẫu",
        "unit_id": 3,
        "phone": "0987 654 321",
        "source": "khao-sat",
        "external_id": "17",
        "point": {"code": "C01-02", "zone_id": 1},
    },
)
@api.response(201, MerchantDetail)
@repeatable("code", again=lambda kept: one_again(kept["code"]))
def enter_merchant(entry: dict[str, Any]) -> dict[str, Any]:
    """Lập hồ sơ một hộ, có thể kèm điểm bán; gửi lại cùng `source`, `external_id`, nội dung thì không lập thêm."""
    actor, now = current_actor(), moment()
    point = entry.pop("point")
    unit_id = require_unit(actor, entry["unit_id"], *EDITORS)
    place = require_place(actor, point_entry(point), *EDITORS) if point is not None else None
    new = NewMerchant(**{**entry, "online_shops": tuple(entry["online_shops"])})
    with unit_of_work():
        known = known_merchant(actor, new)
        if known is not None:
            return shown_record(actor, known)
        merchant = register_merchant(actor, now, new, unit_id)
        if place is not None:
            open_point(actor, now, merchant, place)
    return shown_record(actor, merchant)


@api.patch("/merchants/<code>")
@allow(*EDITORS)
@api.arguments(MerchantChange, example={"version": 1, "shop_name": "Bún riêu cô Lượng"})
@api.response(200, MerchantDetail)
def amend_merchant(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Sửa hồ sơ; 409 khi người khác vừa sửa."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *EDITORS)
    version = entry.pop("version")
    if "unit_id" in entry:
        require_unit(actor, entry["unit_id"], *EDITORS)
    with unit_of_work():
        change_merchant(actor, moment(), merchant, _changed(merchant, entry), version)
    return shown_record(actor, merchant)


@api.post("/merchants/<code>/show")
@allow(*SEE_PERSONAL)
@api.arguments(Look, example={"field": "phone"})
@api.response(200, Seen, example={"field": "phone", "value": "+84987654321"})
def look_at(entry: dict[str, Any], code: str) -> dict[str, str]:
    """Xem đầy đủ một mục được che; mỗi lần xem đều được ghi lại."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *SEE_PERSONAL)
    with unit_of_work():
        value = show_personal(actor, moment(), merchant, entry["field"])
    return {"field": entry["field"], "value": value}


@api.get("/merchants/<code>/history")
@allow(*READERS)
@api.arguments(PageQuery, location="query")
@api.response(200, paged(EventOut))
def merchant_history(query: dict[str, Any], code: str) -> dict[str, Any]:
    """Ai đã sửa gì trong hồ sơ, mới nhất trước."""
    merchant = merchant_by_code(current_actor(), code)
    cut, now = cut_of(query), moment()
    events = history(merchant, held_points(merchant), accounts_of(merchant, now), limit=cut.offset + cut.per_page + 1)
    return {"items": [shown_event(each) for each in events[cut.offset :][: cut.per_page]], "total": len(events)}


@api.get("/issues")
@allow(*READERS)
@api.response(200, IssueList)
def worklist() -> dict[str, Any]:
    """Việc cần xử lý, nặng nhất trước; xem hộ của một việc bằng `GET /merchants?issue=`."""
    found = issue_counts(current_actor(), moment())
    items = [
        {"kind": issue.kind, "severity": issue.severity, "label": issue.label, "remedy": issue.remedy, "count": count}
        for issue, count in found
    ]
    return {"items": items, "total": len(items)}


@api.get("/exports/merchants.<format_name>")
@allow(*KEEPERS)
@api.arguments(MerchantFilterQuery, location="query")
@api.response(200, content_type="application/octet-stream", description="Tệp, phát dần; lần xuất được ghi lại")
def export(query: dict[str, Any], format_name: str) -> Response:
    """Danh sách thành tệp: xlsx, csv, geojson, kml; có dấu người xuất và giờ xuất."""
    with unit_of_work():
        return export_file(current_actor(), moment(), wanted_of(query), format_name)


def shown_record(actor: Actor, merchant: Merchant) -> dict[str, Any]:
    """The whole record as this person may see it."""
    return shown_merchant(actor, merchant_lines([merchant.id])[0]) | {
        "unit_id": merchant.unit_id,
        "tax_code_masked": mask_id(merchant.tax_code) if merchant.tax_code else "",
        "online_shops": merchant.online_shops,
        "has_soundbox": merchant.has_soundbox,
        "refusal": merchant.refusal,
        "note": merchant.note,
        "source": merchant.source,
        "external_id": merchant.external_id,
        "version": merchant.version,
    }


def one_again(code: str) -> dict[str, Any]:
    """The record that an earlier request with the same key made."""
    actor = current_actor()
    return shown_record(actor, merchant_by_code(actor, code))


def wanted_of(query: dict[str, Any]) -> MerchantFilter:
    """The filter as queries take it."""
    return MerchantFilter(
        q=query["q"].strip()[:100],
        stages=tuple(query["stage"]),
        zone_id=query["zone"],
        unit_id=query["unit"],
        point_kind=query["kind"],
        waiting=query["waiting"],
        issue=query["issue"],
        now=moment(),
        sort=query["sort"],
    )


def _changed(merchant: Merchant, entry: dict[str, Any]) -> NewMerchant:
    """What stands, with the new values over it."""
    known = {part.name: getattr(merchant, part.name) for part in parts_of(NewMerchant)}
    known |= {"phone": merchant.phone or "", "tax_code": merchant.tax_code or ""}
    known |= entry
    known["online_shops"] = tuple(known["online_shops"])
    return NewMerchant(**known)
