"""A report file in the canonical columns, as lines of text with the line number an editor shows.

Most files are plain: one line of text a row. DuckDB reads those at full speed, and that they are plain is proved by
counting line ends. Every other file (line breaks inside quotes, rows of uneven length, workbooks) is taken apart here
cell by cell; what a valid line is, is decided in one place for both (`line_sql`).
"""

import csv
import itertools
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import RefusedError
from app.tables import Cell, Headed, HeadingError, RawRow, Sheets, Table, TableError, headed_sheets, read_tables
from app.tables.cells import EXACT_MAX
from app.tables.limits import OpenLine
from app.transactions.rules import COLUMNS, REQUIRED

WORKBOOK_ROWS_MAX = 300_000  # more comes as CSV, which has no limit
_CHUNK_BYTES = 4_000_000
_SHOWN_MAX = 60
_COLUMNS_MAX = 1_000
_MANY_LINES = 100_000
_LINE_BYTES_MIN = 24  # on average; the shortest line that may count has 39
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHER_MARKS = (b"%PDF", b"\xff\xfe", b"\xfe\xff", b"\x89PNG", b"\x1f\x8b")
_CANONICAL = "Cột chuẩn là: " + ", ".join(COLUMNS) + "; mẫu khác cần hồ sơ đọc (choso import report --profile)."
_ODD_QUOTE = re.compile(rb'[^,\n]"[^,\r\n]')  # inside a cell, where readers differ in what they make of it
_END = "\0"  # stands after the last line; swallowed by a quote that never closes


