"""How values are written for people: one filter each for money, numbers, days, hours and phones."""

import re
from datetime import date, datetime

from flask import Flask

from app.money import format_number, format_vnd
from app.vn.dates import format_date, format_datetime
from app.vn.phones import format_phone, mask_phone
from app.web.paging import same_filter

EMPTY = "—"
MINUS = "−"
NO_BREAK = "\u00a0"
_NATIONAL = re.compile(r"0[0-9]{9}")


def vnd(value: int | None) -> str:
    """20000 -> "20.000 ₫", -20000 -> "−20.000 ₫"; nothing -> a dash."""
    return EMPTY if value is None else format_vnd(value).replace("-", MINUS)


def number(value: int | None) -> str:
    """12345 -> "12.345"."""
    return EMPTY if value is None else format_number(value).replace("-", MINUS)


def ngay(value: date | datetime | None) -> str:
    """The day in Vietnam, "22/11/2026"."""
    return EMPTY if value is None else format_date(value)


def gio(value: datetime | None) -> str:
    """Day and time in Vietnam, "22/11/2026 14:05"."""
    return EMPTY if value is None else format_datetime(value)


def phone(value: str | None) -> str:
    """The Vietnamese way: +84987654321 -> 0987 654 321."""
    return format_phone(value) if value else EMPTY


def phone_masked(value: str | None) -> str:
    """For who may not see it whole: +84987654321 -> 0987 ••• 321."""
    return mask_phone(value) if value else EMPTY


def party(value: str) -> str:
    """A payer or payee as reports name them: 0987654321 -> "0987 654 321" on one line, a code as it is."""
    return format_phone(f"+84{value[1:]}").replace(" ", NO_BREAK) if _NATIONAL.fullmatch(value) else value


def percent(part: int, whole: int) -> str:
    """Share in whole percent, "67 %"; nothing of nothing is a dash, never 100 %."""
    return EMPTY if not whole else f"{part * 100 // whole} %"


def init_filters(app: Flask) -> None:
    """Makes the filters, and the address of the same list elsewhere, known to every template."""
    for each in (vnd, number, ngay, gio, phone, phone_masked, party, percent):
        app.jinja_env.filters[each.__name__] = each
    app.jinja_env.globals["same_filter"] = same_filter
