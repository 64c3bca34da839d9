"""Words, codes and geometry of places. Pure."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Position = tuple[float, float]

#: Mean radius of the earth in metres (IUGG R1); a market is small enough for a flat earth around its middle.
EARTH_RADIUS_M = 6_371_008.8
_DIGITS = re.compile(r"\d+")


def titled(kind: str, name: str) -> str:
    """Kind and name as people write them.

    >>> titled("tổ dân phố", "3")
    'Tổ dân phố 3'
    """
    return f"{kind[:1].upper()}{kind[1:]} {name}".strip()


def code_sort_key(code: str) -> str:
    """Orders stall codes as a person does: runs of digits count as numbers.

    >>> sorted(["A10-01", "A2-01", "A2-01a"], key=code_sort_key)
    ['A2-01', 'A2-01a', 'A10-01']
    """
    return _DIGITS.sub(lambda run: run.group().zfill(6), code.upper())[:80]


def split_code(code: str, taken: Sequence[str]) -> str:
    """The code of the part split off: the stall's own code and the first letter that was never used there.

    >>> split_code("A01-06", ["A01-06a"])
    'A01-06b'
    """
    for letter in "abcdefghijklmnopqrstuvwxyz":
        if f"{code}{letter}" not in taken:
            return f"{code}{letter}"
    raise ValueError(f"quầy {code} đã bị tách 26 lần")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a market hall is laid out: straight rows of equal stalls, in pairs back to back, an aisle before each pair.

    Lengths in metres. `letter` and `first_row` name the rows (A01, A02 ...); stalls count from 1 in each row.
    """

    rows: int
    stalls_per_row: int
    stall_width_m: float = 2.0
    stall_depth_m: float = 2.0
    aisle_m: float = 2.5
    back_to_back: bool = True
    letter: str = "A"
    first_row: int = 1
    cross_aisle_after: int = 0  #: a gap of one aisle after this many stalls; 0: none


@dataclass(frozen=True, slots=True)
class PlannedStall:
    """One stall of a layout: row A01, code A01-06, corners counter-clockwise from the lower left, metres."""

    row: str
    code: str
    polygon: tuple[Position, Position, Position, Position]

    @property
    def middle(self) -> Position:
        """Middle of the stall, metres."""
        (left, bottom), (right, top) = self.polygon[0], self.polygon[2]
        return ((left + right) / 2, (bottom + top) / 2)


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """A hall of `width_m` x `depth_m` metres, aisle all round, and its stalls row by row from the top."""

    width_m: float
    depth_m: float
    stalls: tuple[PlannedStall, ...]


def floor_plan(layout: Layout) -> FloorPlan:
    """The stalls of a layout in metres; row 1 is at the top of the plan, stall 1 at the left."""
    gaps = (layout.stalls_per_row - 1) // layout.cross_aisle_after if layout.cross_aisle_after else 0
    width = 2 * layout.aisle_m + layout.stalls_per_row * layout.stall_width_m + gaps * layout.aisle_m
    tops = list(_row_tops(layout))
    depth = tops[-1] + layout.stall_depth_m + layout.aisle_m
    stalls = tuple(
        _planned(layout, number, stall, depth - top)
        for number, top in enumerate(tops)
        for stall in range(layout.stalls_per_row)
    )
    return FloorPlan(round(width, 2), round(depth, 2), stalls)


def _row_tops(layout: Layout) -> Iterator[float]:
    """Distance of each row's upper edge from the top of the hall."""
    place = layout.aisle_m
    for number in range(layout.rows):
        yield place
        paired = layout.back_to_back and number % 2 == 0
        place += layout.stall_depth_m + (0.0 if paired else layout.aisle_m)


def _planned(layout: Layout, row: int, stall: int, top: float) -> PlannedStall:
    name = f"{layout.letter}{layout.first_row + row:02d}"
    gaps = stall // layout.cross_aisle_after if layout.cross_aisle_after else 0
    left = layout.aisle_m + stall * layout.stall_width_m + gaps * layout.aisle_m
    right, bottom = left + layout.stall_width_m, top - layout.stall_depth_m
    corners = ((left, bottom), (right, bottom), (right, top), (left, top))
    rounded = tuple((round(x, 2), round(y, 2)) for x, y in corners)
    return PlannedStall(name, f"{name}-{stall + 1:02d}", (rounded[0], rounded[1], rounded[2], rounded[3]))


def split_polygon(polygon: Sequence[Position]) -> tuple[list[Position], list[Position]]:
    """A four-cornered stall cut in half across its longer side: the part that keeps the code, the part split off."""
    a, b, c, d = polygon
    if math.dist(a, b) >= math.dist(b, c):
        low, high = _between(a, b), _between(d, c)
        return [a, low, high, d], [low, b, c, high]
    right, left = _between(b, c), _between(a, d)
    return [a, b, right, left], [left, right, c, d]


def _between(one: Position, other: Position) -> Position:
    return (round((one[0] + other[0]) / 2, 2), round((one[1] + other[1]) / 2, 2))


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where on earth a plan lies: its middle (WGS 84), and the direction its upper edge faces (0 north, clockwise)."""

    lat: float
    lng: float
    bearing_deg: float
    width_m: float
    depth_m: float

    def on_earth(self, x_m: float, y_m: float) -> Position:
        """Latitude and longitude of a place on the plan, flat earth around the middle."""
        turn = math.radians(self.bearing_deg)
        right, up = x_m - self.width_m / 2, y_m - self.depth_m / 2
        east = right * math.cos(turn) + up * math.sin(turn)
        north = up * math.cos(turn) - right * math.sin(turn)
        lat = self.lat + math.degrees(north / EARTH_RADIUS_M)
        lng = self.lng + math.degrees(east / (EARTH_RADIUS_M * math.cos(math.radians(self.lat))))
        return (round(lat, 7), round(lng, 7))