class ReportRefusedError(RefusedError):
    """A report file that cannot be read at all; nothing of it was taken."""

    code = "bao-cao-bi-tu-choi"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a CSV file lies on disk: `columns` of its heading, line ends, and whether rows can be read as they are."""

    columns: tuple[str, ...]
    line_count: int
    is_simple: bool


@dataclass(frozen=True, slots=True)
class TextLine:
    """One row as text in the order of COLUMNS; a `fault` (Vietnamese) refuses it whatever the cells say, a `note` says
    what was mended on the way in, `place` where it stands where several sheets are read as one.
    """

    line: int
    cells: tuple[str, ...]
    fault: str = ""
    note: str = ""
    place: str = ""


def is_workbook(source: Path | bytes) -> bool:
    """Whether the content is a workbook (ZIP or OLE), whatever the name says."""
    if isinstance(source, bytes):
        return source.startswith(_WORKBOOK_MARKS)
    with source.open("rb") as file:
        return file.read(4).startswith(_WORKBOOK_MARKS)


def shape_of(path: Path, name: str = "") -> Shape:
    """Heading and line count of a CSV file. Raises ReportRefusedError where it is no CSV with canonical columns."""
    name = name or path.name
    with path.open("rb") as file:
        head = file.read(_CHUNK_BYTES)
        _refuse_other_kinds(head, name)
        first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].removesuffix(b"\r")
        ends = _line_ends(itertools.chain([head], iter(lambda: file.read(_CHUNK_BYTES), b"")), name)
        _refuse_scraps(max(ends.line_count, ends.return_count), file.tell(), name)
    is_simple = ends.are_of_one_kind and not ends.has_odd_quotes and not ends.are_quoted and b'"' not in first
    columns = tuple(_heading(first, name)) if is_simple else ()
    return Shape(columns, ends.line_count, is_simple)


@dataclass(frozen=True, slots=True)
class _LineEnds:
    line_count: int
    return_count: int
    are_of_one_kind: bool
    has_odd_quotes: bool
    are_quoted: bool
    """Whether one stands inside quotes, or a quote never closes: then a row is not a line."""


def _line_ends(chunks: Iterable[bytes], name: str) -> _LineEnds:
    """How the lines of a file end, counted a few million bytes at a time."""
    count, returns, pairs, last, odd, line, quotes = 0, 0, 0, b"", False, OpenLine(), _Quotes()
    for chunk in chunks:
        if b"\0" in chunk:
            raise ReportRefusedError(f"{name}: tệp có byte rỗng (NUL), không phải CSV.\n{_CANONICAL}")
        if line.is_endless(chunk):
            raise ReportRefusedError(f"{name}: có dòng quá dài, không phải báo cáo giao dịch.\n{_CANONICAL}")
        count += chunk.count(b"\n")
        if b"\r" in chunk:
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n")
        pairs += last == b"\r" and chunk.startswith(b"\n")
        odd = odd or (b'"' in chunk and _ODD_QUOTE.search(last + chunk) is not None) or chunk.endswith(b'"')
        quotes.look(chunk)
        last = chunk[-1:]
    of_one_kind = returns == pairs and returns in (0, count)
    return _LineEnds(count + (last != b"\n"), returns, of_one_kind, odd, quotes.hold_line_ends or quotes.are_open)


class _Quotes:
    """What stands between quotes in a file that comes in pieces."""

    def __init__(self) -> None:
        self.are_open = self.hold_line_ends = False

    def look(self, piece: bytes) -> None:
        """Looks at the next piece."""
        if not self.are_open and b'"' not in piece:
            return
        parts = piece.split(b'"')
        within = parts[0 if self.are_open else 1 :: 2]
        self.hold_line_ends = self.hold_line_ends or b"\n" in b"".join(within)
        self.are_open ^= len(parts) % 2 == 0


def _refuse_scraps(line_count: int, size_bytes: int, name: str) -> None:
    """Refuses a heap of lines too short to say a payment: each would have to be told with its reason."""
    if line_count > _MANY_LINES and size_bytes < line_count * _LINE_BYTES_MIN:
        raise ReportRefusedError(
            f"{name}: {line_count} dòng mà phần lớn trống hoặc chỉ vài chữ, không phải báo cáo.\n{_CANONICAL}"
        )


def lines_of(path: Path, name: str = "") -> Iterator[TextLine]:
    """Every row of a CSV or workbook as text, slowly and exactly. Raises ReportRefusedError for the whole file."""
    name = name or path.name
    if not is_workbook(path):
        return _lines(_csv_rows(path, name), name)
    try:
        tables = read_tables(path, name=name, rows_max=WORKBOOK_ROWS_MAX)
    except TableError as error:
        raise ReportRefusedError(str(error)) from error
    return lines_of_tables(tables)


def lines_of_tables(tables: Sequence[Table], sheet: str = "") -> Iterator[TextLine]:
    """The same of a workbook that has been read: its first sheet with the canonical columns, the one that is asked
    for, or (EVERY) all of that shape, numbered through.
    """
    try:
        headed = headed_sheets(tables, _canonical, [sheet] if sheet else [])
    except TableError as error:
        raise ReportRefusedError(str(error)) from error
    read = [table for table in tables if not headed.sheets.read or table.sheet in headed.sheets.read]
    if len(read) == 1:
        yield from _lines(_rows_of_table(read[0]), read[0].name)
        return
    number = 1
    for table in read:
        for line in _lines(_rows_of_table(table), table.name):
            number += 1
            yield replace(line, line=number, place=f"trang {table.sheet}, dòng {line.line}")


def canonical_sheets(tables: Sequence[Table], sheet: str = "") -> Sheets:
    """Which sheets that reads and which it leaves. Raises TableError."""
    return headed_sheets(tables, _canonical, [sheet] if sheet else []).sheets


def unread_sheets(path: Path) -> tuple[str, ...]:
    """Sheets with content that `lines_of` leaves; none of any other file, or where it is refused."""
    if not (path.is_file() and is_workbook(path)):
        return ()
    try:
        return canonical_sheets(read_tables(path, rows_max=WORKBOOK_ROWS_MAX)).unread
    except TableError:
        return ()


def _canonical(table: Table) -> Headed:
    """A sheet whose first row has the canonical names. Raises HeadingError."""
    first = table.rows[0] if table.rows else RawRow(1, ())
    names = [cell_text(cell).strip().lower() for cell in first.cells]
    places = {name: names.index(name) for name in COLUMNS if name in names}
    try:
        column_places(names, table.name)
    except ReportRefusedError as wrong:
        raise HeadingError(str(wrong), table, None, places) from wrong
    return Headed(table.name, first.line, places, {}, table.rows[1:], headings={name: name for name in places})


def _lines(rows: Iterator[tuple[int, list[str]]], name: str) -> Iterator[TextLine]:
    _, heading = next(rows, (0, []))
    places = column_places(heading, name)
    for line, cells in rows:
        canonical = tuple(cells[at] if at is not None and at < len(cells) else "" for at in places)
        beyond = "".join(cells[len(heading) :])
        yield TextLine(line, canonical, f"nhiều ô hơn dòng tiêu đề, thừa “{beyond[:_SHOWN_MAX]}”" if beyond else "")


def column_places(heading: Sequence[str], name: str) -> list[int | None]:
    """Where each canonical column stands. Raises ReportRefusedError where a needed one is missing or one is twice."""
    names = [cell.strip().lower() for cell in heading]
    missing = [column for column in REQUIRED if column not in names]
    if missing:
        found = ", ".join(cell for cell in names if cell)[:_SHOWN_MAX]
        raise ReportRefusedError(
            f"{name}, dòng 1: thiếu cột {', '.join(missing)} (thấy: {found or 'không có gì'}).\n{_CANONICAL}"
        )
    twice = [column for column in COLUMNS if names.count(column) > 1]
    if twice:
        raise ReportRefusedError(f"{name}, dòng 1: cột {twice[0]} có hai lần.", remedy="Hãy bỏ bớt một cột.")
    return [names.index(column) if column in names else None for column in COLUMNS]


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for copies that are gone with the evaluation."""
    return tempfile.TemporaryDirectory(prefix="choso-")


