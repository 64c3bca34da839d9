"""Codes and geometry of places."""

import doctest
import itertools
import math

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from app.places import rules
from app.places.rules import Anchor, Layout, code_sort_key, floor_plan, layout_faults, split_polygon, stall_code

LAYOUTS = st.builds(
    Layout,
    rows=st.integers(1, 12),
    stalls_per_row=st.integers(1, 20),
    stall_width_m=st.floats(0.5, 5).map(lambda value: round(value, 1)),
    stall_depth_m=st.floats(0.5, 5).map(lambda value: round(value, 1)),
    aisle_m=st.floats(0, 4).map(lambda value: round(value, 1)),
    back_to_back=st.booleans(),
    letter=st.sampled_from(["A", "b", "KH"]),
    first_row=st.integers(1, 30),
    cross_aisle_after=st.integers(0, 8),
)


def test_examples_in_the_text() -> None:
    assert doctest.testmod(rules).failed == 0


@given(LAYOUTS)
def test_stalls_lie_in_the_hall_side_by_side_and_never_on_each_other(layout: Layout) -> None:
    assert not layout_faults(layout)
    plan = floor_plan(layout)
    assert len(plan.stalls) == layout.rows * layout.stalls_per_row
    assert len({stall.code for stall in plan.stalls}) == len(plan.stalls)
    boxes = [(*stall.polygon[0], *stall.polygon[2]) for stall in plan.stalls]
    for left, top, right, bottom in boxes:
        assert -0.01 <= left < right <= plan.width_m + 0.01
        assert -0.01 <= top < bottom <= plan.depth_m + 0.01
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart_x = one[2] <= other[0] + 0.011 or other[2] <= one[0] + 0.011
            apart_y = one[3] <= other[1] + 0.011 or other[3] <= one[1] + 0.011
            assert apart_x or apart_y


@given(LAYOUTS)
def test_back_to_back_rows_touch_in_pairs_with_an_aisle_between_pairs(layout: Layout) -> None:
    plan = floor_plan(layout)
    tops = sorted({stall.polygon[0][1] for stall in plan.stalls})
    for number, (upper, lower) in enumerate(itertools.pairwise(tops)):
        gap = lower - upper - layout.stall_depth_m
        touching = layout.back_to_back and number % 2 == 0
        assert gap == pytest.approx(0 if touching else layout.aisle_m, abs=0.02)


def test_a_hall_without_aisle_still_has_one_row_for_each_asked() -> None:
    plan = floor_plan(Layout(rows=4, stalls_per_row=2, aisle_m=0))
    assert [stall.code for stall in plan.stalls][::2] == ["A01-01", "A02-01", "A03-01", "A04-01"]
    assert (plan.width_m, plan.depth_m) == (4, 8)


@pytest.mark.parametrize(
    ("field", "value"),
    [("rows", 0), ("rows", 100), ("stalls_per_row", 0), ("stall_width_m", math.nan), ("letter", "Đ1"), ("aisle_m", -1)],
)
def test_an_impossible_layout_names_its_field(field: str, value: object) -> None:
    given_values: dict[str, object] = {"rows": 2, "stalls_per_row": 2, field: value}
    assert list(layout_faults(Layout(**given_values))) == [field]  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99)), unique=True))
def test_codes_sort_as_people_count(pairs: list[tuple[int, int]]) -> None:
    codes = [f"A{row}-{stall}" for row, stall in pairs]
    assert sorted(codes, key=code_sort_key) == [f"A{row}-{stall}" for row, stall in sorted(pairs)]


@pytest.mark.parametrize(
    ("row", "number", "expected"),
    [
        ("A1", "6", ("A01", "A01-06")),
        ("A01", "A01-06", ("A01", "A01-06")),
        ("Dãy B", "Sạp 12", ("B", "B-12")),
        ("A", "A6", ("A", "A-06")),
        ("", "7", ("", "07")),
        ("", "C2-3a", ("C02", "C02-03a")),
        ("", "", ("", "")),
        ("Đ", "5", ("Đ", "Đ-05")),
        ("hàng cá", "cổng sau", ("CÁ", "CÁ-CỔNG SAU")),
    ],
)
def test_rows_and_numbers_as_lists_write_them(row: str, number: str, expected: tuple[str, str]) -> None:
    assert stall_code(row, number) == expected


@given(st.integers(0, 99), st.integers(0, 999), st.sampled_from("ABCXYZ"))
def test_a_code_read_again_stays_itself(row: int, number: int, letter: str) -> None:
    once = stall_code(f"{letter}{row}", str(number))
    assert stall_code("", once[1]) == once
    assert stall_code(once[0], once[1]) == once


@given(st.floats(0.5, 20), st.floats(0.5, 20))
def test_a_split_keeps_the_floor(width: float, depth: float) -> None:
    kept, given_away = split_polygon([(0, 0), (width, 0), (width, depth), (0, depth)])
    assert _area(kept) + _area(given_away) == pytest.approx(width * depth, rel=1e-6, abs=0.3)
    assert _area(kept) == pytest.approx(_area(given_away), abs=0.3)


@given(st.floats(8, 23), st.floats(102, 110), st.floats(0, 359), st.floats(0, 100), st.floats(0, 80))
def test_metres_on_the_plan_are_metres_on_earth(lat: float, lng: float, bearing: float, x: float, y: float) -> None:
    anchor = Anchor(lat, lng, bearing, 100, 80)
    there = anchor.on_earth(x, y)
    assert geodesic((lat, lng), there).meters == pytest.approx(math.hypot(x - 50, y - 40), abs=0.05)


def test_the_upper_edge_faces_where_the_bearing_says() -> None:
    up = Anchor(20, 105, 0, 100, 100).on_earth(50, 0)
    east = Anchor(20, 105, 90, 100, 100).on_earth(50, 0)
    assert up[0] > 20
    assert up[1] == pytest.approx(105)
    assert east[1] > 105
    assert east[0] == pytest.approx(20)


def _area(corners: list[tuple[float, float]]) -> float:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))
