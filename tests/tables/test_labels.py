"""A label is no entry: totals, signatures, whole lines in one cell (findings F22, F24, F26, walk 7)."""

import pytest

from app.tables import Headed, RawRow, Table, find_heading, read_table
from app.tables.cells import Cell
from app.tables.labels import is_ditto, is_signature, is_sure_total

PAYOUT = {"payee": ["Số điện thoại"], "amount": ["Số tiền"], "paid_on": ["Ngày chi"]}
NAMES = {"holder_name": ["Họ tên"], "phone": ["Số điện thoại"], "stall": ["Quầy"]}


def head(fields: dict[str, list[str]], required: list[str], *rows: tuple[Cell, ...]) -> Headed:
    table = Table("ds.xlsx", "", tuple(RawRow(at, cells) for at, cells in enumerate(rows, start=1)))
    return find_heading(table, fields, required)


@pytest.mark.parametrize(
    "label",
    ["Tổng cộng", "TỔNG CỘNG:", "Cộng", "Tổng", "Tổng số tiền", "Cộng dồn", "Tổng cộng (3 khoản)", "Total", "Cộng:"],
)
def test_a_label_that_fills_the_needed_column_is_a_total(label: str) -> None:
    rows: list[tuple[Cell, ...]] = [("0912345678", 20000, "05/10/2026"), ("0912345679", 40000, "05/10/2026")]
    found = head(PAYOUT, ["payee", "amount"], ("Số điện thoại", "Số tiền", "Ngày chi"), *rows, (label, "60.000", ""))
    assert ([row.line for row in found.rows], [row.line for row in found.totals]) == ([2, 3], [4])


def test_people_and_shops_called_like_labels_stay() -> None:
    heading = ("Họ tên", "Số điện thoại", "Quầy")
    rows: list[tuple[Cell, ...]] = [
        ("Cộng", "0987", "1"), ("Kế Toán", "0988", "2"), ("Trưởng Ban Mai", "0989", "3"),
        ("Tống Tiến", "0986", ""), ("Công Số", "", "")
    ]  # fmt: skip
    assert len(head(NAMES, ["holder_name"], heading, *rows).rows) == 5


def test_what_stands_below_a_list_is_no_person() -> None:
    """Walk 7: totals, offices, names under them; also where a page ends in the middle of the list."""
    found = head(
        NAMES,
        ["holder_name"],
        ("STT", "Họ tên", "Số điện thoại", "Quầy"),
        (1, "Lê Thị Một", "0987654321", "A1"),
        ("", "Cộng trang", "", 1),
        ("", "NGƯỜI LẬP BIỂU", "", "TRƯỞNG BAN"),
        (2, "Lê Thị Hai", "0987654322", "A2"),
        ("", "Cộng dãy A: 2 hộ", "", ""),
        (3, "Lê Thị Ba", "", ""),
        ("", "Tổng cộng: 3 hộ", "", ""),
        ("", "Cẩm Tân, ngày 30 tháng 11 năm 2026", "", ""),
        ("", "NGƯỜI LẬP BIỂU", "", "TRƯỞNG BAN"),
        ("", "(Ký, ghi rõ họ tên)", "", "(đã ký)"),
        ("", "Trần Thị Mẫu", "", "Nguyễn Văn Tý"),
        ("", "Nơi nhận: lưu VP", "", ""),
    )
    assert [row.line for row in found.rows] == [2, 5, 7]
    assert [row.line for row in found.totals] == [3, 6, 8]
    assert [row.line for row in found.footer] == [4, 9, 10, 11, 12, 13]


@pytest.mark.parametrize(
    "cells",
    [
        ["Người lập"], ["TRƯỞNG BAN"], ["NGƯỜI LẬP BIỂU", "TRƯỞNG BAN QUẢN LÝ CHỢ"], ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"],
        ["TM. ỦY BAN NHÂN DÂN"], ["Ngày … tháng … năm 2026"], ["Kế toán trưởng", "Thủ trưởng"],
        ["Xác nhận của UBND xã"],
        ["(Ký, ghi rõ họ tên)"], ["Người lập biểu          Trưởng ban"], ["T/M BAN QUẢN LÝ CHỢ"], ["Nơi nhận:"],
    ],
)  # fmt: skip
def test_signatures(cells: list[str]) -> None:
    assert is_signature(cells)


@pytest.mark.parametrize(
    "cells", [["Nguyễn Văn Trưởng"], ["Kiều Thị Tình"], ["Ngày Mới"], ["Ban Thị Ngọc"], ["12", "Thủ Quỹ"]]
)
def test_no_signatures(cells: list[str]) -> None:
    assert not is_signature(cells)


def test_ditto_and_totals_are_told_from_words() -> None:
    assert [is_ditto(each) for each in ("nt", "- nt -", "”", "như trên", "An", "-", "Tý", "NTM")] == [True] * 4 + [
        False
    ] * 4
    assert [is_sure_total(each) for each in ("Tổng số: 41", "Cộng", "Tổng Hợp Phát")] == [True, False, False]


def test_whole_lines_in_one_quoted_cell_are_read_as_lines() -> None:
    """F26: Excel saved twice."""
    lines = [
        '"STT,Họ tên,Số điện thoại,Địa chỉ"',
        '"1,Trần Thị Bưởi,0912345678,""Số 3, ngõ 2"""',
        '"2,Lê Thị Cam,0912345679,Chợ Mới"',
    ]
    table = read_table("\n".join(lines).encode(), name="a.csv")
    assert [row.cells for row in table.rows] == [
        ("STT", "Họ tên", "Số điện thoại", "Địa chỉ"),
        ("1", "Trần Thị Bưởi", "0912345678", "Số 3, ngõ 2"),
        ("2", "Lê Thị Cam", "0912345679", "Chợ Mới"),
    ]
    plain = read_table("Họ tên\nLê Thị Một\nBà Hai, bán rau, cá\n".encode(), name="b.csv")
    assert [len(row.cells) for row in plain.rows] == [1, 1, 3]
    semicolons = ['"Họ tên;SĐT;Quầy"', '"Trần Thị Bưởi, bà;0912345678;A1"', '"Lê Thị Cam;;A2"']
    assert [len(row.cells) for row in read_table("\n".join(semicolons).encode(), name="c.csv").rows] == [3, 3, 3]
