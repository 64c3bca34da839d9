"""Accounts and the codes made of them, under four eyes: proposed, approved by somebody else, refused, taken back."""

import base64
from typing import Any

from marshmallow import fields, validate
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.repeats import repeatable
from app.actors import Actor
from app.approval.rules import STATES, approvals_needed
from app.db import db, unit_of_work
from app.errors import NotFoundError, RefusedError
from app.qr import bank_name
from app.registry.actions.accounts import approve_account, propose_account, refuse_account, withdraw_account
from app.registry.actions.code_approval import approve_code, refuse_code
from app.registry.api.frame import api
from app.registry.models import Merchant, MerchantState, PaymentAccount, QrAsset
from app.registry.models.payments import ASSET_STATES
from app.registry.queries.reach import merchant_by_code, merchants_in_reach
from app.registry.rules.accounts import PAYLOAD_MAX
from app.registry.rules.entries import NewAccount
from app.registry.rules.rights import APPROVERS, READERS, RECORDERS, masked_account, sees_accounts
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import (
    ABSENT,
    Entry,
    PageQuery,
    Reason,
    Shown,
    cut_of,
    one_of,
    paged,
    shown_page,
    text_field,
)
from app.web.paging import Cut, Page


class AccountIn(Entry):
    """A bank account, or a provider's own code byte for byte; another person approves it."""

    bank_bin = text_field("BIN NAPAS của ngân hàng", 6)
    account_number = text_field("số tài khoản", 40)
    holder_name = text_field("chủ tài khoản", 120)
    payload_base64 = text_field("mã QR do đơn vị cấp, nguyên từng byte, dạng Base64", PAYLOAD_MAX * 2)
    provider = text_field("đơn vị cấp mã", 40)
    reason = text_field("lý do")


class AccountOut(Shown):
    """An account of a merchant and how far it is; the number in full only for those who may see it."""

    id = fields.Integer(required=True)
    merchant = fields.String()
    version = fields.Integer()
    kind = fields.String()
    bank_bin = fields.String()
    bank = fields.String()
    account_tail = fields.String()
    account_number = fields.String()
    holder_name = fields.String()
    provider = fields.String()
    state = fields.String(required=True)
    is_change = fields.Boolean()
    proposed_by = fields.String()
    proposed_at = fields.AwareDateTime()
    approvals = fields.Integer(metadata={"description": "bao nhiêu người đã duyệt"})
    approvals_needed = fields.Integer()
    decided_by = fields.String()
    decided_at = fields.AwareDateTime(allow_none=True)
    decision_reason = fields.String()
    print_from = fields.AwareDateTime(allow_none=True, metadata={"description": "in được từ lúc này"})


class AccountQuery(PageQuery):
    """Which accounts."""

    state = one_of(["", *STATES], "trạng thái", load_default="")


class CodeOut(Shown):
    """A code at a point; its exact bytes only for those who may see the account."""

    serial = fields.String(required=True)
    kind = fields.String()
    state = fields.String(required=True)
    merchant = fields.String()
    account_id = fields.Integer()
    point_id = fields.Integer()
    point_code = fields.String()
    payload_base64 = fields.String()
    payload_sha256 = fields.String()
    issued_at = fields.AwareDateTime()
    print_from = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)


class CodeQuery(PageQuery):
    """Which codes."""

    state = one_of(["", *ASSET_STATES], "trạng thái", load_default="")
    merchant = fields.String(load_default="", validate=validate.Length(max=12), metadata={"description": "mã hồ sơ"})


