"""Tables for people's spreadsheets: nothing in them runs, and a telephone number keeps its zero."""

import csv
import importlib
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from app.tables.cells import EXACT_MAX, Cell, TableError

if TYPE_CHECKING:
    import xlsxwriter

_RUNS = re.compile(r"[\t\r\n\0]|[\s'\"“”‘’]*[=+\-@＝＋－＠]")
_BAD_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_SHEET_NAME_MAX = 31
_CELL_TEXT_MAX = 32_767
_SHEET_ROWS_MAX = 1_048_576
_WIDTH_SAMPLE = 200
_WIDTH_MIN, _WIDTH_MAX = 6, 48
_GROUPED_FROM = 10_000  # thousands are marked in amounts, not in years or line numbers
_CREATED = datetime(2025, 7, 1)  # noqa: DTZ001 - a fixed mark, so that the same rows give the same bytes


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet to write: header, then rows as they come (an iterator is fine). Widths in characters, else measured."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell | None]]
    widths: Sequence[float] | None = None


def disarm(value: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it (=, +, -, @, also after spaces or quotes).

    >>> [disarm(value) for value in ("=1+1", " @SUM(A1)", "Bà Bảy", "＝cmd")]
    ["'=1+1", "' @SUM(A1)", 'Bà Bảy', "'＝cmd"]
    """
    return f"'{value}" if _RUNS.match(value) else value


def rearm(value: str) -> str:
    """What disarm made harmless, as it was: for files of ours that come back corrected.

    >>> rearm("'+84987654321")
    '+84987654321'
    """
    return value[1:] if value.startswith("'") and _RUNS.match(value[1:]) else value


def write_csv(
    target: Path | TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell | None]], *, bom: bool = False
) -> None:
    r"""UTF-8 with \n line ends; text is disarmed, numbers stay numbers, None is an empty cell.

    `bom` puts the mark in front that makes Excel read the letters right. A file appears whole or not at all.
    """
    if isinstance(target, Path):
        with _whole_file(target) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
            _write_csv(stream, header, rows, bom=bom)
    else:
        _write_csv(target, header, rows, bom=bom)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell | None]], *, bom: bool = False) -> str:
    """The same as one string, for an answer to a browser."""
    stream = StringIO(newline="")
    _write_csv(stream, header, rows, bom=bom)
    return stream.getvalue()


def _write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell | None]], *, bom: bool) -> None:
    if bom:
        stream.write("\ufeff")
    writer = csv.writer(stream, lineterminator="\n")
    for row in chain([header], rows):
        writer.writerow([_csv_cell(cell) for cell in row])


def _csv_cell(cell: Cell | None) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return disarm(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, bool | timedelta) else cell


def write_xlsx(target: Path | BinaryIO, sheets: Sequence[Sheet], *, created: datetime = _CREATED) -> None:
    """A workbook with frozen bold headings; rows are streamed, so that a hundred thousand take little memory.

    Text is text (formulas and links are never made of it), whole numbers up to fifteen digits are numbers, longer
    ones text. The same sheets and `created` give the same bytes. Raises TableError above 1,048,575 rows.
    """
    if isinstance(target, Path):
        with _whole_file(target) as partial, partial.open("wb") as stream:
            _write_xlsx(stream, sheets, created)
    else:
        _write_xlsx(target, sheets, created)


def _write_xlsx(stream: BinaryIO, sheets: Sequence[Sheet], created: datetime) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = importlib.import_module("xlsxwriter").Workbook  # loaded when one is written: most commands read only
    with workbook(stream, {**options, "remove_timezone": True}) as book:  # also closes its scratch files
        book.set_properties({"created": created})
        formats = _formats(book)
        names: list[str] = []
        for sheet in sheets:
            names.append(_sheet_name(sheet.name, names))
            _fill(book.add_worksheet(names[-1]), sheet, formats)


@dataclass(frozen=True, slots=True)
class _Formats:
    """The few looks that a cell can have."""

    heading: "xlsxwriter.format.Format"
    date: "xlsxwriter.format.Format"
    moment: "xlsxwriter.format.Format"
    time: "xlsxwriter.format.Format"
    number: "xlsxwriter.format.Format"


def _formats(book: "xlsxwriter.Workbook") -> _Formats:
    return _Formats(
        heading=book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF0", "bottom": 1}),
        date=book.add_format({"num_format": "dd/mm/yyyy"}),
        moment=book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
        time=book.add_format({"num_format": "hh:mm"}),
        number=book.add_format({"num_format": "#,##0"}),
    )


def _fill(page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, formats: _Formats) -> None:
    rows = iter(sheet.rows)
    sample = list(islice(rows, _WIDTH_SAMPLE))
    for index, width in enumerate(sheet.widths or _widths(sheet.header, sample)):
        page.set_column(index, index, width)
    page.freeze_panes(1, 0)
    for index, heading in enumerate(sheet.header):
        page.write_string(0, index, heading[:_CELL_TEXT_MAX], formats.heading)
    for number, row in enumerate(chain(sample, rows), start=1):
        if number >= _SHEET_ROWS_MAX:
            raise TableError("Bảng dài hơn 1.048.575 dòng, Excel không chứa hết. Hãy xuất dạng CSV.")
        for index, cell in enumerate(row):
            _write_cell(page, number, index, cell, formats)


def _write_cell(
    page: "xlsxwriter.worksheet.Worksheet", row: int, column: int, cell: Cell | None, formats: _Formats
) -> None:
    match cell:
        case None | "":
            return
        case str():
            page.write_string(row, column, cell[:_CELL_TEXT_MAX])
        case bool():
            page.write_boolean(row, column, cell)
        case int() | float() if math.isfinite(cell) and abs(cell) < EXACT_MAX:
            page.write_number(row, column, cell, formats.number if abs(cell) >= _GROUPED_FROM else None)
        case datetime():
            page.write_datetime(row, column, cell, formats.moment)
        case date():
            page.write_datetime(row, column, cell, formats.date)
        case time():
            page.write_datetime(row, column, cell, formats.time)
        case _:
            page.write_string(row, column, str(cell))


def _widths(header: Sequence[str], sample: Sequence[Sequence[Cell | None]]) -> list[float]:
    widths = [len(heading) for heading in header]
    for row in sample:
        for index, cell in enumerate(row[: len(widths)]):
            widths[index] = max(widths[index], len(str(cell if cell is not None else "")))
    return [min(_WIDTH_MAX, max(_WIDTH_MIN, width + 2)) for width in widths]


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    r"""A name that Excel takes: at most 31 characters, none of []:*?/\\, no apostrophe at the ends, not used before."""
    clean = _BAD_IN_SHEET_NAME.sub(" ", name).strip(" '")[:_SHEET_NAME_MAX].strip(" '") or "Trang"
    lowered = [one.lower() for one in taken]
    number, candidate = 1, clean
    while candidate.lower() in lowered or candidate.lower() == "history":
        number += 1
        tail = f" {number}"
        candidate = clean[: _SHEET_NAME_MAX - len(tail)] + tail
    return candidate


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """A file beside the wished one that takes its place only when all is written."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False) as handle:
        partial = Path(handle.name)
    try:
        yield partial
        partial.chmod(0o644)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
