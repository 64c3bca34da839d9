"""Policies in their versions, the draws they promise, and the runs that decided reports under them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime

OF_ALL = text("unit_id IS NULL")
POLICY_STATES = {
    "draft": "Chờ duyệt",
    "active": "Đang áp dụng",
    "retired": "Đã thay",
    "refused": "Không duyệt",
    "withdrawn": "Đã rút lại",
}


class PolicyVersion(Model):
    """One version of a policy as its YAML says; never edited, replaced by the next version. Two people activate it."""

    __tablename__ = "policy_version"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(POLICY_STATES)}", name="state"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> created_by_id", name="four_eyes"),
        UniqueConstraint("unit_id", "policy_id", "version"),
        Index(
            "uq_policy_version_of_all",
            "policy_id",
            "version",
            unique=True,
            sqlite_where=OF_ALL,
            postgresql_where=OF_ALL,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose it is; none: the whole system's. Communes close, they never go
    policy_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)  #: the YAML as written; the hash of a sealed seed is put in on approval
    state: Mapped[str] = mapped_column(String(10), default="draft")
    ends_on: Mapped[date | None]  #: last day, where the next version takes over before this one's own end
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120))
    created_session: Mapped[str] = mapped_column(String(64), default="")
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None]
    approved_by: Mapped[str] = mapped_column(String(120), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: refused or withdrawn
    closed_by: Mapped[str] = mapped_column(String(120), default="")
    close_reason: Mapped[str] = mapped_column(Text, default="")
    is_sample: Mapped[bool] = mapped_column(default=False)


class DrawCommitment(Model):
    """The promise of a draw: the hash of its seed is known before the first payment, the seed itself only after.

    Where every period has a seed of its own, the last one is sealed, which tells all before it (`cashback.seeds`), and
    `seed` is the last that was revealed.
    """

    __tablename__ = "draw_commitment"
    __table_args__ = (
        UniqueConstraint("policy_version_id"),
        UniqueConstraint("slug"),
        CheckConstraint("(seed IS NULL) = (revealed_at IS NULL)", name="revealed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    slug: Mapped[str] = mapped_column(String(120))  #: address of the public page
    seed_sha256: Mapped[str] = mapped_column(String(64))
    sealed_seed: Mapped[bytes | None] = mapped_column(LargeBinary)  #: encrypted; none: held by people outside
    party_key: Mapped[bytes] = mapped_column(LargeBinary)  #: turns parties into names that only tell them apart
    committed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    committed_by: Mapped[str] = mapped_column(String(120))
    seed: Mapped[str | None] = mapped_column(String(200))
    revealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revealed_by: Mapped[str] = mapped_column(String(120), default="")

    policy_version: Mapped[PolicyVersion] = relationship()


class CashbackRun(Model):
    """Reports decided under one policy version at one time; the decisions lie in a folder of the instance.

    What was decided from what is never changed: triggers refuse it once `decisions_sha256` stands.
    """

    __tablename__ = "cashback_run"
    __table_args__ = (Index(None, "policy_version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None]  #: the commune whose it is; none: the whole system's. Communes close, they never go
    policy_version_id: Mapped[int] = mapped_column(ForeignKey("policy_version.id"))
    report_ids: Mapped[list[int]] = mapped_column(JSON)
    points_name: Mapped[str] = mapped_column(String(200), default="")  #: the list of points, in words
    subscribers_name: Mapped[str] = mapped_column(String(200), default="")
    points_sha256: Mapped[str] = mapped_column(String(64), default="")  #: the list itself, kept as evidence
    subscribers_sha256: Mapped[str] = mapped_column(String(64), default="")
    decisions_sha256: Mapped[str] = mapped_column(String(64), default="")  #: "": a run of before sums were kept
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


class DrawStep(Model):
    """A published step of a draw, never changed: the ticket list is closed, or the winners are drawn (again)."""

    __tablename__ = "draw_step"
    __table_args__ = (
        CheckConstraint("kind IN ('list', 'winners')", name="kind"),
        Index(None, "commitment_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("draw_commitment.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("cashback_run.id"))
    kind: Mapped[str] = mapped_column(String(8))
    through: Mapped[str] = mapped_column(String(10), default="")  #: the last period it speaks of; "": of all
    tickets: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  #: by reward: count and hash of the list
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(120))

    commitment: Mapped[DrawCommitment] = relationship()
    run: Mapped[CashbackRun] = relationship()
