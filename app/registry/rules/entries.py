"""What a person enters about a merchant, a point or an account, brought into the form that is kept. Pure."""

import math
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from app.errors import RefusedError
from app.vn.text import nfc, tidy

#: No vowels (no words by accident), nothing that looks like something else when read aloud or by hand.
CODE_LETTERS: Final = "23456789BCDFGHJKMNPQRSTVWXZ"
CODE_LENGTH: Final = 6
NAME_MAX: Final = 120
SHOP_MAX: Final = 160
TEXT_MAX: Final = 200
POINT_CODE_MAX: Final = 24
ROW_MAX: Final = 12
LINKS_MAX: Final = 10
ACCOUNT: Final = re.compile(r"[0-9A-Za-z]{4,19}")


@dataclass(frozen=True, slots=True)
class NewMerchant:
    """A merchant as entered; empty text means not known."""

    holder_name: str
    shop_name: str = ""
    kind: str = "household"
    unit_id: int | None = None
    phone: str = ""
    tax_code: str = ""
    line_of_business: str = ""
    online_shops: tuple[str, ...] = ()
    has_soundbox: bool | None = None
    refusal: str = ""
    note: str = ""
    source: str | None = None
    external_id: str | None = None
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A place to pay as entered. `code` may stay empty: it is made of row and stall, or drawn."""

    kind: str = "stall"
    code: str = ""
    unit_id: int | None = None
    zone_id: int | None = None
    stall_id: int | None = None
    row: str = ""
    stall_text: str = ""
    place: str = ""
    lat: float | None = None
    lng: float | None = None
    accuracy_m: float | None = None
    located_how: str = ""
    services: tuple[str, ...] = ()
    opening_hours: str = ""
    detail: str = ""
    since: date | None = None
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as entered: a bank account, or a provider's code byte for byte."""

    bank_bin: str = ""
    account_number: str = ""
    holder_name: str = ""
    provider: str = ""
    payload: bytes | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NewConsent:
    """One yes for one purpose."""

    purpose: str
    method: str
    text_version: str
    witness: str = ""
    evidence: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field: its name, the Vietnamese reason with the remedy."""

    field: str
    message: str


class EntryError(RefusedError):
    """An entry that cannot be kept; `faults` says which field and why, for the form that brought it."""

    code = "nhap-sai"

    def __init__(self, faults: "list[Fault]") -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(fault.message for fault in faults))


@dataclass(frozen=True, slots=True)
class Faults:
    """All that is wrong with an entry."""

    found: list[Fault] = field(default_factory=list)

    def add(self, name: str, message: str) -> None:
        """One more."""
        self.found.append(Fault(name, message))

    def refuse(self) -> None:
        """Raises EntryError with every reason when there is one."""
        if self.found:
            raise EntryError(self.found)


def new_code(prefix: str, length: int = CODE_LENGTH) -> str:
    """A code nobody can guess or mistype into a neighbour's: HK-7K3M9Q (27^6 = 387 million)."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(length))
    return f"{prefix}-{letters}" if prefix else letters


def clean(text: str) -> str:
    """One line as it is kept: composed letters, single spaces, nothing invisible.

    >>> clean("  Bún\u200b  chả\u202e ")
    'Bún chả'
    """
    return tidy(text)


def check_name(name: str, value: str, label: str, chars_max: int, faults: Faults) -> str:
    """A required name: there, not too long, with a letter in it."""
    kept = clean(value)
    if not kept:
        faults.add(name, f"Thiếu {label}.")
    elif len(kept) > chars_max:
        faults.add(name, f"{label[:1].upper()}{label[1:]} dài {len(kept)} ký tự, tối đa {chars_max}.")
    elif not any(letter.isalpha() for letter in kept):
        faults.add(name, f"{label[:1].upper()}{label[1:]} “{kept}” không có chữ nào.")
    return kept


def check_text(name: str, value: str, label: str, chars_max: int, faults: Faults) -> str:
    """A text that may be empty."""
    kept = clean(value)
    if len(kept) > chars_max:
        faults.add(name, f"{label} dài {len(kept)} ký tự, tối đa {chars_max}.")
    return kept


def check_choice(name: str, value: str, choices: Mapping[str, str], label: str, faults: Faults) -> str:
    """One of a list."""
    if value not in choices:
        faults.add(name, f"{label} “{value}” không có trong danh sách.")
    return value


def check_links(links: Iterable[str], faults: Faults) -> tuple[str, ...]:
    """Addresses of online shops: https (or http) with a host, at most ten."""
    kept: list[str] = []
    for link in links:
        address = clean(link)
        if not address:
            continue
        if "://" not in address:
            address = f"https://{address}"
        try:
            parts = urlsplit(address)
            usable = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in address
        except ValueError:
            usable = False
        if not usable or len(address) > TEXT_MAX:
            faults.add("online_shops", f"“{address[:60]}” không phải địa chỉ trang bán hàng (https://…).")
        elif address not in kept:
            kept.append(address)
    if len(kept) > LINKS_MAX:
        faults.add("online_shops", f"Tối đa {LINKS_MAX} trang bán hàng.")
    return tuple(kept)


def check_place(lat: float | None, lng: float | None, faults: Faults) -> None:
    """Coordinates: both or none, on earth, and not the 0, 0 that a failed fix leaves behind."""
    if lat is None and lng is None:
        return
    if lat is None or lng is None:
        faults.add("lat", "Toạ độ cần cả vĩ độ và kinh độ.")
    elif not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):  # noqa: PLR2004 - degrees
        faults.add("lat", f"Toạ độ {lat}, {lng} nằm ngoài trái đất.")
    elif abs(lat) < 1e-6 and abs(lng) < 1e-6:  # noqa: PLR2004 - a metre
        faults.add("lat", "Toạ độ 0, 0 là lỗi định vị; hãy lấy lại vị trí.")


def clean_account(text: str) -> str:
    """An account number as it is kept: without the blanks and dots people group it with; never as a number.

    >>> clean_account(" 0011 0012.3456-7 ")
    '0011001234567'
    """
    return re.sub(r"[\s.\-]", "", nfc(text)).upper()


def check_account(text: str, faults: Faults) -> str:
    """An account number a code can carry: 4 to 19 letters and digits."""
    number = clean_account(text)
    if not number:
        faults.add("account_number", "Thiếu số tài khoản.")
    elif not (number.isascii() and ACCOUNT.fullmatch(number)):
        faults.add("account_number", f"Số tài khoản “{number[:30]}” không đúng: cần 4 đến 19 chữ số, viết liền.")
    return number
