"""Coverage beside the map: in all, by zone, by hamlet; every figure leads to what is behind it."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement

from app.mapping.flags import stale_points
from app.mapping.queries import Wish, coverage_by_unit, coverage_by_zone, coverage_of, stage_counts, stale_ids
from app.mapping.rules import Coverage
from app.places.queries import communes, hamlets_of, zones
from app.registry.rules.stages import STAGES

ZONE_KINDS = {"market": "Chợ", "street": "Tuyến phố", "centre": "Trung tâm xã"}


@dataclass(frozen=True, slots=True)
class Line:
    """One place and how far it is; `url` opens what is behind the figure."""

    name: str
    kind: str
    key: str
    phase: int
    target_percent: int
    coverage: Coverage
    url: str


def zone_lines(wish: Wish, endpoint: str) -> list[Line]:
    """Open zones with traders in this wish, by phase and name."""
    found = coverage_by_zone(wish)
    return [
        Line(
            zone.name,
            ZONE_KINDS[zone.kind],
            zone.slug,
            zone.phase,
            zone.target_percent,
            found[zone.id],
            url_for(endpoint, slug=zone.slug),
        )
        for zone in zones()
        if zone.id in found
    ]


def hamlet_lines(wish: Wish) -> list[Line]:
    """Hamlets with traders in this wish; what lies in no hamlet stands under the commune's own name."""
    found = coverage_by_unit(wish)
    units = [unit for commune in communes() for unit in (*hamlets_of(commune.id), commune)]
    return [
        Line(unit.title, "", str(unit.id), 1, 100, found[unit.id], url_for("mapping.desk_map", hamlet=unit.id))
        for unit in units
        if unit.id in found
    ]


def overview(reach: ColumnElement[bool] | None) -> dict[str, Any]:
    """Everything that stands beside the office's map, for the template."""
    wish = Wish(reach=reach, stale_points=stale_points())
    whole, counts = coverage_of(wish), stage_counts(wish)
    return {
        "whole": whole,
        "counts": [(stage, counts[stage]) for stage in STAGES if counts.get(stage)],
        "zones": zone_lines(wish, "mapping.desk_zone"),
        "hamlets": hamlet_lines(wish),
        "stale": len(stale_ids(wish)),
    }