@api.get("/merchants/<code>/accounts")
@allow(*READERS)
@api.response(200, paged(AccountOut))
def accounts_of_merchant(code: str) -> dict[str, Any]:
    """Mọi phiên bản tài khoản của hộ, mới nhất trước."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code)
    page = _accounts(actor, Cut(1, 1000), PaymentAccount.merchant_id == merchant.id)
    return shown_page(page, lambda account: shown_account(actor, account))


@api.post("/merchants/<code>/accounts")
@allow(*RECORDERS)
@api.arguments(AccountIn, example={"bank_bin": "970436", "account_number": "0011001234567"})
@api.response(201, AccountOut)
@repeatable("id", again=lambda kept: _one(kept["id"]))
def offer_account(entry: dict[str, Any], code: str) -> dict[str, Any]:
    """Đề nghị một tài khoản hoặc giữ nguyên mã của đơn vị cấp; người khác duyệt."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    payload = entry.pop("payload_base64")
    new = NewAccount(**entry, payload=_bytes(payload) if payload else None)
    with unit_of_work():
        account = propose_account(actor, moment(), merchant, new)
    return shown_account(actor, account)


@api.get("/accounts")
@allow(*READERS)
@api.arguments(AccountQuery, location="query")
@api.response(200, paged(AccountOut))
def list_accounts(query: dict[str, Any]) -> dict[str, Any]:
    """Tài khoản của các hộ bạn được xem, mới nhất trước; `state=proposed` là đang chờ duyệt."""
    actor = current_actor()
    wanted = [PaymentAccount.state == query["state"]] if query["state"] else []
    return shown_page(_accounts(actor, cut_of(query), *wanted), lambda account: shown_account(actor, account))


@api.get("/accounts/<int:account_id>")
@allow(*READERS)
@api.response(200, AccountOut)
def one_account(account_id: int) -> dict[str, Any]:
    """Một tài khoản."""
    return _one(account_id)


@api.post("/accounts/<int:account_id>/approve")
@allow(*APPROVERS)
@api.response(200, AccountOut)
def approve(account_id: int) -> dict[str, Any]:
    """Duyệt là việc của người có mặt: mã thiết bị nào cũng bị từ chối (403), hãy duyệt trên trang web."""
    actor = current_actor()
    with unit_of_work():
        account = approve_account(actor, moment(), account_id)
    return shown_account(actor, account)


@api.post("/accounts/<int:account_id>/refuse")
@allow(*APPROVERS)
@api.arguments(Reason, example={"reason": "Tên chủ tài khoản không phải người bán"})
@api.response(200, AccountOut)
def refuse(entry: dict[str, Any], account_id: int) -> dict[str, Any]:
    """Từ chối, kèm lý do người đề nghị sẽ đọc."""
    actor = current_actor()
    with unit_of_work():
        account = refuse_account(actor, moment(), account_id, entry["reason"])
    return shown_account(actor, account)


@api.post("/accounts/<int:account_id>/withdraw")
@allow(*RECORDERS)
@api.arguments(Reason, example={"reason": "Gõ nhầm số"})
@api.response(200, AccountOut)
def withdraw(entry: dict[str, Any], account_id: int) -> dict[str, Any]:
    """Người đề nghị rút lại đề nghị của mình."""
    actor = current_actor()
    _one(account_id)
    with unit_of_work():
        account = withdraw_account(actor, moment(), account_id, entry["reason"])
    return shown_account(actor, account)


@api.get("/codes")
@allow(*READERS)
@api.arguments(CodeQuery, location="query")
@api.response(200, paged(CodeOut))
def list_codes(query: dict[str, Any]) -> dict[str, Any]:
    """Mã QR ở các điểm bạn được xem, mới nhất trước."""
    actor = current_actor()
    wanted = [QrAsset.state == query["state"]] if query["state"] else []
    if query["merchant"]:
        wanted.append(Merchant.code == query["merchant"])
    return shown_page(_codes(actor, cut_of(query), *wanted), lambda asset: shown_code(actor, asset))


@api.get("/codes/<serial>")
@allow(*READERS)
@api.response(200, CodeOut)
def one_code(serial: str) -> dict[str, Any]:
    """Một mã QR theo số sê-ri."""
    actor = current_actor()
    return shown_code(actor, _code(actor, serial))


