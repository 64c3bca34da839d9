"""In which hamlet and Youth Union branch a subscriber counts, so that the commune's fund can be shared."""

import sqlalchemy as sa
from alembic import op

revision = "0030_subscriber_homes"
down_revision = "0029_stall_successors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscriber_home",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("customer", sa.String(80), nullable=False),
        sa.Column("hamlet", sa.String(120), nullable=False),
        sa.Column("branch", sa.String(120), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("unit_id", "customer"),
    )


def downgrade() -> None:
    op.drop_table("subscriber_home")
