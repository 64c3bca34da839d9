"""Whole dong: the parser and writer of amounts."""
