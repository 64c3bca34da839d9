"""The workbook reader proper, a program of its own: someone else's file is read in a process that may be killed.

Run by path (`python -I child.py SHEET ROWS_MAX`), it takes the file on standard input, limits its own memory and
time where the system can, and answers with JSON. It therefore imports nothing of this program.
"""

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

try:
    import resource
except ImportError:  # Windows has none: there the parent's clock is the only limit
    resource = None  # type: ignore[assignment]

MEMORY_MAX_BYTES = 2**30
CPU_MAX_S = 60
REFUSED = 3
MERGES_MAX = 20_000
MERGED_ROWS_MAX = 2_000  # a merge to the end of the sheet is an accident

RawCell = str | int | float | bool | datetime | date | time | timedelta


class TooManyRowsError(ValueError):
    """The sheet holds more rows than asked for."""


def read_workbook(data: bytes, sheet: str | None, rows_max: int) -> dict[str, Any]:
    """Sheet name, rows (number and cells, blank ones left out) and the names of further visible sheets with content.

    Without a sheet name the first visible sheet that is not empty is read. Raises calamine's errors and TooManyRows.
    """
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        visible = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == python_calamine.SheetVisibleEnum.Visible
            and meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        names = [sheet] if sheet else visible or book.sheet_names
        for name in names:
            rows = _rows(book.get_sheet_by_name(name), rows_max)
            if rows or name == names[-1]:
                return {"sheet": name, "rows": rows, "others": [other for other in visible if other != name]}
    return {"sheet": "", "rows": [], "others": []}


def _rows(sheet: python_calamine.CalamineSheet, rows_max: int) -> list[tuple[int, list[RawCell]]]:
    if sheet.start is None:
        return []
    margin: list[RawCell] = [""] * sheet.start[1]  # calamine leaves out the columns before
    rows: list[tuple[int, list[RawCell]]] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            if len(rows) == rows_max:
                raise TooManyRowsError
            rows.append((number, [*margin, *map(_plain, cells)]))
    _fill_down(rows, sheet.merged_cell_ranges or [])
    _name_midnights(rows)
    return rows


def _name_midnights(rows: list[tuple[int, list[RawCell]]]) -> None:
    """A whole day number in a column of moments is that day's midnight; calamine takes it for a day alone."""
    moments = {at for _, cells in rows for at, cell in enumerate(cells) if type(cell) is datetime}
    for _, cells in rows:
        for at in moments:
            if at < len(cells) and type(day := cells[at]) is date:
                cells[at] = datetime.combine(day, time.min)


def _fill_down(rows: list[tuple[int, list[RawCell]]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Text merged over several rows of one column (a market beside its stalls) stands in each of them.

    Numbers are left in the first row: an amount over three rows is paid once. Rows with nothing else stay out.
    """
    by_number = dict(rows)
    for (top, left), (bottom, right) in ranges[:MERGES_MAX]:
        if left != right or bottom - top > MERGED_ROWS_MAX:
            continue
        value = by_number.get(top + 1, [])[left : left + 1]
        if value and isinstance(value[0], str):
            for number in range(top + 2, bottom + 2):
                if number in by_number:
                    by_number[number][left] = value[0]


def _plain(cell: RawCell) -> RawCell:
    """A workbook has only floating numbers and times of day with rounding errors: whole numbers and seconds again."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and cell.microsecond:
        return (cell + timedelta(milliseconds=500)).replace(microsecond=0)
    return cell


def _as_json(cell: RawCell) -> dict[str, str | float]:
    if isinstance(cell, timedelta):
        return {"timedelta": cell.total_seconds()}
    if isinstance(cell, datetime | date | time):
        return {type(cell).__name__: cell.isoformat()}
    raise TypeError(type(cell).__name__)


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


def main() -> int:
    """Read standard input as a workbook; exit REFUSED with the kind of error on standard error if it is none."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_MAX_S, CPU_MAX_S))
    sheet, rows_max = sys.argv[1] or None, int(sys.argv[2])
    try:
        answer = read_workbook(sys.stdin.buffer.read(), sheet, rows_max)
    except (ValueError, MemoryError, OSError, python_calamine.CalamineError) as error:
        sys.stderr.write(type(error).__name__)
        return REFUSED
    json.dump(answer, sys.stdout, default=_as_json, ensure_ascii=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
