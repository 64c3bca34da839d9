"""The worklist over time: when each trouble was first seen, who looks after it, and what ended it."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.registry.models.merchants import Merchant

STILL_OPEN = text("closed_at IS NULL")


class IssueRecord(Model):
    """One trouble of one merchant from the day it was seen until its cause was gone; it is never ticked off by hand."""

    __tablename__ = "issue_record"
    __table_args__ = (
        Index(
            "uq_issue_record_kind_merchant_id_open",
            "kind",
            "merchant_id",
            unique=True,
            sqlite_where=STILL_OPEN,
            postgresql_where=STILL_OPEN,
        ),
        Index(None, "merchant_id"),
        Index(None, "closed_at"),
        Index(None, "assigned_to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  #: a key of rules.issues.ISSUES, or of a kind there was once
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: when the cause went: the event's own moment
    closed_by: Mapped[str] = mapped_column(String(120), default="")
    closed_how: Mapped[str] = mapped_column(String(60), default="")  #: the act in the audit; "" for the passing of time
    closed_event_id: Mapped[int | None]  #: its number there
    assigned_to_id: Mapped[int | None]  #: no foreign key: a person may be erased
    assigned_to: Mapped[str] = mapped_column(String(120), default="")
    snoozed_until: Mapped[date | None]  #: back in the list on this day
    snooze_reason: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")  #: of the team, for whoever goes there next

    merchant: Mapped[Merchant] = relationship()


class IssueSweep(Model):
    """When the registry was last looked through for trouble; one row."""

    __tablename__ = "issue_sweep"

    id: Mapped[int] = mapped_column(primary_key=True)
    swept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
