"""What a map decides without database or clock: who takes QR, and which part of the world was asked for. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.actors import ADMIN, APPROVER, COORDINATOR, PROVINCE, TEAM_LEAD, VOLUNTEER
from app.errors import RefusedError
from app.registry.rules.cells import LAT_MAX, ZOOM, cell_of
from app.registry.rules.stages import ACTIVE, DORMANT, FIRST_PAID, INSTALLED, TRAINED

#: Roles that see the office's map; everybody else sees what residents see.
MAP_ROLES: Final = (VOLUNTEER, TEAM_LEAD, COORDINATOR, APPROVER, PROVINCE, ADMIN)
#: Whoever stands here has a QR code hanging that customers can scan (Long Thành I.2, Quảng Ngãi app. 4).
TAKES_QR: Final = (INSTALLED, TRAINED, FIRST_PAID, ACTIVE, DORMANT)
#: Household businesses and small traders: what the 100 % target counts.
TRADERS: Final = ("stall", "shop", "pavement")
#: At this many points or fewer the map gets each one; beyond, clusters.
SINGLE_MAX: Final = 300
#: Clusters are cells of 64 pixels: a tile of 256 halved twice.
CLUSTER_ZOOMS: Final = 2
LNG_MAX: Final = 180.0


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the world in WGS 84 degrees; never across the 180th meridian."""

    west: float
    south: float
    east: float
    north: float

    @property
    def cells(self) -> tuple[int, int]:
        """Least and greatest cell in the box. Morton order keeps each axis in order, so all others lie between."""
        return cell_of(self.north, self.west), cell_of(self.south, self.east)


WORLD: Final = Box(-LNG_MAX, -LAT_MAX, LNG_MAX, LAT_MAX)


def parse_box(written: str) -> Box:
    """The box of `bbox=west,south,east,north`; nothing is the whole world. Raises RefusedError.

    >>> parse_box("105.1,20,106,21.5").north
    21.5
    """
    if not written.strip():
        return WORLD
    try:
        west, south, east, north = (float(part) for part in written.split(","))
    except ValueError:
        raise _wrong_box(written) from None
    if not all(math.isfinite(value) for value in (west, south, east, north)) or south > north or west > east:
        raise _wrong_box(written)
    return Box(*(_within(west, LNG_MAX), _within(south, LAT_MAX)), *(_within(east, LNG_MAX), _within(north, LAT_MAX)))


def _within(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _wrong_box(written: str) -> RefusedError:
    return RefusedError(
        f"bbox “{written[:60]}” không đọc được.", remedy="Ghi tây,nam,đông,bắc, ví dụ 105.5,20,105.7,20.2."
    )


def cluster_shift(zoom: int) -> int:
    """By how many bits a cell is cut for clusters at this zoom of the map (0 to 22)."""
    return 2 * (ZOOM - min(ZOOM, max(0, zoom) + CLUSTER_ZOOMS))


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a place is: traders that take QR, all traders, and how many stand at each stage."""

    done: int
    total: int
    counts: Mapping[str, int]

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 only when nobody is missing; 0 where there is nobody."""
        return self.done * 100 // self.total if self.total else 0


def coverage(counts: Mapping[str, int]) -> Coverage:
    """Coverage from the number of traders at each stage.

    >>> coverage({"installed": 2, "listed": 1}).percent
    66
    """
    return Coverage(sum(counts.get(stage, 0) for stage in TAKES_QR), sum(counts.values()), counts)
