"""Vietnamese telephone numbers: read as lists hold them, kept in E.164, shown as people say them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import phonenumbers

_OLD_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",  # MobiFone
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",  # Vinaphone
    "162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39",  # Viettel
    "186": "56", "188": "58",  # Vietnamobile
    "199": "59",  # Gmobile
}  # fmt: skip
"""Mobile numbers of eleven digits until 2018 and what their first digits became (MIC plan of 22 Feb 2018)."""

_OLD_AREAS = {
    "22": "212", "231": "213", "20": "214", "230": "215", "29": "216", "52": "232", "53": "233", "54": "234",
    "510": "235", "511": "236", "37": "237", "38": "238", "39": "239", "33": "203", "240": "204", "25": "205",
    "26": "206", "27": "207", "280": "208", "281": "209", "320": "220", "321": "221", "241": "222", "31": "225",
    "351": "226", "36": "227", "350": "228", "30": "229", "780": "290", "781": "291", "710": "292", "711": "293",
    "74": "294", "76": "296", "77": "297", "79": "299", "61": "251", "62": "252", "64": "254", "55": "255",
    "56": "256", "57": "257", "58": "258", "68": "259", "60": "260", "501": "261", "500": "262", "63": "263",
    "59": "269", "70": "270", "651": "271", "72": "272", "73": "273", "650": "274", "75": "275", "66": "276",
    "67": "277", "4": "24", "8": "28",
}  # fmt: skip
"""Area codes until 2017 and what they became (MIC plan of 22 Nov 2016); many old numbers are mobiles of today."""

_ALLOCATED = ("55", "52", "89")  # in use, though not all known to the library
_EXAMPLE = "Ví dụ đúng: 0987 654 321."
_MARKS = re.compile(r"[\s.\-–()\u00a0\u200b\u202f\u202c\u202d\ufeff]+")
_SEVERAL = re.compile(r"[/,;|]|\bhoặc\b|\s-\s")
_MASKED = re.compile(r"[0-9][*x•]{2,}|[*x•]{2,}[0-9]", re.IGNORECASE)
_MOBILE = re.compile(r"[35789][0-9]{8}")
_LANDLINE = re.compile(r"2[0-9]{9}")
_OLD_MOBILE = re.compile(r"1[0-9]{9}")
_NATIONAL_MIN, _NATIONAL_MAX = 9, 10
_OLD_LOCAL_DIGITS, _OLD_CITY_DIGITS = 7, 8
#: A cell is cut where two numbers meet; inside a part digits stand in groups.
_PART = re.compile(r"[^/,;|\n&]+")
_GROUP = re.compile(r"\+?[0-9]+")
_GROUPS_MAX = 6
_AREA_BEFORE = re.compile(r"02[0-9]{1,2}(?:0|84)([35789][0-9]{8})")
_LABEL = re.compile(
    r"(?:số\s*)?(?:điện\s*thoại|đt\s*dđ|đtdđ|đt|dđ|di\s*động|sđt|sdt|dt|tel|phone|mobile|zalo|hotline|liên\s*hệ|số)\s*[:.]*\s*$",
    re.IGNORECASE,
)
_EDGE = " \t\n/,;|&:-–."
_SHOWN_MAX = 30


class PhoneError(ValueError):
    """A number that cannot be dialled; `str()` is a Vietnamese sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 (+84...), with a Vietnamese note where it was mended on the way in, else "".

    `rest` is what else stood in the cell it was found in: another number, a remark.
    """

    e164: str
    note: str = ""
    rest: str = field(default="", repr=False)


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
    elif not national.startswith(("2", "1800", "1900")) and (moved := _moved(national)):
        area, national = moved
        notes.append(f"Đã đổi mã vùng cũ 0{area} thành 0{_OLD_AREAS[area]}.")
    _check(national, written)
    return Phone(f"+84{national}", " ".join(notes))


def find_phone(value: str | float) -> Phone:
    """The number in a cell of a list that may hold more: two numbers, a label before, a remark behind, an area code.

    The first whole mobile is kept, else the first whole landline; the note then quotes the cell, and `rest` is what
    it said besides. Nothing is guessed: raises the PhoneError of `parse_phone` where no whole number stands there.

    >>> found = find_phone("ĐT: 0912 345 678 / 0987654321 (con)")
    >>> found.e164, found.rest
    ('+84912345678', '0987654321 (con)')
    >>> find_phone("0274 0909 000 111").e164, find_phone("02740909000111").e164, find_phone("0613 844 666").e164
    ('+84909000111', '+84909000111', '+842513844666')
    """
    try:
        return parse_phone(value)
    except PhoneError as fault:
        written = "" if isinstance(value, bool) else str(value)
        found = next(iter(sorted(_whole_numbers(written), key=lambda each: not is_mobile(each[0].e164))), None)
        if found is None or _MASKED.search(written):
            raise fault from None
    phone, start, end = found
    kept = f"Ô điện thoại ghi “{_shown(written)}”: giữ số {format_phone(phone.e164)}."
    rest = [_LABEL.sub("", written[:start]).strip(_EDGE), written[end:].strip(_EDGE)]
    return Phone(phone.e164, f"{phone.note} {kept}".strip(), "; ".join(filter(None, rest)))


def _whole_numbers(written: str) -> Iterator[tuple[Phone, int, int]]:
    """Every whole number among the groups of digits, longest first from each group, with where it stands."""
    for part in _PART.finditer(written):
        groups = list(_GROUP.finditer(written, part.start(), part.end()))
        at = 0
        while at < len(groups):
            found = _first_whole(written, groups[at:])
            if found is None:
                at += 1
                continue
            yield found
            at = next((later for later in range(at, len(groups)) if groups[later].start() >= found[2]), len(groups))


def _first_whole(written: str, groups: Sequence[re.Match[str]]) -> tuple[Phone, int, int] | None:
    start = groups[0].start()
    for last in reversed(groups[:_GROUPS_MAX]):
        spelled = written[start : last.end()]
        digits = re.sub(r"[^0-9]", "", spelled)
        glued = _AREA_BEFORE.fullmatch(digits)
        if glued is not None:
            return Phone(f"+84{glued[1]}"), start, last.end()
        if len(digits) < _NATIONAL_MIN or not (spelled[:1] in "+0" or digits[:2] == "84" or last is groups[0]):
            continue
        try:
            phone = parse_phone(spelled)
        except PhoneError:
            continue
        return phone, start, last.end()
    return None


def _moved(national: str) -> tuple[str, str] | None:
    """Old area code and today's national number of a landline as written before 2017; None where it is none."""
    for length in (3, 2, 1):
        area = national[:length]
        new = _OLD_AREAS.get(area)
        wanted = _OLD_CITY_DIGITS if length == 1 else _OLD_LOCAL_DIGITS
        if new and len(national) - length == wanted and national[length] in "2345678" and not _dialled(national):
            return area, new + national[length:]
    return None


def _dialled(national: str) -> bool:
    """Is it a number of today as it stands?"""
    return _MOBILE.fullmatch(national) is not None and (
        national.startswith(_ALLOCATED) or phonenumbers.is_valid_number(phonenumbers.parse(f"+84{national}"))
    )


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
    if not _is_allocated(national) and not national.startswith(_ALLOCATED):
        raise PhoneError(f"Số điện thoại “{_shown(written)}” có đầu số không tồn tại ở Việt Nam. {_EXAMPLE}")


def _is_allocated(national: str) -> bool:
    """Whether the library knows such numbers. Of a mobile its first four digits tell; asking is slow."""
    return _is_known(f"{national[:4]}00000" if _MOBILE.fullmatch(national) else national)


@lru_cache(maxsize=10_000)
def _is_known(national: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(f"+84{national}"))


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
