"""What a list made besides merchants, so that undoing it leaves no empty market behind."""

import sqlalchemy as sa
from alembic import op

revision = "0007_import_made"
down_revision = "0002_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_batch", sa.Column("made", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("import_batch") as table:
        table.alter_column("made", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.drop_column("made")
