"""Two writings of one stall are known as one, and two stalls never run together."""

from itertools import combinations

import pytest

from app.vn.stalls import clean_code, code_of_stall, row_name, searched_stall, stall_key, stall_number, stall_writings

ONE_STALL = [
    [
        "A03-12",
        "A3-12",
        "a3 12",
        "A0312",
        "quầy A03-12",
        "Dãy A3, quầy 12",
        "A.03.12",
        "a3/12",
        "Sạp A3-12",
        "A03-12/2",
    ],
    ["B-7", "B7", "b 07", "Dãy B quầy 7", "lô B sạp 07", "B-07", "dãy B - ki ốt số 7"],
    ["Đ-5", "đ5", "Dãy đ quầy 05"],
    ["1-12", "1/12", "dãy 1 quầy 12", "01-12"],
    ["12", "quầy 12", "012", "số 12", "12/2"],
    ["A01-06a", "a1-6A"],
    ["11-2"],
    ["1-1"],
    ["112"],
]


def test_writings_of_one_stall_and_of_others() -> None:
    keys = [{stall_key(code) for code in group} for group in ONE_STALL]
    assert [len(group) for group in keys] == [1] * len(ONE_STALL)
    assert all(not one & other for one, other in combinations(keys, 2))


@pytest.mark.parametrize(
    ("row", "stall", "code"),
    [
        ("1", "1", "1-1"),
        ("1", "2", "1-2"),
        ("1", "10", "1-10"),
        ("1", "12", "1-12"),
        ("10", "10", "10-10"),
        ("12", "", "12"),
        ("Dãy A", "01", "A-01"),
        ("DÃY A", "quầy 10", "A-10"),
        ("Dãy A01", "Quầy 10", "A01-10"),
        ("A1", "A01-07", "A01-07"),
        ("A", "A12", "A12"),
        ("", "A/12", "A-12"),
        ("hàng cá", "3", "CÁ-3"),
        ("đông", "4a", "ĐÔNG-4a"),
    ],
)
def test_the_code_of_two_columns(row: str, stall: str, code: str) -> None:
    assert code_of_stall(row, stall) == code


def test_codes_are_capital_in_vietnamese_letters() -> None:
    assert [clean_code(each) for each in ("dãy ở cổng-2", "khó-1b", "a01 - 06a")] == [
        "DÃY Ở CỔNG-2",
        "KHÓ-1b",
        "A01-06a",
    ]
    assert (row_name("khu vực B"), stall_number("Gian hàng 7b")) == ("B", "7b")


@pytest.mark.parametrize("query", ["A3-12", "A0312", "a3 12", "quầy A03-12", "a03-12", "A312", "Dãy A3 quầy 12"])
def test_any_writing_searches_the_stall(query: str) -> None:
    assert searched_stall(query) in {"a03-12", *stall_writings("A03-12")}
    assert searched_stall(query) in {"a3-12", *stall_writings("A3-12")}


def test_names_are_no_stalls() -> None:
    assert [searched_stall(each) for each in ("Bún 3 sao", "Nguyễn Thị Sáu", "tổ 3", "hàng cá")] == ["", "", "", ""]
