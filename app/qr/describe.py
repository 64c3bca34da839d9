"""A payment code told to a person: who is paid, how much, what for."""

from dataclasses import dataclass

from app.qr.banks import BankNotFoundError, bank_by_bin
from app.qr.check import Inspection, inspect
from app.qr.kinds import ACCOUNT_TAGS, FOREIGN_KINDS, NAPAS_KINDS, Kind
from app.qr.rules import DONG

TAIL_CHARS = 4

FOREIGN_NAMES = {
    Kind.KHQR: "KHQR (Campuchia)",
    Kind.PROMPTPAY: "PromptPay (Thái Lan)",
    Kind.QRIS: "QRIS (Indonesia)",
    Kind.LAOQR: "LaoQR (Lào)",
    Kind.PAYNOW: "PayNow (Singapore)",
    Kind.DUITNOW: "DuitNow (Malaysia)",
    Kind.PIX: "Pix (Brazil)",
}
CURRENCIES = {
    "116": "KHR",
    "156": "CNY",
    "360": "IDR",
    "418": "LAK",
    "458": "MYR",
    "702": "SGD",
    "764": "THB",
    "840": "USD",
    "986": "BRL",
}


@dataclass(frozen=True, slots=True)
class Details:
    """What a valid code says, as the payer's app would show it; None where it does not say.

    `bin` and `account` are VietQR's (tag 38); `merchant_id` is the identifier of VNPAY, ShopeePay and other account
    templates. `amount_vnd` is whole dong, None for open amounts and other currencies.
    """

    kind: Kind
    bin: str | None
    account: str | None
    merchant_id: str | None
    amount_vnd: int | None
    memo: str | None
    name: str | None
    city: str | None


def details(code: Inspection) -> Details:
    """What the code says. Raises ValueError for a code with errors: a damaged code has no beneficiary."""
    if not code.valid or code.kind is None:
        raise ValueError(code.errors[0].message_vi if code.errors else "Mã không đọc được")
    napas = code.kind in NAPAS_KINDS or code.value("38/01/00") is not None
    return Details(
        kind=code.kind,
        bin=code.value("38/01/00") if napas else None,
        account=code.value("38/01/01") if napas else None,
        merchant_id=None if napas else _merchant_id(code),
        amount_vnd=_amount_vnd(code),
        memo=code.value("62/08"),
        name=code.value("59"),
        city=code.value("60"),
    )


def explain(payload: str) -> str:
    """One Vietnamese sentence about the code, without a full stop; the account only by its last four characters.

    >>> explain("00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52")
    'Chuyển khoản đến thẻ …4567 của Sacombank, không ghi sẵn số tiền'
    """
    code = inspect(payload)
    if code.kind is Kind.NOT_PAYMENT:
        return "Không phải mã thanh toán" + (
            ": là một đường dẫn" if payload.lower().startswith(("http://", "https://")) else ""
        )
    if not code.valid:
        return f"Mã hỏng, đừng dùng: {code.errors[0].message_vi}"
    said = details(code)
    parts = [_beneficiary(said, code), _amount(said, code)]
    if said.memo and said.memo != "***":
        parts.append(f"nội dung “{said.memo}”")
    return ", ".join(parts)


def tail(account: str) -> str:
    """The end of an account as it may be shown to anyone: "…7465".

    >>> tail("0011001237465")
    '…7465'
    """
    return f"…{account[-TAIL_CHARS:]}"


def bank_name(acquirer: str) -> str:
    """A bank's short name, or its id where the list does not know it."""
    try:
        return bank_by_bin(acquirer).short_name
    except BankNotFoundError:
        return f"ngân hàng mã {acquirer}"


def _beneficiary(said: Details, code: Inspection) -> str:
    if said.bin and said.account:
        return _napas_beneficiary(said, said.bin, said.account)
    named = f" cho {said.name}" if said.name else ""
    match said.kind:
        case Kind.VNPAY:
            return f"Thanh toán VNPAY-QR{named}"
        case Kind.SHOPEEPAY:
            return f"Thanh toán ShopeePay{named}"
        case Kind.EVN:
            return f"Thanh toán tiền điện{named}, mã khách hàng {code.value('62/06')}"
        case foreign if foreign in FOREIGN_KINDS:
            return f"Mã {FOREIGN_NAMES[foreign]}{named}"
    return f"Mã thanh toán EMVCo{named}"


def _napas_beneficiary(said: Details, acquirer: str, account: str) -> str:
    bank, end = bank_name(acquirer), tail(account)
    named = f" ({said.name})" if said.name else ""
    match said.kind:
        case Kind.TRANSFER_CARD:
            return f"Chuyển khoản đến thẻ {end} của {bank}{named}"
        case Kind.MERCHANT_PAYMENT:
            return f"Thanh toán cho {said.name or 'điểm bán'} qua {bank}, mã điểm bán {end}"
        case Kind.CASH_WITHDRAWAL:
            return f"Rút tiền mặt tại {bank}, mã điểm {end}"
        case Kind.MOMO:
            return f"Chuyển tiền đến ví MoMo, tài khoản {end}{named}"
        case Kind.ZALOPAY:
            return f"Chuyển tiền đến ví ZaloPay, tài khoản {end}{named}"
    return f"Chuyển khoản đến {bank}, tài khoản {end}{named}"


def _amount(said: Details, code: Inspection) -> str:
    if said.amount_vnd is not None:
        return f"số tiền {said.amount_vnd:,} ₫".replace(",", ".")
    if (written := code.value("54")) is not None:
        currency = code.value("53") or ""
        return f"số tiền {written} {CURRENCIES.get(currency, f'(tiền tệ {currency})')}"
    return "không ghi sẵn số tiền"


def _amount_vnd(code: Inspection) -> int | None:
    written = code.value("54")
    return int(written.partition(".")[0]) if written is not None and code.value("53") == DONG else None


def _merchant_id(code: Inspection) -> str | None:
    return next((code.value(f"{tag}/01") for tag in ACCOUNT_TAGS if code.value(f"{tag}/01")), None)
