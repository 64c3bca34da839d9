"""When a payment was made, as a sender's file writes it: a spreadsheet's own day, or text of many habits. Pure.

What can be read in one way only is read whatever the profile: the year first, a month as a word, a clock of twelve
hours with its half of the day. What can be read in two ways (day or month first, a year of two digits) is read as the
profile says, and a column in which a spreadsheet may have swapped day and month stops the file (`mixture_of`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.tables.cells import Cell
from app.transactions.profiles import SWAPPED_DAYS, Profile
from app.transactions.report_files import cell_text
from app.vn.dates import DateError, parse_date

_SERIALS = range(20_000, 80_000)  # Excel's day numbers of 1954 to 2119
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's clock has no zone: it is the sender's wall
_MONTH_MAX = 12
_HALF_DAY = 12
_HALF = r"(?:[ \u00a0\u202f]*(?P<half>SA|CH|[AP]\.?M\.?|sáng|chiều|tối)(?![a-zà-ỹ]))?"
_CLOCK = re.compile(
    r"(?:[T ,-]+)?(?P<hour>[0-9]{1,2})[:hH](?P<minute>[0-9]{2})(?:[:mM](?P<second>[0-9]{2})s?)?"
    + _HALF
    + r"(?P<rest>.*)",
    re.IGNORECASE,
)
_NUMERIC = r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
_DATE_THEN_CLOCK = re.compile(rf"(?P<date>{_NUMERIC})(?P<clock>.*)", re.DOTALL)
_CLOCK_THEN_DATE = re.compile(
    rf"(?P<clock>[0-9]{{1,2}}[:hH][0-9]{{2}}(?:[:mM][0-9]{{2}}s?)?(?:\s*(?:SA|CH|[AP]\.?M\.?|sáng|chiều|tối))?)"
    rf"[ ,-]+(?P<date>{_NUMERIC})",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_SHORT = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{2})")
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?|(?:tháng|thg\.?|th\.?)\s*(?P<number>1[0-2]|0?[1-9])(?![0-9])"
)
_DAY_MONTH = re.compile(
    rf"(?:ngày\s+)?(?P<day>[0-9]{{1,2}})[-/\s,]*(?:{_MONTH})[-/\s,]*(?:năm\s+)?(?P<year>[0-9]{{4}}|[0-9]{{2}}(?![0-9:]))",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(rf"(?:{_MONTH})\s+(?P<day>[0-9]{{1,2}}),?\s+(?P<year>[0-9]{{4}})", re.IGNORECASE)
#: Where year, month and day stand in a date of two-digit years.
_SHORT_ORDERS = {"dmy2": (4, 3, 1), "mdy2": (4, 1, 3), "ymd2": (1, 3, 4)}


def moment_text(cell: Cell, clock_cell: Cell, profile: Profile) -> str:
    """A time with seconds in ISO form, or the cell's text as it was where this profile cannot tell it.

    A zone or a fraction of a second behind the clock stays behind it.
    """
    found = _from_serial(cell)
    if profile.mixed == SWAPPED_DAYS and not isinstance(found, str) and found.day <= _MONTH_MAX:
        found = found.replace(month=found.day, day=found.month)  # what a foreign spreadsheet took for the month
    if isinstance(found, datetime) and not cell_text(clock_cell).strip():
        return found.isoformat(timespec="seconds")
    text = (found.date() if isinstance(found, datetime) else found).isoformat() if not isinstance(found, str) else found
    written = " ".join(f"{text} {_clock_text(clock_cell)}".split())
    return _text_moment(written, profile) or written


def _text_moment(written: str, profile: Profile) -> str:
    text = _with_digits(written, profile)
    match = _CLOCK_THEN_DATE.fullmatch(text) or _DATE_THEN_CLOCK.fullmatch(text)
    if match is None:
        return ""
    told = match["clock"].strip() or ("00:00:00" if profile.clock == "none" else "")
    clock = _CLOCK.fullmatch(told)
    if clock is None or (clock["second"] is None and profile.clock == "seconds"):
        return ""
    try:
        day = _day(match["date"], profile)
        moment = time(_hour(int(clock["hour"]), clock["half"]), int(clock["minute"]), int(clock["second"] or 0))
    except (DateError, ValueError):
        return ""
    return f"{day.isoformat()}T{moment.isoformat()}{clock['rest'].strip()}"


def _hour(hour: int, half: str | None) -> int:
    """The hour of twenty-four. Raises ValueError for an hour that this half of the day has not."""
    if half is None:
        return hour
    if half[0].casefold() in "as":
        if hour > _HALF_DAY:
            raise ValueError(hour)
        return hour % _HALF_DAY
    return hour % _HALF_DAY + _HALF_DAY if hour <= _HALF_DAY else hour


def _with_digits(text: str, profile: Profile) -> str:
    """The same text with a date whose month is a word in ISO form."""
    match = _DAY_MONTH.search(text) or _MONTH_DAY.search(text)
    if match is None:
        return text
    year = match["year"]
    if len(year) == len("26"):
        if not profile.dates.endswith("2"):
            return text
        year = f"20{year}"
    month = int(match["number"]) if match["number"] else _NAMES.index(match["name"][:3].casefold()) + 1
    return f"{text[: match.start()]}{year}-{month:02}-{int(match['day']):02}{text[match.end() :]}"


def _day(text: str, profile: Profile) -> date:
    """The day of a date in figures. Raises DateError where it is none, or could be two, as this profile writes."""
    if match := _YEAR_FIRST.fullmatch(text):
        return parse_date(f"{match[4]}/{match[3]}/{match[1]}")
    if (match := _YEAR_LAST.fullmatch(text)) and profile.dates.startswith("mdy"):
        return parse_date(f"{match[3]}/{match[1]}/{match[4]}")
    order = _SHORT_ORDERS.get(profile.dates)
    if order and (match := _SHORT.fullmatch(text)):
        year, month, day = (match[at] for at in order)
        return parse_date(f"{day}/{month}/20{year.zfill(2)}")
    return parse_date(text)


def _from_serial(cell: Cell) -> datetime | date | str:
    """A spreadsheet's day number as the moment it stands for, to the second."""
    if isinstance(cell, datetime | date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        return _SERIAL_EPOCH + timedelta(seconds=round(cell * 86_400))
    return cell_text(cell).strip()


def _clock_text(cell: Cell) -> str:
    """The time of day of its own column, also where a spreadsheet keeps it as a share of the day."""
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.time().isoformat(timespec="seconds")
    if isinstance(cell, float) and 0 <= cell < 1:
        return (_SERIAL_EPOCH + timedelta(seconds=round(cell * 86_400))).time().isoformat()
    return cell_text(cell).strip()


@dataclass(frozen=True, slots=True)
class Mixture:
    """A column of times in which some cells are a spreadsheet's own days and others text: one of each, with its line.

    A spreadsheet set to month first takes 05/10 for 10 May and leaves 13/10 as text; nothing in it tells that.
    """

    real_line: int
    real: date
    text_line: int
    text: str


def mixture_of(cells: Iterable[tuple[int, Cell]]) -> Mixture | None:
    """What is mixed in a column of (line, cell); None where all are of one kind, or the text has its year first."""
    real: tuple[int, date] | None = None
    text: tuple[int, str] | None = None
    for line, cell in cells:
        found = _from_serial(cell)
        if not isinstance(found, str):
            real = real or (line, found.date() if isinstance(found, datetime) else found)
        elif text is None and re.search(r"(?<![0-9])[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}", found):
            text = (line, found)
        if real and text:
            return Mixture(*real, *text)
    return None
