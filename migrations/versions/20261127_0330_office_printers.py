"""Office printers and by how much their print lies off."""

import sqlalchemy as sa
from alembic import op

revision = "0024_office_printers"
down_revision = "0023_policies_by_commune"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_printer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id")),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("name_key", sa.String(60), nullable=False),
        sa.Column("right_um", sa.Integer(), nullable=False),
        sa.Column("down_um", sa.Integer(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measured_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("unit_id", "name_key"),
    )


def downgrade() -> None:
    op.drop_table("office_printer")
