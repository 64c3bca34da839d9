"""Reports received from providers: the file is evidence under its SHA-256, its counts are facts, undoing is a mark."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, UtcDateTime

REPORT_STATES = {"received": "Đang dùng", "undone": "Đã rút lại"}
IN_USE = text("state = 'received'")


class Report(Model):
    """One report file and what came of its lines. The same bytes are in use only once."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(REPORT_STATES)}", name="state"),
        Index("uq_report_sha256_in_use", "sha256", unique=True, sqlite_where=IN_USE, postgresql_where=IN_USE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose it is; none: the whole system's. Communes close, they never go
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    profile: Mapped[str] = mapped_column(String(64))
    profile_version: Mapped[int]
    sheet: Mapped[str] = mapped_column(String(120), default="")  #: that was chosen; "*": all of one shape; "": none was
    state: Mapped[str] = mapped_column(String(10), default="received")
    line_count: Mapped[int]
    duplicate_count: Mapped[int]  #: extra copies within the file
    refused_count: Mapped[int]
    conflict_count: Mapped[int]  #: lines at odds with reports received before
    paid_vnd: Mapped[int] = mapped_column(BigInteger, default=0)  #: of successful lines
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]  #: no foreign key: a person may be erased, what they did stays
    created_by: Mapped[str] = mapped_column(String(120))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(120), default="")
    undo_reason: Mapped[str] = mapped_column(Text, default="")
    is_sample: Mapped[bool] = mapped_column(default=False)


class ReportProfile(Model):
    """One version of how a provider writes its reports; a change is a new version."""

    __tablename__ = "report_profile"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    unit_id: Mapped[int | None]  #: whose people may make the next version; none: whoever works for the whole system
    title: Mapped[str] = mapped_column(String(120), default="")
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))


PROPOSED, IN_FORCE, REFUSED, WITHDRAWN = "proposed", "in_force", "refused", "withdrawn"
SETTLEMENT_STATES = {
    PROPOSED: "Chờ người thứ hai",
    IN_FORCE: "Đã phân xử",
    REFUSED: "Không đồng ý",
    WITHDRAWN: "Đã rút lại",
}
_OPEN = text("state IN ('proposed', 'in_force')")


class ConflictSettlement(Model):
    """Which copy of a reference holds where reports contradict each other.

    A commune has one word in force about a reference, and at most one that waits for another person.
    """

    __tablename__ = "conflict_settlement"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(SETTLEMENT_STATES)}", name="state"),
        CheckConstraint(
            "NOT needs_second OR state <> 'in_force' OR (decided_by_id IS NOT NULL"
            " AND (created_by_id IS NULL OR decided_by_id <> created_by_id))",
            name="four_eyes",
        ),
        Index(
            "uq_conflict_settlement_open",
            "unit_id",
            "reference",
            "state",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose word it is; none: the whole system's
    reference: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(String(64))  #: intake.CONTENT_KEY of the copy that holds; "": none of them
    shown: Mapped[str] = mapped_column(Text)  #: the copy in words, as it was seen then
    reason: Mapped[str] = mapped_column(Text)
    needs_second: Mapped[bool]  #: money had gone out for it, so another person must agree
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    created_session: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    closing_reason: Mapped[str] = mapped_column(Text, default="")
