"""Make a VietQR transfer code: who is paid, how much, what for.

Source: NAPAS, "Quy định về định dạng mã VietQR" v1.0 (09/2021); EMVCo QRCPS-MPM v1.1. A code that a provider issued
is never made again here: it is stored and printed character by character.
"""

from app.qr.account_rules import ACCOUNT_CHARS_MAX, BIN_CHARS
from app.qr.emvco import field, seal
from app.qr.fields import NAPAS_AID
from app.qr.kinds import SERVICES, Kind
from app.qr.rules import ADDITIONAL_CHARS_MAX, AMOUNT_CHARS_MAX, CITY_CHARS_MAX, DONG, NAME_CHARS_MAX
from app.qr.wording import capitals

# Tag 62 holds 99 characters, four of them the memo's own tag and length.
MEMO_CHARS_CEILING = 95


class VietqrError(ValueError):
    """A code that cannot be made; `str()` is one Vietnamese message with the remedy. `what` names the argument."""

    def __init__(self, what: str, message: str) -> None:
        self.what = what
        super().__init__(message)


def vietqr(
    bin: str,  # noqa: A002 - the field's own name, also in the data files
    account: str,
    *,
    name: str = "",
    city: str = "",
    amount_vnd: int | None = None,
    memo: str = "",
    service: str = Kind.TRANSFER_ACCOUNT.value,
    memo_chars_max: int = ADDITIONAL_CHARS_MAX,
) -> str:
    """The payload of a transfer code; it says "used once" (01 = 12) only where it carries an amount.

    `account` is letters and digits, kept as text with its zeros. `name`, `city` and `memo` are folded to capitals
    without accents; none is ever cut here (see `app.qr.wording.cut_at_word`). `memo_chars_max` up to 95 is for who
    knows that the payers' apps take more than the standard's 25. Raises VietqrError on every limit.

    >>> vietqr("970403", "0011012345678")
    '00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F'
    """
    _check_beneficiary(bin, account, service)
    parts = [
        field("00", "01"),
        field("01", "11" if amount_vnd is None else "12"),
        field(
            "38", field("00", NAPAS_AID) + field("01", field("00", bin) + field("01", account)) + field("02", service)
        ),
        field("53", DONG),
        "" if amount_vnd is None else field("54", _amount(amount_vnd)),
        field("58", "VN"),
        _optional("59", _folded("name", "Tên", name, NAME_CHARS_MAX)),
        _optional("60", _folded("city", "Tên nơi", city, CITY_CHARS_MAX)),
        _optional("62", _optional("08", _folded("memo", "Nội dung", memo, min(memo_chars_max, MEMO_CHARS_CEILING)))),
    ]
    return seal("".join(parts))


def _check_beneficiary(acquirer: str, account: str, service: str) -> None:
    if not (len(acquirer) == BIN_CHARS and acquirer.isascii() and acquirer.isdigit()):
        raise VietqrError("bin", f"Mã ngân hàng phải là 6 chữ số, ví dụ 970436; gặp “{acquirer}”.")
    if not (account.isascii() and account.isalnum()):
        raise VietqrError("account", f"Số tài khoản chỉ gồm chữ không dấu và số, viết liền; gặp “{account}”.")
    if len(account) > ACCOUNT_CHARS_MAX:
        raise VietqrError("account", f"Số tài khoản dài {len(account)} ký tự, tối đa {ACCOUNT_CHARS_MAX}.")
    if service not in SERVICES:
        raise VietqrError("service", f"Không có dịch vụ “{service}”; có: {', '.join(SERVICES)}.")
    if service == Kind.TRANSFER_CARD and not account.isdigit():
        raise VietqrError("account", f"Số thẻ chỉ gồm chữ số; gặp “{account}”.")


def _amount(amount_vnd: int) -> str:
    if amount_vnd <= 0:
        raise VietqrError("amount_vnd", f"Số tiền phải lớn hơn 0; gặp {amount_vnd}.")
    if len(str(amount_vnd)) > AMOUNT_CHARS_MAX:
        raise VietqrError("amount_vnd", f"Số tiền dài quá {AMOUNT_CHARS_MAX} chữ số.")
    return str(amount_vnd)


def _folded(what: str, label: str, text: str, chars_max: int) -> str:
    folded = capitals(text)
    if text.strip() and not folded:
        raise VietqrError(
            what, f"{label} “{text}” không có chữ nào mà ứng dụng ngân hàng đọc được. Hãy viết bằng chữ Việt."
        )
    if len(folded) > chars_max:
        raise VietqrError(what, f"{label} dài {len(folded)} ký tự (“{folded}”), tối đa {chars_max}. Hãy viết ngắn lại.")
    return folded


def _optional(tag: str, value: str) -> str:
    return field(tag, value) if value else ""
