"""Workbooks as people save them, and as someone would who wishes us ill."""

import io
import struct
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tables import Look, RawRow, Sheet, TableError, has_lost_digits, read_table, write_xlsx
from app.tables.cells import Cell
from app.tables.child import read_workbook
from app.tables.workbook import from_json
from tests.tables.old_workbooks import old_workbook


def workbook(*rows: tuple[Cell, ...]) -> bytes:
    stream = io.BytesIO()
    write_xlsx(stream, [Sheet("Danh sách", [str(cell) for cell in rows[0]], rows[1:])])
    return stream.getvalue()


def test_a_workbook_keeps_types_and_row_numbers() -> None:
    moment = datetime(2026, 11, 22, 14, 5, 59)  # noqa: DTZ001 - a spreadsheet knows no zone
    data = workbook(("a", "b"), ("007", 21000), ("", ""), (1.5, True), (date(2026, 11, 22), moment), (time(6, 30), ""))
    table = read_table(data, name="a.xlsx")
    assert table.sheet == "Danh sách"
    assert [(row.line, row.cells) for row in table.rows] == [
        (1, ("a", "b")),
        (2, ("007", 21000)),
        (4, (1.5, True)),
        (5, (date(2026, 11, 22), moment)),
        (6, (time(6, 30), "")),
    ]
    assert isinstance(table.rows[1].cells[1], int)


def test_content_far_from_the_corner_keeps_its_row_number() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet()
    page.write(6, 3, "x")
    book.close()
    assert read_table(stream.getvalue(), name="a").rows == (RawRow(7, ("", "", "", "x")),)


def test_seconds_are_not_lost_to_rounding() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet()
    page.write_number(0, 0, 46348.9999884, book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}))
    book.close()
    assert read_table(stream.getvalue(), name="a").rows[0].cells == (datetime(2026, 11, 22, 23, 59, 59),)  # noqa: DTZ001


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet("Trống")
    hidden = book.add_worksheet("Ẩn")
    hidden.write(0, 0, "secret")
    hidden.hide()
    book.add_worksheet("Chợ A").write(0, 0, "a")
    book.add_worksheet("Chợ B").write(0, 0, "b")
    book.close()
    table = read_table(stream.getvalue(), name="a.xlsx")
    assert (table.sheet, table.rows[0].cells) == ("Chợ A", ("a",))
    assert table.others == ("Chợ B", "Ẩn")
    assert read_table(stream.getvalue(), name="a.xlsx", sheet="Chợ B").rows[0].cells == ("b",)
    with pytest.raises(TableError, match="Chợ C"):
        read_table(stream.getvalue(), name="a.xlsx", sheet="Chợ C")


def test_a_long_account_in_a_number_cell_is_noticed() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    book.add_worksheet().write_number(0, 0, 97043668123456789)
    book.close()
    cell = read_table(stream.getvalue(), name="a").rows[0].cells[0]
    assert has_lost_digits(cell)
    assert not has_lost_digits(99704366812345)


def merged() -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet()
    page.write_row(0, 0, ["Chợ", "Họ tên", "Số tiền"])
    page.write_column(1, 1, ["A", "B", "C"])
    page.merge_range(1, 0, 4, 0, "Bình Minh")
    page.merge_range(1, 2, 2, 2, 5000)
    page.merge_range(6, 0, 6, 1, "Người lập")
    book.close()
    return stream.getvalue()


def test_text_merged_over_rows_belongs_to_each_of_them_but_an_amount_counts_once() -> None:
    assert read_table(merged(), name="a.xlsx").rows == (
        RawRow(1, ("Chợ", "Họ tên", "Số tiền")),
        RawRow(2, ("Bình Minh", "A", 5000)),
        RawRow(3, ("Bình Minh", "B", ""), looks={2: Look("number", "5000", is_merged=True)}),
        RawRow(4, ("Bình Minh", "C", "")),
        RawRow(7, ("Người lập", "", ""), looks={1: Look("text", "Người lập", is_merged=True)}),
    )


def test_an_old_workbook_is_read() -> None:
    table = read_table(old_workbook([["Họ tên", 21000], ["Đặng Văn Ất", 21000]]), name="ds.xls")
    assert table.sheet == "DS"
    assert table.rows == (RawRow(1, ("Họ tên", 21000)), RawRow(2, ("Đặng Văn Ất", 21000)))


ODS = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="DS">%s</table:table></office:spreadsheet></office:body></office:document-content>'
)
ODS_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
ODS_CELL = '<table:table-cell%s office:value-type="string"><text:p>Đặng</text:p></table:table-cell>'


