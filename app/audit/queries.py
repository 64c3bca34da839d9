"""Reading the chain."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, or_, select

from app.audit.models import AuditEvent, AuditHead
from app.audit.rules import GENESIS, Break, Event, first_break
from app.db import db

CHUNK = 2000


def history_of(kind: str, key: object) -> Sequence[AuditEvent]:
    """What happened to one record, oldest first."""
    query = select(AuditEvent).where(AuditEvent.subject_kind == kind, AuditEvent.subject_id == str(key))
    return db.session.scalars(query.order_by(AuditEvent.id)).all()


def events_page(text: str, offset: int, limit: int) -> tuple[Sequence[AuditEvent], int]:
    """One page of the chain, newest first, and how many there are; `text` matches actor, action or record."""
    query = select(AuditEvent)
    if text:
        like = f"%{text}%"
        columns = (AuditEvent.actor_name, AuditEvent.action, AuditEvent.subject_kind, AuditEvent.subject_id)
        query = query.where(or_(*(column.ilike(like) for column in columns)))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.scalars(query.order_by(AuditEvent.id.desc()).offset(offset).limit(limit)).all()
    return rows, total


def chain_break() -> tuple[int, Break | None]:
    """Number of events, and the first broken link if there is one."""
    head = db.session.scalars(select(AuditHead)).one_or_none()
    events, digest = (head.events, head.hash) if head else (0, GENESIS)
    return events, first_break(_all_events(), events, digest)


def _all_events() -> Iterator[Event]:
    names = tuple(Event.__dataclass_fields__)
    columns = [getattr(AuditEvent, name) for name in names]
    for row in db.session.execute(select(*columns).order_by(AuditEvent.id)).yield_per(CHUNK):
        yield Event(**dict(zip(names, row, strict=True)))
