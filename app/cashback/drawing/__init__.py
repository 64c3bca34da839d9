"""Draws anyone can check: the seed's hash first, then the ticket list, then the seed, then the winners."""
