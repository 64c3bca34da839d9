"""What a list is searched and sorted by."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from app.vn.sorting import sort_key
from app.vn.stalls import searched_stall, stall_key, stall_writings
from app.vn.text import fold, nfc

TAIL_CHARS: Final = 6
WALK_KEY_MAX: Final = 200
#: From so many digits on, what was typed is a telephone, tax or account number, not a stall.
NUMBER_MIN: Final = 7
_GROUPED: Final = re.compile(r"[\s.()+\u2013-]+")
#: A telephone number in its international form: the country goes, and a zero that somebody left in.
_INTERNATIONAL: Final = re.compile(r"^(?:00)?840?(?=[35789][0-9]{8}$|2[0-9]{9}$)")


def walk_key(zone_id: int | None, markets: Mapping[int, tuple[int, str]], code: str) -> str:
    """Where a stall comes on a walk: its market's phase and name (`markets`), then the stall; last, what lies in none.

    Small letters and digits only, so that any database sorts it alike.

    >>> keys = [walk_key(7, {7: (1, "Chợ Mới")}, code) for code in ("A-10", "A-2", "B-1")]
    >>> [keys.index(key) for key in sorted(keys)], walk_key(None, {}, "12") > max(keys)
    ([1, 0, 2], True)
    """
    if zone_id is None or zone_id not in markets:
        return f"z{stall_key(code)}"[:WALK_KEY_MAX]
    phase, name = markets[zone_id]
    return f"{phase:03d}{sort_key(name)[:80]}{zone_id:08d}{stall_key(code)}"[:WALK_KEY_MAX]


def words_text(*names: str) -> str:
    """The names in small letters with their accents, for putting exact matches first."""
    return " ".join(" ".join(nfc(name).casefold().split()) for name in names if name)


def search_text(
    code: str,
    names: Iterable[str],
    *,
    stalls: Iterable[str] = (),
    phone: str | None,
    tax_code: str | None,
    accounts: Iterable[str],
) -> str:
    """Everything a person may type to find a merchant, folded: names, code, places, phone, tax code, account tails.

    >>> search_text("HK-7K3M9Q", ["Đặng Thị Hường"], phone="+84987654321", tax_code=None, accounts=["0011001237465"])
    'hk-7k3m9q dang thi huong 0987654321 237465'
    >>> search_text("HK-7K3M9Q", [], stalls=["A03-12"], phone=None, tax_code=None, accounts=[])
    'hk-7k3m9q a03-12 a3-12 a0312 a312'
    """
    phones = ["0" + phone.removeprefix("+84")] if phone else []
    tails = [number[-TAIL_CHARS:] for number in accounts if number]
    places = dict.fromkeys(form for stall in stalls if stall for form in (stall, *stall_writings(stall)))
    parts = [code, *names, *places, *phones, tax_code or "", *tails]
    return fold(" ".join(part for part in parts if part))


def search_words(query: str) -> list[str]:
    """The words that must all be found; a number typed in groups counts as one, so does a stall however written.

    >>> search_words(" 0987 654 321"), search_words("Bún  Hường"), search_words("84 912 345 678")
    (['0987654321'], ['bun', 'huong'], ['912345678'])
    >>> search_words("quầy A3 12"), search_words("+84 (0) 912-345-678")
    (['a3-12'], ['912345678'])
    """
    number = typed_number(query)
    if number.isdigit() and len(number) > len("0000"):
        return [_INTERNATIONAL.sub("", number)]
    stall = searched_stall(query)
    return [stall] if stall else fold(query).split()


def typed_number(query: str) -> str:
    """What was typed without the blanks, dots, hyphens and brackets that people group numbers with; a plus goes too.

    >>> typed_number("0011 0012.3456-7"), typed_number("A3-12")
    ('0011001234567', 'A3-12')
    """
    squashed = _GROUPED.sub("", query)
    is_number = squashed.isascii() and squashed.isalnum() and len(squashed) >= NUMBER_MIN
    return squashed if is_number else "".join(query.split()).replace(".", "")
