"""Which sheets of a workbook a list is read from: the one that has the headings, or several of one shape together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.tables.cells import Table, TableError
from app.tables.child import EVERY
from app.tables.headed import Headed, HeadingError, Sheets
from app.tables.heading import find_heading
from app.tables.reading import read_tables
from app.vn.text import fold


def headed_sheets(tables: Sequence[Table], find: Callable[[Table], Headed], asked: Sequence[str] = ()) -> Headed:
    """The first sheet whose headings `find` knows; with `asked`, those sheets read as one list (EVERY: all of the
    first one's shape). `sheets` of the answer tells what was read and what was not.

    Raises the HeadingError of the sheet that comes nearest where none has the headings, TableError where a sheet
    asked for is not there or has other columns.
    """
    names = [table.sheet for table in tables]
    found, faults = _headed(tables, find, is_named=len(tables) > 1 or bool(asked))
    wanted = [name for name in names if name in asked]
    if strange := next((name for name in asked if name not in (*names, EVERY)), ""):
        shown = ", ".join(f"“{each}”" for each in names if each) or "không có trang tính nào"
        raise TableError(f"{tables[0].name}: không có trang tính “{strange}”. Tệp có: {shown}.")
    if fault := next((faults[name] for name in wanted if name in faults), None):
        raise fault
    if not found:
        raise max(faults.values(), key=lambda fault: len(fault.columns))
    first = wanted[0] if wanted else next(iter(found))
    alike = [name for name in found if _shape(found[name]) == _shape(found[first])]
    read = wanted or (alike if EVERY in asked else [first])
    if odd := [name for name in read if name not in alike]:
        raise TableError(
            f"{tables[0].name}: trang tính “{odd[0]}” có các cột khác trang tính “{first}”.\nHãy nạp riêng từng trang."
        )
    rest = [name for name in (*names, *tables[0].others) if name not in read]
    sheets = Sheets(
        tuple(filter(None, read)),
        tuple(name for name in rest if name in alike),
        tuple(name for name in rest if name not in alike),
    )
    return _together([found[name] for name in read], sheets)


def read_headed(
    source: Path | bytes, fields: Mapping[str, Sequence[str]], required: Sequence[str], *, name: str = ""
) -> Table:
    """The first sheet under whose headings these fields stand, else the first one; `others` names all the rest.

    Raises TableError where the file is no table.
    """
    tables = read_tables(source, name=name)
    found = next((table for table in tables if _has_heading(table, fields, required)), tables[0])
    return replace(found, others=(*(each.sheet for each in tables if each is not found), *found.others))


def _has_heading(table: Table, fields: Mapping[str, Sequence[str]], required: Sequence[str]) -> bool:
    try:
        find_heading(table, fields, required)
    except HeadingError:
        return False
    return True


def _headed(
    tables: Sequence[Table], find: Callable[[Table], Headed], *, is_named: bool
) -> tuple[dict[str, Headed], dict[str, HeadingError]]:
    found: dict[str, Headed] = {}
    faults: dict[str, HeadingError] = {}
    for table in tables:
        shown = f"{table.name}, trang tính “{table.sheet}”" if is_named and table.sheet else table.name
        try:
            found[table.sheet] = replace(find(replace(table, name=shown)), name=table.name)
        except HeadingError as fault:
            faults[table.sheet] = fault
    return found, faults


def _shape(headed: Headed) -> tuple[frozenset[tuple[str, int]], frozenset[tuple[str, int]]]:
    """Equal for sheets whose headings say the same in the same columns."""
    return (
        frozenset((fold(headed.headings[name]), index) for name, index in headed.columns.items()),
        frozenset((fold(heading), index) for heading, index in headed.unknown.items()),
    )


def _together(parts: Sequence[Headed], sheets: Sheets) -> Headed:
    if len(parts) == 1:
        return replace(parts[0], sheets=sheets)
    named = list(zip(sheets.read, parts, strict=True))
    return replace(
        parts[0],
        rows=tuple(replace(row, sheet=sheet) for sheet, part in named for row in part.rows),
        totals=tuple(replace(row, sheet=sheet) for sheet, part in named for row in part.totals),
        footer=tuple(replace(row, sheet=sheet) for sheet, part in named for row in part.footer),
        sheets=sheets,
    )
