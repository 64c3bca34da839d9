"""A draw's step says through which period it goes: every day may have a seed of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0035_draw_periods"
down_revision = "0034_waiting_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draw_step", sa.Column("through", sa.String(10), nullable=False, server_default=""))
    with op.batch_alter_table("draw_step") as table:
        table.alter_column("through", server_default=None)


def downgrade() -> None:
    op.drop_column("draw_step", "through")
