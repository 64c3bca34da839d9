from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper.imposition import A3, A4, SRA3, Sheet, fill, places, sheets_needed, single
from app.paper.measures import PaperError


@given(st.integers(1, 300), st.integers(1, 12), st.sampled_from(["stack", "row"]), st.data())
def test_every_item_gets_one_place_and_no_place_two_items(
    items: int, per_sheet: int, order: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(1, per_sheet))
    found = list(places(items, per_sheet, order=order, start_cell=start))
    assert sorted(place.item for place in found) == list(range(items))
    seats = [(place.sheet, place.cell) for place in found]
    assert len(set(seats)) == items
    assert seats == sorted(seats)
    assert all(1 <= cell <= per_sheet for _, cell in seats)
    assert seats[0] == (1, start)
    assert seats[-1][0] == sheets_needed(items, per_sheet, start)


@given(st.integers(1, 300), st.integers(1, 12))
def test_cut_and_stack_gives_piles_that_follow_each_other(items: int, per_sheet: int) -> None:
    found = list(places(items, per_sheet, order="stack"))
    in_piles = [place.item for place in sorted(found, key=lambda place: (place.cell, place.sheet))]
    assert in_piles == list(range(items))


def test_rows_fill_a_sheet_before_the_next() -> None:
    found = [(place.sheet, place.cell, place.item) for place in places(5, 4, order="row", start_cell=3)]
    assert found == [(1, 3, 0), (1, 4, 1), (2, 1, 2), (2, 2, 3), (2, 3, 4)]


def test_a_start_cell_the_sheet_does_not_have_is_refused() -> None:
    with pytest.raises(PaperError, match="ô từ 1 đến 4"):
        list(places(5, 4, start_cell=5))


@pytest.mark.parametrize(
    ("sheet", "size", "pieces", "bleed", "turned"),
    [
        (A4, (95, 134), 4, 2, False),
        (A4, (105, 148), 2, 3, True),
        (A3, (105, 148), 4, 3, False),
        (SRA3, (105, 148), 8, 2, True),
        (A4, (80, 80), 6, 3, False),
    ],
)
def test_sheets_hold_what_the_print_shop_expects(
    sheet: Sheet, size: tuple[float, float], pieces: int, bleed: float, turned: bool
) -> None:
    layout = fill(sheet, *size)
    assert (layout.per_sheet, layout.bleed_mm, layout.cells[0].turned) == (pieces, bleed, turned)


@given(st.sampled_from([A4, A3, SRA3]), st.floats(30, 190), st.floats(30, 190))
def test_pieces_with_bleed_lie_apart_and_inside_the_printable_sheet(sheet: Sheet, wide: float, high: float) -> None:
    layout = fill(sheet, wide, high)
    inside = layout.bleed
    assert inside.x >= sheet.edge_mm - 1e-6
    assert inside.bottom <= sheet.height_mm - sheet.edge_mm + 1e-6
    boxes = [cell.trim.grown(layout.bleed_mm) for cell in layout.cells]
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            common = one.overlap(other)
            assert common.width * common.height < 1e-6
    tops = [(round(cell.trim.y, 3), round(cell.trim.x, 3)) for cell in layout.cells]
    assert all(before < after for before, after in pairwise(tops))


def test_what_does_not_fit_says_so() -> None:
    with pytest.raises(PaperError, match="không đặt vừa khổ A4"):
        fill(A4, 400, 300)


def test_a_single_piece_has_room_for_bleed_and_marks() -> None:
    layout = single(105, 148, 3)
    assert (layout.width_mm, layout.height_mm) == (125, 168)
    assert layout.cut_lines() == ((10, 115), (10, 158))
