"""What a person sees in a cell, what proves it, and what is doubted or lost."""

import io
import zipfile
from datetime import date, datetime, time

import pytest
import xlsxwriter

from app.tables import Cell, Look, RawRow, code_seen, digits_seen, read_table, seen
from app.tables.number_formats import shown_by


@pytest.mark.parametrize(
    ("cell", "text", "words"),
    [
        ("0011001234567", "0011001234567", ""),
        ("1500201234567.0", "1500201234567", "số 0 đứng đầu"),
        ("0011001234567.0", "0011001234567", ""),
        ("1500201234567,00", "1500201234567", "số 0 đứng đầu"),
        ("1.500201234567E+12", "1500201234567", "khoa học"),
        ("1,5002E+12", "", "chữ số cuối đã mất"),
        ("9,12E+08", "", "chữ số cuối đã mất"),
        (11001234567, "11001234567", "ô là số"),
        (1500201234567.0, "1500201234567", "ô là số"),
        (97043668123456789, "", "chữ số cuối đã mất"),
        ("OO11001234567", "OO11001234567", "có chữ “O”"),
        ("00l100123456I", "00l100123456I", "có chữ “l”, “I”"),
        ("VQRQ0001X2345", "VQRQ0001X2345", ""),
        ("1.500.201.234.567", "1.500.201.234.567", "như số tiền"),
        ("0011 0012 3456", "0011 0012 3456", ""),
        ('="0912345678"', "0912345678", ""),
        ("'0912345678", "0912345678", ""),
        ("#N/A", "", "báo lỗi #N/A"),
        ("########", "", "báo lỗi"),
        (True, "", "TRUE"),
        (date(2026, 2, 1), "", "ngày 01/02/2026"),
        ("", "", ""),
    ],
)
def test_a_number_nobody_calculates_with(cell: Cell, text: str, words: str) -> None:
    found = digits_seen(cell)
    assert found.text == text
    assert words in found.doubt
    assert bool(found.doubt) == bool(words)
    assert found.is_lost == (not text and cell != "")


@pytest.mark.parametrize(
    "written", ["2026-02-01", "2026-02-01 00:00:00", "1-Feb", "01-Feb-26", "Feb-01", "1-Thg 2", "01/02/2026"]
)
def test_a_stall_that_became_a_date_is_lost_but_names_may_hold_one(written: str) -> None:
    assert code_seen(written).is_lost
    assert seen(written).text == written


@pytest.mark.parametrize("written", ["1-2", "1/2", "A-01", "12.5", "1-2-3", "A1/02/2026", "Mar", "1E5", "Dec 3A"])
def test_a_stall_that_only_looks_odd_stays(written: str) -> None:
    assert (code_seen(written).text, code_seen(written).doubt) == (written, "")


@pytest.mark.parametrize("cell", [date(2026, 2, 1), datetime(2026, 2, 1, 6, 30), time(1, 30)])  # noqa: DTZ001
def test_a_moment_where_a_code_stands_is_lost(cell: Cell) -> None:
    assert code_seen(cell).is_lost
    assert "Văn bản" in code_seen(cell).doubt


@pytest.mark.parametrize(
    ("code", "number", "text", "keeps"),
    [
        ("0000000000000", 11001234567, "0011001234567", True),
        ("0000 000 000", 912345678, "0912 345 678", True),
        ("000", 12345, None, False),
        ("00", 7, "07", True),
        ('"A01-"00', 7, "A01-07", True),
        ('"TK "General', 123, "TK 123", False),
        (r"000\-000;-0", 1234, "001-234", True),
        ("[Red]0000", 12, "0012", True),
        ("#,##0", 1234, None, False),
        ("0.00", 7, None, False),
        ("[<=999]000;0", 7, None, False),
        ("General", 7, None, False),
    ],
)
def test_a_number_format_shows_a_code(code: str, number: int, text: str | None, keeps: bool) -> None:
    shown = shown_by(code, number)
    assert (shown.text if shown else None) == text
    assert bool(shown and shown.keeps_zeros) == keeps


def peculiar() -> bytes:
    """A sheet with what a value alone does not tell: formats, an error, formulas, merges, a hidden row and column."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet("Chợ")
    page.write_row(0, 0, ["Dãy", "Quầy", "Tài khoản", "Tên"])
    page.merge_range(1, 0, 3, 0, 1)
    page.write_column(1, 1, [1, 2, 3])
    page.write_number(1, 2, 11001234567, book.add_format({"num_format": "0000000000000"}))
    page.write_formula(2, 2, '=VLOOKUP("x",A1:B2,2)', None, "#N/A")
    page.write_formula(3, 2, "=A2&B2")
    page.write_formula(1, 3, '=""', None, "")
    page.merge_range(4, 0, 5, 1, "Lô 7")
    page.write_column(4, 3, ["E", "F"])
    page.set_row(2, None, None, {"hidden": True})
    page.set_column(3, 3, None, None, {"hidden": True})
    book.close()
    return stream.getvalue()


def look(row: RawRow, column: int) -> tuple[str, str]:
    found = row.looks.get(column)
    return (found.was, found.shown) if found else ("", "")


def test_a_workbook_tells_what_each_cell_was() -> None:
    table = read_table(peculiar(), name="a.xlsx")
    rows = {row.line: row for row in table.rows}
    assert look(rows[2], 2) == ("format", "0011001234567")
    assert look(rows[3], 2) == ("error", "#N/A")
    assert look(rows[4], 2) == ("uncalculated", "")
    assert [look(rows[line], 0) for line in (3, 4)] == [("number", "1")] * 2
    assert [look(rows[line], column)[1] for line in (5, 6) for column in (0, 1)] == ["", "Lô 7", "Lô 7", "Lô 7"]
    assert [row.line for row in table.rows if row.is_hidden] == [3]
    assert table.hidden_columns == {3}
    assert seen(rows[3].cells[0], rows[3].looks[0]).text == "1"
    assert rows[3].cells[0] == ""


def test_a_package_with_backslashes_is_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(peculiar())) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo("x")
            part.filename = name.replace("/", "\\")
            target.writestr(part, source.read(name))
    assert look(read_table(stream.getvalue(), name="a.xlsx").rows[1], 2) == ("format", "0011001234567")


def test_a_merged_text_is_seen_where_the_cell_itself_is_empty() -> None:
    assert seen("", Look("text", "Chợ Đầm", is_merged=True)).text == "Chợ Đầm"
    assert seen("Chợ Xép", Look("text", "Chợ Đầm", is_merged=True)).text == "Chợ Xép"
