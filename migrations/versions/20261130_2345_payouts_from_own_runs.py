"""What is posted is a run of this instance: its sum is kept, and the database refuses to pay from anything else."""

import sqlalchemy as sa
from alembic import op

revision = "0038_own_runs"
down_revision = "0037_lists_again"
branch_labels = None
depends_on = None

DIGESTS = ("points_sha256", "subscribers_sha256", "decisions_sha256")
DECIDED = ("unit_id", "policy_version_id", "line_count", "granted_count", "paid_vnd", "created_by_id", *DIGESTS)
POSTED = ("unit_id", "run_id", "sha256", "posted_by_id")

RUN_REFUSAL = "a run is never changed"
POSTING_REFUSAL = "a posting is never changed"
PAYOUT_REFUSAL = "a payout is approved by somebody else, and only from runs of this instance under an approved policy"


def _differ(columns: tuple[str, ...], distinct: str) -> str:
    return " OR ".join(f"OLD.{column} {distinct} NEW.{column}" for column in columns)


#: What stands behind a payout and may not: no run of ours, other decisions, no second person for the policy, or one of
#: those who had a hand in it approves. Who drew the winners had none: list and seed were fixed before.
STRANGE = """(OLD.state = 'draft' AND NEW.state = 'approved' AND EXISTS (
    SELECT 1 FROM payout_item AS item
    JOIN ledger_entry AS entry ON entry.id = item.entry_id
    LEFT JOIN ledger_posting AS posting ON posting.id = entry.posting_id
    LEFT JOIN cashback_run AS run ON run.id = posting.run_id
    LEFT JOIN policy_version AS version ON version.id = run.policy_version_id
    WHERE item.batch_id = NEW.id AND (
        version.id IS NULL OR version.approved_by_id IS NULL OR run.decisions_sha256 <> posting.sha256
        OR posting.posted_by_id = NEW.approved_by_id OR version.created_by_id = NEW.approved_by_id
        OR (run.created_by_id = NEW.approved_by_id AND NOT EXISTS (
            SELECT 1 FROM draw_step WHERE draw_step.run_id = run.id AND draw_step.kind = 'winners')))))"""
KEPT = "NOT EXISTS (SELECT 1 FROM unit WHERE unit.id = OLD.unit_id AND unit.is_sample)"


def upgrade() -> None:
    for name in DIGESTS:
        op.add_column("cashback_run", sa.Column(name, sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("cashback_run") as table:
        for name in DIGESTS:
            table.alter_column(name, server_default=None)
    with op.batch_alter_table("ledger_posting") as table:
        table.add_column(sa.Column("run_id", sa.Integer()))
        table.create_foreign_key(op.f("fk_ledger_posting_run_id_cashback_run"), "cashback_run", ["run_id"], ["id"])
    op.create_index("ix_ledger_posting_run_id", "ledger_posting", ["run_id"])
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgres_triggers()


def _sqlite_triggers() -> None:
    def refuse(name: str, event: str, condition: str, message: str) -> None:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    changed = f"OLD.decisions_sha256 <> '' AND ({_differ(DECIDED, 'IS NOT')})"
    refuse("cashback_run_no_update", "UPDATE ON cashback_run", changed, RUN_REFUSAL)
    refuse("ledger_posting_no_update", "UPDATE ON ledger_posting", _differ(POSTED, "IS NOT"), POSTING_REFUSAL)
    refuse("ledger_posting_no_delete", "DELETE ON ledger_posting", KEPT, POSTING_REFUSAL)
    refuse("payout_batch_own_runs", "UPDATE ON payout_batch", STRANGE, PAYOUT_REFUSAL)


def _postgres_triggers() -> None:
    def refuse(name: str, event: str, condition: str, message: str) -> None:
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{message}'; END IF; IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} FOR EACH ROW EXECUTE FUNCTION {name}()")

    changed = f"OLD.decisions_sha256 <> '' AND ({_differ(DECIDED, 'IS DISTINCT FROM')})"
    refuse("cashback_run_no_update", "UPDATE ON cashback_run", changed, RUN_REFUSAL)
    posted = _differ(POSTED, "IS DISTINCT FROM")
    refuse("ledger_posting_no_update", "UPDATE ON ledger_posting", posted, POSTING_REFUSAL)
    refuse("ledger_posting_no_delete", "DELETE ON ledger_posting", KEPT, POSTING_REFUSAL)
    refuse("payout_batch_own_runs", "UPDATE ON payout_batch", STRANGE, PAYOUT_REFUSAL)


def downgrade() -> None:
    triggers = {
        "cashback_run_no_update": "cashback_run",
        "ledger_posting_no_update": "ledger_posting",
        "ledger_posting_no_delete": "ledger_posting",
        "payout_batch_own_runs": "payout_batch",
    }
    for name, table in triggers.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_ledger_posting_run_id", "ledger_posting")
    with op.batch_alter_table("ledger_posting") as table:
        table.drop_constraint(op.f("fk_ledger_posting_run_id_cashback_run"), type_="foreignkey")
        table.drop_column("run_id")
    with op.batch_alter_table("cashback_run") as table:
        for name in DIGESTS:
            table.drop_column(name)
