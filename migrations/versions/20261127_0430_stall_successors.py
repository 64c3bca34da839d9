"""What a stall became: the one it was merged into, or the one that carries its new code."""

import sqlalchemy as sa
from alembic import op

revision = "0029_stall_successors"
down_revision = "0028_activity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stall") as table:
        table.add_column(sa.Column("became_id", sa.Integer()))
        table.create_foreign_key("fk_stall_became_id_stall", "stall", ["became_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("stall") as table:
        table.drop_constraint("fk_stall_became_id_stall", type_="foreignkey")
        table.drop_column("became_id")
