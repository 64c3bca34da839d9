"""Numbers the state gives: tax codes, and the personal number that is a household business's tax code since July 2025.

A column headed "Mã số thuế" therefore holds national identity numbers: mask and protect it like one.
"""

import enum
import math
import re
import unicodedata
from dataclasses import dataclass

from stdnum import exceptions
from stdnum.vn import mst

_PROVINCES = frozenset([
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42,
    44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84,
    86, 87, 89, 91, 92, 93, 94, 95, 96,
])  # fmt: skip
_ABROAD_FROM = 100  # birth registered abroad: a country's code in place of a province's
_LAST_CENTURY_DIGIT = "3"  # 0, 1: born 1900-1999; 2, 3: 2000-2099
_MARKS = re.compile(r"[\s.\u00a0\u200b]+")
_PERSONAL, _ENTERPRISE, _BRANCH = 12, 10, 13
_SHOWN_MAX = 30


class IdError(ValueError):
    """A number that cannot be what it should; `str()` is a Vietnamese sentence with the remedy."""


class TaxCodeKind(enum.Enum):
    """Who stands behind a tax code."""

    ENTERPRISE = "enterprise"
    BRANCH = "branch"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A tax code as it is stored: 10 digits, 10-3 with a hyphen, or 12 digits. A note says what was mended."""

    number: str
    kind: TaxCodeKind
    note: str = ""


def parse_tax_code(value: str | float) -> TaxCode:
    """A tax code of 10 or 13 digits (check digit by python-stdnum) or the 12 digits of a personal number.

    Household businesses use the representative's personal number: Circulars 86/2024 and 90/2026/TT-BTC.
    Raises IdError. A code that lost its leading zero in a number cell gets it back, with a note.

    >>> parse_tax_code("0100233488001")
    TaxCode(number='0100233488-001', kind=<TaxCodeKind.BRANCH: 'branch'>, note='')
    >>> parse_tax_code("001 201 001 234").kind.value
    'personal'
    """
    digits, note = _digits(value, "Mã số thuế")
    if len(digits) == _PERSONAL:
        return TaxCode(parse_personal_number(digits), TaxCodeKind.PERSONAL, note)
    if len(digits) not in {_ENTERPRISE, _BRANCH}:
        raise IdError(f"Mã số thuế có {len(digits)} chữ số; phải là 10, 12 hoặc 13 chữ số. Hãy kiểm tra lại.")
    try:
        number = mst.format(mst.validate(digits))
    except exceptions.ValidationError as error:
        raise IdError(f"Mã số thuế “{_shown(digits)}” sai chữ số kiểm tra. Hãy đối chiếu với giấy đăng ký.") from error
    return TaxCode(number, TaxCodeKind.BRANCH if len(digits) == _BRANCH else TaxCodeKind.ENTERPRISE, note)


def parse_personal_number(value: str | float) -> str:
    """The 12 digits of a personal identification number (Decree 137/2015, Circular 07/2016/TT-BCA). Raises IdError.

    Three digits for the province of birth registration (before 2025's mergers) or a country, one for century and
    sex, two for the year, six more. There is no check digit: a good form proves nothing.

    >>> parse_personal_number("001201001234")
    '001201001234'
    """
    digits, _ = _digits(value, "Số định danh")
    if len(digits) != _PERSONAL:
        raise IdError(f"Số định danh (CCCD) có {len(digits)} chữ số; phải đủ 12 chữ số. Hãy kiểm tra lại.")
    if int(digits[:3]) not in _PROVINCES and int(digits[:3]) < _ABROAD_FROM:
        raise IdError(f"Số định danh bắt đầu bằng {digits[:3]}, không phải mã tỉnh nào. Hãy kiểm tra lại.")
    if digits[3] > _LAST_CENTURY_DIGIT:
        raise IdError("Số định danh có chữ số thứ tư (thế kỷ, giới tính) không đúng. Hãy kiểm tra lại.")
    return digits


def _digits(value: str | float, what: str) -> tuple[str, str]:
    """The digits as written; a number cell's are filled up with the zeros that a spreadsheet dropped."""
    if isinstance(value, bool):
        raise IdError(f"“{value}” không phải {what.lower()}.")
    if not isinstance(value, str):
        if not math.isfinite(value) or value != int(value) or value < 0:
            raise IdError(f"{what} “{value}” không phải số nguyên. Hãy ghi số dưới dạng chữ (Text).")
        return _refilled(str(int(value)))
    text = _MARKS.sub("", unicodedata.normalize("NFC", value).strip().lstrip("'’"))
    if not text:
        raise IdError(f"Thiếu {what[0].lower()}{what[1:]}.")
    digits = text.replace("-", "", 1) if re.fullmatch(r"[0-9]{10}-[0-9]{3}", text) else text
    if not (digits.isascii() and digits.isdigit()):
        raise IdError(f"{what} “{_shown(text)}” có ký tự không phải chữ số. Hãy kiểm tra lại.")
    return digits, ""


def _refilled(number: str) -> tuple[str, str]:
    for length in (_ENTERPRISE, _PERSONAL):
        if len(number) == length - 1:
            return number.zfill(length), "Đã thêm số 0 ở đầu (bảng tính làm mất)."
    return number, ""


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"


def mask_id(number: str) -> str:
    """An identity number with its middle hidden, as everyone sees it who need not know it.

    >>> mask_id("001201001234")
    '001•••••1234'
    """
    if len(number) <= 8:  # noqa: PLR2004 - too short to show both ends
        return "•" * len(number)
    return f"{number[:3]}{'•' * (len(number) - 7)}{number[-4:]}"
