"""Whose code it is: VietQR by service, Vietnamese wallets, VNPAY, electricity, or a neighbour's scheme."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from app.qr.emvco import Item
from app.qr.fields import NAPAS_AID

VNPAY_AID = "A000000775"
LAOQR_AID = "A005266284662577"
PROMPTPAY_AID = "A0000006770101"
DUITNOW_AID = "A0000006150001"
SHOPEEPAY_GUID = "vn.airpay.www"
MOMO_BIN = "971025"
# BVBank carried the virtual accounts of MoMo (99MM...) and ZaloPay (99ZP...) before MoMo had its own id.
VIRTUAL_ACCOUNT_BIN = "970454"
ACCOUNT_TAGS = tuple(f"{tag:02d}" for tag in range(26, 52))


class Kind(StrEnum):
    """Kinds of payment code; the value is what `choso qr decode` and reports write."""

    TRANSFER_ACCOUNT = "QRIBFTTA"
    TRANSFER_CARD = "QRIBFTTC"
    MERCHANT_PAYMENT = "QRPUSH"
    CASH_WITHDRAWAL = "QRCASH"
    VNPAY = "VNPAY"
    MOMO = "MoMo"
    ZALOPAY = "ZaloPay"
    SHOPEEPAY = "ShopeePay"
    EVN = "EVN"
    KHQR = "KHQR"
    PROMPTPAY = "PromptPay"
    QRIS = "QRIS"
    LAOQR = "LaoQR"
    PAYNOW = "PayNow"
    DUITNOW = "DuitNow"
    PIX = "Pix"
    OTHER = "EMVCo"
    NOT_PAYMENT = "not-a-payment"


NAPAS_KINDS = frozenset(
    {
        Kind.TRANSFER_ACCOUNT,
        Kind.TRANSFER_CARD,
        Kind.MERCHANT_PAYMENT,
        Kind.CASH_WITHDRAWAL,
        Kind.MOMO,
        Kind.ZALOPAY,
    }
)
TRANSFER_KINDS = frozenset({Kind.TRANSFER_ACCOUNT, Kind.TRANSFER_CARD, Kind.MOMO, Kind.ZALOPAY})
FOREIGN_KINDS = frozenset({Kind.KHQR, Kind.PROMPTPAY, Kind.QRIS, Kind.LAOQR, Kind.PAYNOW, Kind.DUITNOW, Kind.PIX})

SERVICES = {
    kind.value: kind
    for kind in (Kind.TRANSFER_ACCOUNT, Kind.TRANSFER_CARD, Kind.MERCHANT_PAYMENT, Kind.CASH_WITHDRAWAL)
}


def classify(fields: Mapping[str, Item]) -> Kind:
    """Kind of a code whose fields were opened by `app.qr.fields.open_fields`; never raises, whatever they hold."""
    if is_napas(fields):
        return _napas_kind(fields)
    return next((kind for kind, matches in _RECOGNISERS if matches(fields)), Kind.OTHER)


def is_napas(fields: Mapping[str, Item]) -> bool:
    """Whether the code carries a VietQR account template (tag 38 with NAPAS's id; LaoQR uses tag 38 as well)."""
    return _text(fields, "38/00").upper() == NAPAS_AID


def _napas_kind(fields: Mapping[str, Item]) -> Kind:
    acquirer, account = _text(fields, "38/01/00"), _text(fields, "38/01/01").upper()
    if acquirer == MOMO_BIN or (acquirer == VIRTUAL_ACCOUNT_BIN and account.startswith("99MM")):
        return Kind.MOMO
    if acquirer == VIRTUAL_ACCOUNT_BIN and account.startswith("99ZP"):
        return Kind.ZALOPAY
    # NAPAS QR Switching 1.5.2: a code without a service is a merchant payment.
    return SERVICES.get(_text(fields, "38/02").upper() or Kind.MERCHANT_PAYMENT.value, Kind.OTHER)


def _text(fields: Mapping[str, Item], path: str) -> str:
    item = fields.get(path)
    return item.value if item else ""


def _guids(fields: Mapping[str, Item]) -> dict[str, str]:
    return {tag: _text(fields, f"{tag}/00").lower() for tag in ACCOUNT_TAGS if f"{tag}/00" in fields}


def _has_guid(*starts: str) -> Callable[[Mapping[str, Item]], bool]:
    folded = tuple(start.lower() for start in starts)
    return lambda fields: any(guid.startswith(folded) for guid in _guids(fields).values())


def _is_evn(fields: Mapping[str, Item]) -> bool:
    # Electricity bills write a bare "00" where a GUID belongs; the customer's code is in 62/06.
    return _text(fields, "26/00") == "00" and _text(fields, "58").upper() == "VN" and "62/06" in fields


def _is_khqr(fields: Mapping[str, Item]) -> bool:
    # Bakong has no GUID of its own: 00 of tag 29 or 30 is an address such as name@bank.
    return any("@" in _text(fields, f"{tag}/00") for tag in ("29", "30")) and _text(fields, "58").upper() == "KH"


_RECOGNISERS: tuple[tuple[Kind, Callable[[Mapping[str, Item]], bool]], ...] = (
    (Kind.VNPAY, _has_guid(VNPAY_AID)),
    (Kind.SHOPEEPAY, _has_guid(SHOPEEPAY_GUID)),
    (Kind.EVN, _is_evn),
    (Kind.LAOQR, _has_guid(LAOQR_AID)),
    (Kind.KHQR, _is_khqr),
    (Kind.PROMPTPAY, _has_guid(PROMPTPAY_AID)),
    (Kind.QRIS, _has_guid("id.co.qris")),
    (Kind.PAYNOW, _has_guid("sg.paynow", "sg.sgqr")),
    (Kind.DUITNOW, _has_guid(DUITNOW_AID)),
    (Kind.PIX, _has_guid("br.gov.bcb.pix")),
)
