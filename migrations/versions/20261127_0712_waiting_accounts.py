"""Whose account waits, and since when, is answered from one index."""

from alembic import op

revision = "0034_waiting_accounts"
down_revision = "0033_shared_accounts"
branch_labels = None
depends_on = None

WAITING = "ix_payment_account_state_merchant_id_proposed_at"


def upgrade() -> None:
    op.create_index(WAITING, "payment_account", ["state", "merchant_id", "proposed_at"])


def downgrade() -> None:
    op.drop_index(WAITING, "payment_account")
