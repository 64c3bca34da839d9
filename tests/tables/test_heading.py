"""Headings as people write them, and what stands above and below the data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables import Headed, RawRow, Table, TableError, find_heading
from app.tables.cells import Cell

FIELDS = {
    "holder_name": ["Họ tên", "Họ và tên", "Chủ hộ", "Tên chủ hộ"],
    "shop_name": ["Tên cửa hàng", "Tên quán", "Cửa hàng"],
    "phone": ["Số điện thoại", "SĐT", "Điện thoại", "Số ĐT"],
    "bank": ["Ngân hàng"],
    "account": ["Số tài khoản", "STK"],
    "market": ["Chợ"],
    "amount": ["Số tiền"],
}
REQUIRED = ["holder_name", "phone"]


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table("ds.xlsx", "", tuple(RawRow(at, cells) for at, cells in enumerate(rows, start=1)))


def head(*rows: tuple[Cell, ...]) -> Headed:
    return find_heading(table(*rows), FIELDS, REQUIRED)


def test_a_plain_heading() -> None:
    found = head(("Họ tên", "Số điện thoại"), ("A", "0987654321"))
    assert (found.line, found.columns) == (1, {"holder_name": 0, "phone": 1})
    assert [row.line for row in found.rows] == [2]
    assert found.text(found.rows[0], "phone") == "0987654321"
    assert found.cell(found.rows[0], "bank") == ""


@pytest.mark.parametrize(
    "spelled", ["HỌ VÀ TÊN", "ho va ten", "Họ  và\ntên", "Ho\u0323 và tên:", "họ_và_tên", "HoVaTen"]
)
def test_spelling_of_a_heading_does_not_matter(spelled: str) -> None:
    assert head((spelled, "SĐT"), ("A", "1")).columns["holder_name"] == 0


def test_columns_stand_in_any_order_and_the_unknown_are_kept() -> None:
    found = head(("STT", "SĐT", "Ghi chú", "Họ tên", "Ghi chú", ""), (1, 2, 3, 4, 5))
    assert found.columns == {"phone": 1, "holder_name": 3}
    assert found.unknown == {"STT": 0, "Ghi chú": 2, "Ghi chú (E)": 4}


def test_title_rows_above_are_passed_over() -> None:
    found = head(
        ("ỦY BAN NHÂN DÂN XÃ BÌNH MINH", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("DANH SÁCH HỘ KINH DOANH CHỢ BÌNH MINH",),
        ("Chợ: Bình Minh", "", "Điện thoại liên hệ: 0987654321"),
        ("STT", "Họ tên", "Số điện thoại"),
        (1, "A", "0987654321"),
    )
    assert found.line == 4
    assert [row.line for row in found.rows] == [5]


def test_an_exact_heading_goes_before_one_that_contains_it() -> None:
    found = head(("Họ tên", "Số điện thoại người giới thiệu", "Số điện thoại"), ("A", "1", "2"))
    assert found.columns["phone"] == 2
    assert found.unknown == {"Số điện thoại người giới thiệu": 1}


def test_the_longest_synonym_inside_a_heading_decides() -> None:
    found = head(("Họ và tên chủ hộ kinh doanh", "Số điện thoại (Zalo)", "Số tài khoản ngân hàng"), ("A", "1", "2"))
    assert found.columns == {"holder_name": 0, "phone": 1, "account": 2}


def test_a_short_word_inside_a_heading_is_no_match() -> None:
    assert "market" not in head(("Họ tên", "SĐT", "Ban quản lý chợ"), ("A", "1", "x")).columns


def test_a_programs_column_is_what_it_is_called_or_nothing() -> None:
    fields = {"point_code": ["point_code"], "zone": ["zone", "Khu"], "lat": ["lat"]}
    found = find_heading(table(("zone_id", "point_code", "lat_dms"), ("1", "2", "3")), fields, ["point_code"])
    assert found.columns == {"point_code": 1}
    assert found.unknown == {"zone_id": 0, "lat_dms": 2}


def test_two_columns_for_one_field_are_refused_by_their_letters() -> None:
    with pytest.raises(TableError, match=r"cột B “SĐT” và cột C “Điện thoại” đều là Số điện thoại"):
        head(("Họ tên", "SĐT", "Điện thoại"), ("A", "1", "2"))
    with pytest.raises(TableError, match="đều là"):
        head(("Họ tên", "Số điện thoại 1", "Số điện thoại 2"), ("A", "1", "2"))


def test_a_missing_column_is_named_with_the_line_of_the_heading() -> None:
    with pytest.raises(TableError, match=r"ds\.xlsx, dòng 2: thiếu cột Số điện thoại"):
        head(("Danh sách",), ("Họ tên", "Ngân hàng"), ("A", "MB"))


def test_no_heading_at_all_is_refused_with_what_is_needed() -> None:
    with pytest.raises(TableError, match=r"Cần các cột: Họ tên, Số điện thoại"):
        head(("a", "b"), ("c", "d"))
    with pytest.raises(TableError, match="không thấy dòng tiêu đề"):
        head()


def test_a_heading_below_the_search_is_not_found() -> None:
    rows = [("x", "y")] * 80
    with pytest.raises(TableError):
        head(*rows, ("Họ tên", "SĐT"))
    assert find_heading(table(*rows, ("Họ tên", "SĐT")), FIELDS, REQUIRED, within=81).line == 81


def test_headings_over_two_rows_are_joined() -> None:
    found = head(
        ("STT", "Họ tên", "Tài khoản", "", "Liên hệ", ""),
        ("", "", "Ngân hàng", "Số tài khoản", "Số ĐT", "Email"),
        (1, "A", "MB", "123", "0987", "x"),
    )
    assert found.columns == {"holder_name": 1, "bank": 2, "account": 3, "phone": 4}
    assert found.unknown == {"STT": 0, "Liên hệ Email": 5}
    assert [row.line for row in found.rows] == [3]


def test_two_rows_that_only_mean_something_together() -> None:
    fields = {"in": ["Tiền vào"], "out": ["Tiền ra"], "day": ["Ngày"]}
    found = find_heading(table(("Ngày", "Tiền", ""), ("", "vào", "ra"), ("1", "2", "3")), fields, ["day", "in", "out"])
    assert found.columns == {"day": 0, "in": 1, "out": 2}


def test_data_below_a_single_heading_is_never_taken_for_heading() -> None:
    found = head(("Họ tên", "", "SĐT"), ("Quán Chợ", "x", "0987"), ("B", "", "0988"))
    assert [row.line for row in found.rows] == [2, 3]


def test_the_row_of_column_numbers_is_passed_over() -> None:
    found = head(("STT", "Họ tên", "SĐT"), ("(1)", "(2)", "(3)"), (1, "A", "0987"))
    assert [row.line for row in found.rows] == [3]
    kept = head(("Họ tên", "SĐT"), ("A", 1), ("B", 2))
    assert [row.line for row in kept.rows] == [2, 3]


def test_the_heading_repeated_on_each_page_is_passed_over() -> None:
    found = head(("STT", "Họ tên", "SĐT"), (1, "A", "0987"), ("STT", "Họ tên", "SĐT"), (2, "B", "0988"))
    assert [row.line for row in found.rows] == [2, 4]


def test_a_heading_merged_over_both_rows_stands_in_both() -> None:
    found = head(
        ("STT", "Họ tên", "SĐT", "Tài khoản", ""),
        ("STT", "Họ tên", "SĐT", "Ngân hàng", "Số"),
        (1, "A", "0987", "MB", "123"),
    )
    assert found.columns["holder_name"] == 1
    assert found.columns["bank"] == 3
    assert [row.line for row in found.rows] == [3]


def test_blank_rows_and_totals_are_no_data_and_signatures_neither() -> None:
    found = head(
        ("STT", "Họ tên", "SĐT", "Số tiền"),
        (1, "A", "0987", 5000),
        ("", " ", ""),
        ("Cộng", "", "", 5000),
        (2, "B", "0988", 7000),
        (3, "", "0989", 1),
        ("Tổng cộng:", "", "", 12000),
        ("", "Ngày 22 tháng 11 năm 2026"),
        ("Người lập biểu", "", "Chủ tịch"),
    )
    assert [row.line for row in found.rows] == [2, 5, 6]
    assert [row.line for row in found.totals] == [4, 7]
    assert [row.line for row in found.footer] == [8, 9]


@pytest.mark.parametrize(
    "says", ["Tổng cộng", "TỔNG SỐ", "Cộng:", "Tổng cộng (12 hộ)", "tong cong", "Tổng", "Cộng chung"]
)
def test_totals_as_people_write_them(says: str) -> None:
    found = head(("Họ tên", "SĐT"), ("A", "1"), (says, ""))
    assert [row.line for row in found.totals] == [3]


def test_a_person_called_cong_is_a_person() -> None:
    found = head(("Họ tên", "SĐT"), ("Cộng", "0987"), ("Tổng", "0988"), ("Cộng Cà Phê", ""))
    assert [row.line for row in found.rows] == [2, 3, 4]
    assert found.totals == ()


def test_full_rows_below_a_total_are_still_data() -> None:
    found = head(("Họ tên", "SĐT"), ("Tổng cộng", ""), ("ghi chú", ""), ("A", "1"), ("Người lập", ""))
    assert [row.line for row in found.rows] == [3, 4]
    assert [row.line for row in found.footer] == [5]


def test_a_row_with_more_cells_than_headings_is_at_fault() -> None:
    found = head(("Họ tên", "SĐT"), ("A", "1", "", ""), ("Quán B", "quầy 2", "0987"))
    assert [bool(row.fault) for row in found.rows] == [False, True]


def test_a_fault_of_the_reader_is_kept() -> None:
    rows = (RawRow(1, ("Họ tên", "SĐT")), RawRow(2, ("Hòa", "1", "2"), "NUL"))
    assert find_heading(Table("a", "", rows), FIELDS, REQUIRED).rows[0].fault == "NUL"


@given(st.permutations(["Họ tên", "Số điện thoại", "Ngân hàng", "STK", "Chợ", "Khác"]), st.integers(0, 10))
def test_any_order_below_any_titles(headings: list[str], titles: int) -> None:
    found = head(*[("Danh sách",)] * titles, tuple(headings), tuple(headings[::-1]))
    assert found.line == titles + 1
    assert found.columns == {
        "holder_name": headings.index("Họ tên"),
        "phone": headings.index("Số điện thoại"),
        "bank": headings.index("Ngân hàng"),
        "account": headings.index("STK"),
        "market": headings.index("Chợ"),
    }


HEADINGS = {"Họ tên", "SĐT", "Chợ"}


@given(st.lists(st.lists(st.sampled_from(["", "1", "Cộng", "x", *sorted(HEADINGS)]), max_size=5), max_size=8))
def test_no_row_with_content_is_lost(rows: list[list[str]]) -> None:
    given_rows = table(*[tuple(row) for row in rows])
    try:
        found = find_heading(given_rows, FIELDS)
    except TableError:
        return
    kept = {row.line for row in (*found.rows, *found.totals, *found.footer)}
    content = {row.line for row in given_rows.rows if {"x", "1"} & set(row.cells) and not HEADINGS & set(row.cells)}
    assert content - kept <= set(range(1, found.line + 2))  # a heading may take two rows
