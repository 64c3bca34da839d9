"""Designs, themes, lots and the gate: from a list of points to a file a print shop can trust."""
