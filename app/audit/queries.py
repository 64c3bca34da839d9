"""Reading the chain."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, true

from app.audit.models import AuditEvent, AuditHead
from app.audit.rules import GENESIS, Anchor, Break, Event, first_break
from app.audit.words import subjects_called
from app.db import db
from app.errors import NotFoundError

CHUNK = 2000


def history_of(kind: str, key: object, seen: ColumnElement[bool] | None = None) -> Sequence[AuditEvent]:
    """What happened to one record (of it only what is `seen`), oldest first."""
    query = select(AuditEvent).where(AuditEvent.subject_kind == kind, AuditEvent.subject_id == str(key))
    if seen is not None:
        query = query.where(seen)
    return db.session.scalars(query.order_by(AuditEvent.id)).all()


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show of the chain: words in person, act or record; one act; a span of moments (`until` not included)."""

    text: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def events_page(
    chosen: Filter, offset: int, limit: int, seen: ColumnElement[bool] | None = None
) -> tuple[Sequence[AuditEvent], int]:
    """One page of the chain (of it only what is `seen`), newest first, and how many there are."""
    query = select(AuditEvent).where(true() if seen is None else seen)
    for word in chosen.text.split():
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (AuditEvent.actor_name, AuditEvent.action, AuditEvent.subject_kind, AuditEvent.subject_id)
        written = [column.ilike(like, escape="\\") for column in columns]
        query = query.where(or_(*written, AuditEvent.subject_kind.in_(subjects_called(word))))
    if chosen.action:
        query = query.where(AuditEvent.action == chosen.action)
    if chosen.since:
        query = query.where(AuditEvent.at >= chosen.since)
    if chosen.until:
        query = query.where(AuditEvent.at < chosen.until)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(query.order_by(AuditEvent.id.desc()).offset(offset).limit(limit)).all()
    return rows, total


def event(event_id: int, seen: ColumnElement[bool] | None = None) -> AuditEvent:
    """The act with this number. Raises NotFoundError where there is none, or none that is `seen`."""
    found = db.session.scalar(select(AuditEvent).where(AuditEvent.id == event_id, true() if seen is None else seen))
    if found is None:
        raise NotFoundError("Không có sự kiện này.", remedy="Hãy chọn lại từ nhật ký.")
    return found


def chain_head() -> Anchor:
    """Where the chain ends at this moment."""
    head = db.session.scalars(select(AuditHead).execution_options(populate_existing=True)).one_or_none()
    return Anchor(head.events, head.hash) if head else Anchor(0, GENESIS)


def chain_break(anchors: Iterable[Anchor] = ()) -> tuple[int, Break | None]:
    """Number of events, and the first broken link if there is one; `anchors` are ends that were noted elsewhere."""
    head = chain_head()
    return head.events, first_break(_all_events(), head, anchors)


def _all_events() -> Iterator[Event]:
    names = tuple(Event.__dataclass_fields__)
    columns = [getattr(AuditEvent, name) for name in names]
    for row in db.session.execute(select(*columns).order_by(AuditEvent.id)).yield_per(CHUNK):
        yield Event(**dict(zip(names, row, strict=True)))
