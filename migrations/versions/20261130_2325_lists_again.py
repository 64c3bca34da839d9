"""Lists that come again: lines that are known and differ, that may be known, that are nobody's, that were left out."""

import sqlalchemy as sa
from alembic import op

revision = "0037_lists_again"
down_revision = "0036_sign_in_keys"
branch_labels = None
depends_on = None

STATE = "ck_import_row_state"
BEFORE = ("new", "unchanged", "refused", "applied", "undone", "kept")
AFTER = ("new", "unchanged", "changed", "alike", "refused", "applied", "undone", "kept", "label", "left")


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.add_column(sa.Column("changed", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("import_row") as table:
        table.add_column(sa.Column("differs", sa.JSON(), nullable=False, server_default="[]"))
        table.drop_constraint(op.f(STATE), type_="check")
        table.create_check_constraint(op.f(STATE), f"state IN {AFTER}")
    for name, column in (("import_batch", "changed"), ("import_row", "differs")):
        with op.batch_alter_table(name) as table:
            table.alter_column(column, server_default=None)


def downgrade() -> None:
    # What is known stays known; what came from nobody's line goes.
    op.execute("UPDATE import_row SET state = 'unchanged' WHERE state IN ('changed', 'alike')")
    op.execute("DELETE FROM import_row WHERE state IN ('label', 'left')")
    with op.batch_alter_table("import_row") as table:
        table.drop_constraint(op.f(STATE), type_="check")
        table.create_check_constraint(op.f(STATE), f"state IN {BEFORE}")
        table.drop_column("differs")
    with op.batch_alter_table("import_batch") as table:
        table.drop_column("changed")
