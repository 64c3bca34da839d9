"""Forms that were posted and did their work: posted again, they do nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0043_form_posts"
down_revision = "0042_presence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_post",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
    )
    op.create_index("ix_form_post_at", "form_post", ["at"])


def downgrade() -> None:
    op.drop_table("form_post")
