"""From decisions to money: the ledger, payouts with four eyes, and the comparison with what a provider paid."""
