"""Everybody a code may pay: one code can name several payees, and which of them is paid is up to the payer's app.

Tags after EMVCo QRCPS-MPM v1.1, table 4.3: 02-25 account numbers of card schemes, 26-51 templates that begin with who
reads them (00), 80-99 templates of anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.qr.banks import BankNotFoundError, bank_by_bin
from app.qr.check import Inspection
from app.qr.emvco import HEADER_CHARS, Item, tile
from app.qr.fields import ACCOUNT_TEMPLATES, NAPAS_AID, OPEN_TEMPLATES, claims_template
from app.qr.findings import PayloadError
from app.qr.kinds import SHOPEEPAY_GUID, VNPAY_AID

CARDS: Final = range(2, 26)
CARD_SCHEMES: Final = (
    (range(2, 4), "Visa"),
    (range(4, 6), "Mastercard"),
    (range(9, 11), "Discover"),
    (range(11, 13), "American Express"),
    (range(13, 15), "JCB"),
    (range(15, 17), "UnionPay"),
)
#: How an identifier begins, in small letters -> whose it is.
READERS: Final = {
    "vn.momo": "MoMo",
    "vn.zalopay": "ZaloPay",
    "com.vng.zalo": "Zalo",
    SHOPEEPAY_GUID: "ShopeePay",
    VNPAY_AID.casefold(): "VNPAY",
}


@dataclass(frozen=True, slots=True)
class Payee:
    """One payee: the tag, who reads it (a bank, a wallet, a card scheme), and the account or number it names."""

    tag: str
    reader: str
    account: str
    napas: bool = False

    @property
    def words(self) -> str:
        """In words, the account in full."""
        return " ".join(filter(None, (self.reader, self.account, f"(trường {self.tag})")))


@dataclass(frozen=True, slots=True)
class Payees:
    """All payees of one code; `main` is the one that apps for VietQR pay, or the first."""

    main: Payee | None
    others: tuple[Payee, ...]
    conflict: bool  #: two VietQR accounts that differ: one app pays the first, another the last


def payees_of(code: Inspection) -> Payees:
    """Everybody a code names, in the order of its fields; a code that could not be taken apart names nobody."""
    found = [payee for item in (code.payload.items if code.payload else ()) for payee in _payee(item)]
    napas = [payee for payee in found if payee.napas]
    main = next((payee for payee in napas if payee.tag == "38"), None) or next(iter([*napas, *found]), None)
    conflict = len({(payee.reader, payee.account) for payee in napas}) > 1
    return Payees(main, tuple(payee for payee in found if payee is not main), conflict)


def _payee(item: Item) -> Iterator[Payee]:
    tag = int(item.tag)
    if tag in CARDS:
        scheme = next((name for tags, name in CARD_SCHEMES if tag in tags), "")
        yield Payee(item.tag, f"thẻ {scheme}".strip(), item.value)
    elif tag in ACCOUNT_TEMPLATES or (tag in OPEN_TEMPLATES and claims_template(item)):
        yield _of_template(item)


def _of_template(item: Item) -> Payee:
    inner = _opened(item.value)
    who = inner.get("00", "")
    if who.strip().upper() == NAPAS_AID:
        beneficiary = _opened(inner.get("01", ""))
        acquirer, account = beneficiary.get("00", ""), beneficiary.get("01", "")
        return Payee(item.tag, _bank(acquirer), account or inner.get("01", ""), napas=True)
    reader = next((name for start, name in READERS.items() if who.casefold().startswith(start)), who or "không rõ ai")
    account = inner.get("01") or " ".join(value for tag, value in inner.items() if tag != "00") or ""
    return Payee(item.tag, reader, account if inner else item.value)


def _opened(value: str) -> dict[str, str]:
    """The fields of a template; nothing where it is none."""
    if len(value) <= HEADER_CHARS:
        return {}
    try:
        return {item.tag: item.value for item in tile(value, path="", start=0)}
    except PayloadError:
        return {}


def _bank(acquirer: str) -> str:
    try:
        return bank_by_bin(acquirer).short_name
    except BankNotFoundError:
        return f"ngân hàng mã {acquirer}"
