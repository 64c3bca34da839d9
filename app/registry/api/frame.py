"""The blueprint of the registry's operations, and what several of them show."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_smorest import Blueprint
from marshmallow import fields

from app.actors import Actor
from app.audit.models import AuditEvent
from app.audit.words import act_words
from app.registry.queries.merchants import MerchantLine
from app.registry.rules.rights import masked_account, sees_accounts
from app.vn.phones import mask_phone
from app.web.described import Shown

api = Blueprint("registry_api", __name__, url_prefix="/api/v1", description="Hộ kinh doanh")

MERCHANT_EXAMPLE = {
    "code": "HK-7K3M9Q",
    "shop_name": "Bún chả Hường",
    "holder_name": "Đặng Thị Hường",
    "kind": "household",
    "stage": "installed",
    "phone_masked": "0987 ••• 321",
    "line_of_business": "ăn uống",
    "points": ["A01-06"],
    "zones": ["Chợ Thử"],
    "lat": 19.8,
    "lng": 105.7,
    "bank": "Vietcombank",
    "account_tail": "•••• 4567",
    "account_number": "0011001234567",
    "url": "/desk/merchants/HK-7K3M9Q",
}


class MerchantOut(Shown):
    """A merchant as lists show it; `account_number` stands only where this person may see it."""

    code = fields.String(required=True)
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


def shown_merchant(actor: Actor, line: MerchantLine) -> dict[str, Any]:
    """A merchant's line as this person may see it."""
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


def shown_event(event: AuditEvent) -> Mapping[str, Any]:
    """Who did what when; what changed stays with the administrator's audit."""
    return {
        "id": event.id,
        "at": event.at,
        "actor": event.actor_name,
        "via": event.via,
        "action": event.action,
        "action_name": act_words(event.action),
        "subject_kind": event.subject_kind,
        "subject_id": event.subject_id,
        "reason": event.reason,
    }
