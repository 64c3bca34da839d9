"""Honest activity: which points really take payments, and what somebody should look at."""
