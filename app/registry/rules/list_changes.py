"""In what a line of a list differs from the merchant the registry knows by it. Pure.

An empty cell says nothing. What is written otherwise but means the same (a tone mark, a phone with dots, a1-6 for
A01-06) is no difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.registry.rules.likeness import Place, distance_m
from app.registry.rules.list_headings import LABELS
from app.registry.rules.lists import ListLine
from app.vn.stalls import code_of_stall, stall_key
from app.vn.text import fold, fold_tone, tidy

#: Said otherwise than the column: what a person calls the difference.
WORDS: Final[Mapping[str, str]] = {
    **{name: label.lower() for name, label in LABELS.items()},
    "stall": "quầy",
    "lat": "toạ độ",
    "phone": "điện thoại",
    "account_number": "số tài khoản",
    "market": "chợ",
}
NEAR_M: Final = 15.0


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """A place a known merchant holds today; `zone` as the market is called, "" outside any."""

    code: str
    zone: str = ""
    row: str = ""
    stall_text: str = ""
    place: str = ""
    at: Place | None = None
    is_on_plan: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """Under which writings its stall is known."""
        written = code_of_stall(self.row, self.stall_text) if self.stall_text else ""
        return frozenset(stall_key(each) for each in (self.code, written) if each)


@dataclass(frozen=True, slots=True)
class KnownMerchant:
    """A merchant as the registry holds it; `accounts` are (bank, number) in use or waiting, `past` those of before."""

    id: int
    code: str
    holder_name: str
    shop_name: str = ""
    phone: str = ""
    tax_code: str = ""
    line_of_business: str = ""
    note: str = ""
    hamlet: str = ""
    accounts: frozenset[tuple[str, str]] = frozenset()
    past: frozenset[tuple[str, str]] = frozenset()
    points: tuple[KnownPoint, ...] = ()


def differences(line: ListLine, known: KnownMerchant) -> tuple[str, ...]:
    """The fields in which the line says something else than the registry, in the order of a form."""
    found = {
        "holder_name": _is_other_name(_holder(line, known), known.holder_name),
        "shop_name": _is_other_name(line.shop_name, known.shop_name),
        "phone": bool(line.phone) and line.phone != known.phone,
        "tax_code": bool(line.tax_code) and line.tax_code != known.tax_code,
        "line_of_business": _is_other(line.line_of_business, [known.line_of_business]),
        "note": bool(line.note) and fold(line.note) not in fold(known.note),
        "account_number": bool(line.account_number) and (line.bank_bin, line.account_number) not in known.accounts,
        **_place_differences(line, known),
    }
    return tuple(name for name, is_other in found.items() if is_other)


def _holder(line: ListLine, known: KnownMerchant) -> str:
    """The holder as the list means it: a list of shops alone names the shop twice."""
    return "" if line.holder_name == line.shop_name == known.shop_name else line.holder_name


def _place_differences(line: ListLine, known: KnownMerchant) -> dict[str, bool]:
    here = [point for point in known.points if not line.market or is_same_name(point.zone, line.market)]
    elsewhere = bool(line.market) and not here
    at_stall = any(stall_key(line.code) in point.keys for point in here)
    return {
        "market": elsewhere,
        "stall": bool(line.code) and not elsewhere and not at_stall,
        "hamlet": bool(line.hamlet) and bool(known.hamlet) and fold(line.hamlet) != fold(known.hamlet),
        "address": _is_other(line.address, [point.place for point in known.points]),
        "lat": _is_far(line, known),
    }


def _is_far(line: ListLine, known: KnownMerchant) -> bool:
    """Whether the line places them elsewhere than where they stand; a floor plan knows better than any list."""
    if line.lat is None or line.lng is None or any(point.is_on_plan for point in known.points):
        return False
    here = Place(line.lat, line.lng)
    return all(point.at is None or distance_m(point.at, here) > NEAR_M for point in known.points)


def is_same_name(one: str, other: str) -> bool:
    """Tell whether two names are one however the tone is typed, and in capitals or not."""
    return fold_tone(tidy(one)) == fold_tone(tidy(other))


def _is_other_name(said: str, known: str) -> bool:
    return bool(said) and not is_same_name(said, known)


def _is_other(said: str, known: Iterable[str]) -> bool:
    return bool(said) and all(fold(said) != fold(each) for each in known)


def told(code: str, differs: Iterable[str], *, is_sure: bool = True, is_past: bool = False) -> str:
    """The sentence beside a line that is known: "Đã có (HK-7K3M9Q), khác ở: điện thoại, quầy."

    >>> told("HK-7K3M9Q", ["phone", "stall"]), told("HK-7K3M9Q", ["phone"], is_sure=False)
    ('Đã có (HK-7K3M9Q), khác ở: điện thoại, quầy.', 'Giống hộ đã có (HK-7K3M9Q), khác ở: điện thoại.')
    """
    words = ", ".join(WORDS[name] for name in differs)
    past = " Số tài khoản này từng bị từ chối hoặc đã thôi dùng." if is_past else ""
    known = "Đã có" if is_sure else "Giống hộ đã có"
    return f"{known} ({code}){f', khác ở: {words}' if words else ''}.{past}"
