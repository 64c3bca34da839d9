"""What people say about payments: who is close to a point, and what came of looking at a sign."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.cashback.activity.rules import DECISIONS, FLAG_NAMES, RELATIONS
from app.db import Model, UtcDateTime
from app.registry.models import Merchant

_LIVE = text("removed_at IS NULL")
_STANDING = text("undone_at IS NULL")


class RelatedPayer(Model):
    """Somebody whose payments at a merchant are no sign of activity: owner, staff, family. Removed by a mark."""

    __tablename__ = "related_payer"
    __table_args__ = (
        CheckConstraint(f"relation IN {tuple(RELATIONS)}", name="relation"),
        Index(
            "uq_related_payer_merchant_id_payer_live",
            "merchant_id",
            "payer",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    payer: Mapped[str] = mapped_column(String(80))  #: as reports write it: a telephone in its national writing
    relation: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str] = mapped_column(String(120), default="")
    removal_reason: Mapped[str] = mapped_column(Text, default="")

    merchant: Mapped[Merchant] = relationship()


class ActivityReview(Model):
    """Somebody looked at a sign: what they found and decided. A sign with further payments is open again."""

    __tablename__ = "activity_review"
    __table_args__ = (
        CheckConstraint(f"flag IN {tuple(FLAG_NAMES)}", name="flag"),
        CheckConstraint(f"decision IN {tuple(DECISIONS)}", name="decision"),
        Index(
            "uq_activity_review_standing",
            "unit_id",
            "flag",
            "point",
            "who",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose word it is; none: the whole system's
    flag: Mapped[str] = mapped_column(String(20))
    point: Mapped[str] = mapped_column(Text)  #: as reports call it
    who: Mapped[str] = mapped_column(Text)
    references: Mapped[list[Any]] = mapped_column(JSON)  #: the payments that were looked at
    sign: Mapped[str] = mapped_column(Text)  #: the sign in words, as it was seen
    decision: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(120), default="")
    undo_reason: Mapped[str] = mapped_column(Text, default="")
