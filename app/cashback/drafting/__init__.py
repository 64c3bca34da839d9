"""Policies before they count: written through a form or as YAML, compared, proposed, decided by a second person."""
