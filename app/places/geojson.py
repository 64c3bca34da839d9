"""Reading an outline that somebody drew or uploaded: one GeoJSON geometry in WGS 84 (RFC 7946), checked. Pure."""

import itertools
import json
from collections.abc import Sequence
from typing import Any, Final

from app.places.rules import PlaceError

BYTES_MAX: Final = 2_000_000
POSITIONS_MAX: Final = 20_000
DIGITS: Final = 6  # about a hand's width
AREAS: Final = ("Polygon", "MultiPolygon")
LINES: Final = ("LineString", "MultiLineString")
#: West, south, east, north of the country with its islands, generously.
VIETNAM: Final = (102.0, 6.0, 118.0, 24.0)
#: Sides compared with each other; an outline of more comes from a survey.
SIDES_COMPARED_MAX: Final = 600
_DEPTH: Final = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_RING_MIN = 4
_LINE_MIN = 2
REMEDY: Final = "Hãy xuất lại vùng này thành GeoJSON (WGS 84, kinh độ trước vĩ độ)."


def read_geometry(text: str, kinds: Sequence[str]) -> dict[str, Any]:
    """The one geometry of these kinds in a GeoJSON text: bare, in a feature, or in a collection of one feature.

    Positions lose their height and are rounded to a hand's width; open rings are closed. Raises PlaceError.
    """
    if len(text.encode()) > BYTES_MAX:
        raise PlaceError("Tệp ranh giới lớn hơn 2 MB.", remedy="Hãy giản lược đường bao trước khi tải lên.")
    try:
        found = _geometry(json.loads(text))
    except (ValueError, RecursionError):
        raise PlaceError("Tệp ranh giới không phải GeoJSON.", remedy=REMEDY) from None
    kind = str(found.get("type"))
    if kind not in kinds:
        wanted = " hoặc ".join({"Polygon": "vùng", "LineString": "đường"}[one] for one in kinds if one in _SINGLE)
        raise PlaceError(f"Ranh giới phải là một {wanted}.", remedy=REMEDY)
    count = _Count()
    coordinates = _positions(found.get("coordinates"), _DEPTH[kind], count, ring="Polygon" in kind)
    _refuse_far(list(_flat(coordinates)))
    if "Polygon" in kind:
        rings = coordinates if kind == "Polygon" else [ring for part in coordinates for ring in part]
        for ring in rings:
            _refuse_crossing(ring)
    return {"type": kind, "coordinates": coordinates}


def _refuse_far(positions: Sequence[tuple[float, float]]) -> None:
    """Outside Vietnam something is wrong: most often the two numbers stand the other way round."""
    west, south, east, north = VIETNAM
    if all(west <= lng <= east and south <= lat <= north for lng, lat in positions):
        return
    if all(west <= lat <= east and south <= lng <= north for lng, lat in positions):
        raise PlaceError("Ranh giới có vĩ độ và kinh độ đổi chỗ cho nhau.", remedy=REMEDY)
    if all(-180 <= lng <= 180 and -90 <= lat <= 90 for lng, lat in positions):  # noqa: PLR2004 - degrees
        raise PlaceError("Ranh giới nằm ngoài Việt Nam.", remedy=REMEDY)


def _refuse_crossing(ring: Sequence[Sequence[float]]) -> None:
    """An outline whose sides cross encloses nothing one could count in; long ones are taken as surveyed."""
    sides = list(itertools.pairwise(ring))
    if len(sides) > SIDES_COMPARED_MAX:
        return
    for at, (one, two) in enumerate(sides):
        for three, four in sides[at + 2 :]:
            closes = at == 0 and four == ring[-1]
            if not closes and _cross(one, two, three, four):
                raise PlaceError("Đường bao tự cắt chính nó.", remedy="Hãy kéo các đỉnh để hai cạnh không cắt nhau.")


def _cross(one: Sequence[float], two: Sequence[float], three: Sequence[float], four: Sequence[float]) -> bool:
    return _turn(one, two, three) * _turn(one, two, four) < 0 and _turn(three, four, one) * _turn(three, four, two) < 0


def _turn(one: Sequence[float], two: Sequence[float], three: Sequence[float]) -> float:
    return (two[0] - one[0]) * (three[1] - one[1]) - (two[1] - one[1]) * (three[0] - one[0])


def middle_of(geometry: dict[str, Any]) -> tuple[float, float]:
    """Latitude and longitude of the middle of a geometry's box."""
    flat = list(_flat(geometry["coordinates"]))
    lngs, lats = [lng for lng, _ in flat], [lat for _, lat in flat]
    return (round((min(lats) + max(lats)) / 2, DIGITS), round((min(lngs) + max(lngs)) / 2, DIGITS))


_SINGLE = ("Polygon", "LineString")


class _Count:
    def __init__(self) -> None:
        self.seen = 0

    def add(self) -> None:
        self.seen += 1
        if self.seen > POSITIONS_MAX:
            raise PlaceError("Ranh giới có quá nhiều đỉnh.", remedy="Hãy giản lược đường bao trước khi tải lên.")


def _geometry(found: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(found, dict):
        raise PlaceError("Tệp ranh giới không phải GeoJSON.", remedy=REMEDY)
    if found.get("type") == "FeatureCollection":
        features = found.get("features")
        if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], dict):
            raise PlaceError("Tệp có nhiều vùng hoặc không có vùng nào.", remedy="Mỗi lần tải lên đúng một vùng.")
        found = features[0]
    if found.get("type") == "Feature":
        found = found.get("geometry")
    if not isinstance(found, dict):
        raise PlaceError("Tệp ranh giới không có hình.", remedy=REMEDY)
    return found


def _positions(found: Any, depth: int, count: _Count, *, ring: bool) -> list[Any]:  # noqa: ANN401 - JSON
    if not isinstance(found, list) or not found:
        raise PlaceError("Ranh giới còn trống hoặc sai dạng.", remedy=REMEDY)
    if depth > 1:
        return [_positions(each, depth - 1, count, ring=ring) for each in found]
    line = [_position(each, count) for each in found]
    if ring and line[0] != line[-1]:
        line.append(line[0])
    if len(line) < (_RING_MIN if ring else _LINE_MIN):
        raise PlaceError("Ranh giới có quá ít đỉnh.", remedy="Vùng cần ít nhất ba đỉnh, đường cần hai.")
    return line


def _position(found: Any, count: _Count) -> list[float]:  # noqa: ANN401 - JSON
    count.add()
    if not isinstance(found, list) or len(found) < _LINE_MIN:
        raise PlaceError("Ranh giới có đỉnh sai dạng.", remedy=REMEDY)
    lng, lat = found[0], found[1]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (lng, lat))
    if not numbers or not (-180 <= lng <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 - degrees; NaN is refused too
        if numbers:
            _refuse_far([(lng, lat)])
        raise PlaceError("Ranh giới có toạ độ ngoài trái đất.", remedy=REMEDY)
    return [round(float(lng), DIGITS), round(float(lat), DIGITS)]


def _flat(coordinates: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - nested lists
    if isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [position for part in coordinates for position in _flat(part)]
