"""What a person may ask about their data, and by when it must be done. Pure.

Law 91/2025/QH15, art. 4, 10, 14; Decree 356/2025/NĐ-CP, art. 5: an answer within 2 working days, withdrawal 15 days (20
where a processor or third party is involved), seeing, correcting and a copy 10 days, erasing 20 days, each prolonged
once at most. Only weekends are passed over in working days: a holiday counted as one makes us early, never late.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

ANSWER_WORKING_DAYS: Final = 2
WITH_THIRD_PARTY_DAYS: Final = 20
SATURDAY: Final = 5
SOON_DAYS: Final = 3

#: kind -> words, days to do it in
KINDS: Final[dict[str, tuple[str, int]]] = {
    "copy": ("Xem hoặc nhận bản sao dữ liệu", 10),
    "correct": ("Sửa dữ liệu", 10),
    "withdraw": ("Rút đồng ý", 15),
    "object": ("Phản đối hoặc hạn chế xử lý", 15),
    "erase": ("Xoá dữ liệu", 20),
}
STATES: Final = {"open": "Đang xử lý", "done": "Đã xong", "declined": "Không làm được"}


@dataclass(frozen=True, slots=True)
class Clocks:
    """By which day the person must have an answer, and by which day it must be done (both included)."""

    answer_by: date
    due_on: date


def clocks(kind: str, received: date, *, third_party: bool = False) -> Clocks:
    """The days the law gives, counted from the day after the request came.

    >>> clocks("erase", date(2026, 11, 20))
    Clocks(answer_by=datetime.date(2026, 11, 24), due_on=datetime.date(2026, 12, 10))
    """
    days = KINDS[kind][1]
    if third_party and kind in {"withdraw", "object"}:
        days = WITH_THIRD_PARTY_DAYS
    return Clocks(working_days_after(received, ANSWER_WORKING_DAYS), received + timedelta(days=days))


def prolonged(kind: str, due_on: date) -> date:
    """The day after one prolongation: as long again as the law gave at first."""
    return due_on + timedelta(days=KINDS[kind][1])


def working_days_after(day: date, count: int) -> date:
    """The day that many working days later.

    >>> working_days_after(date(2026, 11, 20), 1)
    datetime.date(2026, 11, 23)
    """
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day
