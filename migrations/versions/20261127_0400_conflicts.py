"""Which copy of a reference holds where reports contradict each other."""

import sqlalchemy as sa
from alembic import op

revision = "0027_conflicts"
down_revision = "0026_working_lists"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('proposed', 'in_force')")


def upgrade() -> None:
    op.create_table(
        "conflict_settlement",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("created_session", sa.String(64), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_by", sa.String(120), nullable=False),
        sa.Column("closing_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'in_force', 'refused', 'withdrawn')", name="state"),
        sa.CheckConstraint(
            "NOT needs_second OR state <> 'in_force' OR (decided_by_id IS NOT NULL"
            " AND (created_by_id IS NULL OR decided_by_id <> created_by_id))",
            name="four_eyes",
        ),
    )
    op.create_index(
        "uq_conflict_settlement_open",
        "conflict_settlement",
        ["unit_id", "reference", "state"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_table("conflict_settlement")
