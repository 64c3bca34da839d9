"""Whole Vietnamese dong: read as people write them, written as people read them, never guessed.

Amounts are `int` everywhere. In Vietnam a dot groups thousands and a comma starts decimals, but files come from
programs of both habits: both group marks are read, and what could mean two amounts is refused.
"""

import math
import re
import unicodedata

VND_MAX = 10**15 - 1
"""The largest amount that is read: fifteen digits, all that a spreadsheet keeps exactly."""

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_CURRENCY = r"(?:₫|đồng|dong|đ|d|vnđ|vnd)"
_UNITS = {
    "k": 1_000, "nghìn": 1_000, "nghin": 1_000, "ngàn": 1_000, "ngan": 1_000,
    "tr": 1_000_000, "triệu": 1_000_000, "trieu": 1_000_000,
    "tỷ": 1_000_000_000, "tỉ": 1_000_000_000, "ty": 1_000_000_000, "ti": 1_000_000_000,
}  # fmt: skip
_AMOUNT = re.compile(
    rf"(?:{_CURRENCY} ?)?\+?(?P<number>[0-9][0-9., ]*?) ?(?P<unit>{'|'.join(_UNITS)})? ?{_CURRENCY}?\.?",
)
_WHOLE = re.compile(r"0|[1-9][0-9]*")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:(?P<mark>[., ])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
_ZERO_DECIMALS = re.compile(r"(?P<whole>.*[0-9])(?P<mark>[.,])0{1,2}")
_DECIMAL = re.compile(r"(?P<whole>0|[1-9][0-9]*)[.,](?P<fraction>[0-9]+)")
_NEGATIVE = re.compile(r"\(.*\)|[-−–].*|.*[-−–]")
_THOUSANDS_DIGITS = 3
_WRITTEN_MAX = 24  # fifteen digits, their marks and decimals
_SHOWN_MAX = 30  # a message stays one line


class MoneyError(ValueError):
    """An amount that cannot be read with certainty; `str()` is a Vietnamese sentence with the remedy."""


def parse_vnd(value: str | float) -> int:
    """The amount a person or a program wrote, in whole dong, 0 to 999,999,999,999,999.

    Raises MoneyError where the writing could mean two amounts, is negative, has a fraction of a dong or other
    digits than 0-9 (`int()` would take full-width ones and "1_000").

    >>> [parse_vnd(text) for text in ("20.000", "20,000 đ", "20k", "20 nghìn", "1,5 triệu", "₫20000")]
    [20000, 20000, 20000, 20000, 1500000, 20000]
    >>> parse_vnd("20.5")
    Traceback (most recent call last):
    app.money.MoneyError: Số tiền “20.5” đọc được hai cách. Hãy viết đủ số đồng, ví dụ 20.000 hoặc 20000.
    """
    if isinstance(value, bool):
        raise MoneyError(f"“{value}” không phải số tiền. Hãy viết số đồng, ví dụ 20.000.")
    amount = _parse_text(value) if isinstance(value, str) else _parse_number(value)
    if amount > VND_MAX:
        raise _too_large(value)
    return amount


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"


def _parse_number(value: float) -> int:
    if not math.isfinite(value) or value != int(value):
        raise MoneyError(f"Số tiền “{_shown(value)}” có phần lẻ. Tiền đồng không có số lẻ; hãy viết số nguyên.")
    if value < 0:
        raise _negative(value)
    return int(value)


def _negative(value: object) -> MoneyError:
    return MoneyError(f"Số tiền “{_shown(value)}” là số âm. Hãy viết số dương.")


def _too_large(value: object) -> MoneyError:
    return MoneyError(f"Số tiền “{_shown(value)}” quá lớn (hơn 15 chữ số). Hãy kiểm tra lại.")


def _ambiguous(value: object) -> MoneyError:
    return MoneyError(f"Số tiền “{_shown(value)}” đọc được hai cách. Hãy viết đủ số đồng, ví dụ 20.000 hoặc 20000.")


def _parse_text(written: str) -> int:
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", written)).strip().lower()
    if not text:
        raise MoneyError("Thiếu số tiền. Hãy viết số đồng, ví dụ 20.000.")
    if _NEGATIVE.fullmatch(text) and any(letter.isdigit() for letter in text):
        raise _negative(written)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise MoneyError(f"“{_shown(written)}” không phải số tiền. Hãy viết số đồng, ví dụ 20.000.")
    number = match["number"].strip()
    if len(number) > _WRITTEN_MAX:
        raise _too_large(written)
    if match["unit"]:
        return _scaled(number, _UNITS[match["unit"]], written)
    return _plain(number, written)