def _refuse_other_kinds(head: bytes, name: str) -> None:
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise ReportRefusedError(f"{name}: tệp trống.", remedy="Hãy kiểm tra lại tệp đã chọn.")
    if head.startswith(_OTHER_MARKS):
        raise ReportRefusedError(f"{name}: không phải CSV UTF-8 hay XLSX.\n{_CANONICAL}")


def _heading(first: bytes, name: str) -> list[str]:
    try:
        text = first.decode("utf-8")
    except UnicodeDecodeError:
        raise ReportRefusedError(f"{name}, dòng 1: tệp không phải UTF-8.\n{_CANONICAL}") from None
    if text.count(",") > _COLUMNS_MAX:
        raise ReportRefusedError(f"{name}, dòng 1: nhiều hơn {_COLUMNS_MAX} cột, không phải báo cáo.\n{_CANONICAL}")
    try:
        heading = next(csv.reader([text]), [])
    except csv.Error:
        raise ReportRefusedError(f"{name}, dòng 1: có ô quá dài, không phải dòng tiêu đề.\n{_CANONICAL}") from None
    column_places(heading, name)
    return [cell.strip().lower() for cell in heading]


def _csv_rows(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the editor line where it starts; blank lines are none."""
    before = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(itertools.chain(file, [_END]))
        try:
            for cells in reader:
                if cells == [_END]:
                    return
                if cells and cells[-1].endswith(_END):
                    break
                if cells:
                    yield before + 1, cells
                before = reader.line_num
        except csv.Error as error:
            if "field limit" in str(error):
                raise _unreadable(name, before + 1, "có ô quá dài, hoặc dấu ngoặc kép mở mà không đóng") from None
        except UnicodeDecodeError:
            line = _undecodable_line(path)
            raise ReportRefusedError(f"{name}, dòng {line}: tệp không phải UTF-8.\n{_CANONICAL}") from None
    raise _unreadable(name, before + 1, "dấu ngoặc kép mở mà không đóng")


def _unreadable(name: str, line: int, why: str) -> ReportRefusedError:
    return ReportRefusedError(f"{name}, từ dòng {line}: {why}.", remedy="Hãy sửa dòng ấy rồi nạp lại.")


def _undecodable_line(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8-sig")
            except UnicodeDecodeError:
                return number
    return 1


def _rows_of_table(table: Table) -> Iterator[tuple[int, list[str]]]:
    for row in table.rows:
        cells = [cell_text(cell) for cell in row.cells]
        for at, look in row.looks.items():
            if look.was == "format" and not look.is_merged:
                cells[at] = look.shown
        yield row.line, [*cells, row.fault] if row.fault else cells


def cell_text(cell: Cell) -> str:
    """A cell as the canonical text: whole numbers without ".0", times with seconds."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT_MAX:
        return str(int(cell))
    if isinstance(cell, str | int | float):
        return str(cell)
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