@api.post("/codes/<serial>/approve")
@allow(*APPROVERS)
@api.response(200, CodeOut)
def agree(serial: str) -> dict[str, Any]:
    """Duyệt mã ở điểm đổi người bán: chỉ trên trang web, mã thiết bị nào cũng bị từ chối (403)."""
    actor = current_actor()
    with unit_of_work():
        asset = approve_code(actor, moment(), _code(actor, serial).id)
    return shown_code(actor, asset)


@api.post("/codes/<serial>/refuse")
@allow(*APPROVERS)
@api.arguments(Reason, example={"reason": "Chưa rõ ai bán ở đây"})
@api.response(200, CodeOut)
def disagree(entry: dict[str, Any], serial: str) -> dict[str, Any]:
    """Từ chối mã ở điểm đổi người bán."""
    actor = current_actor()
    with unit_of_work():
        asset = refuse_code(actor, moment(), _code(actor, serial).id, entry["reason"])
    return shown_code(actor, asset)


def shown_account(actor: Actor, account: PaymentAccount) -> dict[str, Any]:
    """An account as this person may see it."""
    same = ("id", "version", "kind", "bank_bin", "holder_name", "provider", "state", "is_change", "proposed_by")
    later = ("proposed_at", "decided_by", "decided_at", "decision_reason", "print_from")
    return {name: getattr(account, name) for name in (*same, *later)} | {
        "merchant": account.merchant.code,
        "bank": bank_name(account.bank_bin) if account.bank_bin else "",
        "account_tail": masked_account(account.account_number),
        "account_number": account.account_number if sees_accounts(actor) else ABSENT,
        "approvals": len(account.approvals),
        "approvals_needed": approvals_needed(account.proposed_by_id),
    }


def shown_code(actor: Actor, asset: QrAsset) -> dict[str, Any]:
    """A code as this person may see it."""
    same = (
        "serial",
        "kind",
        "state",
        "account_id",
        "point_id",
        "payload_sha256",
        "issued_at",
        "print_from",
        "ended_at",
    )
    return {name: getattr(asset, name) for name in same} | {
        "merchant": asset.account.merchant.code,
        "point_code": asset.point.code,
        "payload_base64": base64.b64encode(asset.payload).decode() if sees_accounts(actor) else ABSENT,
    }


def _one(account_id: int) -> dict[str, Any]:
    actor = current_actor()
    found = _accounts(actor, Cut(1, 1), PaymentAccount.id == account_id).items
    if not found:
        raise NotFoundError("Không có tài khoản này.")
    return shown_account(actor, found[0])


def _accounts(actor: Actor, cut: Cut, *wanted: Any) -> Page[PaymentAccount]:  # noqa: ANN401 - conditions
    query = (
        select(PaymentAccount)
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(merchants_in_reach(actor), *wanted)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.options(joinedload(PaymentAccount.merchant), selectinload(PaymentAccount.approvals))
    query = query.order_by(PaymentAccount.id.desc()).offset(cut.offset).limit(cut.per_page)
    return cut.page(db.session.scalars(query).all(), total)


def _codes(actor: Actor, cut: Cut, *wanted: Any) -> Page[QrAsset]:  # noqa: ANN401 - conditions
    query = (
        select(QrAsset)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .join(Merchant, Merchant.id == PaymentAccount.merchant_id)
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(merchants_in_reach(actor), *wanted)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    whose = joinedload(QrAsset.account).joinedload(PaymentAccount.merchant)
    query = query.options(joinedload(QrAsset.point), whose).order_by(QrAsset.id.desc())
    return cut.page(db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all(), total)


def _code(actor: Actor, serial: str) -> QrAsset:
    found = _codes(actor, Cut(1, 1), QrAsset.serial == serial).items
    if not found:
        raise NotFoundError("Không có mã QR này.")
    return found[0]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as wrong:
        raise RefusedError("payload_base64 không phải Base64.", remedy="Hãy mã hoá nguyên nội dung mã QR.") from wrong
