"""Office pages of places: units, hamlets, zones, floor plans."""

from flask import Blueprint

from app.places import queries

pages = Blueprint("places", __name__, url_prefix="/desk/places")

__all__ = ["pages", "queries"]
