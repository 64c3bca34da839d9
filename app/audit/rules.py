"""The chain: what an event's hash covers, and where a chain is broken. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """One act as the chain sees it; `at` aware, `before` and `after` JSON objects or None."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    via: str
    action: str
    subject_kind: str
    subject_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold, and what is wrong there."""

    event_id: int
    message: str


def chained(event: Event) -> str:
    """SHA-256 (hex) over the hash before and the event's canonical JSON."""
    content = {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": [event.actor_id, event.actor_name, event.via],
        "action": event.action,
        "subject": [event.subject_kind, event.subject_id],
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((event.previous + canonical).encode()).hexdigest()


def first_break(events: Iterable[Event], head_events: int, head_hash: str) -> Break | None:
    """Walks the chain in order; None when every link holds and it ends where the head says."""
    previous, count = GENESIS, 0
    for event in events:
        count += 1
        if event.id != count:
            return Break(count, f"thiếu sự kiện số {count}")
        if event.previous != previous:
            return Break(event.id, f"sự kiện số {event.id} không nối với sự kiện trước")
        if chained(event) != event.hash:
            return Break(event.id, f"nội dung sự kiện số {event.id} đã bị sửa")
        previous = event.hash
    if (count, previous) != (head_events, head_hash):
        return Break(count, f"chuỗi dừng ở sự kiện số {count}, sổ đầu mối ghi {head_events}")
    return None


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """Field, what it was and what it became, for every field an act names; "" where there was nothing.

    >>> changes({"phone": None, "name": "A"}, {"phone": "+84987654321", "name": "A"})
    [('phone', '', '+84987654321'), ('name', 'A', 'A')]
    """
    old, new = before or {}, after or {}
    fields = list(dict.fromkeys([*old, *new]))
    return [(field, _shown(old.get(field)), _shown(new.get(field))) for field in fields]


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
