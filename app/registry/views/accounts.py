"""Proposing accounts: typed, or a provider's code from a photo."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from app.db import db, unit_of_work
from app.errors import DomainError, NotFoundError, RefusedError
from app.qr import Kind, inspect
from app.qr.photo import PhotoError
from app.qr.photo_reader import read_sent_photo
from app.registry import forms
from app.registry.actions.accounts import adopt_provider_qr, propose_account, withdraw_account
from app.registry.models import PaymentAccount
from app.registry.queries.reach import merchant_by_code
from app.registry.rules.rights import RECORDERS
from app.registry.views.frame import pages, record_address
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.uploads import MEGABYTE

PHOTO_BYTES_MAX = 20 * MEGABYTE  # a telephone of 50 megapixels saves 8 to 15


@pages.post("/merchants/<code>/accounts")
@allow(*RECORDERS)
def propose(code: str) -> ResponseReturnValue:
    """A bank account, to be approved by somebody else."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    try:
        with unit_of_work():
            propose_account(actor, moment(), merchant, forms.account_entry(request.form))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã gửi đề nghị. Người khác duyệt xong thì mới in.", "good")
    return redirect(record_address(merchant, "tai-khoan"))


@pages.post("/merchants/<code>/provider-qr")
@allow(*RECORDERS)
def adopt(code: str) -> ResponseReturnValue:
    """The code a provider issued, read from a photo or pasted, kept byte for byte."""
    actor, now = current_actor(), moment()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    try:
        payload = _payload()
        with unit_of_work():
            adopt_provider_qr(actor, now, merchant, payload, request.form.get("provider", ""))
    except (DomainError, PhotoError) as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã giữ nguyên mã của đơn vị cấp. Người khác duyệt xong thì mới in.", "good")
    return redirect(record_address(merchant, "tai-khoan"))


@pages.post("/merchants/<code>/accounts/<int:account_id>/withdraw")
@allow(*RECORDERS)
def withdraw(code: str, account_id: int) -> ResponseReturnValue:
    """The proposer takes a proposal back."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *RECORDERS)
    account = db.session.get(PaymentAccount, account_id)
    if account is None or account.merchant_id != merchant.id:
        raise NotFoundError("Không có tài khoản này.")
    with unit_of_work():
        withdraw_account(actor, moment(), account_id)
    flash("Đã rút đề nghị.", "good")
    return redirect(record_address(merchant, "tai-khoan"))


def _payload() -> bytes:
    """What the form brings: text pasted from a scanner, or the one code in a photo."""
    pasted = request.form.get("payload", "").strip()
    if pasted:
        return pasted.encode()
    photo = request.files.get("photo")
    data = photo.stream.read(PHOTO_BYTES_MAX + 1) if photo else b""
    if not data or len(data) > PHOTO_BYTES_MAX:
        raise RefusedError("Chưa có ảnh mã QR, hoặc ảnh lớn hơn 20 MB.", remedy="Hãy chọn ảnh chụp rõ mã.")
    return _one_payment_code([each.text for each in read_sent_photo(data)]).encode()


def _one_payment_code(texts: list[str]) -> str:
    """The code of a photo: the only one, or the only payment code beside links and others. Raises RefusedError."""
    different = list(dict.fromkeys(texts))
    if not different:
        raise RefusedError("Không thấy mã QR nào đọc được trong ảnh.", remedy="Hãy chụp thẳng, gần hơn và đủ sáng.")
    paying = [each for each in different if inspect(each).kind is not Kind.NOT_PAYMENT]
    chosen = different if len(different) == 1 else paying
    if len(chosen) != 1:
        what = f"{len(chosen)} mã thanh toán" if chosen else f"{len(different)} mã QR, không mã nào là mã thanh toán"
        raise RefusedError(f"Ảnh có {what}.", remedy="Hãy chụp riêng một mã, thẳng và đủ sáng.")
    return chosen[0]
