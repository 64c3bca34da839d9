"""The chain: what an event's hash covers, and where a chain is broken. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64
ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{12,64})")


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


@dataclass(frozen=True, slots=True)
class Anchor:
    """An end of the chain as it was noted once: so many events, and the hash of the last."""

    events: int
    hash: str

    def __str__(self) -> str:
        """As it is written on paper and in files: 1234:9f86d081…"""
        return f"{self.events}:{self.hash}"


def parse_anchor(text: str) -> Anchor | None:
    """What `str(anchor)` wrote, the hash in full or its first 12 digits or more; None for anything else.

    >>> parse_anchor("12:9f86d081884c7d65")
    Anchor(events=12, hash='9f86d081884c7d65')
    >>> parse_anchor("12:xyz") is None
    True
    """
    found = ANCHOR.fullmatch(text.strip().lower())
    return Anchor(int(found[1]), found[2]) if found else None


def first_break(events: Iterable[Event], head: Anchor, anchors: Iterable[Anchor] = ()) -> Break | None:
    """Walks the chain in order; None when every link holds, it ends where the head says and passes every anchor."""
    noted: dict[int, list[str]] = {}
    for anchor in anchors:
        noted.setdefault(anchor.events, []).append(anchor.hash)
    previous, count = GENESIS, 0
    for event in events:
        count += 1
        wrong = _wrong_with(event, count, previous, noted.pop(count, ()))
        if wrong:
            return Break(count, wrong)
        previous = event.hash
    if (count, previous) != (head.events, head.hash):
        return Break(count, f"chuỗi dừng ở sự kiện số {count}, sổ đầu mối ghi {head.events}")
    if any(number > count for number in noted):
        return Break(count, f"chuỗi dừng ở sự kiện số {count}, nơi khác đã ghi tới số {max(noted)}")
    return None


def _wrong_with(event: Event, place: int, previous: str, noted: Iterable[str]) -> str:
    """What is wrong with the event that should stand at this place; "" where nothing is."""
    if event.id != place:
        return f"thiếu sự kiện số {place}"
    if event.previous != previous:
        return f"sự kiện số {place} không nối với sự kiện trước"
    if chained(event) != event.hash:
        return f"nội dung sự kiện số {place} đã bị sửa"
    if not all(event.hash.startswith(digest) for digest in noted):
        return f"sự kiện số {place} khác với mã đã ghi ở nơi khác"
    return ""


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
