"""Files as they were sent, before they are a report: nothing that came is lost, whatever could be read of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, UtcDateTime

WAITING, TAKEN, DROPPED = "waiting", "taken", "dropped"
UPLOAD_STATES = {WAITING: "Chưa nhận", TAKEN: "Đã nhận", DROPPED: "Đã bỏ qua"}


class ReportUpload(Model):
    """One file that was sent; its bytes are evidence under `sha256` from the first moment."""

    __tablename__ = "report_upload"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(UPLOAD_STATES)}", name="state"),
        CheckConstraint("(state = 'taken') = (report_id IS NOT NULL)", name="taken"),
        Index(None, "unit_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose it is; none: the whole system's
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default=WAITING)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text, default="")  #: why it was dropped
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(120), default="")
