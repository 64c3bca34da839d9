"""What a merchant agreed to, under /api/v1: given with or without a signature, read, taken back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Response, current_app
from marshmallow import fields, validate

from app.accounts.repeats import repeatable
from app.db import unit_of_work
from app.errors import ConflictError, NotFoundError
from app.evidence import digest_of, keep_file, kept_file
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.api.frame import api
from app.registry.models import Consent
from app.registry.queries.persons import given_consents
from app.registry.queries.reach import merchant_by_code
from app.registry.rules.entries import NewConsent
from app.registry.rules.rights import READERS, RECORDERS
from app.registry.rules.signatures import HEIGHT, STROKES_MAX, WIDTH, read_signature
from app.registry.rules.texts import CONSENT_VERSION
from app.registry.rules.words import CONSENT_METHODS, PURPOSES
from app.settings import Settings
from app.vn.dates import format_datetime
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import Done, Entry, Reason, Shown, Whole, one_of, paged, text_field

STROKES = f"nét vẽ, mỗi nét [x, y, x, y, …]; x từ 0 đến {WIDTH}, y từ 0 đến {HEIGHT}; cần khi ký trên màn hình"
SIGNED_EXAMPLE = {
    "purpose": "register",
    "method": "signature",
    "signature": [[100, 300, 300, 80, 420, 320], [450, 300, 700, 90, 820, 330]],
}


class ConsentIn(Entry):
    """One yes for one purpose."""

    purpose = one_of(PURPOSES, "mục đích", required=True)
    method = one_of(CONSENT_METHODS, "cách đồng ý", required=True)
    witness = text_field("người chứng kiến", 120)
    expires_on = fields.Date(load_default=None, allow_none=True)
    signature = fields.List(
        fields.List(Whole()),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=STROKES_MAX),
        metadata={"description": STROKES},
    )


class ConsentOut(Shown):
    """What was agreed to, how, and whether it was taken back."""

    id = fields.Integer(required=True)
    purpose = fields.String()
    method = fields.String()
    text_version = fields.String()
    witness = fields.String()
    given_at = fields.AwareDateTime()
    expires_on = fields.Date(allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)
    recorded_by = fields.String()
    has_signature = fields.Boolean(metadata={"description": "có chữ ký đã giữ, xem ở …/signature.svg"})


class ConsentBack(Reason):
    """Which purpose is taken back."""

    purpose = one_of(PURPOSES, "mục đích", required=True)


class Ended(Done):
    """How many yeses it ended."""

    ended = fields.Integer()


@api.get("/merchants/<code>/consents")
@allow(*READERS)
@api.response(200, paged(ConsentOut))
def consents(code: str) -> dict[str, Any]:
    """Mọi lần đồng ý, mới nhất trước, kể cả đã rút."""
    rows = given_consents(merchant_by_code(current_actor(), code))
    return {"items": [_consent(row) for row in rows], "total": len(rows)}


@api.post("/merchants/<code>/consents")
@allow(*RECORDERS)
@api.arguments(ConsentIn, example=SIGNED_EXAMPLE)
@api.response(201, Done, example={"state": "given"})
@repeatable("state")
def note_consent(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Ghi một đồng ý cho một mục đích; ký trên màn hình thì gửi kèm nét chữ ký."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    strokes, drawing = entry.pop("signature"), b""
    if entry["method"] == "signature":
        drawing = read_signature(json.dumps(strokes) if strokes else "").svg(f"{merchant.code}, {format_datetime(now)}")
    evidence = f"signature:{digest_of(drawing)}" if drawing else ""
    with unit_of_work():
        give_consent(actor, now, merchant, NewConsent(**entry, text_version=CONSENT_VERSION, evidence=evidence))
        if drawing:
            keep_file(_evidence_dir(), drawing)
    return {"state": "given"}


@api.get("/merchants/<code>/consents/<int:consent_id>/signature.svg")
@allow(*RECORDERS)
@api.response(200, content_type="image/svg+xml", description="Chữ ký như đã vẽ")
def consent_signature(code: str, consent_id: int) -> Response:
    """Chữ ký của một lần đồng ý."""
    rows = given_consents(merchant_by_code(current_actor(), code, *RECORDERS))
    digest = next((row.signature_digest for row in rows if row.id == consent_id), "")
    if not digest:
        raise NotFoundError("Không có chữ ký này.", remedy="Hãy xem lại danh sách đồng ý.")
    return Response(kept_file(_evidence_dir(), digest), mimetype="image/svg+xml")


@api.post("/merchants/<code>/consents/withdraw")
@allow(*RECORDERS)
@api.arguments(ConsentBack, example={"purpose": "public_map", "reason": "Không muốn hiện trên bản đồ"})
@api.response(200, Ended, example={"state": "withdrawn", "ended": 1})
@repeatable("state", "ended")
def take_back(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Rút đồng ý cho một mục đích; trang công khai và tệp xuất dừng ngay."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    with unit_of_work():
        ended = withdraw_consent(actor, moment(), merchant, entry["purpose"], entry["reason"])
    if not ended:
        raise ConflictError("Không có đồng ý nào cho mục đích này để rút.")
    return {"state": "withdrawn", "ended": ended}


def _consent(row: Consent) -> Mapping[str, Any]:
    shown = {name: getattr(row, name) for name in ConsentOut().fields if name != "has_signature"}
    return shown | {"has_signature": bool(row.signature_digest)}


def _evidence_dir() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.evidence_dir
