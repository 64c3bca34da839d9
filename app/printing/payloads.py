"""What a piece's code says: the provider's own payload byte for byte, else a VietQR code for bank and account."""

from dataclasses import dataclass

from app.qr.banks import BankNotFoundError, bank_by_bin
from app.qr.check import inspect
from app.qr.emvco import crc
from app.qr.vietqr import VietqrError, vietqr

TAIL = 4


class PayloadRefusedError(ValueError):
    """This point cannot get a code; `str()` says why in Vietnamese, without a full stop."""


@dataclass(frozen=True, slots=True)
class Payee:
    """What a code says and whom it pays, as far as the code itself tells."""

    payload: str
    bank: str
    account_tail: str


def payload_crc(payload: str) -> str:
    """The CRC a payment code carries, or for any other text CRC-16/CCITT-FALSE over its UTF-8 bytes."""
    sealed = payload[-8:-4] == "6304" and payload[-4:].upper() == crc(payload[:-4])
    return payload[-4:].upper() if sealed else crc(payload)


def payee(payload: str, bank_bin: str, account: str, *, payment: bool) -> Payee:
    """The payee of a row: a payload wins over an account and is kept as it is. Raises PayloadRefusedError."""
    if payload:
        return _given(payload, bank_bin, account, payment=payment)
    if not bank_bin and not account:
        return Payee("", "", "")
    if not bank_bin:
        raise PayloadRefusedError("thiếu mã ngân hàng (bank_bin); hãy điền 6 số, xem: choso qr banks")
    if not account:
        raise PayloadRefusedError("thiếu số tài khoản")
    try:
        return Payee(vietqr(bank_bin, account), bank_by_bin(bank_bin).short_name, account[-TAIL:])
    except (BankNotFoundError, VietqrError) as error:
        raise PayloadRefusedError(clause(str(error))) from error


def _given(payload: str, bank_bin: str, account: str, *, payment: bool) -> Payee:
    seen = inspect(payload)
    if payment and not seen.valid:
        raise PayloadRefusedError(f"mã QR không hợp lệ: {clause(seen.errors[0].message_vi)}")
    acquirer = seen.value("38/01/00") or bank_bin
    number = seen.value("38/01/01") or account
    try:
        bank = bank_by_bin(acquirer).short_name if acquirer else ""
    except BankNotFoundError:
        bank = ""
    return Payee(payload, bank, number[-TAIL:])


def paid_account(paid: Payee) -> tuple[str, str]:
    """Bank and account that a code pays, whatever else it says; a code that names them otherwise counts as a whole."""
    seen = inspect(paid.payload)
    bank, number = seen.value("38/01/00") or "", seen.value("38/01/01") or ""
    return (bank, number) if bank and number else ("", paid.payload)


def clause(message: str) -> str:
    """A sentence as part of a longer one."""
    starts_a_word = message[1:2].islower() or message[1:2] == " "
    return (message[:1].lower() if starts_a_word else message[:1]) + message[1:].rstrip(".")
