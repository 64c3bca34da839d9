"""Which accounts can be taken, and which code an account makes. Pure."""

import hashlib
from typing import Any, Final

from app.qr import BankNotFoundError, Payees, bank_by_bin, details, inspect, payees_of, vietqr
from app.registry.rules.entries import Faults, NewAccount, check_account, check_text, clean

HOLDER_MAX: Final = 120
PROVIDER_MAX: Final = 40
PAYLOAD_MAX: Final = 2000


def checked_account(entry: NewAccount, faults: Faults) -> dict[str, Any]:
    """The columns of an account as they are kept; what is wrong goes to `faults`."""
    if entry.payload is not None:
        return _checked_code(entry, entry.payload, faults)
    number = check_account(entry.account_number, faults)
    _check_bank(entry.bank_bin, faults)
    return {
        "kind": "bank",
        "bank_bin": entry.bank_bin,
        "account_number": number,
        "holder_name": check_text("account_holder", entry.holder_name, "Tên chủ tài khoản", HOLDER_MAX, faults),
        "provider": "",
        "payload": None,
    }


def _check_bank(bank_bin: str, faults: Faults) -> None:
    """A wallet's codes come from its provider alone: a transfer code made for one leads nowhere, or to a stranger."""
    try:
        bank = bank_by_bin(bank_bin)
    except BankNotFoundError as fault:
        faults.add("bank_bin", str(fault))
        return
    if bank.refuses_transfers:
        faults.add(
            "bank_bin",
            f"{bank.short_name} không nhận chuyển khoản VietQR. Hãy quét và giữ nguyên mã QR do {bank.short_name} cấp.",
        )


def _checked_code(entry: NewAccount, payload: bytes, faults: Faults) -> dict[str, Any]:
    """A provider's own code: kept to the byte; what it says is only read, never written anew."""
    bank_bin, number, name = "", "", ""
    if not payload or len(payload) > PAYLOAD_MAX:
        faults.add("payload", "Không có nội dung mã QR, hoặc mã quá dài. Hãy quét lại.")
    else:
        code = inspect(payload.decode("utf-8", "replace"))
        if code.valid:
            said = details(code)
            bank_bin, number, name = said.bin or "", said.account or said.merchant_id or "", said.name or ""
            if payees_of(code).conflict:
                faults.add(
                    "payload",
                    "Mã này chứa hai tài khoản VietQR khác nhau: mỗi ứng dụng có thể trả cho một nơi. Hãy xin mã khác.",
                )
            if said.amount_vnd is not None:
                faults.add("payload", "Mã này ghi sẵn số tiền, chỉ dùng một lần. Hãy quét mã nhận tiền cố định.")
        else:
            faults.add("payload", f"Không dùng được mã này: {code.errors[0].message_vi}.")
    return {
        "kind": "provider_qr",
        "bank_bin": bank_bin[:6],
        "account_number": number[:40],
        "holder_name": clean(entry.holder_name or name)[:HOLDER_MAX],
        "provider": check_text("provider", entry.provider, "Đơn vị cấp mã", PROVIDER_MAX, faults),
        "payload": payload,
    }


def payees(payload: bytes) -> Payees:
    """Everybody a provider's code may pay; nobody where it cannot be taken apart."""
    return payees_of(inspect(payload.decode("utf-8", "replace")))


def account_key(bank_bin: str, account_number: str, payload: bytes | None) -> tuple[str, str, str]:
    """What makes two accounts the same: where the money goes, to the byte for a provider's code."""
    return (bank_bin, account_number, payload_digest(payload) if payload is not None else "")


def code_payload(bank_bin: str, account_number: str, payload: bytes | None) -> bytes:
    """The exact bytes of the code for an account: the provider's own, or a VietQR transfer code without amount.

    Only bank and account stand in our own codes: what a payer sees as name comes from the bank, never from paper.
    """
    return payload if payload is not None else vietqr(bank_bin, account_number).encode("ascii")


def payload_digest(payload: bytes) -> str:
    """SHA-256 (hex): equal digests are equal codes."""
    return hashlib.sha256(payload).hexdigest()
