"""A policy tried on the pages before anyone signs: sliders that answer at once, beside the version in use."""
