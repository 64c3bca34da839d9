"""The order of the Vietnamese alphabet, as text that any database sorts alike.

Keys hold only small letters and digits and compare the same in SQLite, in PostgreSQL under any collation and in
Python, so they are stored in a column beside what they sort. They are no identity: "A1" and "a-01" share one.
"""

import re
import unicodedata
from functools import lru_cache

from app.vn.text import nfc

_RUN = re.compile(r"(?P<digits>[0-9]+)|[^\W\d_]+")
_QUALITIES = {("a", "\u0306"): "1", ("a", "\u0302"): "2", ("e", "\u0302"): "1", ("o", "\u0302"): "1",
              ("o", "\u031b"): "2", ("u", "\u031b"): "1"}  # fmt: skip
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_STROKES = str.maketrans({"đ": "d\ue000", "ð": "d\ue000", "ƀ": "b\ue000", "ɓ": "b\ue000"})  #: none decomposes
_LENGTHS = "0123456789abcdefghijklmnopqrstuvwxyz"


def sort_key(text: str) -> str:
    """The place in a Vietnamese dictionary: word by word, a ă â b c d đ e ê ..., then the tone; numbers by value.

    >>> sorted(["đa", "Dũng", "ân", "ăn", "an", "dùng", "Thôn 10", "Thôn 2"], key=sort_key)
    ['an', 'ăn', 'ân', 'dùng', 'Dũng', 'đa', 'Thôn 2', 'Thôn 10']
    """
    runs = _RUN.finditer(nfc(text).casefold())
    return "".join(_number_key(run[0]) if run["digits"] else _word_key(run[0]) for run in runs)


def name_sort_key(full_name: str) -> str:
    """The place of a person in a list: by given name (the last word), then family name, then what is between.

    >>> sorted(["Trần Văn Ất", "Lê Thị Anh", "Đặng Thu An", "Bùi Thu An"], key=name_sort_key)
    ['Bùi Thu An', 'Đặng Thu An', 'Lê Thị Anh', 'Trần Văn Ất']
    """
    words = full_name.split()
    return sort_key(words[-1]) + sort_key(" ".join(words[:-1])) if words else ""


def stall_sort_key(code: str) -> str:
    """The place of a stall in its row: A2 before A10, A01-06 before A01-06a; zeros and marks do not count.

    >>> sorted(["A10", "B1", "A2", "A01-07", "A01-06a", "A01-06"], key=stall_sort_key)
    ['A01-06', 'A01-06a', 'A01-07', 'A2', 'A10', 'B1']
    """
    return sort_key(code)


@lru_cache(maxsize=16_384)  # the same names, over and over
def _word_key(word: str) -> str:
    """Two characters a letter, then 0 and the tone: the end of a word sorts before any further letter."""
    letters: list[str] = []
    tone = "0"
    for mark in unicodedata.normalize("NFD", word.translate(_STROKES)):
        if mark == "\ue000":
            letters[-1] = letters[-1][0] + "1"
        elif unicodedata.combining(mark):
            tone = _TONES.get(mark, tone)
            if letters and (quality := _QUALITIES.get((letters[-1][0], mark))):
                letters[-1] = letters[-1][0] + quality
        elif mark.isascii():
            letters.append(mark + "0")
        else:
            letters.append(f"zz{ord(mark):06x}")
    return f"{''.join(letters)}0{tone}"


def _number_key(digits: str) -> str:
    """1, the count of digits, the digits: numbers sort by value and before letters."""
    significant = digits.lstrip("0") or "0"
    length = len(significant)
    return f"1{_LENGTHS[min(length, len(_LENGTHS) - 1)]}{significant}"
