"""Workbooks (XLSX, XLS, ODS, XLSB) read behind a gate, and then always in a process of their own.

The gate gives clear sentences soon, but cannot be the protection: a part may hide from one ZIP reader and not from
the other, and one cell with an impossible address makes calamine ask for more memory than there is and abort. A
process costs about 0.1 s.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from app.tables import child
from app.tables.cells import Look, Table, TableError, checked_row, too_many_rows
from app.tables.number_formats import shown_by

BYTES_MAX = 20_000_000
_UNPACKED_MAX = 200_000_000
_RATIO_MAX = 100
_RATIO_FROM = 10_000_000  # below this a high ratio is a sheet of alike rows, not a bomb
_MEMBERS_MAX = 200
_SCANNED_MAX = 20_000_000
_ROWS_SLACK = 3  # before the reader counts exactly: rows that carry a format may still be blank
_AREA_MAX = 20_000_000  # cells between A1 and the furthest one: calamine lays them all out in memory
_WAIT_S = 60
_CHUNK = 1 << 20
_LOCAL_HEADER = 30
_CELL = re.compile(rb"""<(?:[\w.-]+:)?(?:c|row)\s[^<>]*?\br\s*=\s*["']([A-Z]{0,9})([0-9]{1,20})""")
_RESAVE = "Hãy mở bằng Excel, lưu lại dạng .xlsx rồi nạp lại."


def tables_of_workbook(data: bytes, *, name: str, sheets: Sequence[str], rows_max: int) -> list[Table]:
    """The rows of the sheets asked for with their row numbers: those named, the first visible one with content where
    none is, all such where EVERY stands for them. TableError for what is damaged, locked, a bomb or too large.
    """
    found = _read(data, name, sheets, rows_max)
    others = tuple(found["others"])
    return [
        Table(
            name,
            sheet["name"],
            tuple(
                checked_row(number, cells, looks=_looks(looks), is_hidden=is_hidden)
                for number, cells, looks, is_hidden in sheet["rows"]
            ),
            others,
            frozenset(sheet["hidden_columns"]),
        )
        for sheet in found["sheets"]
    ] or [Table(name, "", (), others)]


def _looks(found: Mapping[str, Sequence[Any]]) -> Mapping[int, Look]:
    """What the child noted, by column; a number as its format shows it."""
    return {int(column): _look(*look) for column, look in found.items()} if found else {}


def _look(was: str, text: str, code: str, is_merged: bool) -> Look:
    if was == "shown":
        return Look("format" if re.sub(r"\D", "", text).startswith("0") else "number", text, is_merged)
    if was == "number" and code and (shown := shown_by(code, int(text))):
        return Look("format" if shown.keeps_zeros else "number", shown.text, is_merged)
    return Look(was, text, is_merged)


