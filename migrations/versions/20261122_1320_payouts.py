"""The books, payouts and comparisons; entries are never changed, closed payouts never rewritten."""

import sqlalchemy as sa
from alembic import op

revision = "0013_payouts"
down_revision = "0010_print_lots"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
LIVE = sa.text("state <> 'withdrawn'")
CLOSED = "('approved', 'exported', 'paid', 'reconciled')"
ROLES = "role IN ('customer', 'merchant', 'fund')"
MOVES = "'approved>exported', 'draft>approved', 'draft>withdrawn', 'exported>paid', 'paid>reconciled'"
FIXED = ("unit_id", "month", "total_vnd", "drafted_by_id", "drafted_session", "drafted_at")
ENTRY_REFUSAL = "ledger_entry is append-only"
BATCH_REFUSAL = "a closed payout is never rewritten"


def upgrade() -> None:
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgres_triggers()


def _tables() -> None:
    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_month", sa.String(7), nullable=False),
        sa.Column("last_month", sa.String(7), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("added_vnd", sa.BigInteger(), nullable=False),
        sa.Column("taken_vnd", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("posted_by_id", sa.Integer()),
        sa.Column("posted_by", sa.String(120), nullable=False),
    )
    op.create_index("ix_ledger_posting_unit_id_id", "ledger_posting", ["unit_id", "id"])
    op.create_table(
        "payout_batch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("total_vnd", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_by", sa.String(120), nullable=False),
        sa.Column("drafted_session", sa.String(64), nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("approved_by_id", sa.Integer()),
        sa.Column("approved_by", sa.String(120), nullable=False),
        sa.Column("approved_session", sa.String(64), nullable=False),
        sa.Column("approved_at", MOMENT),
        *(
            column
            for step in ("exported", "paid", "reconciled", "withdrawn")
            for column in (
                sa.Column(f"{step}_by", sa.String(120), nullable=False),
                sa.Column(f"{step}_at", MOMENT),
            )
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'exported', 'paid', 'reconciled', 'withdrawn')",
            name=op.f("ck_payout_batch_state"),
        ),
        sa.CheckConstraint("total_vnd > 0", name=op.f("ck_payout_batch_total")),
        sa.CheckConstraint(
            f"state NOT IN {CLOSED} OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL"
            " AND approved_by_id <> drafted_by_id"
            " AND (approved_session = '' OR approved_session <> drafted_session))",
            name=op.f("ck_payout_batch_four_eyes"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('exported', 'paid', 'reconciled') OR exported_at IS NOT NULL",
            name=op.f("ck_payout_batch_exported"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('paid', 'reconciled') OR paid_at IS NOT NULL", name=op.f("ck_payout_batch_paid")
        ),
        sa.CheckConstraint(
            "state <> 'reconciled' OR reconciled_at IS NOT NULL", name=op.f("ck_payout_batch_reconciled")
        ),
    )
    op.create_index(
        "uq_payout_batch_unit_id_month_live",
        "payout_batch",
        ["unit_id", "month"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reward", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("is_adjustment", sa.Boolean(), nullable=False),
        sa.Column("posting_id", sa.Integer(), sa.ForeignKey("ledger_posting.id")),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("payout_batch.id")),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('accrual', 'payment', 'dispute')", name=op.f("ck_ledger_entry_kind")),
        sa.CheckConstraint(ROLES, name=op.f("ck_ledger_entry_role")),
        sa.CheckConstraint("amount_vnd > 0", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entry_accounts")),
        sa.CheckConstraint("(kind = 'accrual') = (batch_id IS NULL)", name=op.f("ck_ledger_entry_batch")),
    )
    op.create_index("ix_ledger_entry_unit_id_policy_day", "ledger_entry", ["unit_id", "policy", "day"])
    op.create_index("ix_ledger_entry_unit_id_role_payee", "ledger_entry", ["unit_id", "role", "payee"])
    op.create_index("ix_ledger_entry_batch_id", "ledger_entry", ["batch_id"])
    op.create_index("ix_ledger_entry_posting_id", "ledger_entry", ["posting_id"])
    op.create_table(
        "payout_line",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("payout_batch.id"), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("earned_vnd", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_vnd", sa.BigInteger(), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("batch_id", "role", "payee"),
        sa.CheckConstraint(ROLES, name=op.f("ck_payout_line_role")),
        sa.CheckConstraint(
            "amount_vnd = earned_vnd + adjusted_vnd AND amount_vnd > 0", name=op.f("ck_payout_line_amount")
        ),
    )
    op.create_table(
        "payout_item",
        sa.Column("entry_id", sa.String(64), sa.ForeignKey("ledger_entry.id"), primary_key=True),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("payout_batch.id"), nullable=False),
    )
    op.create_index("ix_payout_item_batch_id", "payout_item", ["batch_id"])
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("payout_batch.id"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tallies", sa.JSON(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("batch_id", "sha256"),
    )


def _real(unit: str) -> str:
    """Books of the sample commune go when it goes; all others stay."""
    return f"NOT EXISTS (SELECT 1 FROM unit WHERE unit.id = {unit} AND unit.is_sample)"


CLOSED_PART = (
    "(SELECT state FROM payout_batch WHERE id = OLD.batch_id) <> 'draft' AND "
    + _real("(SELECT unit_id FROM payout_batch WHERE id = OLD.batch_id)")
)
CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in FIXED)
BAD_MOVE = (
    f"(OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({MOVES})) "
    f"OR (OLD.state <> 'draft' AND ({CHANGED}))"
)


def _sqlite_triggers() -> None:
    def refuse(name: str, event: str, condition: str, message: str) -> None:
        when = f"WHEN {condition} " if condition else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} {when}BEGIN SELECT RAISE(ABORT, '{message}'); END")

    refuse("ledger_entry_no_update", "UPDATE ON ledger_entry", "", ENTRY_REFUSAL)
    refuse("ledger_entry_no_delete", "DELETE ON ledger_entry", _real("OLD.unit_id"), ENTRY_REFUSAL)
    for table in ("payout_line", "payout_item"):
        for verb in ("UPDATE", "DELETE"):
            refuse(f"{table}_no_{verb.lower()}", f"{verb} ON {table}", CLOSED_PART, BATCH_REFUSAL)
    refuse("payout_batch_moves", "UPDATE ON payout_batch", BAD_MOVE, BATCH_REFUSAL)
    kept = f"OLD.state <> 'draft' AND {_real('OLD.unit_id')}"
    refuse("payout_batch_no_delete", "DELETE ON payout_batch", kept, BATCH_REFUSAL)


def _postgres_triggers() -> None:
    def refuse(table: str, updating: str, deleting: str, message: str) -> None:
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' THEN IF {deleting} THEN RAISE EXCEPTION '{message}'; END IF; RETURN OLD; END IF; "
            f"IF {updating} THEN RAISE EXCEPTION '{message}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )

    refuse("ledger_entry", "true", _real("OLD.unit_id"), ENTRY_REFUSAL)
    op.execute(
        "CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_refuse()"
    )
    for table in ("payout_line", "payout_item"):
        refuse(table, CLOSED_PART, CLOSED_PART, BATCH_REFUSAL)
    refuse("payout_batch", BAD_MOVE, f"OLD.state <> 'draft' AND {_real('OLD.unit_id')}", BATCH_REFUSAL)


def downgrade() -> None:
    for table in ("reconciliation", "payout_item", "payout_line", "ledger_entry", "payout_batch", "ledger_posting"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table in ("ledger_entry", "payout_line", "payout_item", "payout_batch"):
            op.execute(f"DROP FUNCTION {table}_refuse()")
