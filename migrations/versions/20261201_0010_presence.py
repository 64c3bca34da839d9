"""Hand-over codes, when a session was last confirmed, and how often something was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0042_presence"
down_revision = "0041_code_labels"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("login_session", sa.Column("confirmed_at", MOMENT))
    op.create_table(
        "hand_over_code",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("issued_by_id", sa.Integer()),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
    )
    op.create_index("ix_hand_over_code_user_id", "hand_over_code", ["user_id"])
    op.create_table(
        "refusal_tally",
        sa.Column("key", sa.String(180), primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("refusal_tally")
    op.drop_table("hand_over_code")
    with op.batch_alter_table("login_session") as batch:
        batch.drop_column("confirmed_at")
