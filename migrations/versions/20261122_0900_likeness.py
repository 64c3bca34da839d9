"""Keys by which merchants are found again, pairs that may be one, and merges that can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0009_likeness"
down_revision = "0007_import_made"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "merchant_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name="fk_merchant_key_merchant_id_merchant", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_merchant_key"),
    )
    op.create_index("ix_merchant_key_kind_key_merchant_id", "merchant_key", ["kind", "key", "merchant_id"])
    op.create_index("ix_merchant_key_merchant_id", "merchant_key", ["merchant_id"])
    _pairs()
    _merges()


def _pairs() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_by", sa.String(120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name="ck_duplicate_pair_ordered"),
        sa.CheckConstraint("state IN ('open', 'apart', 'merged')", name="ck_duplicate_pair_state"),
        sa.ForeignKeyConstraint(
            ["one_id"], ["merchant.id"], name="fk_duplicate_pair_one_id_merchant", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["merchant.id"], name="fk_duplicate_pair_other_id_merchant", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_pair"),
        sa.UniqueConstraint("one_id", "other_id", name="uq_duplicate_pair_one_id_other_id"),
    )
    op.create_index("ix_duplicate_pair_other_id", "duplicate_pair", ["other_id"])
    op.create_index("ix_duplicate_pair_state_score_id", "duplicate_pair", ["state", "score", "id"])


def _merges() -> None:
    op.create_table(
        "merchant_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_at", MOMENT, nullable=False),
        sa.Column("merged_by_id", sa.Integer()),
        sa.Column("merged_by", sa.String(120), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["merchant.id"], name="fk_merchant_merge_kept_id_merchant"),
        sa.ForeignKeyConstraint(["gone_id"], ["merchant.id"], name="fk_merchant_merge_gone_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_merchant_merge"),
    )
    op.create_index("ix_merchant_merge_kept_id", "merchant_merge", ["kept_id"])
    op.create_index("ix_merchant_merge_gone_id", "merchant_merge", ["gone_id"])


def downgrade() -> None:
    for table in ("merchant_merge", "duplicate_pair", "merchant_key"):
        op.drop_table(table)
