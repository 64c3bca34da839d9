"""What a version of a policy is today, in words, and when the next one takes over. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.actors import ADMIN, APPROVER, COORDINATOR

KEEPERS: Final = (COORDINATOR, ADMIN)
APPROVERS: Final = (COORDINATOR, APPROVER, ADMIN)

#: state -> the states that may follow; a version leaves `draft` once and never comes back.
NEXT: Final = {
    "draft": frozenset({"active", "refused", "withdrawn"}),
    "active": frozenset({"retired"}),
    "retired": frozenset[str](),
    "refused": frozenset[str](),
    "withdrawn": frozenset[str](),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A version's state as people read it, and how it looks (a kind of tag)."""

    words: str
    look: str


_FIXED: Final = {
    "draft": Standing("Chờ duyệt", "warn"),
    "retired": Standing("Đã thay", "quiet"),
    "refused": Standing("Không duyệt", "quiet"),
    "withdrawn": Standing("Đã rút lại", "quiet"),
}


def standing(state: str, days: tuple[date | None, date | None], ends_on: date | None, today: date) -> Standing:
    """What a version is on a day; `days`: first and last day as the policy says."""
    if state != "active":
        return _FIXED[state]
    first_day, last_day = days
    if ends_on is not None and ends_on < today:
        return _FIXED["retired"]
    if last_day is not None and last_day < today:
        return Standing("Đã hết hạn", "quiet")
    if first_day is not None and first_day > today:
        return Standing(f"Áp dụng từ {first_day:%d/%m/%Y}", "")
    if ends_on is not None:
        return Standing(f"Đang áp dụng, đến hết {ends_on:%d/%m/%Y}", "good")
    return Standing("Đang áp dụng", "good")


def last_day_before(older: tuple[date | None, date | None], newer_first: date | None) -> date | None:
    """The day on which an older version ends because a newer one begins; None where it is replaced altogether."""
    first_day, last_day = older
    if newer_first is None or (first_day is not None and first_day >= newer_first):
        return None
    eve = newer_first - timedelta(days=1)
    return min(eve, last_day) if last_day is not None else eve
