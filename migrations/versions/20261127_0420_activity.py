"""Who is close to a point, and what came of looking at a sign."""

import sqlalchemy as sa
from alembic import op

revision = "0028_activity"
down_revision = "0027_conflicts"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "related_payer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("merchant_id", sa.Integer(), sa.ForeignKey("merchant.id"), nullable=False),
        sa.Column("payer", sa.String(80), nullable=False),
        sa.Column("relation", sa.String(8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("removed_at", MOMENT),
        sa.Column("removed_by", sa.String(120), nullable=False),
        sa.Column("removal_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("relation IN ('owner', 'staff', 'family')", name="relation"),
    )
    live = sa.text("removed_at IS NULL")
    op.create_index(
        "uq_related_payer_merchant_id_payer_live",
        "related_payer",
        ["merchant_id", "payer"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "activity_review",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer()),
        sa.Column("flag", sa.String(20), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("sign", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(8), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.String(120), nullable=False),
        sa.Column("undo_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("flag IN ('self_dealing', 'ring', 'cash_for_transfer', 'burst')", name="flag"),
        sa.CheckConstraint("decision IN ('fine', 'excluded')", name="decision"),
    )
    standing = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_activity_review_standing",
        "activity_review",
        ["unit_id", "flag", "point", "who"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


def downgrade() -> None:
    op.drop_table("activity_review")
    op.drop_table("related_payer")
