"""What the ledger and payouts mean. Pure."""
