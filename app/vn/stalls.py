"""How market stalls are written, and when two writings are one stall.

A list says "Dãy A01" and "quầy 6", a plan A01-06, a trader "a1-6", a search box "A0106". Codes are kept as painted;
`stall_key` says that all of them are one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from app.vn.sorting import stall_sort_key
from app.vn.text import fold, nfc, tidy

_ROW_WORDS: Final = r"dãy\s+quầy|dãy\s+số|dãy|day|hàng|hang|lô|lo|khu\s+vực|khu|nhà\s+lồng|nhà|nha"
_STALL_WORDS: Final = (
    r"quầy\s+hàng|quầy\s+số|quầy|quay|gian\s+hàng|gian|sạp|sap|ki[\s-]?ốt|ki[\s-]?ot|kios[kc]?|ô\s+số|ô|số|so"
)
_WORD: Final = re.compile(rf"(?<!\w)(?:{_ROW_WORDS}|{_STALL_WORDS})(?:\s*số)?(?:\s*[:.]?\s+|(?=[0-9]))", re.IGNORECASE)
_LEADING_WORD: Final = re.compile(rf"(?:{_ROW_WORDS})(?:\s*[:.]?\s+|(?=[0-9]))", re.IGNORECASE)
_LEADING_STALL: Final = re.compile(rf"(?:{_STALL_WORDS})(?:\s*[:.]?\s+|(?=[0-9]))", re.IGNORECASE)
#: A code the program itself gave the second trader of one stall: A01-06/2.
_SHARED: Final = re.compile(r"/[2-9]$")
_ZERO_LED: Final = re.compile(r"(?<![0-9])([a-zđ]{1,3})(0[0-9])([0-9]{2})(?![0-9])")
_SMALL: Final = re.compile(r"(?<![^\W\d_])(?<![0-9])[^\W\d_]+")
_PLAIN: Final = re.compile(r"([A-Z]{0,3})([0-9]{0,3})-([0-9]{1,3})([A-Za-z]?)")
_SEARCHED: Final = re.compile(r"([a-z]|[a-z]{1,3}[0-9]{1,3})[\s._/-]+([0-9]{1,4}[a-z]?)")
_BARE: Final = re.compile(r"[a-z]{0,3}[0-9]{1,4}[a-z]?")


def clean_code(text: str) -> str:
    """A stall's or point's code as painted on the wall: capitals, no spaces around hyphens; a split-off letter stays.

    >>> clean_code(" a01 - 06a"), clean_code("dãy cá-3")
    ('A01-06a', 'DÃY CÁ-3')
    """
    code = re.sub(r"\s*-\s*", "-", tidy(text))
    return _SMALL.sub(lambda found: found.group().upper(), code)


def row_name(written: str) -> str:
    """A row without the word before it: "Dãy A", "lô 3", "hàng cá".

    >>> row_name("Dãy a1"), row_name("Lô 3"), row_name("Hàng cá"), row_name("Dãy")
    ('A1', '3', 'CÁ', 'DÃY')
    """
    return clean_code(_without(_LEADING_WORD, written))


def stall_number(written: str) -> str:
    """A stall without the word before it: "quầy 6", "Ki ốt số 12a"; a slash between row and stall is a hyphen.

    >>> stall_number("Quầy 10"), stall_number("ki ốt 12a"), stall_number("A/12"), stall_number("dãy B quầy 3")
    ('10', '12a', 'A-12', 'B-3')
    """
    rest = tidy(written)
    both = re.fullmatch(rf"(?:{_ROW_WORDS})\s+(\S+?)[\s,;-]+(?:{_STALL_WORDS})\s*[:.]?\s*(\S+)", rest, re.IGNORECASE)
    if both:
        return clean_code(f"{both[1]}-{both[2]}")
    rest = _without(_LEADING_STALL, rest)
    return clean_code(re.sub(r"\s*/\s*", "-", rest) if re.fullmatch(r"[^/]{1,4}/[^/]{1,4}", rest) else rest)


def _without(words: re.Pattern[str], written: str) -> str:
    rest = tidy(written)
    while found := words.match(rest):
        after = rest[found.end() :].strip(" .:-")
        if not after:
            break
        rest = after
    return rest


def code_of_stall(row: str, stall: str) -> str:
    """The code of a stall that a list writes in two columns; a stall that repeats its row is not doubled.

    Numbers never run together: row 1, stall 12 is 1-12, and no stall but itself.

    >>> code_of_stall("A01", "06"), code_of_stall("A01", "A01-06"), code_of_stall("", "12")
    ('A01-06', 'A01-06', '12')
    >>> code_of_stall("1", "1"), code_of_stall("1", "12"), code_of_stall("A", "A5"), code_of_stall("Dãy A", "quầy 7")
    ('1-1', '1-12', 'A5', 'A-7')
    """
    row, stall = row_name(row), stall_number(stall)
    if not row or not stall:
        return stall or row
    rest = stall.removeprefix(row)
    repeats = rest != stall and (rest[:1] in {"-", ".", " "} or (row[-1:].isalpha() and rest[:1].isdigit()))
    if repeats or ("-" in stall and stall_key(stall).startswith(stall_key(row)) and not row.isdigit()):
        return stall
    return f"{row}-{stall}"


@lru_cache(maxsize=16_384)  # compared with many others
def stall_key(code: str) -> str:
    """Equal for two writings of one stall: A01-06, a1-6, A.01.06, "Dãy A1 quầy 6", A0106, and A01-06/2 beside it.

    No code to show or to keep: a key to compare. "" where nothing is written.

    >>> len({stall_key(each) for each in ("A01-06", "a1 - 6", "A.01.06", "dãy A1, quầy 06", "A0106", "A01-06/2")})
    1
    >>> len({stall_key(each) for each in ("1-12", "11-2", "112", "A01-06a", "A-1")})
    5
    """
    bare = _SHARED.sub("", tidy(code).casefold())
    bare = _WORD.sub(" ", bare)
    return stall_sort_key(_ZERO_LED.sub(r"\1\2-\3", bare) or code)


def own_code(code: str) -> str:
    """A stall's code without the mark of its second trader.

    >>> own_code("A01-06/2"), own_code("A01-06")
    ('A01-06', 'A01-06')
    """
    return _SHARED.sub("", code)


def is_same_stall(one: str, other: str) -> bool:
    """Tell whether two writings are one stall.

    >>> is_same_stall("A3-12", "quầy A0312"), is_same_stall("A3-1", "A31")
    (True, False)
    """
    return stall_key(one) == stall_key(other)


def stall_writings(code: str) -> Iterator[str]:
    """The other ways a person types this code into a search box, folded: with and without zeros and hyphen.

    >>> list(stall_writings("A03-12")), list(stall_writings("B-7"))
    (['a3-12', 'a0312', 'a312'], ['b-07', 'b07', 'b7'])
    """
    found = _PLAIN.fullmatch(_SHARED.sub("", code))
    if found is None or not (found[1] or found[2]):
        return
    letters, row, number, part = (found[at].lower() for at in range(1, 5))
    written = fold(code)
    rows = list(dict.fromkeys((row.zfill(2) if row else "", row.lstrip("0") or row)))
    numbers = list(dict.fromkeys((number.zfill(2), number.lstrip("0") or number)))
    forms: dict[str, None] = {}
    for mark in ("-", "") if letters else ("-",):
        for at_row in rows:
            for at in numbers:
                if len(rows) == 1 or at == numbers[0] or at_row == rows[-1]:
                    forms[f"{letters}{at_row}{mark}{at}{part}"] = None
    yield from (form for form in forms if form != written)


def searched_stall(query: str) -> str:
    """The stall somebody searches for, as `stall_writings` spells it; "" where the query is no stall.

    >>> [searched_stall(each) for each in ("a3 12", "quầy A03-12", "Sạp 12", "A0312", "Bún 3 sao")]
    ['a3-12', 'a03-12', '12', 'a0312', '']
    """
    folded = fold(nfc(query))
    bare = _WORD.sub(" ", folded).strip(" ,.:")
    spelled = _SEARCHED.fullmatch(bare)
    if spelled:
        return f"{spelled[1]}-{spelled[2]}"
    return bare if bare != folded and _BARE.fullmatch(bare) else folded if _BARE.fullmatch(folded) else ""
