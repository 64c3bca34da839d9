"""Requests of people about their own data, with the legal clocks, and the keys to what the audit holds about them."""

import sqlalchemy as sa
from alembic import op

revision = "0015_person_requests"
down_revision = "0014_reports"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "person_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("prolonged_on", sa.Date()),
        sa.Column("closed_at", MOMENT),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by_id", sa.Integer()),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.CheckConstraint(
            "kind IN ('copy', 'correct', 'withdraw', 'object', 'erase')", name="ck_person_request_kind"
        ),
        sa.CheckConstraint("state IN ('open', 'done', 'declined')", name="ck_person_request_state"),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchant.id"], name="fk_person_request_merchant_id_merchant"),
        sa.PrimaryKeyConstraint("id", name="pk_person_request"),
    )
    op.create_table(
        "person_key",
        sa.Column("merchant_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchant.id"], name="fk_person_key_merchant_id_merchant", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("merchant_id", name="pk_person_key"),
    )
    op.create_index("ix_person_request_merchant_id", "person_request", ["merchant_id"])
    op.create_index("ix_person_request_state_due_on", "person_request", ["state", "due_on"])


def downgrade() -> None:
    op.drop_table("person_key")
    op.drop_table("person_request")
