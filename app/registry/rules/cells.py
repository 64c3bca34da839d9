"""One integer for a place on earth, near places near each other: what the map counts by (research/maps.md).

The Morton code of the web-mercator tile at zoom 22 (about 9 m wide here): the cell of any coarser zoom z is the same
number without its last 2 x (22 - z) bits.
"""

import math
from typing import Final

ZOOM: Final = 22
LAT_MAX: Final = 85.05112878


def cell_of(lat: float, lng: float) -> int:
    """The cell of these WGS 84 degrees, 44 bits. Raises ValueError outside the world.

    >>> cell_of(0, 0) == 3 << 42
    True
    """
    if not (math.isfinite(lat) and math.isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):  # noqa: PLR2004 - degrees
        raise ValueError(f"toạ độ {lat}, {lng} nằm ngoài trái đất")
    lat = max(-LAT_MAX, min(LAT_MAX, lat))
    tiles = 1 << ZOOM
    x = min(tiles - 1, int((lng + 180) / 360 * tiles))
    y = min(tiles - 1, int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * tiles))
    return _spread(x) | _spread(y) << 1


def _spread(number: int) -> int:
    """The bits of a 32-bit number, each followed by a zero."""
    number = (number | number << 16) & 0x0000FFFF0000FFFF
    number = (number | number << 8) & 0x00FF00FF00FF00FF
    number = (number | number << 4) & 0x0F0F0F0F0F0F0F0F
    number = (number | number << 2) & 0x3333333333333333
    return (number | number << 1) & 0x5555555555555555
