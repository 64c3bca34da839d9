"""What stands between the people of a list: section headings, ditto marks, labels; and two people of one name."""

import pytest

from app.registry.rules.list_rows import place_label
from app.registry.rules.lists import ListLine
from tests.registry.test_lists import as_csv, lines_of


def people(lines: list[ListLine]) -> list[tuple[str, str, str]]:
    return [(line.holder_name, line.market, line.code) for line in lines if not (line.label or line.faults)]


def test_section_headings_name_the_market_and_row_of_the_lines_below() -> None:
    """F24, walk 7."""
    table = [
        ["I", "CHỢ ĐẦM", "", ""],
        ["", "Dãy A", "", ""],
        ["1", "Lê Thị Một", "0987654321", "1"],
        ["2", "Lô Văn Hai", "", "2"],
        ["", "DÃY B (2 hộ):", "", ""],
        ["3", "Lê Thị Ba", "", "quầy 1"],
        ["", "Cộng chợ Đầm: 3 hộ", "", ""],
        ["II", "CHỢ XÉP", "", ""],
        ["4", "Lê Thị Bốn", "", "12"],
        ["", "Tổng cộng: 4 hộ", "", ""],
        ["", "NGƯỜI LẬP BIỂU", "", "TRƯỞNG BAN"],
        ["", "Nguyễn Văn Tý", "", ""],
    ]
    lines = lines_of(as_csv(table, ["STT", "Họ tên", "Số điện thoại", "Số quầy"]))
    assert people(lines) == [
        ("Lê Thị Một", "CHỢ ĐẦM", "A-1"),
        ("Lô Văn Hai", "CHỢ ĐẦM", "A-2"),
        ("Lê Thị Ba", "CHỢ ĐẦM", "B-1"),
        ("Lê Thị Bốn", "CHỢ XÉP", "12"),
    ]
    assert [line.line for line in lines if line.faults] == []
    assert sorted(line.line for line in lines if line.label) == [2, 3, 6, 8, 9, 11, 12, 13]


def test_names_alone_with_roman_sections() -> None:
    table = [["I", "CHỢ ĐẦM"], ["1", "Lê Thị Một"], ["2", "Hàng Thị Hai"], ["II", "Chợ Xép"], ["1", "Phố Văn Ba"]]
    found = people(lines_of(as_csv(table, ["TT", "Họ tên"])))
    assert found == [("Lê Thị Một", "CHỢ ĐẦM", ""), ("Hàng Thị Hai", "CHỢ ĐẦM", ""), ("Phố Văn Ba", "Chợ Xép", "")]


@pytest.mark.parametrize(
    ("label", "stands_out", "said"),
    [
        ("DÃY A", False, {"row": "A"}),
        ("Khu vực chợ Đầm", False, {"market": "Khu vực chợ Đầm"}),
        ("Tuyến đường Hùng Vương", False, {"market": "Tuyến đường Hùng Vương"}),
        ("Đường Hùng Vương", True, {"market": "Đường Hùng Vương"}),
        ("Đường Văn Hùng", False, {}),
        ("Thôn Đông: 12 hộ", False, {"hamlet": "Thôn Đông"}),
        ("Tổ dân phố 3", False, {"hamlet": "Tổ dân phố 3"}),
        ("Ngành hàng: rau củ", False, {"line_of_business": "rau củ"}),
        ("Hàng cá", False, {"row": "CÁ"}),
        ("Nguyễn Thị Chợ", True, {}),
        ("Lê Văn Dãy", True, {}),
    ],
)
def test_what_a_label_names(label: str, stands_out: bool, said: dict[str, str]) -> None:
    assert place_label(label, stands_out=stands_out) == said


def test_ditto_marks_repeat_a_place_and_never_a_person() -> None:
    headings = ["Họ tên", "Số điện thoại", "Chợ", "Dãy", "Số quầy"]
    table = [
        ["Lê Thị Một", "0987654321", "Chợ Đầm", "A", "1"],
        ["Lê Thị Hai", "nt", '"', "-nt-", "2"],
        ["-nt-", "", "như trên", "”", "3"],
        ["Lê Thị Bốn", "", "〃", "B", "4"],
    ]
    lines = lines_of(as_csv(table, headings))
    assert people(lines) == [
        ("Lê Thị Một", "Chợ Đầm", "A-1"), ("Lê Thị Hai", "Chợ Đầm", "A-2"), ("Lê Thị Bốn", "Chợ Đầm", "B-4")
    ]  # fmt: skip
    assert (lines[1].phone, lines[1].notes) == (None, ("Số điện thoại ghi “nt” (như trên): bỏ trống.",))
    assert lines[2].faults == ("Thiếu họ tên.",)


def test_two_people_of_one_name_are_two_where_anything_tells_them_apart() -> None:
    """F27: trade, note, a column nobody knows; only the running number says nothing."""
    headings = ["STT", "Họ tên", "Thôn", "Ngành hàng", "Ghi chú", "Mã cơ sở"]
    same = ["Nguyễn Thanh Sơn", "Thôn 3"]
    table = [
        ["1", *same, "Tạp hóa", "", ""],
        ["2", *same, "Cơ khí", "", ""],
        ["3", *same, "Tạp hóa", "cạnh đình", ""],
        ["4", *same, "Tạp hóa", "", "TH_002"],
        ["5", *same, "Tạp hóa", "", ""],
    ]
    lines = lines_of(as_csv(table, headings))
    assert [line.faults for line in lines] == [(), (), (), (), ("Trùng hoàn toàn với dòng 2.",)]
    assert len({line.identity for line in lines[:4]}) == 4


@pytest.mark.parametrize(
    ("row", "stall", "code"),
    [
        ("1", "1", "1-1"), ("1", "12", "1-12"), ("1", "10", "1-10"), ("-", "12", "12"), ("Không", "12", "12"),
        ("Dãy A", "01", "A-01"), ("không có", "", ""), ("x", "3", "X-3"), ("A01", "A01-06", "A01-06"),
    ],
)  # fmt: skip
def test_stalls_as_two_columns_say_them(row: str, stall: str, code: str) -> None:
    """F29, F31, F37."""
    (line,) = lines_of(as_csv([["Lê Thị Một", row, stall]], ["Họ tên", "Dãy", "Số quầy"]))
    assert (line.code, line.faults) == (code, ())


def test_a_cell_with_two_phones_keeps_one_and_notes_the_rest() -> None:
    """F43, F44; F74 beside."""
    headings = ["Họ tên", "Số điện thoại", "Thôn/TDP", "Ghi chú"]
    table = [
        ["Lê Thị Một", "0912345678/0987654321", "Khu 2", "bán sáng"],
        ["Lê Thị Hai", "0274 0909 000 111", "3", ""],
        ["Lê Thị Ba", "09123", "Tổ 3", ""],
    ]
    one, two, short = lines_of(as_csv(table, headings))
    assert (one.phone, one.note, one.hamlet) == ("+84912345678", "bán sáng; Điện thoại ghi thêm: 0987654321", "Khu 2")
    assert (two.phone, two.note, two.hamlet) == ("+84909000111", "", "thôn 3")
    assert "thiếu" in short.faults[0]
