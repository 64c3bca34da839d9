"""Maps, floor plans and coverage: where one can pay, how far each place is, and what is still missing."""
