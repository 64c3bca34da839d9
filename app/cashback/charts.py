"""Charts as figures for a template: every length is worked out here, the drawing is plain SVG. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.money import format_number

WIDTH = 720
HEIGHT = 250
LEFT = 64
TOP = 12
FLOOR = HEIGHT - 30
_TICKS_MAX = 8
_LEVELS = 4
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its place, its height, and the words for a pointer that rests on it."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """One mark of an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One line of the table behind the chart."""

    day: date
    paid_vnd: int
    live_vnd: int
    so_far_vnd: int


@dataclass(frozen=True, slots=True)
class CostChart:
    """Cost by day, what it comes to day after day, and the budget."""

    columns: Sequence[Column]
    live: Sequence[Column]
    line: str  #: points of the sum so far
    budget_y: float | None
    ends: Tick | None
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    sum_ticks: Sequence[Tick]
    rows: Sequence[DayRow]
    most_vnd: int
    sum_vnd: int


def cost_chart(
    by_day: Iterable[tuple[str, int]],
    budget_vnd: int | None = None,
    live_by_day: Iterable[tuple[str, int]] = (),
    ends_on: str | None = None,
) -> CostChart | None:
    """The chart of what each day (ISO) cost; None where nothing was paid. Two panels: by day, and the sum so far."""
    paid, live = _days(by_day), _days(live_by_day)
    if not paid and not live:
        return None
    rows = _rows(paid, live)
    most = max(max(row.paid_vnd, row.live_vnd) for row in rows)
    top = _round_up(most)
    total = rows[-1].so_far_vnd
    sum_top = _round_up(max(total, budget_vnd or 0))
    slot = (WIDTH - LEFT) / len(rows)
    has_live = bool(live)
    found = {row.day: at for at, row in enumerate(rows)}
    end_at = found.get(date.fromisoformat(ends_on)) if ends_on else None
    return CostChart(
        columns=_columns(rows, slot, top, live=False, beside=has_live),
        live=_columns(rows, slot, top, live=True, beside=True) if has_live else [],
        line=" ".join(f"{_mid(at, slot):.1f},{_y(row.so_far_vnd, sum_top):.1f}" for at, row in enumerate(rows)),
        budget_y=_y(budget_vnd, sum_top) if budget_vnd is not None else None,
        ends=Tick(_mid(end_at, slot), f"{rows[end_at].day:%d/%m}") if end_at is not None else None,
        x_ticks=_x_ticks(rows, slot),
        y_ticks=_y_ticks(top),
        sum_ticks=_y_ticks(sum_top),
        rows=rows,
        most_vnd=most,
        sum_vnd=total,
    )


def short_vnd(vnd: int) -> str:
    """An amount as an axis has room for it.

    >>> [short_vnd(vnd) for vnd in (0, 500, 25_000, 1_500_000, 2_000_000_000)]
    ['0', '500', '25k', '1,5 tr', '2 tỷ']
    """
    for unit, word in ((10**9, " tỷ"), (10**6, " tr"), (_THOUSAND, "k")):
        if vnd >= unit:
            whole, rest = divmod(vnd * 10 // unit, 10)
            return f"{format_number(whole)}{f',{rest}' if rest else ''}{word}"
    return str(vnd)


def _days(by_day: Iterable[tuple[str, int]]) -> dict[date, int]:
    return {date.fromisoformat(day): vnd for day, vnd in by_day}


def _rows(paid: Mapping[date, int], live: Mapping[date, int]) -> list[DayRow]:
    """Every day from the first to the last, also those on which nothing was paid."""
    first, last = min((*paid, *live)), max((*paid, *live))
    rows, so_far = [], 0
    for add in range((last - first).days + 1):
        day = first + timedelta(days=add)
        so_far += paid.get(day, 0)
        rows.append(DayRow(day, paid.get(day, 0), live.get(day, 0), so_far))
    return rows


def _columns(rows: Sequence[DayRow], slot: float, top: int, *, live: bool, beside: bool) -> list[Column]:
    """One column a day; beside those of the other version each takes half of the day's width."""
    gap = min(6.0, slot * 0.2)
    width = (slot - gap) / (2 if beside else 1)
    move = gap / 2 + (width if beside and not live else 0)
    found = []
    for at, row in enumerate(rows):
        vnd = row.live_vnd if live else row.paid_vnd
        y = _y(vnd, top)
        words = f"{row.day:%d/%m/%Y}: {format_number(vnd)} ₫"
        found.append(Column(round(LEFT + at * slot + move, 1), y, round(width, 1), round(FLOOR - y, 1), words))
    return found


def _mid(at: int, slot: float) -> float:
    return round(LEFT + (at + 0.5) * slot, 1)


def _y(vnd: int, top: int) -> float:
    return round(FLOOR - (FLOOR - TOP) * vnd / top, 1)


def _x_ticks(rows: Sequence[DayRow], slot: float) -> list[Tick]:
    skip = -(-len(rows) // _TICKS_MAX)
    return [Tick(_mid(at, slot), f"{row.day:%d/%m}") for at, row in enumerate(rows) if at % skip == 0]


def _y_ticks(top: int) -> list[Tick]:
    return [Tick(_y(top * level // _LEVELS, top), short_vnd(top * level // _LEVELS)) for level in range(_LEVELS + 1)]


def _round_up(most: int) -> int:
    """The next amount that divides well into four.

    >>> [_round_up(most) for most in (0, 35_000, 410_000, 1_000_000)]
    [4, 40000, 800000, 1000000]
    """
    if most <= 0:
        return _LEVELS
    unit = 10 ** max(0, len(str(most)) - 1)
    return next(step * unit for step in (1, 2, 4, 8, 10) if step * unit >= most) if unit >= _LEVELS else _LEVELS * 3
