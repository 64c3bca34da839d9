"""What stood beside a code when somebody said yes or no to it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.registry.models.payments import QrAsset
from app.registry.rules.labels import NAMES, STATES, Label


class CodeLabel(Model):
    """The words beside one code, as one person's yes (or no) found them. Rows are only ever added.

    The newest approved row of a code is what may stand beside it; print compares it with the record, and with what the
    audit says of that approval. Triggers keep rows as they are until the person is erased.
    """

    __tablename__ = "code_label"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index(None, "asset_id", "state", "id"),
        Index(None, "commune_id", "code_key"),
        Index(None, "commune_id", "stall_key"),
        Index(None, "commune_id", "name_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("qr_asset.id"))
    state: Mapped[str] = mapped_column(String(8))
    holder_name: Mapped[str] = mapped_column(String(120))
    owner_name: Mapped[str] = mapped_column(String(120))
    shop_name: Mapped[str] = mapped_column(String(160))
    point_code: Mapped[str] = mapped_column(String(24))
    zone: Mapped[str] = mapped_column(String(120))
    row: Mapped[str] = mapped_column(String(12))
    stall: Mapped[str] = mapped_column(String(24))
    place: Mapped[str] = mapped_column(String(200))
    print_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: these words may be printed from then on
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")  #: why not
    commune_id: Mapped[int]  #: with the keys below: how one like it is found
    code_key: Mapped[str] = mapped_column(String(200), default="")
    stall_key: Mapped[str] = mapped_column(String(200), default="")
    name_key: Mapped[str] = mapped_column(String(200), default="")

    asset: Mapped[QrAsset] = relationship()

    @property
    def label(self) -> Label:
        """The words."""
        return Label(**{name: getattr(self, name) for name in NAMES})
