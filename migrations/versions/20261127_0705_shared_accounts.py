"""Who shares an account with whom is answered from one index."""

from alembic import op

revision = "0033_shared_accounts"
down_revision = "0032_issue_notes"
branch_labels = None
depends_on = None

WIDE = "ix_payment_account_bank_bin_account_number_merchant_id_state"
NARROW = "ix_payment_account_bank_bin_account_number"


def upgrade() -> None:
    op.create_index(WIDE, "payment_account", ["bank_bin", "account_number", "merchant_id", "state"])
    op.drop_index(NARROW, "payment_account")


def downgrade() -> None:
    op.create_index(NARROW, "payment_account", ["bank_bin", "account_number"])
    op.drop_index(WIDE, "payment_account")
