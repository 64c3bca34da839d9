"""Every step of every printed piece, in changes that can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0022_piece_steps"
down_revision = "0025_report_uploads"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "('made', 'printed', 'handed', 'installed', 'checked', 'replaced', 'void')"


def upgrade() -> None:
    op.create_table(
        "piece_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("pieces_count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer()),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.String(120), nullable=False),
        sa.CheckConstraint("source IN ('by_hand', 'lot', 'sheet', 'reprint')", name="source"),
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
    )
    op.create_table(
        "piece_step",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("piece_change.id", ondelete="CASCADE"), nullable=False),
        sa.Column("piece_id", sa.Integer(), sa.ForeignKey("print_piece.id", ondelete="CASCADE"), nullable=False),
        sa.Column("before", sa.String(10), nullable=False),
        sa.Column("after", sa.String(10), nullable=False),
    )
    op.create_index("ix_piece_step_piece_id_id", "piece_step", ["piece_id", "id"])
    op.create_index("ix_piece_step_change_id", "piece_step", ["change_id"])


def downgrade() -> None:
    op.drop_table("piece_step")
    op.drop_table("piece_change")
