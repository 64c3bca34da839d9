"""What the API answered to a key, and tokens of a day that a second factor was typed for."""

import sqlalchemy as sa
from alembic import op

revision = "0022_api_answers"
down_revision = "0021_fee_notices"
branch_labels = None
depends_on = None

KINDS = "ck_device_token_kind"


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("app_user.id", ondelete="CASCADE", name=op.f("fk_kept_answer_user_id_app_user")),
            nullable=False,
        ),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_kept_answer_user_id_key")),
    )
    with op.batch_alter_table("device_token") as table:
        table.drop_constraint(op.f(KINDS), type_="check")
        table.create_check_constraint(op.f(KINDS), "kind IN ('phone', 'api', 'desk')")


def downgrade() -> None:
    op.execute("DELETE FROM device_token WHERE kind = 'desk'")
    with op.batch_alter_table("device_token") as table:
        table.drop_constraint(op.f(KINDS), type_="check")
        table.create_check_constraint(op.f(KINDS), "kind IN ('phone', 'api')")
    op.drop_table("kept_answer")
