"""Policies in their versions, and the runs that decided reports under them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime

POLICY_STATES = {"draft": "Chờ duyệt", "active": "Đang áp dụng", "retired": "Đã thay"}


class PolicyVersion(Model):
    """One version of a policy as its YAML says; never edited, replaced by the next version. Two people activate it."""

    __tablename__ = "policy_version"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(POLICY_STATES)}", name="state"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> created_by_id", name="four_eyes"),
        UniqueConstraint("policy_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)  #: the YAML as written
    state: Mapped[str] = mapped_column(String(10), default="draft")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None]
    approved_by: Mapped[str] = mapped_column(String(120), default="")
    is_sample: Mapped[bool] = mapped_column(default=False)


class CashbackRun(Model):
    """Reports decided under one policy version at one time; the decisions lie in a folder of the instance."""

    __tablename__ = "cashback_run"
    __table_args__ = (Index(None, "policy_version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose it is; none: the whole system's. Communes close, they never go
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    report_ids: Mapped[list[int]] = mapped_column(JSON)
    points_name: Mapped[str] = mapped_column(String(200), default="")  #: the list of points, in words
    subscribers_name: Mapped[str] = mapped_column(String(200), default="")
    line_count: Mapped[int]
    duplicate_count: Mapped[int]
    refused_count: Mapped[int]
    granted_count: Mapped[int]
    paid_vnd: Mapped[int] = mapped_column(BigInteger)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    is_sample: Mapped[bool] = mapped_column(default=False)

    policy_version: Mapped[PolicyVersion] = relationship()
