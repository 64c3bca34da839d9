"""Which sheet of a workbook a report was read from."""

import sqlalchemy as sa
from alembic import op

revision = "0045_sheets_of_reports"
down_revision = "0044_walking_order"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report", sa.Column("sheet", sa.String(120), nullable=False, server_default=""))
    with op.batch_alter_table("report") as batch:
        batch.alter_column("sheet", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("report") as batch:
        batch.drop_column("sheet")
