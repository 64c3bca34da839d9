"""Merchants through the API: finding, reading, entering, and what happened at the stall."""

from typing import Any

from flask import url_for
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.actors import Actor
from app.db import unit_of_work
from app.registry.actions.accounts import propose_account
from app.registry.actions.consents import give_consent
from app.registry.actions.merchants import register_merchant
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import open_point
from app.registry.queries.merchants import MerchantFilter, MerchantLine, merchant_lines, merchant_page
from app.registry.queries.reach import merchant_by_code, require_place, require_unit
from app.registry.rules.entries import NewAccount, NewConsent, NewMerchant, NewPoint
from app.registry.rules.rights import EDITORS, READERS, RECORDERS, masked_account, sees_accounts
from app.registry.rules.stages import BY_PROGRAM, MILESTONES, STAGES
from app.registry.rules.texts import CONSENT_VERSION
from app.registry.rules.words import CONSENT_METHODS, MERCHANT_KINDS, POINT_KINDS, PURPOSES, REFUSAL_REASONS
from app.vn.phones import mask_phone
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.paging import PER_PAGE, PER_PAGE_MAX, Cut
from app.web.row_ids import ID_MAX

api = Blueprint("registry_api", __name__, url_prefix="/api/v1", description="Hộ kinh doanh")


_A_ROW = validate.Range(min=1, max=ID_MAX)


def _one_of(choices: dict[str, str]) -> validate.OneOf:
    return validate.OneOf(sorted(choices))


class MerchantQuery(Schema):
    """What a list is narrowed to."""

    q = fields.String(load_default="", metadata={"description": "tên, quầy, điện thoại, đuôi tài khoản; không cần dấu"})
    limit = fields.Integer(load_default=PER_PAGE, validate=validate.Range(min=1))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    stage = fields.List(fields.String(validate=validate.OneOf(list(STAGES))), load_default=list)
    zone = fields.Integer(load_default=None, validate=_A_ROW)


class MerchantOut(Schema):
    """A merchant as the API shows it; `account_number` stands only where this person may see it."""

    code = fields.String()
    shop_name = fields.String()
    holder_name = fields.String()
    kind = fields.String()
    stage = fields.String()
    phone_masked = fields.String()
    line_of_business = fields.String()
    points = fields.List(fields.String())
    zones = fields.List(fields.String())
    lat = fields.Float(allow_none=True)
    lng = fields.Float(allow_none=True)
    bank = fields.String()
    account_tail = fields.String()
    account_number = fields.String()
    url = fields.String()


class MerchantPage(Schema):
    """One page of merchants and how many there are."""

    items = fields.List(fields.Nested(MerchantOut))
    total = fields.Integer()


class PointIn(Schema):
    """Where they can be paid."""

    kind = fields.String(load_default="stall", validate=_one_of(POINT_KINDS))
    code = fields.String(load_default="")
    zone_id = fields.Integer(load_default=None, allow_none=True, validate=_A_ROW)
    place = fields.String(load_default="")
    lat = fields.Float(load_default=None)
    lng = fields.Float(load_default=None)


class MerchantIn(Schema):
    """A merchant to be entered."""

    holder_name = fields.String(required=True)
    shop_name = fields.String(load_default="")
    kind = fields.String(load_default="household", validate=_one_of(MERCHANT_KINDS))
    unit_id = fields.Integer(required=True, validate=_A_ROW)
    phone = fields.String(load_default="")
    tax_code = fields.String(load_default="")
    line_of_business = fields.String(load_default="")
    source = fields.String(load_default=None, validate=validate.Length(max=64))
    external_id = fields.String(load_default=None, validate=validate.Length(max=120))
    point = fields.Nested(PointIn, load_default=None)


class AccountIn(Schema):
    """A bank account to be approved by another person."""

    bank_bin = fields.String(required=True)
    account_number = fields.String(required=True)
    holder_name = fields.String(load_default="")
    reason = fields.String(load_default="", validate=validate.Length(max=500))


_BY_HAND = {kind: label for kind, label in MILESTONES.items() if kind not in BY_PROGRAM}


class MilestoneIn(Schema):
    """What happened."""

    kind = fields.String(required=True, validate=_one_of(_BY_HAND))
    at = fields.AwareDateTime(load_default=None, metadata={"description": "ISO 8601 có múi giờ; để trống là bây giờ"})
    reason = fields.String(load_default="", validate=validate.OneOf(["", *REFUSAL_REASONS]))
    note = fields.String(load_default="", validate=validate.Length(max=500))


