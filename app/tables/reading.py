"""Any file a person picks, as a table or as one clear refusal."""

import codecs
from collections.abc import Sequence
from pathlib import Path

from app.tables.cells import Table, TableError
from app.tables.child import EVERY
from app.tables.delimited import rows_of_csv
from app.tables.packed import unpacked
from app.tables.workbook import BYTES_MAX as WORKBOOK_BYTES_MAX
from app.tables.workbook import check_ole, tables_of_workbook
from app.vn.legacy import legacy_encoding

ROWS_MAX = 200_000
CSV_BYTES_MAX = 64_000_000
_HEAD = 1000
_SAMPLE_ROWS, _SAMPLE_COLUMNS = 500, 50
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_KINDS = (
    (b"%PDF", "tệp PDF"),
    (b"\x89PNG", "tệp ảnh"),
    (b"\xff\xd8\xff", "tệp ảnh"),
    (b"GIF8", "tệp ảnh"),
    (b"RIFF", "tệp ảnh"),
    (b"BM", "tệp ảnh"),
    (b"{\\rtf", "tệp Word (RTF)"),
    (b"Rar!", "tệp nén"),
    (b"7z\xbc\xaf", "tệp nén"),
    (b"\x1f\x8b", "tệp nén"),
    (b"PK\x05\x06", "tệp nén rỗng"),
    (b"SQLite format 3", "tệp cơ sở dữ liệu"),
    (b"MZ", "tệp chương trình"),
    (b"\x7fELF", "tệp chương trình"),
)


def read_table(
    source: Path | bytes,
    *,
    name: str = "",
    sheet: str | None = None,
    rows_max: int = ROWS_MAX,
    bytes_max: int = CSV_BYTES_MAX,
) -> Table:
    """The rows of a CSV, XLSX, XLS, ODS or XLSB file, told apart by content and not by name; blank rows are left out.

    `name` is what messages call the file (the path's name by default). Without `sheet` the first visible sheet with
    content is read. Limits: rows with content, bytes of a CSV (a workbook: 20 MB). Raises TableError.
    """
    return read_tables(source, name=name, sheets=[sheet] if sheet else [], rows_max=rows_max, bytes_max=bytes_max)[0]


def read_tables(
    source: Path | bytes,
    *,
    name: str = "",
    sheets: Sequence[str] = (EVERY,),
    rows_max: int = ROWS_MAX,
    bytes_max: int = CSV_BYTES_MAX,
) -> list[Table]:
    """The same of several sheets: those named, else every visible one with content; at least one table.

    `rows_max` counts the rows of all of them. A CSV is one table, whatever sheets are asked for. Raises TableError.
    """
    name = name or (source.name or str(source) if isinstance(source, Path) else "Tệp")
    data = source if isinstance(source, bytes) else _content(source, name, bytes_max)
    if not _without_mark(data[:_HEAD]).strip(b" \t\r\n\0") and not _without_mark(data).strip(b" \t\r\n\0"):
        raise TableError(f"{name}: tệp trống. Hãy kiểm tra lại tệp đã chọn.")
    if data.startswith(_OLE):
        check_ole(data, name)
    if data.startswith((_ZIP, _OLE)):
        return [_in_unicode(each) for each in tables_of_workbook(data, name=name, sheets=sheets, rows_max=rows_max)]
    _refuse_other_kinds(data, name)
    if len(data) > bytes_max:
        raise _too_large(name, bytes_max)
    return [_in_unicode(Table(name, "", rows_of_csv(data, name=name, rows_max=rows_max)))]


def _without_mark(data: bytes) -> bytes:
    return next((data[len(mark) :] for mark in _MARKS if data.startswith(mark)), data)


def _in_unicode(table: Table) -> Table:
    """The table, refused when its text was typed for the fonts of the nineties."""
    sample = " ".join(
        cell for row in table.rows[:_SAMPLE_ROWS] for cell in row.cells[:_SAMPLE_COLUMNS] if isinstance(cell, str)
    )
    if legacy := legacy_encoding(sample):
        raise TableError(
            f"{table.name}: chữ gõ bằng bảng mã cũ ({legacy}).\n"
            "Hãy chuyển sang Unicode (UniKey: Ctrl+Shift+F6, hoặc lưu lại dạng CSV UTF-8) rồi nạp lại.",
        )
    return unpacked(table)


def _content(path: Path, name: str, bytes_max: int) -> bytes:
    try:
        if path.stat().st_size > max(bytes_max, WORKBOOK_BYTES_MAX):
            raise _too_large(name, bytes_max)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TableError(f"Không thấy tệp {name}. Hãy kiểm tra lại đường dẫn.") from error
    except IsADirectoryError as error:
        raise TableError(f"{name} là thư mục, cần một tệp. Hãy ghi cả tên tệp.") from error
    except OSError as error:
        raise TableError(
            f"{name}: không mở được tệp. Hãy đóng chương trình đang mở tệp, hoặc chọn tệp khác."
        ) from error


def _too_large(name: str, bytes_max: int) -> TableError:
    return TableError(f"{name}: tệp lớn hơn {bytes_max // 1_000_000} MB. Hãy chia thành nhiều tệp nhỏ hơn.")


def _refuse_other_kinds(data: bytes, name: str) -> None:
    for magic, kind in _OTHER_KINDS:
        if data.startswith(magic):
            raise TableError(f"{name}: đây là {kind}, không phải bảng. Hãy dùng tệp Excel (.xlsx) hoặc CSV.")
    start = _without_mark(data[:_HEAD]).lstrip(b" \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<svg", b"<meta", b"<head")):
        raise TableError(
            f"{name}: đây là trang web hoặc XML mang tên bảng.\nHãy mở bằng Excel, lưu lại dạng .xlsx rồi nạp lại.",
        )
