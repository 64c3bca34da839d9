"""The address of a trader's card: a secret that can be shown again, renewed and revoked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.registry.models.merchants import Merchant

LIVE = text("revoked_at IS NULL")


class TraderLink(Model):
    """One address under which a trader reads what they earned. The secret is kept as it is: a slip is printed again."""

    __tablename__ = "trader_link"
    __table_args__ = (
        Index("uq_trader_link_merchant_id_live", "merchant_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    token: Mapped[str] = mapped_column(String(32), unique=True)  #: 128 random bits: nobody finds it by trying
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")

    merchant: Mapped[Merchant] = relationship()
