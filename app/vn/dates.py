"""Days and times of Vietnam: stored as UTC, counted and shown as +07:00, which has known no summer time since 1975."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

TZ = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Fixed and named by hand: old Windows machines bring no time zone data."""

_YEARS = range(1900, 2101)
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.\-])([0-9]{1,2})\2([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?")
_LONG = re.compile(r"ngày ([0-9]{1,2}) tháng ([0-9]{1,2}) năm ([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([/.\-])[0-9]{1,2}\1[0-9]{2}")
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_MONTHS = 12
_SHOWN_MAX = 30


class DateError(ValueError):
    """A date that cannot be read with certainty; `str()` is a Vietnamese sentence with the remedy."""


def to_local(moment: datetime) -> datetime:
    """The same moment on Vietnam's clock. A moment without a zone is a mistake of the program: ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"thời điểm không có múi giờ: {moment!r}")
    return moment.astimezone(TZ)


def wall_clock(moment: datetime) -> datetime:
    """The same moment as lists taken along show it: Vietnam's clock in whole seconds, without a zone.

    >>> wall_clock(datetime(2026, 11, 21, 17, 0, 9, 250, tzinfo=UTC))
    datetime.datetime(2026, 11, 22, 0, 0, 9)
    """
    return to_local(moment).replace(microsecond=0, tzinfo=None)


def local_date(moment: datetime) -> date:
    """The day in Vietnam on which a moment falls.

    >>> local_date(datetime(2026, 11, 21, 17, 0, tzinfo=UTC))
    datetime.date(2026, 11, 22)
    """
    return to_local(moment).date()


def start_of_day(day: date) -> datetime:
    """The moment (UTC) when a day begins in Vietnam; a day's moments are those from it and before the next day's.

    >>> start_of_day(date(2026, 11, 22)).isoformat()
    '2026-11-21T17:00:00+00:00'
    """
    return datetime.combine(day, time(), TZ).astimezone(UTC)


def format_date(day: date) -> str:
    """A day as it stands in forms; a moment is first brought to Vietnam.

    >>> format_date(date(2026, 11, 2))
    '02/11/2026'
    """
    return f"{_local_day(day):%d/%m/%Y}"


def format_datetime(moment: datetime) -> str:
    """A moment as day and clock in Vietnam.

    >>> format_datetime(datetime(2026, 11, 22, 7, 5, tzinfo=UTC))
    '22/11/2026 14:05'
    """
    return f"{to_local(moment):%d/%m/%Y %H:%M}"


def format_time(moment: datetime) -> str:
    """The clock in Vietnam at a moment: 14:05."""
    return f"{to_local(moment):%H:%M}"


def format_long(day: date) -> str:
    """A day as it stands under a document's heading (Decree 30/2020): a zero before days to 9 and months 1 and 2.

    >>> format_long(date(2026, 11, 2)), format_long(date(2026, 3, 12))
    ('ngày 02 tháng 11 năm 2026', 'ngày 12 tháng 3 năm 2026')
    """
    day = _local_day(day)
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)  # noqa: PLR2004 - 1 could become 10, 2 could 12
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def weekday(day: date) -> str:
    """The day of the week in Vietnamese: thứ Hai ... Chủ nhật."""
    return _WEEKDAYS[_local_day(day).weekday()]


def _local_day(day: date) -> date:
    return local_date(day) if isinstance(day, datetime) else day


def parse_date(value: str | date) -> date:
    """A day as people here write it, day before month, or in ISO form; a spreadsheet's own date is taken as it is.

    Raises DateError for month before day, two-digit years, days that do not exist and years outside 1900-2100.

    >>> parse_date("22/11/2026") == parse_date("2026-11-22") == parse_date("ngày 22 tháng 11 năm 2026")
    True
    >>> parse_date("11/22/2026")
    Traceback (most recent call last):
    app.vn.dates.DateError: “11/22/2026”: không có tháng 22. Hãy ghi ngày trước, tháng sau, ví dụ 22/11/2026.
    """
    if isinstance(value, datetime):
        return local_date(value) if value.tzinfo else value.date()
    if isinstance(value, date):
        return value
    text = " ".join(value.split())
    if match := _DAY_FIRST.fullmatch(text):
        return _day(text, int(match[4]), int(match[3]), int(match[1]))
    if match := _LONG.fullmatch(text.lower()):
        return _day(text, int(match[3]), int(match[2]), int(match[1]))
    if match := _ISO.fullmatch(text):
        return _day(text, int(match[1]), int(match[2]), int(match[3]))
    if not text:
        raise DateError("Thiếu ngày. Hãy ghi dạng ngày/tháng/năm, ví dụ 22/11/2026.")
    if _SHORT_YEAR.fullmatch(text):
        raise DateError(f"“{text}”: năm chỉ có hai chữ số. Hãy ghi đủ năm, ví dụ 22/11/2026.")
    shown = text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"
    raise DateError(f"“{shown}” không phải ngày. Hãy ghi dạng ngày/tháng/năm, ví dụ 22/11/2026.")


def _day(text: str, year: int, month: int, day: int) -> date:
    if not 1 <= month <= _MONTHS:
        raise DateError(f"“{text}”: không có tháng {month}. Hãy ghi ngày trước, tháng sau, ví dụ 22/11/2026.")
    if year not in _YEARS:
        raise DateError(f"“{text}”: năm {year} ngoài khoảng 1900 đến 2100. Hãy kiểm tra lại năm.")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise DateError(f"“{text}”: tháng {month} năm {year} không có ngày {day}. Hãy kiểm tra lại.") from error


def relative(moment: datetime, now: datetime) -> str:
    """How long ago, in words; days are those of Vietnam: two hours ago may be "hôm qua".

    >>> now = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    >>> [relative(now - timedelta(minutes=5), now), relative(now - timedelta(days=1), now), relative(now, now)]
    ['5 phút trước', 'hôm qua', 'vừa xong']
    >>> relative(now - timedelta(days=95), now), relative(now + timedelta(days=10), now)
    ('3 tháng trước', '10 ngày nữa')
    """
    seconds = int((now - moment).total_seconds())
    days = (local_date(now) - local_date(moment)).days
    if days == 0 or abs(seconds) < _HOUR_S:
        return _within_a_day(seconds)
    if days in _NEAR_DAYS:
        return _NEAR_DAYS[days]
    return f"{_long_span(moment, now, abs(days))} {'trước' if days > 0 else 'nữa'}"


_NEAR_DAYS = {1: "hôm qua", 2: "hôm kia", -1: "ngày mai", -2: "ngày kia"}
_MINUTE_S, _HOUR_S = 60, 3600
_WEEK_DAYS, _WEEKS_FROM_DAYS = 7, 14


def _within_a_day(seconds: int) -> str:
    tail = "trước" if seconds > 0 else "nữa"
    seconds = abs(seconds)
    if seconds < _MINUTE_S:
        return "vừa xong"
    if seconds < _HOUR_S:
        return f"{seconds // _MINUTE_S} phút {tail}"
    return f"{seconds // _HOUR_S} giờ {tail}"


def _long_span(one: datetime, other: datetime, days: int) -> str:
    """Whole years, months, weeks or days between two local days."""
    first, last = sorted((local_date(one), local_date(other)))
    months = (last.year - first.year) * _MONTHS + last.month - first.month - (last.day < first.day)
    if months >= _MONTHS:
        return f"{months // _MONTHS} năm"
    if months:
        return f"{months} tháng"
    return f"{days // _WEEK_DAYS} tuần" if days >= _WEEKS_FROM_DAYS else f"{days} ngày"
