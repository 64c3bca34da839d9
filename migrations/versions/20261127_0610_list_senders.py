"""Who sent a list, how its columns were known, and columns remembered for each sender."""

import sqlalchemy as sa
from alembic import op

revision = "0031_list_senders"
down_revision = "0030_subscriber_homes"
branch_labels = None
depends_on = None

KNOWN = "ck_import_batch_columns_from"
ONE, EACH = "uq_import_profile_signature", "uq_import_profile_source_signature"
BY_HEADINGS = "ix_import_profile_signature"
ADDED = {"import_batch": ("sender", "columns_from", "columns_told"), "import_profile": ("sender",)}


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as table:
        table.add_column(sa.Column("sender", sa.String(60), nullable=False, server_default=""))
        table.add_column(sa.Column("columns_from", sa.String(10), nullable=False, server_default="headings"))
        table.add_column(sa.Column("columns_told", sa.String(200), nullable=False, server_default=""))
        table.create_check_constraint(op.f(KNOWN), "columns_from IN ('headings', 'chosen', 'sender', 'other')")
    with op.batch_alter_table("import_profile") as table:
        table.add_column(sa.Column("sender", sa.String(60), nullable=False, server_default=""))
        table.drop_constraint(op.f(ONE), type_="unique")
        table.create_unique_constraint(op.f(EACH), ["source", "signature"])
        table.create_index(op.f(BY_HEADINGS), ["signature"])
    for name, columns in ADDED.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.alter_column(column, server_default=None)


def downgrade() -> None:
    # Only the one learnt last can stay where headings alone must tell.
    op.execute(
        "DELETE FROM import_profile WHERE EXISTS (SELECT 1 FROM import_profile AS later"
        " WHERE later.signature = import_profile.signature AND later.id > import_profile.id)"
    )
    with op.batch_alter_table("import_profile") as table:
        table.drop_index(op.f(BY_HEADINGS))
        table.drop_constraint(op.f(EACH), type_="unique")
        table.create_unique_constraint(op.f(ONE), ["signature"])
        table.drop_column("sender")
    with op.batch_alter_table("import_batch") as table:
        table.drop_constraint(op.f(KNOWN), type_="check")
        for column in ADDED["import_batch"]:
            table.drop_column(column)
