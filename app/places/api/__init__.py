"""Places under /api/v1: units of today with their old names, zones, floor plans and their stalls."""

from app.places.api import stalls, units, zones
from app.places.api.frame import api

__all__ = ["api", "stalls", "units", "zones"]