def _plain(number: str, written: str) -> int:
    """Dong written out in full, with one kind of group mark and at most `,00` or `.00` behind."""
    if _WHOLE.fullmatch(number):
        return int(number)
    if _GROUPED.fullmatch(number):
        return int(re.sub(r"[., ]", "", number))
    if match := _ZERO_DECIMALS.fullmatch(number):
        whole, grouped = match["whole"], _GROUPED.fullmatch(match["whole"])
        if grouped and grouped["mark"] != match["mark"]:
            return int(re.sub(r"[., ]", "", whole))
        if whole == "0" or (_WHOLE.fullmatch(whole) and len(whole) > _THOUSANDS_DIGITS):
            return int(whole)  # 20000.0, as programs print a whole number; 20.0 may be a cut 20.000
    if number[0] == "0" and number.isdigit():
        raise MoneyError(f"Số tiền “{_shown(written)}” bắt đầu bằng số 0. Hãy xem có phải cột khác không.")
    raise _ambiguous(written)


def _scaled(number: str, unit: int, written: str) -> int:
    """An amount in thousands, millions or billions: decimals are usual, but `1.500 triệu` has two readings."""
    if _WHOLE.fullmatch(number):
        return int(number) * unit
    match = _DECIMAL.fullmatch(number)
    if match is None or len(match["fraction"]) == _THOUSANDS_DIGITS:
        raise _ambiguous(written)
    divisor = int("1" + "0" * len(match["fraction"]))
    scaled, rest = divmod(int(match["whole"] + match["fraction"]) * unit, divisor)
    if rest:
        raise MoneyError(f"Số tiền “{_shown(written)}” có phần lẻ của đồng. Hãy viết số nguyên đồng.")
    return scaled


def format_number(number: int) -> str:
    """A whole number with dots between thousands.

    >>> format_number(1234567)
    '1.234.567'
    """
    return f"{number:,}".replace(",", ".")


def format_vnd(amount_vnd: int) -> str:
    r"""An amount as it stands on signs and pages; the space does not break.

    >>> format_vnd(20000)
    '20.000\xa0₫'
    """
    return f"{format_number(amount_vnd)}\u00a0₫"


_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_WORDS_MAX = 10**15


def vnd_in_words(amount_vnd: int) -> str:
    """The amount in words, as it stands under a total in a report; up to a million billion dong.

    >>> vnd_in_words(20000)
    'Hai mươi nghìn đồng'
    >>> vnd_in_words(1_005_021)
    'Một triệu không trăm linh năm nghìn không trăm hai mươi mốt đồng'
    """
    if not 0 <= amount_vnd <= _WORDS_MAX:
        raise MoneyError(f"Chỉ đọc thành chữ số tiền từ 0 đến {format_vnd(_WORDS_MAX)}.")
    words = " ".join(_read(amount_vnd, leading=True)) if amount_vnd else _DIGITS[0]
    return f"{words[0].upper()}{words[1:]} đồng"


def _read(number: int, *, leading: bool) -> list[str]:
    """Words of a number over zero; behind a larger part (not leading) the first group says its missing hundreds."""
    words: list[str] = []
    for size, name in ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        part, number = divmod(number, size)
        if part >= 1000:  # noqa: PLR2004 - thousands of billions are read as a number of billions
            words += [*_read(part, leading=leading and not words), name]
        elif part:
            words += [*_read_group(part, leading=leading and not words), *([name] if name else [])]
    return words


def _read_group(part: int, *, leading: bool) -> list[str]:
    """Words of 1 to 999. Hundreds and the word for a missing ten stand wherever a larger part went before."""
    hundreds, tens, ones = part // 100, part // 10 % 10, part % 10
    words = [] if leading and not hundreds else [_DIGITS[hundreds], "trăm"]
    if tens > 1:
        words += [_DIGITS[tens], "mươi"]
    elif tens:
        words.append("mười")
    elif ones and words:
        words.append("linh")
    if ones:
        special = {1: "mốt", 4: "tư", 5: "lăm"} if tens > 1 else {5: "lăm"} if tens else {}
        words.append(special.get(ones, _DIGITS[ones]))
    return words
