"""Office pages of places: communes and hamlets, zones with phases and targets, floor plans."""

from app.places.views import plans, units, zones
from app.places.views.frame import pages

__all__ = ["pages", "plans", "units", "zones"]
