"""Requests of people about their own data, a copy of all of it, and being forgotten."""

from collections.abc import Mapping
from typing import Any

from flask import current_app
from marshmallow import fields, validate

from app.accounts.repeats import repeatable
from app.audit.actions import record
from app.db import db, unit_of_work
from app.errors import NotFoundError, RefusedError
from app.evidence import forget_file
from app.registry.actions.erasing import erase_person
from app.registry.actions.requests import close_request, log_request, prolong_request
from app.registry.api.frame import api
from app.registry.erased import note_erased
from app.registry.models import PersonRequest
from app.registry.queries.persons import personal_data, request_of, request_page, requests_of
from app.registry.queries.reach import merchant_by_code, merchant_in_reach
from app.registry.rules.requests import KINDS, STATES
from app.registry.rules.rights import KEEPERS, RECORDERS
from app.settings import Settings
from app.vn.dates import local_date
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.described import (
    Entry,
    PageQuery,
    Reason,
    Shown,
    YesNo,
    cut_of,
    one_of,
    paged,
    shown_page,
    text_field,
)

ENDS = {"prolong": "gia hạn một lần", "done": "đã làm xong", "declined": "không làm được"}


class RequestIn(Entry):
    """What somebody asks about their own data."""

    kind = one_of({key: words for key, (words, _) in KINDS.items()}, "yêu cầu", required=True)
    received_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "để trống là hôm nay"})
    third_party = YesNo(load_default=False, metadata={"description": "dữ liệu đã chia sẻ cho bên khác"})


class RequestEnd(Entry):
    """What becomes of it."""

    act = one_of(ENDS, "việc", required=True)
    note = text_field("lý do, bắt buộc khi gia hạn hoặc không làm được")


class RequestOut(Shown):
    """A request with its clocks."""

    id = fields.Integer(required=True)
    merchant = fields.String()
    kind = fields.String()
    state = fields.String(required=True)
    received_on = fields.Date()
    answer_by = fields.Date()
    due_on = fields.Date()
    prolonged_on = fields.Date(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    note = fields.String()


class RequestQuery(PageQuery):
    """Which requests."""

    state = one_of(STATES, "trạng thái", load_default="open")


class Copy(Shown):
    """All that is known about one person, table by table."""

    merchant = fields.String()
    made_at = fields.AwareDateTime()
    tables = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()))


class Forget(Reason):
    """The code once more, since nothing brings it back."""

    code = fields.String(
        required=True, validate=validate.Length(max=12), metadata={"description": "gõ lại mã hồ sơ để chắc chắn"}
    )


class Forgotten(Shown):
    """Whose data is gone."""

    state = fields.String()
    codes = fields.List(fields.String())


def _again(kept: Mapping[str, Any]) -> dict[str, Any]:
    row = db.session.get(PersonRequest, kept["id"])
    if row is None:
        raise NotFoundError("Không có yêu cầu này.")
    merchant_in_reach(current_actor(), row.merchant_id, *RECORDERS)
    return _shown(row)


@api.get("/requests")
@allow(*KEEPERS)
@api.arguments(RequestQuery, location="query")
@api.response(200, paged(RequestOut))
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """Yêu cầu về dữ liệu cá nhân với hạn theo luật, gấp nhất trước."""
    return shown_page(request_page(current_actor(), query["state"], cut_of(query)), _shown)


@api.get("/merchants/<code>/requests")
@allow(*KEEPERS)
@api.response(200, paged(RequestOut))
def requests_of_merchant(code: str) -> dict[str, Any]:
    """Yêu cầu của một người, mới nhất trước."""
    rows = requests_of(merchant_by_code(current_actor(), code, *KEEPERS))
    return {"items": [_shown(row) for row in rows], "total": len(rows)}


@api.post("/merchants/<code>/requests")
@allow(*RECORDERS)
@api.arguments(RequestIn, example={"kind": "copy"})
@api.response(201, RequestOut)
@repeatable("id", again=_again)
def ask(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Ghi một yêu cầu; hạn tính từ ngày nhận."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    received = entry["received_on"] or local_date(now)
    with unit_of_work():
        logged = log_request(actor, now, merchant, entry["kind"], received, third_party=entry["third_party"])
    return _shown(logged) | {"merchant": merchant.code}


@api.post("/merchants/<code>/requests/<int:request_id>")
@allow(*KEEPERS)
@api.arguments(RequestEnd, example={"act": "done"})
@api.response(200, RequestOut)
def end(entry: dict[str, Any], code: str, request_id: int) -> dict[str, Any]:
    """Gia hạn một lần, đóng vì đã xong, hoặc vì không làm được."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *KEEPERS)
    asked = request_of(merchant, request_id)
    with unit_of_work():
        if entry["act"] == "prolong":
            prolong_request(actor, now, asked, entry["note"])
        else:
            close_request(actor, now, asked, entry["act"], entry["note"])
    return _shown(asked)


@api.post("/merchants/<code>/copy")
@allow(*KEEPERS)
@api.response(200, Copy)
def copy(code: str) -> dict[str, Any]:
    """Bản sao mọi dữ liệu về một người; lần xuất được ghi lại."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *KEEPERS)
    rows = personal_data(merchant)
    with unit_of_work():
        record(actor, now, "person.export", ("merchant", merchant.id), after={"format": "api"})
    return {"merchant": merchant.code, "made_at": now, "tables": rows}


@api.post("/merchants/<code>/erase")
@allow(*KEEPERS)
@present
@api.arguments(Forget, example={"code": "HK-7K3M9Q", "reason": "Người bán yêu cầu"})
@api.response(200, Forgotten)
def erase(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Xoá dữ liệu cá nhân của một người, không lấy lại được."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *KEEPERS)
    if entry["code"].strip().upper() != merchant.code:
        raise RefusedError("Mã hồ sơ gõ lại chưa đúng.", remedy=f"Hãy gõ {merchant.code} để chắc chắn.")
    settings: Settings = current_app.config["SETTINGS"]
    with unit_of_work():
        for asked in requests_of(merchant):
            if asked.kind == "erase" and asked.state == "open":
                close_request(actor, now, asked, "done")
        gone = erase_person(actor, now, merchant, settings.secret_key, entry["reason"])
    for digest in gone.files:
        forget_file(settings.evidence_dir, digest)
    note_erased(settings.instance)
    return {"state": "erased", "codes": list(gone.codes)}


def _shown(row: PersonRequest) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RequestOut().fields if name != "merchant"} | {
        "merchant": row.merchant.code
    }
