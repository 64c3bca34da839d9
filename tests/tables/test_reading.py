"""Files as they arrive: read whatever can be, refuse the rest in one clear sentence."""

import csv
import io
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tables import RawRow, TableError, read_table, text, write_csv
from app.tables.cells import Cell

LIST = "Họ tên;Số điện thoại;Chợ\nNguyễn Thị Hòa;0987654321;Bình Minh\nĐặng Văn Ất;0912345678;Bình Minh\n"


def cells_of(data: bytes) -> list[tuple[Cell, ...]]:
    return [row.cells for row in read_table(data, name="a.csv").rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_in_any_unicode_line_end_and_separator(encoding: str, ends: str, delimiter: str) -> None:
    data = LIST.replace("\n", ends).replace(";", delimiter).encode(encoding)
    rows = read_table(data, name="ds.csv").rows
    assert [row.line for row in rows] == [1, 2, 3]
    assert rows[2].cells == ("Đặng Văn Ất", "0912345678", "Bình Minh")


def test_csv_in_windows_vietnamese() -> None:
    # cp1258 holds tone marks apart, as Windows programs write them
    data = b"H\xf2o t\xean;Ch\xfe\nNguy\xea\xden Th\xfd L\xea\n"
    with_tone = cells_of(data)
    assert with_tone[1][0] == "Nguyễn Thư Lê"


def test_one_broken_letter_does_not_spoil_the_other_lines() -> None:
    good = "Tên;Số\nNguyễn Thị Hòa;1\nĐặng Văn Ất;2\n".encode()
    rows = read_table(good.replace("Đ".encode(), b"\xc4"), name="a.csv").rows
    assert [row.fault != "" for row in rows] == [False, False, True]
    assert rows[1].cells[0] == "Nguyễn Thị Hòa"


def test_a_zero_byte_marks_its_row_and_is_not_passed_on() -> None:
    rows = read_table(b"a;b\n1;x\0y\n2;z\n", name="a.csv").rows
    assert "NUL" in rows[1].fault
    assert rows[1].cells == ("1", "x\ufffdy")
    assert rows[2] == RawRow(3, ("2", "z"))


def test_line_numbers_are_those_of_an_editor() -> None:
    rows = read_table(b'a,b\n\n1,"two\nlines"\n\n2,x\n', name="a.csv").rows
    assert [(row.line, row.cells[0]) for row in rows] == [(1, "a"), (3, "1"), (6, "2")]


def test_line_separators_of_unicode_are_letters_not_lines() -> None:
    rows = read_table("a,b\nx\u2028y\x0bz,1\n2,3\n".encode(), name="a.csv").rows
    assert [row.line for row in rows] == [1, 2, 3]


def test_a_stray_quote_that_glues_lines_marks_the_row() -> None:
    rows = read_table(b'a,b\n1,"x\n2,"y"\n3,z\n', name="a.csv").rows
    assert rows[1].line == 2
    assert "2 đến 3" in rows[1].fault
    assert rows[2] == RawRow(4, ("3", "z"))


def test_a_quote_that_never_closes_is_refused_with_its_line() -> None:
    with pytest.raises(TableError, match="dòng 3"):
        read_table(b'a,b\n1,2\n3,"x\n' + b"4,5\n" * 10, name="a.csv")


def test_a_quote_open_over_a_huge_file_is_refused_with_its_line() -> None:
    with pytest.raises(TableError, match="dòng 2"):
        read_table(b'a,b\n1,"x\n' + b"4,5\n" * 100_000, name="a.csv")


def test_the_separator_is_not_guessed_from_commas_inside_text() -> None:
    data = "Tên;Địa chỉ\nA;Chợ X, xã Y, tỉnh Z\nB;Chợ X, xã Y, tỉnh Z\nC;Chợ X, xã Y, tỉnh Z\n".encode()
    assert {len(cells) for cells in cells_of(data)} == {2}


def test_amounts_with_group_commas_in_a_semicolon_file() -> None:
    assert cells_of(b"ma;tien\nT1;20,000\nT2;30,000\n")[1] == ("T1", "20,000")


def test_a_single_column_is_a_table() -> None:
    assert cells_of(b"merchant\nM1\nM2\n") == [("merchant",), ("M1",), ("M2",)]


def test_excels_declared_separator() -> None:
    rows = read_table(b"sep=;\na;b\n1;2\n", name="a.csv").rows
    assert rows[0] == RawRow(2, ("a", "b"))


def test_ragged_rows_stay_as_they_are() -> None:
    assert [len(cells) for cells in cells_of(b"a,b,c\n1\n1,2,3,4\n1,2,3\n")] == [3, 1, 4, 3]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "trống"),
        (b"\xef\xbb\xbf\r\n \n", "trống"),
        (b"\xff\xfe\r\0\n\0", "trống"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "ảnh"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "ảnh"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "trang web"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "trang web"),
        (b'<?xml version="1.0"?><Workbook/>', "trang web"),
        (b"{\\rtf1 }", "Word"),
        (bytes(range(1, 32)) * 10, "không phải tệp bảng"),
        (b"PK\x03\x04rubbish", "hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "Word"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says) as refused:
        read_table(data, name="danh-sach.xlsx")
    assert str(refused.value).startswith("danh-sach.xlsx")
    assert str(refused.value).count("\n") < 3


def test_text_of_the_nineties_is_refused_with_the_way_to_convert_it() -> None:
    # "Nguyễn Văn Hùng, Trần Thị Bình" in TCVN3
    tcvn3 = b"H\xe4 t\xaan;Ch\xee\nNguy\xd4n V\xa8n H\xefng;B\xd7nh Minh\nTr\xc7n Th\xde B\xd7nh;B\xd7nh Minh\n"
    with pytest.raises(TableError, match="UniKey"):
        read_table(tcvn3, name="a.csv")


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(TableError, match="5 dòng"):
        read_table(b"a,b\n" * 6, name="a.csv", rows_max=5)
    assert len(read_table(b"a,b\n" * 5, name="a.csv", rows_max=5).rows) == 5


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"Không thấy tệp ds\.csv"):
        read_table(tmp_path / "ds.csv")
    with pytest.raises(TableError, match="là thư mục, cần một tệp"):
        read_table(tmp_path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lon.csv"
    with path.open("wb") as stream:
        stream.truncate(10**12)
    with pytest.raises(TableError, match="lớn hơn"):
        read_table(path)


CELLS = st.text(alphabet="aăâđêơưắộ 09,;|\t\"'\n=+-@日😀\u2028", max_size=12)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=20))
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([["Họ tên", "Số điện thoại", "Chợ"], *rows])
    read = cells_of(written.getvalue().encode())
    assert read[1:] == [tuple(row) for row in rows if any(text(cell) for cell in row)]


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_refusal(data: bytes) -> None:
    try:
        table = read_table(data, name="a")
    except TableError as refused:
        assert str(refused).count("\n") < 3  # noqa: PT017 - either end is right
    else:
        assert all(row.line >= 1 for row in table.rows)


@pytest.mark.parametrize(
    "data",
    [b"\n" * 30_000_000 + b"a", b'"\n"\n' * 10_000_000, b'"a\n' * 10_000_000, b"x" * 60_000_000, b"," * 65_000_000],
)
def test_a_heap_of_rubbish_is_refused_soon(data: bytes) -> None:
    started = process_time()
    with pytest.raises(TableError):
        read_table(data, name="a.csv")
    assert process_time() - started < 5


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    write_csv(tmp_path / "ds.csv", ["a", "b"], [["x", 1]])
    table = read_table(tmp_path / "ds.csv")
    assert (table.name, table.rows[1].cells) == ("ds.csv", ("x", "1"))
