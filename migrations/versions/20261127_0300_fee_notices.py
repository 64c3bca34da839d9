"""Collections of public payees and their notices of payment."""

import sqlalchemy as sa
from alembic import op

revision = "0021_fee_notices"
down_revision = "0017_trader_links"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STATES = "('draft', 'making', 'ready', 'withheld', 'stopped', 'void')"


def upgrade() -> None:
    op.create_table(
        "fee_collection",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("number", sa.String(16), nullable=False, unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("void_from", sa.String(10), nullable=False),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("point_id", sa.Integer(), sa.ForeignKey("point.id", ondelete="CASCADE"), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("payment_account.id", ondelete="CASCADE"), nullable=False),
        sa.Column("payee_name", sa.String(160), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("form", sa.String(10), nullable=False),
        sa.Column("theme", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(160), nullable=False),
        sa.Column("notices_count", sa.Integer(), nullable=False),
        sa.Column("total_vnd", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer(), sa.ForeignKey("job.id")),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("codes_right", sa.Integer(), nullable=False),
        sa.Column("failures", sa.JSON(), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.Column("pdf_bytes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("made_at", MOMENT),
        sa.CheckConstraint(f"state IN {STATES}", name="state"),
    )
    op.create_index("ix_fee_collection_point_id", "fee_collection", ["point_id"])
    op.create_index("ix_fee_collection_state", "fee_collection", ["state"])
    op.create_table(
        "fee_notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "collection_id", sa.Integer(), sa.ForeignKey("fee_collection.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("payer_code", sa.String(120), nullable=False),
        sa.Column("payer_name", sa.String(120), nullable=False),
        sa.Column("group_name", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(120), nullable=False),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("memo", sa.String(100), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=False),
        sa.UniqueConstraint("collection_id", "memo"),
    )


def downgrade() -> None:
    op.drop_table("fee_notice")
    op.drop_table("fee_collection")
