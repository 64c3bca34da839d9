"""Vietnamese telephone numbers: read as lists hold them, kept in E.164, shown as people say them."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

_OLD_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",  # MobiFone
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",  # Vinaphone
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",  # Viettel
    "186": "56", "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}  # fmt: skip
"""Mobile numbers of eleven digits until 2018 and what their first digits became (MIC plan of 22 Feb 2018)."""

_ALLOCATED = ("55", "52", "89")  # in use, though not all known to the library
_EXAMPLE = "Ví dụ đúng: 0987 654 321."
_MARKS = re.compile(r"[\s.\-–()\u00a0\u200b\u202f\u202c\u202d\ufeff]+")
_SEVERAL = re.compile(r"[/,;|]|\bhoặc\b|\s-\s")
_MASKED = re.compile(r"[0-9][*x•]{2,}|[*x•]{2,}[0-9]", re.IGNORECASE)
_MOBILE = re.compile(r"[35789][0-9]{8}")
_LANDLINE = re.compile(r"2[0-9]{9}")
_OLD_MOBILE = re.compile(r"1[0-9]{9}")
_NATIONAL_MIN, _NATIONAL_MAX = 9, 10
_SHOWN_MAX = 30


class PhoneError(ValueError):
    """A number that cannot be dialled; `str()` is a Vietnamese sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 (+84...), with a Vietnamese note where it was mended on the way in, else ""."""

    e164: str
    note: str = ""


def parse_phone(value: str | float) -> Phone:
    """The number as written: 0..., 84..., +84..., spaces, dots, a zero lost in Excel, old prefixes.

    Raises PhoneError: too short, too long, masked, two numbers, foreign, a service number, no such prefix. The
    prefix says nothing about today's network (numbers may be carried over since 2018).

    >>> parse_phone("098.765.4321").e164, parse_phone("+84 (0) 987 654 321").e164
    ('+84987654321', '+84987654321')
    >>> parse_phone(912345678)
    Phone(e164='+84912345678', note='Đã thêm số 0 ở đầu (bảng tính làm mất).')
    >>> parse_phone("01681234567")
    Phone(e164='+84381234567', note='Đã đổi đầu số cũ 0168 thành 038.')
    """
    written = _written(value)
    national, notes = _national(written)
    if _OLD_MOBILE.fullmatch(national) and (new := _OLD_PREFIXES.get(national[:3])):
        notes.append(f"Đã đổi đầu số cũ 0{national[:3]} thành 0{new}.")
        national = new + national[3:]
    _check(national, written)
    return Phone(f"+84{national}", " ".join(notes))


def _written(value: str | float) -> str:
    """The value as text of ASCII digits and marks, without the apostrophe that keeps a zero in Excel."""
    if isinstance(value, bool):
        raise PhoneError(f"“{value}” không phải số điện thoại. {_EXAMPLE}")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", str(value)).strip().lstrip("'’").strip()
    if not text:
        raise PhoneError(f"Thiếu số điện thoại. {_EXAMPLE}")
    return text


def _shown(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN_MAX else one_line[:_SHOWN_MAX] + "…"


def _national(written: str) -> tuple[str, list[str]]:
    """The digits behind +84 or 0, and what was mended."""
    if _MASKED.search(written):
        raise PhoneError(f"Số điện thoại “{_shown(written)}” bị che bớt số. Hãy ghi đủ số.")
    if sum(len(re.sub(r"[^0-9]", "", part)) >= _NATIONAL_MIN for part in _SEVERAL.split(written)) > 1:
        raise PhoneError(f"“{_shown(written)}” có hai số điện thoại. Hãy chỉ ghi một số.")
    digits = _MARKS.sub("", written)
    is_international = digits.startswith(("+", "00"))
    digits = digits.removeprefix("+").removeprefix("00") if is_international else digits
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneError(f"Số điện thoại “{_shown(written)}” có ký tự lạ. {_EXAMPLE}")
    if is_international and not digits.startswith("84"):
        raise PhoneError(f"Số điện thoại “{_shown(written)}” không phải số Việt Nam (+84). {_EXAMPLE}")
    if is_international or (digits.startswith("84") and len(digits) > _NATIONAL_MAX):
        return digits.removeprefix("84").removeprefix("0"), []
    if digits.startswith("0"):
        return digits.removeprefix("0"), []
    whole = _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) or digits[:3] in _OLD_PREFIXES
    return digits, ["Đã thêm số 0 ở đầu (bảng tính làm mất)."] if whole else []


def _check(national: str, written: str) -> None:
    if national.startswith(("1800", "1900")):
        raise PhoneError(f"“{_shown(written)}” là số tổng đài. Hãy ghi số di động hoặc số bàn. {_EXAMPLE}")
    wanted = _NATIONAL_MAX if national.startswith("2") else _NATIONAL_MIN
    if len(national) < wanted:
        raise PhoneError(f"Số điện thoại “{_shown(written)}” thiếu {wanted - len(national)} chữ số. {_EXAMPLE}")
    if len(national) > wanted:
        raise PhoneError(f"Số điện thoại “{_shown(written)}” thừa {len(national) - wanted} chữ số. {_EXAMPLE}")
    known = phonenumbers.is_valid_number(phonenumbers.parse(f"+84{national}"))
    if not known and not national.startswith(_ALLOCATED):
        raise PhoneError(f"Số điện thoại “{_shown(written)}” có đầu số không tồn tại ở Việt Nam. {_EXAMPLE}")


def is_mobile(e164: str) -> bool:
    """Can this number receive a message? Landlines (02...) cannot."""
    return _MOBILE.fullmatch(e164.removeprefix("+84")) is not None


def format_phone(e164: str) -> str:
    """A stored number as it is shown and dialled.

    >>> format_phone("+84987654321"), format_phone("+842438294000"), format_phone("+842363822222")
    ('0987 654 321', '024 3829 4000', '0236 3822 222')
    """
    national = e164.removeprefix("+84")
    if _MOBILE.fullmatch(national):
        return f"0{national[:3]} {national[3:6]} {national[6:]}"
    if _LANDLINE.fullmatch(national):
        return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.NATIONAL)
    return e164


def mask_phone(e164: str) -> str:
    """The number with its middle hidden, enough for the owner to know it.

    >>> mask_phone("+84987654321"), mask_phone("+842438294000")
    ('0987 ••• 321', '024 •••• 4000')
    """
    head, _, rest = format_phone(e164).partition(" ")
    middle, _, tail = rest.partition(" ")
    return f"{head} {'•' * len(middle)} {tail}" if tail else "•" * len(head)
