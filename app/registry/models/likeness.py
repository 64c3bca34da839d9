"""Who may be whom: the keys by which likes are found, the pairs that were found, what people decided about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.registry.models.merchants import Merchant

PAIR_STATES = {"open": "Chưa xem", "apart": "Không phải một", "merged": "Đã gộp"}


class MerchantKey(Model):
    """One thing by which a merchant can be found again: a phone, an account, a name in a commune."""

    __tablename__ = "merchant_key"
    __table_args__ = (Index(None, "kind", "key", "merchant_id"), Index(None, "merchant_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))  #: a kind of rules.likeness.KEYS
    key: Mapped[str] = mapped_column(String(200))


class DuplicatePair(Model):
    """Two merchants that may be one, why, and what somebody said about it; "not the same" is remembered here."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        CheckConstraint("one_id < other_id", name="ordered"),
        CheckConstraint(f"state IN {tuple(PAIR_STATES)}", name="state"),
        Index(None, "other_id"),
        Index(None, "state", "score", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    one_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"))
    score: Mapped[int]  #: 0 to 100
    reasons: Mapped[list[list[Any]]] = mapped_column(JSON)  #: [code, words, weight], heaviest first
    state: Mapped[str] = mapped_column(String(8), default="open")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")

    one: Mapped[Merchant] = relationship(foreign_keys=[one_id])
    other: Mapped[Merchant] = relationship(foreign_keys=[other_id])


class Merge(Model):
    """Two records made one: what moved and what was filled in, so that all of it can be taken back."""

    __tablename__ = "merchant_merge"
    __table_args__ = (Index(None, "kept_id"), Index(None, "gone_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    moved: Mapped[dict[str, Any]] = mapped_column(JSON)  #: what of rules.merging.Moved
    reason: Mapped[str] = mapped_column(Text, default="")
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by_id: Mapped[int | None]
    merged_by: Mapped[str] = mapped_column(String(120), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(120), default="")

    kept: Mapped[Merchant] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Merchant] = relationship(foreign_keys=[gone_id])
