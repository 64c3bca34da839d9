"""What a person sees in a cell where a name, a code or a number stands that nobody calculates with.

A spreadsheet keeps 0011001234567 as 11001234567, writes 1.5E+12 for an account and turns stall 1-2 into 1 February.
What the cell itself proves is mended with a note; what may have lost something carries a doubt; what nobody can tell
any more is lost. The rooms above decide whether a doubt is noted, refused or confirmed by somebody.
"""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from app.tables.cells import Cell, Look, has_lost_digits, text
from app.tables.writing import rearm

ZERO_LOST: Final = "ô là số, số 0 đứng đầu (nếu có) đã mất"
NOT_CALCULATED: Final = "ô là công thức chưa có kết quả; hãy mở bằng Excel rồi lưu lại"
AS_TEXT: Final = "hãy định dạng cột là Văn bản (Text) rồi gõ lại"

ERROR: Final = "ô báo lỗi"

_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|Err:[0-9]{3}|#{3,}")
_AS_FORMULA = re.compile(r'="([^"]*)"')  # how a CSV keeps a spreadsheet from taking digits for a number
_DECIMAL_ZERO = re.compile(r"([0-9]+)[.,]0+")
_SCIENTIFIC = re.compile(r"([0-9])(?:[.,]([0-9]+))?[eE]\+([0-9]{2,3})")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3})(?:\1[0-9]{3})+")
_LOOKALIKE = frozenset("OoQDIlLi|SsBZzG")
_LETTERS_SHARE_MAX = 3  # of so many signs at most one is a letter that slipped in among digits
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|thg ?[0-9]{1,2})[a-z]*\.?"
_DATE = re.compile(
    rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[T ][0-9:.]+)?|[0-9]{{1,2}}([/.-])[0-9]{{1,2}}\1[0-9]{{4}}(?: [0-9:]+)?"
    rf"|[0-9]{{1,2}}[- ]{_MONTH}(?:[- ][0-9]{{2,4}})?|{_MONTH}[- ][0-9]{{1,4}}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The text of a cell as it is shown.

    `note`: what was mended, proved by the cell itself. `doubt`: why the text may not be what the sender wrote.
    `is_lost`: nobody can say any more what stood there; `text` is then "" and `doubt` says why. Both are Vietnamese
    clauses without a capital and without a full stop, to stand after the name of the column.
    """

    text: str = ""
    note: str = ""
    doubt: str = ""
    is_lost: bool = False

    @property
    def is_error(self) -> bool:
        """Whether the cell shows an error of its formula, such as #N/A where a look-up found nothing."""
        return self.doubt.startswith(ERROR)

    @property
    def why_not(self) -> str:
        """The doubt with its remedy, for who takes no value that may be wrong."""
        return self.doubt if not self.doubt or ";" in self.doubt else f"{self.doubt}; {AS_TEXT}"


def seen(cell: Cell, look: Look | None = None) -> Seen:
    """What a person sees in this cell.

    >>> seen(11001234567).doubt, seen(11001234567, Look("format", "0011001234567")).text
    ('ô là số, số 0 đứng đầu (nếu có) đã mất', '0011001234567')
    >>> seen("1500201234567.0").text, seen(date(2026, 2, 1)).is_lost
    ('1500201234567', True)
    """
    if look is not None and (look.was != "text" or text(cell) == ""):
        return _by_look(look)
    match cell:
        case str():
            return _of_text(text(cell))
        case bool():
            return _lost(f"ô là {'TRUE' if cell else 'FALSE'}, không phải chữ hay số")
        case int() | float():
            return _of_number(cell)
        case _:
            return _lost(f"ô là {_moment(cell)}, bảng tính có thể đã tự đổi; {AS_TEXT}")


def code_seen(cell: Cell, look: Look | None = None) -> Seen:
    """The same of a stall, a row or a code: a text that is a date is lost too (stall 1-2 that became 1-Feb)."""
    found = seen(cell, look)
    if _DATE.fullmatch(found.text):
        return _lost(f"“{found.text}” là ngày tháng, bảng tính có thể đã tự đổi; {AS_TEXT}")
    return found


