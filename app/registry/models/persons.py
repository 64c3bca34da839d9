"""What people asked about their own data, and by when it must be done."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.registry.models.merchants import Merchant
from app.registry.rules.requests import KINDS, STATES


class PersonRequest(Model):
    """One request of one person: what, when it came, its legal clocks, how it ended. Holds no personal data itself."""

    __tablename__ = "person_request"
    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(KINDS)}", name="kind"),
        CheckConstraint(f"state IN {tuple(STATES)}", name="state"),
        Index(None, "merchant_id"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="open")
    received_on: Mapped[date]
    answer_by: Mapped[date]
    due_on: Mapped[date]
    prolonged_on: Mapped[date | None]  #: the day it was prolonged; once at most
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None]
    recorded_by: Mapped[str] = mapped_column(String(120), default="")

    merchant: Mapped[Merchant] = relationship()


class PersonKey(Model):
    """The key to what the audit holds about one merchant; destroyed when they are erased."""

    __tablename__ = "person_key"

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
