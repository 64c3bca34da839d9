"""What the team wrote about a trouble, for whoever goes there next."""

import sqlalchemy as sa
from alembic import op

revision = "0032_issue_notes"
down_revision = "0031_list_senders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issue_record", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("issue_record") as table:
        table.alter_column("note", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("issue_record") as table:
        table.drop_column("note")