def digits_seen(cell: Cell, look: Look | None = None) -> Seen:
    """The same of a number nobody calculates with (account, phone, tax code): letters among its digits are doubted.

    >>> digits_seen("OO11001234567").doubt
    'có chữ “O” giữa các chữ số'
    """
    found = code_seen(cell, look)
    if look is not None and look.was == "format":
        return replace(found, note=f"ô là số, đọc như bảng tính hiển thị: {look.shown}")
    if found.doubt or found.is_lost:
        return found
    if _GROUPED.fullmatch(found.text):
        return replace(found, doubt="viết như số tiền, số 0 đứng đầu (nếu có) đã mất")
    letters = [sign for sign in found.text if sign.isalpha() or sign == "|"]
    digits = sum(sign.isdigit() for sign in found.text)
    if letters and _LOOKALIKE.issuperset(letters) and len(letters) * (_LETTERS_SHARE_MAX - 1) <= digits:
        shown = ", ".join(f"“{letter}”" for letter in dict.fromkeys(letters))
        return replace(found, doubt=f"có chữ {shown} giữa các chữ số")
    return found


def _lost(why: str) -> Seen:
    return Seen("", "", why, is_lost=True)


def _by_look(look: Look) -> Seen:
    match look.was:
        case "error":
            return _lost(f"{ERROR} {look.shown}")
        case "uncalculated":
            return _lost(NOT_CALCULATED)
        case "format":
            return Seen(look.shown)
        case "number":
            return Seen(look.shown, "", ZERO_LOST)
        case _:
            return _of_text(look.shown)


def _of_text(written: str) -> Seen:
    if quoted := _AS_FORMULA.fullmatch(written):
        return Seen(quoted[1].strip())
    written = rearm(written)
    if written.startswith("'") and written[1:2].isdigit():
        written = written[1:]
    if _ERROR.fullmatch(written):
        return _lost(f"{ERROR} {written}")
    if decimal := _DECIMAL_ZERO.fullmatch(written):
        return _without_decimals(decimal[1], written)
    if power := _SCIENTIFIC.fullmatch(written):
        return _of_scientific(power[1] + (power[2] or ""), int(power[3]), written)
    return Seen(written)


def _without_decimals(digits: str, written: str) -> Seen:
    """What a program that takes every column for numbers wrote: the zeros it kept prove that it lost none."""
    doubt = "" if digits.startswith("0") and len(digits) > 1 else "viết như số lẻ “.0”, số 0 đứng đầu (nếu có) đã mất"
    return Seen(digits, f"đọc “{written}” là {digits}", doubt)


def _of_scientific(digits: str, exponent: int, written: str) -> Seen:
    if len(digits) <= exponent:
        return _lost(f"“{written}” viết dạng khoa học, chữ số cuối đã mất; {AS_TEXT}")
    if len(digits) > exponent + 1:
        return Seen(written, "", f"“{written}” viết dạng khoa học")
    return Seen(digits, f"đọc “{written}” là {digits}", f"viết dạng khoa học, {ZERO_LOST.partition(', ')[2]}")


def _of_number(cell: float) -> Seen:
    if has_lost_digits(cell):
        return _lost(f"{text(cell)} quá dài cho một ô số, chữ số cuối đã mất; {AS_TEXT}")
    if cell != int(cell):
        return Seen(text(cell), "", "ô là số lẻ, có thể không như đã gõ")
    return Seen(text(cell), "", ZERO_LOST)


def _moment(cell: Cell) -> str:
    match cell:
        case datetime():
            return f"ngày {cell:%d/%m/%Y}" if cell.time() == time() else f"ngày giờ {cell:%d/%m/%Y %H:%M}"
        case date():
            return f"ngày {cell:%d/%m/%Y}"
        case time():
            return f"giờ {cell:%H:%M}"
        case timedelta():
            return "khoảng thời gian"
        case _:
            return text(cell)
