"""How much two merchants look like one, and why, as people here make duplicates. Pure.

Names typed without accents or with the tone on the other vowel, telephone numbers from before 2018, the same account
or stall, a place a few steps away. A score is the sum of its reasons; nothing is ever merged by score alone.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from geopy.distance import great_circle
from rapidfuzz.distance import DamerauLevenshtein

from app.registry.rules.cells import cell_of
from app.vn.stalls import stall_key as written_key
from app.vn.text import fold, fold_tone, nfc, tidy

#: From this score on two records are shown as a possible duplicate, and as a likely one.
POSSIBLE: Final = 50
LIKELY: Final = 75
SCORE_MAX: Final = 100

NEAR_M: Final = 30.0
ROUND_M: Final = 150.0
#: Cells of zoom 19, about 76 m wide: a place and its eight neighbours hold everything within 76 m.
KEY_ZOOM_BITS: Final = 2 * (22 - 19)

#: Kinds of key: what is looked up in the index, best first.
KEYS: Final = ("tax", "account", "stall", "phone", "name", "shop", "family", "near")
KEY_MAX: Final = 200
#: Forms of address in shop names ("Bún chả cô Ba"): they tell nobody apart.
ADDRESSES: Final = frozenset(
    {"co", "chu", "anh", "chi", "ong", "bac", "di", "cau", "mo", "em", "me", "quan", "cua", "hang", "shop", "tiem"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody sells, WGS 84 degrees."""

    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """A merchant as compared with another; empty means not known. `stalls`: (zone id, code as painted)."""

    holder_name: str = ""
    shop_name: str = ""
    phone: str = ""
    tax_code: str = ""
    commune_id: int = 0
    accounts: frozenset[str] = frozenset()
    stalls: frozenset[tuple[int, str]] = frozenset()
    places: tuple[Place, ...] = ()


