"""What the places share in the API: who reads and who keeps them, outlines."""

import json
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields

from app.actors import ADMIN, APPROVER, COORDINATOR, PRINT_SHOP, PROVINCE, TEAM_LEAD, VOLUNTEER
from app.places.geojson import read_geometry
from app.web.described import (
    Entry,
)

api = Blueprint("places_api", __name__, url_prefix="/api/v1", description="Địa bàn, khu vực, sơ đồ quầy")

READERS = (VOLUNTEER, TEAM_LEAD, COORDINATOR, APPROVER, PRINT_SHOP, PROVINCE, ADMIN)
KEEPERS = (COORDINATOR, ADMIN)
GEOMETRY = {"type": "Polygon", "coordinates": [[[105.70, 19.80], [105.71, 19.80], [105.71, 19.81], [105.70, 19.80]]]}


class OutlineIn(Entry):
    """A GeoJSON geometry in WGS 84, or null to take it away."""

    geometry = fields.Dict(required=True, allow_none=True)


def geometry_of(given: dict[str, Any] | None, kinds: tuple[str, ...]) -> dict[str, Any] | None:
    """A sent outline as it is kept; None takes it away. Raises RefusedError for what is no outline of these kinds."""
    return read_geometry(json.dumps(given), kinds) if given else None
