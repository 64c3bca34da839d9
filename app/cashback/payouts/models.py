"""Money in the books: runs that were posted, entries that are never changed, payouts, and comparisons with files."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.cashback.payouts.rules.batches import CLOSED, STATES
from app.cashback.payouts.rules.postings import KINDS, ROLES
from app.db import Model, UtcDateTime

_LIVE = text("state <> 'withdrawn'")
_CLOSED = str(CLOSED)


class LedgerPosting(Model):
    """One run whose decisions were written into a commune's books; its file is kept under `sha256`.

    Without a run: a file that an earlier program took from outside. Nothing of it is paid any more; triggers refuse to
    approve a payout that holds it, and to change a posting.
    """

    __tablename__ = "ledger_posting"
    __table_args__ = (Index(None, "unit_id", "id"), Index(None, "run_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("cashback_run.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)
    first_month: Mapped[str] = mapped_column(String(7))
    last_month: Mapped[str] = mapped_column(String(7))
    versions: Mapped[dict[str, Any]] = mapped_column(JSON)  #: policy -> version
    entry_count: Mapped[int]
    added_vnd: Mapped[int] = mapped_column(BigInteger)
    taken_vnd: Mapped[int] = mapped_column(BigInteger)
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    posted_by_id: Mapped[int | None]
    posted_by: Mapped[str] = mapped_column(String(120))


class PayoutBatch(Model):
    """What a commune's payees are paid for one month. One live batch a month; a closed one is never changed."""

    __tablename__ = "payout_batch"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(STATES)}", name="state"),
        CheckConstraint("total_vnd > 0", name="total"),
        # The last wall behind rules.batches and app.approval.
        CheckConstraint(
            f"state NOT IN {_CLOSED} OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL"
            " AND approved_by_id <> drafted_by_id"
            " AND (approved_session = '' OR approved_session <> drafted_session))",
            name="four_eyes",
        ),
        CheckConstraint("state NOT IN ('exported', 'paid', 'reconciled') OR exported_at IS NOT NULL", name="exported"),
        CheckConstraint("state NOT IN ('paid', 'reconciled') OR paid_at IS NOT NULL", name="paid"),
        CheckConstraint("state <> 'reconciled' OR reconciled_at IS NOT NULL", name="reconciled"),
        Index(
            "uq_payout_batch_unit_id_month_live",
            "unit_id",
            "month",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    month: Mapped[str] = mapped_column(String(7))  #: 2023-08, Vietnam's
    state: Mapped[str] = mapped_column(String(10), default="draft")
    total_vnd: Mapped[int] = mapped_column(BigInteger)
    drafted_by_id: Mapped[int]
    drafted_by: Mapped[str] = mapped_column(String(120))
    drafted_session: Mapped[str] = mapped_column(String(64), default="")
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None]
    approved_by: Mapped[str] = mapped_column(String(120), default="")
    approved_session: Mapped[str] = mapped_column(String(64), default="")
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    exported_by: Mapped[str] = mapped_column(String(120), default="")
    exported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_by: Mapped[str] = mapped_column(String(120), default="")
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reconciled_by: Mapped[str] = mapped_column(String(120), default="")
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")  #: why it was withdrawn


class LedgerEntry(Model):
    """One transfer between two accounts. Rows are only ever added: triggers refuse to change or remove one."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("amount_vnd > 0", name="amount"),
        CheckConstraint("debit <> credit", name="accounts"),
        CheckConstraint("(kind = 'accrual') = (batch_id IS NULL)", name="batch"),
        Index(None, "unit_id", "policy", "day"),
        Index(None, "unit_id", "role", "payee"),
        Index(None, "batch_id"),
        Index(None, "posting_id"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  #: rules.postings.entry_id: the same when made anew
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str] = mapped_column(String(8))
    debit: Mapped[str] = mapped_column(Text)
    credit: Mapped[str] = mapped_column(Text)
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    policy: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=0)
    reward: Mapped[int] = mapped_column(default=0)
    reference: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[date] = mapped_column(Date)  #: Vietnam's day of the payment
    role: Mapped[str] = mapped_column(String(8))
    payee: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str] = mapped_column(String(12))
    is_adjustment: Mapped[bool] = mapped_column(default=False)
    posting_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_posting.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("payout_batch.id"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PayoutLine(Model):
    """What one payee gets in one payout; fixed from the moment the payout is no draft."""

    __tablename__ = "payout_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "role", "payee"),
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint("amount_vnd = earned_vnd + adjusted_vnd AND amount_vnd > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    role: Mapped[str] = mapped_column(String(8))
    payee: Mapped[str] = mapped_column(Text)
    earned_vnd: Mapped[int] = mapped_column(BigInteger)
    adjusted_vnd: Mapped[int] = mapped_column(BigInteger)
    amount_vnd: Mapped[int] = mapped_column(BigInteger)


class PayoutItem(Model):
    """Which accrual is settled by which payout; an accrual is settled once."""

    __tablename__ = "payout_item"
    __table_args__ = (Index(None, "batch_id"),)

    entry_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))


class Reconciliation(Model):
    """A provider's file held against a payout: the file is kept under `sha256`, its figures as they were then."""

    __tablename__ = "reconciliation"
    __table_args__ = (UniqueConstraint("batch_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)
    tallies: Mapped[dict[str, Any]] = mapped_column(JSON)  #: class -> count, due_vnd, paid_vnd, difference_vnd
    refused_count: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(120))


class SubscriberHome(Model):
    """In which hamlet and Youth Union branch a subscriber counts; the latest list that names them is right."""

    __tablename__ = "subscriber_home"
    __table_args__ = (UniqueConstraint("unit_id", "customer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    customer: Mapped[str] = mapped_column(String(80))  #: a telephone in its national writing, else as reports write it
    hamlet: Mapped[str] = mapped_column(String(120))
    branch: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(200))  #: the list it stands in
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(120))
