"""Drawings as others made them: SVG and PDF read into outlines with flat colours; what is more is refused by name."""
