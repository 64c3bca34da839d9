"""Days and times of Vietnam."""

import doctest
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vn import dates
from app.vn.dates import (
    TZ,
    DateError,
    format_date,
    format_datetime,
    format_long,
    format_time,
    local_date,
    parse_date,
    relative,
    start_of_day,
    to_local,
    weekday,
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def test_doctests() -> None:
    assert doctest.testmod(dates).failed == 0


@pytest.mark.parametrize(
    "written",
    ["22/11/2026", "22-11-2026", "22.11.2026", "2026-11-22", "2026-11-22 00:00:00", "2026-11-22T14:05", " 22/11/2026 ",
     "ngày 22 tháng 11 năm 2026", "Ngày 22  tháng 11 năm 2026"],
)  # fmt: skip
def test_ways_of_writing_one_day(written: str) -> None:
    assert parse_date(written) == date(2026, 11, 22)


def test_a_spreadsheets_date_is_taken_as_it_is() -> None:
    assert parse_date(date(2026, 11, 22)) == date(2026, 11, 22)
    assert parse_date(datetime(2026, 11, 22, 23, 0)) == date(2026, 11, 22)  # noqa: DTZ001 - as calamine gives it
    assert parse_date(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "Thiếu"),
        ("11/22/2026", "ngày trước"),
        ("2026-22-11", "tháng 22"),
        ("31/9/2026", "không có ngày 31"),
        ("29/02/2026", "không có ngày 29"),
        ("0/1/2026", "không có ngày 0"),
        ("1/0/2026", "tháng 0"),
        ("1/1/26", "hai chữ số"),
        ("1/1/0026", "ngoài khoảng"),
        ("1/1/9999", "ngoài khoảng"),
        ("22/11-2026", "không phải ngày"),
        ("22/11", "không phải ngày"),
        ("46348", "không phải ngày"),
        ("hôm qua", "không phải ngày"),
        ("２２/11/2026", "không phải ngày"),
        ("x" * 500, "không phải ngày"),
    ],
)
def test_what_is_no_certain_day_is_refused(written: str, says: str) -> None:
    with pytest.raises(DateError, match=says) as refused:
        parse_date(written)
    assert len(str(refused.value)) < 160


@given(DAYS)
def test_what_is_shown_is_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == parse_date(format_long(day)) == parse_date(day.isoformat()) == day


@given(st.text())
def test_any_text_is_a_day_or_a_refusal(written: str) -> None:
    try:
        assert isinstance(parse_date(written), date)
    except DateError:
        return


@given(DAYS)
def test_a_day_begins_at_midnight_in_vietnam(day: date) -> None:
    start = start_of_day(day)
    assert start.tzinfo is UTC
    assert local_date(start) == day
    assert local_date(start - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert start_of_day(day + timedelta(days=1)) - start == timedelta(days=1)


def test_a_moment_is_shown_on_vietnams_clock_wherever_it_was_taken() -> None:
    moment = datetime(2026, 11, 22, 2, 5, tzinfo=timezone(timedelta(hours=-5)))
    assert format_datetime(moment) == "22/11/2026 14:05"
    assert format_time(moment) == "14:05"
    assert to_local(moment).tzinfo is TZ
    late = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    assert (format_date(late), weekday(late)) == ("22/11/2026", "Chủ nhật")
    assert format_long(late) == "ngày 22 tháng 11 năm 2026"


def test_a_moment_without_a_zone_is_a_mistake_of_the_program() -> None:
    for convert in (to_local, local_date, format_datetime, format_date):
        with pytest.raises(ValueError, match="múi giờ"):
            convert(datetime(2026, 11, 22))  # noqa: DTZ001 - the mistake


@pytest.mark.parametrize(
    ("month", "written"), [(1, "tháng 01"), (2, "tháng 02"), (3, "tháng 3"), (10, "tháng 10"), (12, "tháng 12")]
)
def test_the_month_in_an_administrative_date(month: int, written: str) -> None:
    assert format_long(date(2026, month, 5)) == f"ngày 05 {written} năm 2026"


def test_every_day_of_the_week_has_its_name() -> None:
    monday = date(2026, 11, 23)
    names = [weekday(monday + timedelta(days=at)) for at in range(7)]
    assert names == ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]


NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # ten in the morning in Vietnam


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(0), "vừa xong"),
        (timedelta(seconds=59), "vừa xong"),
        (timedelta(seconds=60), "1 phút trước"),
        (timedelta(minutes=59), "59 phút trước"),
        (timedelta(hours=9), "9 giờ trước"),
        (timedelta(hours=11), "hôm qua"),
        (timedelta(days=2), "hôm kia"),
        (timedelta(days=13), "13 ngày trước"),
        (timedelta(days=20), "2 tuần trước"),
        (timedelta(days=31), "1 tháng trước"),
        (timedelta(days=95), "3 tháng trước"),
        (timedelta(days=364), "11 tháng trước"),
        (timedelta(days=365), "1 năm trước"),
        (timedelta(days=-1), "ngày mai"),
        (timedelta(days=-2), "ngày kia"),
        (timedelta(hours=-3), "3 giờ nữa"),
        (timedelta(days=-10), "10 ngày nữa"),
        (timedelta(days=-70), "2 tháng nữa"),
    ],
)
def test_how_long_ago(ago: timedelta, words: str) -> None:
    assert relative(NOW - ago, NOW) == words


def test_minutes_before_midnight_are_still_minutes() -> None:
    midnight = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)
    assert relative(midnight - timedelta(minutes=15), midnight) == "15 phút trước"