_FROM_JSON = {"datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat}


def from_json(found: dict[str, Any]) -> Any:  # noqa: ANN401 - json's own signature
    """The inverse of what the child does to dates and times, as `object_hook`."""
    if len(found) == 1:
        kind, value = next(iter(found.items()))
        if kind == "timedelta":
            return timedelta(seconds=value)
        if kind in _FROM_JSON:
            return _FROM_JSON[kind](value)
    return found


def _read(data: bytes, name: str, sheets: Sequence[str], rows_max: int) -> dict[str, Any]:
    if len(data) > BYTES_MAX:
        raise TableError(f"{name}: tệp lớn hơn {BYTES_MAX // 1_000_000} MB. Hãy chia thành nhiều tệp nhỏ hơn.")
    if data.startswith(b"PK"):
        _check_package(data, name, rows_max)
    command = [sys.executable, "-I", str(Path(child.__file__)), json.dumps(list(sheets)), str(rows_max)]
    try:
        ran = subprocess.run(command, input=data, capture_output=True, timeout=_WAIT_S, check=False)  # noqa: S603 - our own file
    except subprocess.TimeoutExpired as error:
        raise _refusal("TimeoutExpired", name, sheets, rows_max) from error
    if ran.returncode == 0:
        answer: dict[str, Any] = json.loads(ran.stdout, object_hook=from_json)
        return answer
    kind = "Killed"  # by a limit, or it asked for more memory than there is
    if ran.returncode in {1, child.REFUSED}:  # 1: the reader panicked over what it found
        kind = ran.stderr.decode("utf-8", "replace")
    raise _refusal(kind, name, sheets, rows_max)


def _refusal(kind: str, name: str, sheets: Sequence[str], rows_max: int) -> TableError:
    """One Vietnamese sentence for each way a workbook can fail."""
    match kind:
        case "PasswordError":
            return _locked(name)
        case "WorksheetNotFound":
            asked = "”, “".join(sheets)
            return TableError(f"{name}: không có trang tính “{asked}”. Hãy chọn đúng tên trang tính.")
        case "TooManyRowsError":
            return too_many_rows(name, rows_max)
        case "TimeoutExpired" | "Killed" | "MemoryError":
            return TableError(
                f"{name}: tệp quá nặng, đọc không xong. Hãy xoá dòng, cột trống và định dạng thừa rồi lưu lại."
            )
        case _:
            return TableError(f"{name}: tệp bảng tính bị hỏng, không đọc được. {_RESAVE}")


def _locked(name: str) -> TableError:
    return TableError(f"{name}: tệp có mật khẩu. Hãy mở bằng Excel, bỏ mật khẩu, lưu lại rồi nạp lại.")


def check_ole(data: bytes, name: str) -> None:
    """Refuse the old container when it holds a locked workbook or a document that is no workbook."""
    for mark, error in (
        ("EncryptedPackage", _locked(name)),
        ("WordDocument", TableError(f"{name}: đây là tệp Word, không phải bảng. Hãy chép bảng sang Excel.")),
        ("PowerPoint Document", TableError(f"{name}: đây là tệp PowerPoint, không phải bảng.")),
    ):
        if mark.encode("utf-16-le") in data:
            raise error


def _check_package(data: bytes, name: str, rows_max: int) -> None:
    """Refuse a package that no spreadsheet program writes, or that unpacks to far more than it claims."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = package.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        # NotImplementedError is what zipfile raises for a way of packing that it does not know
        raise TableError(f"{name}: tệp bị hỏng hoặc chép chưa xong. {_RESAVE}") from error
    names = {member.filename.replace("\\", "/") for member in members}  # some .NET programs write them so
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise _not_a_workbook(names, name)
    if len(members) > _MEMBERS_MAX or any(_is_odd(member) for member in members):
        raise TableError(f"{name}: tệp có cấu trúc lạ nên không được mở. {_RESAVE}")
    if sum(member.file_size for member in members) > _UNPACKED_MAX:
        raise _bomb(name)
    for member in members:
        _check_part(data, member, name, rows_max)


def _not_a_workbook(names: set[str], name: str) -> TableError:
    if any(member.startswith("word/") for member in names):
        return TableError(f"{name}: đây là tệp Word, không phải bảng. Hãy chép bảng sang Excel.")
    return TableError(f"{name}: đây là tệp nén, không phải bảng. Hãy giải nén rồi chọn tệp .xlsx bên trong.")


def _is_odd(member: zipfile.ZipInfo) -> bool:
    """Tell whether no spreadsheet program writes such a part."""
    name = member.filename.replace("\\", "/")
    odd_name = name.startswith("/") or ".." in name.split("/") or ":" in name
    nested = name.lower().endswith((".zip", ".gz", ".7z", ".rar"))
    return (
        odd_name
        or nested
        or bool(member.flag_bits & 1)
        or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )


def _bomb(name: str) -> TableError:
    return TableError(f"{name}: bung ra quá lớn nên không được mở. Hãy xoá dòng, cột và định dạng thừa rồi lưu lại.")


def _check_part(data: bytes, member: zipfile.ZipInfo, name: str, rows_max: int) -> None:
    """Unpack a part to count its true bytes (the directory of the package only claims a size) and find its end."""
    size, row, column, tail = 0, 1, 1, b""
    rows, values = 0, 0
    for chunk in _unpack(data, member):
        size += len(chunk)
        if size > member.file_size or (size > _RATIO_FROM and size > member.compress_size * _RATIO_MAX):
            raise _bomb(name)
        rows += chunk.count(b"<row ")
        values += chunk.count(b"<v>") + chunk.count(b"<is>")
        if min(rows, values) > rows_max * _ROWS_SLACK:
            raise too_many_rows(name, rows_max)
        if size <= _SCANNED_MAX:
            chunk_row, chunk_column = _furthest(tail + chunk)
            row, column, tail = max(row, chunk_row), max(column, chunk_column), chunk[-200:]
    if row * column > _AREA_MAX:
        raise TableError(
            f"{name}: có ô ở tận dòng {row}, cột {column}.\nHãy xoá các dòng và cột trống ở cuối, lưu lại rồi nạp lại.",
        )


def _unpack(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part piece by piece, past the end that the directory claims; nothing where there is no such part."""
    head = member.header_offset
    name_length = int.from_bytes(data[head + 26 : head + 28], "little")
    extra_length = int.from_bytes(data[head + 28 : head + 30], "little")
    start = head + _LOCAL_HEADER + name_length + extra_length
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not stream.eof:
            yield stream.decompress(packed, _CHUNK)
            packed = stream.unconsumed_tail
    except zlib.error:
        return  # damaged: the reader itself will say so


def _furthest(xml: bytes) -> tuple[int, int]:
    """The largest row and column that a piece of a sheet names, counted from 1."""
    row = column = 1
    for letters, digits in _CELL.findall(xml):
        row = max(row, int(digits))
        column = max(column, _column_number(letters))
    return row, column


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
