"""Collections (đợt thu) and their notices: one public payee's list, each payer with amount, memo and code."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.jobs.models import Job
from app.places.models import Unit
from app.printing.notices.rules import DRAFT, STATES
from app.registry.models import PaymentAccount, Point


class Collection(Model):
    """One list of amounts that a public payee asks for, in its form of paper, and what the gate said."""

    __tablename__ = "fee_collection"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(STATES)}", name="state"),
        Index(None, "point_id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)  #: DT-2611-07: year, month, count
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    void_from: Mapped[str] = mapped_column(String(10), default="")  #: what it was before it became void
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("payment_account.id", ondelete="CASCADE"))
    payee_name: Mapped[str] = mapped_column(String(160))
    title: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date | None]
    form: Mapped[str] = mapped_column(String(10))
    theme: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(160), default="")
    notices_count: Mapped[int] = mapped_column(default=0)
    total_vnd: Mapped[int] = mapped_column(BigInteger, default=0)
    refused: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  #: line, reason, cells
    remarks: Mapped[list[str]] = mapped_column(JSON, default=list)  #: about the list as a whole
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    sheets: Mapped[int] = mapped_column(default=0)
    codes_right: Mapped[int] = mapped_column(default=0)
    failures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    pdf_sha256: Mapped[str] = mapped_column(String(64), default="")
    pdf_bytes: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")  #: why it is void
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120), default="")
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship()
    point: Mapped[Point] = relationship()
    account: Mapped[PaymentAccount] = relationship()
    job: Mapped[Job | None] = relationship()


class Notice(Model):
    """One payer of a collection: who owes how much for what, what the transfer says, the code once it was made."""

    __tablename__ = "fee_notice"
    __table_args__ = (UniqueConstraint("collection_id", "memo"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("fee_collection.id", ondelete="CASCADE"))
    line: Mapped[int]
    payer_code: Mapped[str] = mapped_column(String(120))
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    group: Mapped[str] = mapped_column("group_name", String(40), default="")
    purpose: Mapped[str] = mapped_column(String(120), default="")
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date | None]
    memo: Mapped[str] = mapped_column(String(100))
    remark: Mapped[str] = mapped_column(Text, default="")
    search: Mapped[str] = mapped_column(Text, default="")  #: folded code, name, class
    payload: Mapped[str] = mapped_column(Text, default="")
    sheet: Mapped[int] = mapped_column(default=0)
    cell: Mapped[int] = mapped_column(default=0)

    collection: Mapped[Collection] = relationship()
