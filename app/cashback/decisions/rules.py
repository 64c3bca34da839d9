"""Which decisions somebody asks for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.cashback.rules import PAYEES, Reason
from app.errors import RefusedError
from app.vn.dates import DateError, parse_date

ASKED_MAX: Final = 80
REASONS: Final = tuple(reason.word for reason in Reason)
#: Of a payment elsewhere, of another kind, or that did not happen: it says nothing about a zone.
NOT_HERE: Final = ("outside_dates", "wrong_kind", "failed", "reversed", "not_a_point")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; what is empty asks for nothing. `zone` is a zone's name as the run's page tells it."""

    asked: str = ""
    reason: str = ""
    reward: int = 0
    role: str = ""
    day: date | None = None
    zone: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return self == Wanted()


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """The filter in an address; words that mean nothing ask for nothing. Raises RefusedError for a day that is none."""
    reward = values.get("reward", "")
    try:
        day = parse_date(values["day"]) if values.get("day", "").strip() else None
    except DateError as wrong:
        raise RefusedError(str(wrong)) from None
    return Wanted(
        asked=values.get("q", "").strip()[:ASKED_MAX],
        reason=_one_of(values.get("reason", ""), REASONS),
        reward=int(reward) if reward.isascii() and reward.isdigit() and len(reward) < len("100") else 0,
        role=_one_of(values.get("role", ""), PAYEES),
        day=day,
        zone=values.get("zone", "")[:ASKED_MAX],
    )


def _one_of(word: str, known: tuple[str, ...]) -> str:
    return word if word in known else ""