class ConsentIn(Schema):
    """One yes for one purpose."""

    purpose = fields.String(required=True, validate=_one_of(PURPOSES))
    method = fields.String(required=True, validate=_one_of(CONSENT_METHODS))
    witness = fields.String(load_default="", validate=validate.Length(max=120))


class StateOut(Schema):
    """What became of it."""

    state = fields.String()


@api.get("/merchants")
@allow(*READERS)
@api.arguments(MerchantQuery, location="query")
@api.response(200, MerchantPage)
def list_merchants(query: dict[str, Any]) -> dict[str, Any]:
    """Hộ kinh doanh bạn được xem, theo tên gọi."""
    actor = current_actor()
    wanted = MerchantFilter(q=query["q"].strip()[:100], stages=tuple(query["stage"]), zone_id=query["zone"])
    page = merchant_page(actor, wanted, Cut(query["page"], min(query["limit"], PER_PAGE_MAX)))
    return {"items": [_shown(actor, line) for line in page.items], "total": page.total}


@api.get("/merchants/<code>")
@allow(*READERS)
@api.response(200, MerchantOut)
def one_merchant(code: str) -> dict[str, Any]:
    """Một hộ theo mã hồ sơ."""
    actor = current_actor()
    return _shown(actor, merchant_lines([merchant_by_code(actor, code).id])[0])


@api.post("/merchants")
@allow(*EDITORS)
@api.arguments(
    MerchantIn, example={"holder_name": "Nguyễn Thị Mẫu", "unit_id": 3, "point": {"code": "A01-06", "zone_id": 1}}
)
@api.response(201, MerchantOut)
def enter_merchant(entry: dict[str, Any]) -> dict[str, Any]:
    """Lập hồ sơ một hộ, có thể kèm một điểm bán."""
    actor, now = current_actor(), moment()
    point = entry.pop("point")
    unit_id = require_unit(actor, entry["unit_id"], *EDITORS)
    place = None
    if point is not None:
        located = "pin" if point["lat"] is not None else ""
        new_point = NewPoint(**point, stall_text=point["code"], located_how=located)
        place = require_place(actor, new_point, *EDITORS)
    with unit_of_work():
        merchant = register_merchant(actor, now, NewMerchant(**entry), unit_id)
        if place is not None:
            open_point(actor, now, merchant, place)
    return _shown(actor, merchant_lines([merchant.id])[0])


@api.post("/merchants/<code>/accounts")
@allow(*RECORDERS)
@api.arguments(AccountIn, example={"bank_bin": "970436", "account_number": "0011001234567"})
@api.response(201, StateOut)
def offer_account(entry: dict[str, Any], code: str) -> dict[str, str]:
    """Đề nghị một tài khoản; người khác duyệt."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    with unit_of_work():
        account = propose_account(actor, moment(), merchant, NewAccount(**entry))
    return {"state": account.state}


@api.post("/merchants/<code>/milestones")
@allow(*RECORDERS)
@api.arguments(MilestoneIn, example={"kind": "surveyed", "at": "2026-11-22T09:30:00+07:00"})
@api.response(201, StateOut)
def note_what_happened(entry: dict[str, Any], code: str) -> dict[str, str]:
    """Ghi một mốc; trả về trạng thái mới của hộ."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    with unit_of_work():
        at = entry.pop("at") or now
        record_milestone(actor, now, merchant, entry["kind"], at, note=entry["note"], reason=entry["reason"])
    return {"state": merchant_lines([merchant.id])[0].stage}


@api.post("/merchants/<code>/consents")
@allow(*RECORDERS)
@api.arguments(ConsentIn, example={"purpose": "register", "method": "paper"})
@api.response(201, StateOut)
def note_consent(entry: dict[str, Any], code: str) -> dict[str, str]:
    """Ghi một đồng ý cho một mục đích."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    with unit_of_work():
        give_consent(actor, moment(), merchant, NewConsent(**entry, text_version=CONSENT_VERSION))
    return {"state": "given"}


def _shown(actor: Actor, line: MerchantLine) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "code": line.code,
        "shop_name": line.shop_name,
        "holder_name": line.holder_name,
        "kind": line.kind,
        "stage": line.stage,
        "phone_masked": mask_phone(line.phone) if line.phone else "",
        "line_of_business": line.line_of_business,
        "points": list(line.stalls),
        "zones": list(line.zones),
        "lat": line.lat,
        "lng": line.lng,
        "bank": line.bank,
        "account_tail": masked_account(line.account_number),
        "url": url_for("registry.merchant", code=line.code),
    }
    return shown | {"account_number": line.account_number} if sees_accounts(actor) else shown
