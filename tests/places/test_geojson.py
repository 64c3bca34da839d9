"""Outlines as people draw or export them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.places.geojson import AREAS, LINES, POSITIONS_MAX, middle_of, read_geometry
from app.places.rules import PlaceError

SQUARE = [[105.0, 20.0], [105.1, 20.0], [105.1, 20.1], [105.0, 20.1], [105.0, 20.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}


@pytest.mark.parametrize(
    "wrapped",
    [
        POLYGON,
        {"type": "Feature", "properties": {"name": "<script>"}, "geometry": POLYGON},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": POLYGON}]},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "Polygon", "coordinates": [[[lng, lat, 12.5] for lng, lat in SQUARE]]},
    ],
)
def test_one_polygon_in_any_wrapping_becomes_the_same_bare_geometry(wrapped: object) -> None:
    assert read_geometry(json.dumps(wrapped), AREAS) == POLYGON


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "không phải GeoJSON"),
        ("[]", "không phải GeoJSON"),
        ("{}", "vùng"),
        ("null", "không phải GeoJSON"),
        ("[" * 100_000, "không phải GeoJSON"),
        (json.dumps({"type": "Point", "coordinates": [105, 20]}), "một vùng"),
        (json.dumps({"type": "FeatureCollection", "features": []}), "đúng một vùng"),
        (json.dumps({"type": "Feature", "geometry": None}), "không có hình"),
        (json.dumps({"type": "Polygon", "coordinates": []}), "trống"),
        (json.dumps({"type": "Polygon", "coordinates": [[[105, 20], [105.1, 20]]]}), "ít đỉnh"),
        (json.dumps({"type": "Polygon", "coordinates": [[[105], [1, 2], [3, 4], [105]]]}), "sai dạng"),
        (json.dumps({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}), "ngoài trái đất"),
        (json.dumps({"type": "Polygon", "coordinates": [[[20, 105], [20, 106], [21, 106], [20, 105]]]}), "đổi chỗ"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 1], [1, 2], [2, 3], [NaN, 1]]]}', "trái đất"),
        ('{"type": "Polygon", "coordinates": [[[1' + "0" * 400 + ", 1], [1, 2], [2, 3], [1, 1]]]}", "trái đất"),
        (json.dumps({"type": "Polygon", "coordinates": [[[1, 1]] * (POSITIONS_MAX + 1)]}), "quá nhiều đỉnh"),
        (" " * 2_000_001, "2 MB"),
    ],
)
def test_what_is_no_outline_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(PlaceError, match=words):
        read_geometry(text, AREAS)


def test_a_street_is_a_line() -> None:
    line = {"type": "LineString", "coordinates": [[105.0, 20.0], [105.0123456789, 20.1]]}
    assert read_geometry(json.dumps(line), (*LINES, *AREAS))["coordinates"][1] == [105.012346, 20.1]
    assert middle_of(line) == (20.05, 105.006173)
    with pytest.raises(PlaceError, match="một vùng"):
        read_geometry(json.dumps(line), AREAS)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "features", "geometry", "coordinates"]), inner, max_size=4)
    ),
)


@given(st.sampled_from(["Polygon", "MultiPolygon"]), JSON)
def test_no_json_breaks_the_reader(kind: str, coordinates: object) -> None:
    try:
        found = read_geometry(json.dumps({"type": kind, "coordinates": coordinates}), AREAS)
    except PlaceError:
        return
    assert found["type"] == kind
    middle_of(found)


@pytest.mark.parametrize(
    ("ring", "told"),
    [
        ([[20.0, 105.0], [20.1, 105.0], [20.1, 105.1]], "đổi chỗ"),
        ([[2.3, 48.8], [2.4, 48.8], [2.4, 48.9]], "ngoài Việt Nam"),
        ([[105.0, 20.0], [105.1, 20.1], [105.1, 20.0], [105.0, 20.1]], "tự cắt"),
    ],
)
def test_what_cannot_be_a_place_here_is_told(ring: list[list[float]], told: str) -> None:
    text = json.dumps({"type": "Polygon", "coordinates": [ring]})
    with pytest.raises(PlaceError, match=told):
        read_geometry(text, AREAS)


def test_a_bent_outline_is_fine() -> None:
    ring = [[105.0, 20.0], [105.2, 20.0], [105.2, 20.2], [105.1, 20.05], [105.0, 20.2]]
    found = read_geometry(json.dumps({"type": "Polygon", "coordinates": [ring]}), AREAS)
    assert len(found["coordinates"][0]) == 6
