"""Lists of several sheets, and accounts that somebody must confirm before they are proposed."""

import sqlalchemy as sa
from alembic import op

revision = "0040_sheets_of_lists"
down_revision = "0039_logo_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.add_column(sa.Column("sheets", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("import_row") as table:
        table.add_column(sa.Column("sheet", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("account_waits", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, column in (("import_batch", "sheets"), ("import_row", "sheet"), ("import_row", "account_waits")):
        with op.batch_alter_table(name) as table:
            table.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_row") as table:
        table.drop_column("account_waits")
        table.drop_column("sheet")
    with op.batch_alter_table("import_batch") as table:
        table.drop_column("sheets")