def open_document(rows: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        out.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        out.writestr("content.xml", ODS % rows)
    return stream.getvalue()


def test_an_open_document_is_read_and_its_endless_blank_rows_cost_nothing() -> None:
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    row = f"<table:table-row>{ODS_CELL % ''}</table:table-row>"
    assert [r.cells[0] for r in read_table(open_document(row + blank), name="ds.ods").rows] == ["Đặng"]


def test_an_open_document_that_repeats_without_end_is_refused() -> None:
    wide = ODS_CELL % ' table:number-columns-repeated="16384"'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>'
    with pytest.raises(TableError):
        read_table(open_document(rows), name="ds.ods")


def test_dates_and_times_come_back_from_the_process_as_they_were() -> None:
    data = workbook(("a", "b"), ("x", time(6, 30)), (date(2026, 11, 22), datetime(2026, 11, 22, 14, 5)))  # noqa: DTZ001
    here = [(number, cells) for number, cells, _, _ in read_workbook(data, [], 10)["sheets"][0]["rows"]]
    assert [(row.line, list(row.cells)) for row in read_table(data, name="a").rows] == here
    assert from_json({"timedelta": 90.0}) == timedelta(seconds=90)
    assert from_json({"sheet": "x", "rows": []}) == {"sheet": "x", "rows": []}


def test_a_sheet_that_is_not_there_and_one_too_long_are_refused() -> None:
    data = workbook(("a", "b"), (1, 2), (3, 4))
    with pytest.raises(TableError, match="không có trang tính “Không có”"):
        read_table(data, name="a.xlsx", sheet="Không có")
    with pytest.raises(TableError, match="nhiều hơn 2 dòng"):
        read_table(data, name="a.xlsx", rows_max=2)


def package(**members: bytes) -> bytes:
    """A valid small workbook with members replaced or added (in names, __ is a slash and _ a dot)."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(("a", "b"), (1, 2)))) as good,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        wanted = {name.replace("__", "/").replace("_", "."): content for name, content in members.items()}
        for name in good.namelist():
            out.writestr(name, wanted.pop(name, b"") or good.read(name))
        for name, content in wanted.items():
            out.writestr(name, content)
    return stream.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def test_two_cells_at_the_ends_of_the_sheet_do_not_take_the_machine_down() -> None:
    corners = SHEET % (b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    with pytest.raises(TableError, match="1048576"):
        read_table(package(xl__worksheets__sheet1_xml=corners), name="a.xlsx")


@pytest.mark.parametrize("address", ["A99999999999", "ZZZZZZZ1", "A4294967296", "XFE1048577"])
@pytest.mark.parametrize("quote", ['"', "'", "&#34;"])
def test_an_impossible_address_ends_no_process_but_its_own(address: str, quote: str) -> None:
    cell = f"<row r='1'><c r='A1'><v>1</v></c></row><row r='2'><x:c  r ={quote}{address}{quote}><v>1</v></x:c></row>"
    sheet = SHEET.replace(b"<worksheet", b'<worksheet xmlns:x="x"') % cell.encode()
    try:
        table = read_table(package(xl__worksheets__sheet1_xml=sheet), name="a.xlsx")
    except TableError as refused:
        assert "a.xlsx" in str(refused)  # noqa: PT017 - either end is right
    else:
        assert len(table.rows) <= 2


def test_a_dimension_that_lies_is_harmless() -> None:
    lie = SHEET.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>') % (
        b'<row r="1"><c r="A1"><v>7</v></c></row>'
    )
    assert read_table(package(xl__worksheets__sheet1_xml=lie), name="a.xlsx").rows == (RawRow(1, (7,)),)


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    with pytest.raises(TableError, match="bung ra quá lớn"):
        read_table(package(xl__worksheets__sheet1_xml=SHEET % (b" " * 60_000_000)), name="a.xlsx")


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(package(xl__worksheets__sheet1_xml=SHEET % (b" " * 3_000_000)))
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        real = found.getinfo("xl/worksheets/sheet1.xml").file_size
    lied = bytes(data).replace(struct.pack("<L", real), struct.pack("<L", 500))
    assert lied != data
    with pytest.raises(TableError, match="bung ra quá lớn"):
        read_table(lied, name="a.xlsx")


def test_entities_that_multiply_are_refused() -> None:
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + SHEET % (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    )
    with pytest.raises(TableError, match="hỏng"):
        read_table(package(xl__worksheets__sheet1_xml=lol), name="a.xlsx")


@pytest.mark.parametrize("name", ["../escape.xml", "/etc/x.xml", "C:\\x.xml", "inner.zip"])
def test_a_package_with_odd_parts_is_refused(name: str) -> None:
    stream = io.BytesIO(package())
    with zipfile.ZipFile(stream, "a") as out:
        out.writestr(name, b"x")
    with pytest.raises(TableError, match="cấu trúc lạ"):
        read_table(stream.getvalue(), name="a.xlsx")


def test_a_package_with_too_many_parts_is_refused() -> None:
    with pytest.raises(TableError, match="cấu trúc lạ"):
        read_table(package(**{f"xl__media__x{at}_png": b"x" for at in range(201)}), name="a.xlsx")


def test_a_document_and_an_archive_are_named() -> None:
    for member, says in (("word/document.xml", "Word"), ("photo.jpg", "tệp nén")):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as out:
            out.writestr(member, b"x")
        with pytest.raises(TableError, match=says):
            read_table(stream.getvalue(), name="a.xlsx")


def test_a_workbook_cut_short_is_refused() -> None:
    whole = workbook(("a", "b"), (1, 2))
    for size in range(4, len(whole) - 1, 97):
        with pytest.raises(TableError):
            read_table(whole[:size], name="a.xlsx")


def test_a_heavy_workbook_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.tables.workbook._WAIT_S", 0.001)
    with pytest.raises(TableError, match="quá nặng"):
        read_table(workbook(("a", "b"), (1, 2)), name="a.xlsx")


def test_a_reader_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    dies = tmp_path / "child.py"
    dies.write_text("import os; os.abort()")
    monkeypatch.setattr("app.tables.workbook.child.__file__", str(dies))
    with pytest.raises(TableError, match="quá nặng"):
        read_table(workbook(("a", "b"), (1, 2)), name="a.xlsx")


def test_a_workbook_typed_in_an_old_font_is_refused_too() -> None:
    with pytest.raises(TableError, match="UniKey"):
        read_table(workbook(("Hä tªn", "chî"), ("NguyÔn V¨n Hïng", "B×nh Minh"), ("TrÇn ThÞ B×nh", "x")), name="a")


@settings(max_examples=100)
@given(st.data())
def test_a_workbook_with_a_few_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    good = bytearray(workbook(("Họ tên", "Số"), ("A", 1), ("B", 2)))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_table(bytes(good), name="a.xlsx")
    except TableError as refused:
        assert str(refused).count("\n") < 3  # noqa: PT017 - either end is right
