"""Any file a person picks, as a table or as one clear refusal."""

from pathlib import Path

from app.tables.cells import Table, TableError
from app.tables.delimited import rows_of_csv
from app.tables.workbook import BYTES_MAX as WORKBOOK_BYTES_MAX
from app.tables.workbook import check_ole, table_of_workbook

ROWS_MAX = 200_000
CSV_BYTES_MAX = 200_000_000

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_KINDS = (
    (b"%PDF", "file PDF"),
    (b"\x89PNG", "file ảnh"),
    (b"\xff\xd8\xff", "file ảnh"),
    (b"GIF8", "file ảnh"),
    (b"RIFF", "file ảnh"),
    (b"BM", "file ảnh"),
    (b"{\\rtf", "file Word (RTF)"),
    (b"Rar!", "file nén"),
    (b"7z\xbc\xaf", "file nén"),
    (b"\x1f\x8b", "file nén"),
    (b"PK\x05\x06", "file nén rỗng"),
    (b"SQLite format 3", "file cơ sở dữ liệu"),
    (b"MZ", "file chương trình"),
    (b"\x7fELF", "file chương trình"),
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
    name = name or (source.name if isinstance(source, Path) else "File")
    data = source if isinstance(source, bytes) else _content(source, name, bytes_max)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xfe\xff"):
        raise TableError(f"{name}: file trống. Hãy kiểm tra lại file đã chọn.")
    if data.startswith(_OLE):
        check_ole(data, name)
    if data.startswith((_ZIP, _OLE)):
        return table_of_workbook(data, name=name, sheet=sheet, rows_max=rows_max)
    _refuse_other_kinds(data, name)
    if len(data) > bytes_max:
        raise _too_large(name, bytes_max)
    return Table(name, "", rows_of_csv(data, name=name, rows_max=rows_max))


def _content(path: Path, name: str, bytes_max: int) -> bytes:
    try:
        if path.stat().st_size > max(bytes_max, WORKBOOK_BYTES_MAX):
            raise _too_large(name, bytes_max)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise TableError(f"Không thấy file {name}. Hãy kiểm tra lại đường dẫn.") from error
    except OSError as error:
        raise TableError(
            f"{name}: không mở được file. Hãy đóng chương trình đang mở file, hoặc chọn file khác."
        ) from error


def _too_large(name: str, bytes_max: int) -> TableError:
    return TableError(f"{name}: file lớn hơn {bytes_max // 1_000_000} MB. Hãy chia thành nhiều file nhỏ hơn.")


def _refuse_other_kinds(data: bytes, name: str) -> None:
    for magic, kind in _OTHER_KINDS:
        if data.startswith(magic):
            raise TableError(f"{name}: đây là {kind}, không phải bảng. Hãy dùng file Excel (.xlsx) hoặc CSV.")
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<svg", b"<meta", b"<head")):
        raise TableError(
            f"{name}: đây là trang web hoặc XML mang tên bảng.\nHãy mở bằng Excel, lưu lại dạng .xlsx rồi nạp lại.",
        )
