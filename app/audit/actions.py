"""Writing down what was done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from app.actors import Actor
from app.audit.models import AuditEvent, AuditHead
from app.audit.rules import GENESIS, Event, chained
from app.db import db

NAME_MAX = 120
HELD = "audit_head"
_FIRST_HEAD = text("INSERT INTO audit_head (id, events, hash) VALUES (1, 0, :hash) ON CONFLICT DO NOTHING")


def record(
    actor: Actor,
    now: datetime,
    action: str,
    subject: tuple[str, object],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Adds one act to the chain, in the same transaction as the act itself.

    `subject` is (kind, id); `before` and `after` hold only the fields that changed, as JSON values.
    """
    head = _locked_head()
    kind, key = subject
    event = Event(
        id=head.events + 1,
        at=now,
        actor_id=actor.id,
        actor_name=actor.name[:NAME_MAX],
        via=actor.via,
        action=action,
        subject_kind=kind,
        subject_id=str(key),
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        reason=reason,
        previous=head.hash,
        hash="",
    )
    event = replace(event, hash=chained(event))
    row = AuditEvent(**{name: getattr(event, name) for name in Event.__dataclass_fields__})
    db.session.add(row)
    head.events, head.hash = event.id, event.hash
    return row


def _locked_head() -> AuditHead:
    """The end of the chain, read and locked once in a transaction; until its end nobody else can add."""
    transaction = db.session().get_transaction()
    held: tuple[object, AuditHead] | None = db.session.info.get(HELD)
    if held is not None and transaction is not None and held[0] is transaction:
        return held[1]
    query = select(AuditHead).with_for_update().execution_options(populate_existing=True)
    head = db.session.scalars(query).one_or_none()
    if head is None:  # the first act of all may have rivals, and there is no row yet to wait for
        db.session.execute(_FIRST_HEAD, {"hash": GENESIS})
        head = db.session.scalars(query).one()
    db.session.info[HELD] = (db.session().get_transaction(), head)
    return head
