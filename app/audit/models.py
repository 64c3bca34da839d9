"""What was done, by whom, in an unbroken chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, UtcDateTime


class AuditEvent(Model):
    """One act. Rows are only ever added: triggers refuse to change or remove one."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject_kind", "subject_id"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  #: place in the chain, from 1, without gaps
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[int | None]  #: no foreign key: a person may be erased, what they did stays
    actor_name: Mapped[str] = mapped_column(String(120))
    via: Mapped[str] = mapped_column(String(12))  #: web, api, phone, cli, job or system
    action: Mapped[str] = mapped_column(String(60))  #: stable name such as "account.approve"
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    previous: Mapped[str] = mapped_column(String(64))  #: hash of the event before, 64 zeros for the first
    hash: Mapped[str] = mapped_column(String(64))


class RefusalTally(Model):
    """How often something was refused in the hour that began at `since`: the chain tells some of them, not each."""

    __tablename__ = "refusal_tally"

    key: Mapped[str] = mapped_column(String(180), primary_key=True)  #: who, which act, on what
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    count: Mapped[int]


class AuditHead(Model):
    """Where the chain ends: one row, locked by whoever adds; a chain cut short no longer agrees with it."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    events: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
