"""How long ago somebody of the programme stood at a point, and whether it is time to go again. Pure.

The intervals stand in `recency.yaml`, one for each kind of point.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Final

import yaml

from app.registry.rules.stages import ACTIVE, DORMANT, FIRST_PAID, INSTALLED, TRAINED

_KEPT: Final = yaml.safe_load(files("app.registry.rules").joinpath("recency.yaml").read_text("utf-8"))
#: Kind of point -> days.
CHECK_DAYS: Final[dict[str, int]] = dict(_KEPT["days"])
#: Planned in the last quarter (one of so many parts) of the interval, before it is late.
SOON_SHARE: Final[int] = _KEPT["soon_share"]
#: Stages at which a code hangs on the wall and wants a look now and then.
ON_THE_WALL: Final = (INSTALLED, TRAINED, FIRST_PAID, ACTIVE, DORMANT)
#: How urgent, in words and as a kind of tag, the most urgent first.
BANDS: Final = {
    "late": ("Quá hạn kiểm tra", "bad"),
    "soon": ("Sắp đến hạn kiểm tra", "warn"),
    "fine": ("Mới kiểm tra", "quiet"),
}


@dataclass(frozen=True, slots=True)
class Recency:
    """One point: when somebody was there last (None: never), by when to go again, and how urgent that is."""

    seen: date | None
    due: date | None
    band: str  #: a key of BANDS; "" where nothing hangs there yet


def check_due(kind: str, seen: date) -> date:
    """The day from which a point of this kind wants another visit."""
    return seen + timedelta(days=CHECK_DAYS[kind])


def check_soon(kind: str, seen: date) -> date:
    """The day from which that visit should be planned."""
    return seen + timedelta(days=CHECK_DAYS[kind] - CHECK_DAYS[kind] // SOON_SHARE)


def recency(kind: str, stage: str, seen: date | None, today: date) -> Recency:
    """Where one point stands today.

    >>> recency("stall", "active", date(2026, 8, 1), date(2026, 11, 22)).band
    'late'
    """
    due = check_due(kind, seen) if seen is not None else None
    if stage not in ON_THE_WALL:
        return Recency(seen, due, "")
    if seen is None or due is None or due < today:
        return Recency(seen, due, "late")
    return Recency(seen, due, "soon" if check_soon(kind, seen) < today else "fine")


def most_urgent(points: Iterable[Recency]) -> Recency | None:
    """The point to go to first; one that hangs on no wall only where there is no other."""
    order = (*BANDS, "")
    return min(points, key=lambda each: (order.index(each.band), each.due or date.min), default=None)