#: What a list of pairs is narrowed to: words, and the reasons that count.
WHY: Final = {
    "account": ("Cùng tài khoản", ("account",)),
    "tax": ("Cùng mã số thuế", ("tax",)),
    "phone": ("Cùng điện thoại", ("phone",)),
    "stall": ("Cùng quầy", ("stall",)),
    "name": ("Tên giống nhau", ("name", "name_folded", "name_accents", "name_short", "name_slip")),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for (or, negative, against) two records being one."""

    code: str
    words: str
    weight: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The score, 0 to 100, and what it is made of, heaviest first."""

    score: int
    reasons: tuple[Reason, ...]


def compare(one: Likeness, other: Likeness) -> Verdict:
    """How much these two look like one; the same whichever comes first."""
    found = (*_numbers(one, other), *_names(one, other), *_spots(one, other))
    reasons = tuple(sorted(found, key=lambda reason: (-reason.weight, reason.code)))
    return Verdict(max(0, min(SCORE_MAX, sum(reason.weight for reason in reasons))), reasons)


def _numbers(one: Likeness, other: Likeness) -> Iterator[Reason]:
    if one.tax_code and one.tax_code == other.tax_code:
        yield Reason("tax", "Cùng mã số thuế", 60)
    elif one.tax_code and other.tax_code:
        yield Reason("other_tax", "Hai mã số thuế khác nhau", -40)
    if one.accounts & other.accounts:
        yield Reason("account", "Cùng tài khoản nhận tiền", 50)
    if one.phone and one.phone == other.phone:
        yield Reason("phone", "Cùng số điện thoại", 30)


def _names(one: Likeness, other: Likeness) -> Iterator[Reason]:
    holder = _holders(tidy(one.holder_name), tidy(other.holder_name))
    if holder is not None:
        yield holder
    mine, theirs = shop_words(one.shop_name), shop_words(other.shop_name)
    if mine and mine == theirs:
        yield Reason("shop", "Cùng tên cửa hàng", 20)
    elif mine and theirs and _slip(" ".join(sorted(mine)), " ".join(sorted(theirs))):
        yield Reason("shop_near", "Tên cửa hàng gần giống", 10)


def _holders(mine: str, theirs: str) -> Reason | None:
    """What two full names say: accents count only where both were typed with them."""
    if not mine or not theirs:
        return None
    plain, other = fold(mine), fold(theirs)
    if plain == other:
        return _folded_alike(mine, theirs)
    words, others = plain.split(), other.split()
    if words[-1] == others[-1] and (set(words) < set(others) or set(others) < set(words)):
        return Reason("name_short", "Một bên ghi thiếu chữ trong họ tên", 20)
    if _slip(plain, other):
        return Reason("name_slip", "Họ tên gần giống, có thể gõ nhầm", 15)
    return None


def _folded_alike(mine: str, theirs: str) -> Reason:
    if fold_tone(mine) == fold_tone(theirs):
        return Reason("name", "Cùng họ tên", 35)
    if _bare(mine) or _bare(theirs):
        return Reason("name_folded", "Cùng họ tên khi bỏ dấu", 30)
    return Reason("name_accents", "Họ tên chỉ khác dấu", 15)


def _bare(name: str) -> bool:
    """Whether a name was typed without any accent."""
    return nfc(name).casefold() == fold(name)


def _slip(one: str, other: str) -> bool:
    """Whether one is the other with a slip of the finger: one letter in eight at most."""
    length = max(len(one), len(other))
    allowed = length // 8
    return allowed > 0 and DamerauLevenshtein.distance(one, other, score_cutoff=allowed) <= allowed


def _spots(one: Likeness, other: Likeness) -> Iterator[Reason]:
    same = {stall_key(*stall) for stall in one.stalls} & {stall_key(*stall) for stall in other.stalls}
    if same:
        code = min(code for zone, code in one.stalls if stall_key(zone, code) in same)
        yield Reason("stall", f"Cùng quầy {min(code, _code_in(other, same))}", 40)
        return
    metres = min((distance_m(here, there) for here in one.places for there in other.places), default=math.inf)
    if metres <= NEAR_M:
        yield Reason("near", "Cùng chỗ (trong vòng 30 m)", 15)
    elif metres <= ROUND_M:
        yield Reason("round", "Gần nhau (trong vòng 150 m)", 5)


def _code_in(other: Likeness, same: set[str]) -> str:
    return min(code for zone, code in other.stalls if stall_key(zone, code) in same)


def distance_m(one: Place, other: Place) -> float:
    """Metres between two places, over the ground (a sphere is near enough for “within 30 m”)."""
    return float(great_circle((one.lat, one.lng), (other.lat, other.lng)).meters)


@lru_cache(maxsize=16_384)  # compared with many others
def shop_words(name: str) -> frozenset[str]:
    """What tells a shop from another, whatever the order of its words.

    >>> shop_words("Bún chả CÔ BA") == shop_words("cô Ba bun cha"), shop_words("Quán anh chị")
    (True, frozenset())
    """
    words = "".join(letter if letter.isalnum() else " " for letter in fold(tidy(name))).split()
    return frozenset(words) - ADDRESSES


def stall_key(zone_id: int, code: str) -> str:
    """A stall of a zone however it is written: A01-06, a1-6, and A01-06/2, the second trader's point there, are one.

    >>> stall_key(7, "A01-06") == stall_key(7, "a1 - 6") == stall_key(7, "A01-06/2")
    True
    """
    return f"{zone_id}:{written_key(code)}"[:KEY_MAX]


def keys(known: Likeness) -> frozenset[tuple[str, str]]:
    """(kind, key) pairs under which this merchant stands in the index."""
    return frozenset((kind, key[:KEY_MAX]) for kind, key in _keys(known, around=False))


def wanted_keys(known: Likeness) -> frozenset[tuple[str, str]]:
    """(kind, key) pairs under which merchants like this one may stand: the places around it too."""
    return frozenset((kind, key[:KEY_MAX]) for kind, key in _keys(known, around=True))


def _keys(known: Likeness, *, around: bool) -> Iterator[tuple[str, str]]:
    if known.tax_code:
        yield "tax", known.tax_code
    if known.phone:
        yield "phone", known.phone
    yield from (("account", account) for account in known.accounts)
    yield from (("stall", stall_key(*stall)) for stall in known.stalls)
    words = fold(tidy(known.holder_name)).split()
    if words:
        yield "name", f"{known.commune_id}:{' '.join(words)}"
        yield "family", f"{known.commune_id}:{words[0]} {words[-1]}"
        cells = {cell for place in known.places for cell in _cells(place, around=around)}
        yield from (("near", f"{cell:x}:{words[-1]}") for cell in cells)
    shop = shop_words(known.shop_name)
    if shop:
        yield "shop", f"{known.commune_id}:{' '.join(sorted(shop))}"


def _cells(place: Place, *, around: bool) -> Iterable[int]:
    """The cell of a place at zoom 19, or with its eight neighbours."""
    if not around:
        return {cell_of(place.lat, place.lng) >> KEY_ZOOM_BITS}
    across = 360 / (1 << 19)
    down = across * max(0.05, math.cos(math.radians(place.lat)))
    steps = (-1, 0, 1)
    return {
        cell_of(max(-90, min(90, place.lat + y * down)), (place.lng + x * across + 180) % 360 - 180) >> KEY_ZOOM_BITS
        for y in steps
        for x in steps
    }


def account_key(kind: str, bank_bin: str, number: str, digest: str) -> str:
    """One account however it came: bank and number, or the digest of a provider's code that names neither.

    >>> account_key("bank", "970436", "0011001234567", ""), account_key("provider_qr", "", "", "ab12")
    ('970436:0011001234567', 'qr:ab12')
    """
    return f"{bank_bin}:{number}" if bank_bin and number else f"qr:{digest}" if kind == "provider_qr" else ""
