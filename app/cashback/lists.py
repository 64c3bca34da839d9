"""The lists a policy may ask for: the merchants that are points, and the subscribers who installed the app."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import duckdb

from app.cashback.rules import day_number
from app.errors import RefusedError
from app.tables import RawRow, TableError, read_table, seen
from app.transactions.report_files import cell_text
from app.vn.dates import DateError, parse_date

_ROWS_MAX = 5_000_000
_BYTES_MAX = 500_000_000


class ListRefusedError(RefusedError):
    """A list that cannot be used; the message names file, line and remedy."""

    code = "danh-sach-sai"


def load_lists(db: duckdb.DuckDBPyConnection, points: Path | Collection[str] | None, subscribers: Path | None) -> None:
    """Makes the tables `points` (point) and `subscribers` (subscriber, installed_day), empty where no file is given."""
    db.execute(
        "create table points (point varchar); create table subscribers (subscriber varchar, installed_day bigint)"
    )
    if points is not None:
        listed = (merchant for _, (merchant,) in _rows(points, ("merchant",))) if isinstance(points, Path) else points
        found = sorted({merchant for merchant in listed if merchant.strip()})
        db.execute("insert into points select unnest(?)", [found])
    if subscribers is not None:
        first = _first_days(subscribers)
        db.execute("insert into subscribers select unnest(?), unnest(?)", [list(first), list(first.values())])


def _first_days(path: Path) -> dict[str, int]:
    """Each customer's first day with the app, as a day number."""
    first: dict[str, int] = {}
    for line, (customer, installed_on) in _rows(path, ("customer", "installed_on")):
        if not customer.strip():
            continue
        try:
            day = day_number(parse_date(installed_on))
        except DateError as error:
            raise ListRefusedError(f"{path.name}, dòng {line}, cột installed_on: {error}") from error
        first[customer] = min(day, first.get(customer, day))
    return first


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    try:
        table = read_table(path, rows_max=_ROWS_MAX, bytes_max=_BYTES_MAX)
    except TableError as error:
        raise ListRefusedError(str(error)) from error
    heading = [cell_text(cell).strip().lower().lstrip("\ufeff") for cell in table.rows[0].cells] if table.rows else []
    missing = [column for column in columns if column not in heading]
    if missing:
        raise ListRefusedError(
            f"{path.name}, dòng 1: thiếu cột {', '.join(missing)}.", remedy=f"Cần các cột: {', '.join(columns)}."
        )
    if twice := [column for column in columns if heading.count(column) > 1]:
        raise ListRefusedError(f"{path.name}, dòng 1: cột {twice[0]} có hai lần.", remedy="Hãy bỏ bớt một cột.")
    places = [heading.index(column) for column in columns]
    for row in table.rows[1:]:
        yield row.line, [_shown(path, row, at, column) for at, column in zip(places, columns, strict=True)]


def _shown(path: Path, row: RawRow, at: int, column: str) -> str:
    """A cell as it is shown; a day is a day, and a party that a spreadsheet took for something else is nobody."""
    cell = row.cells[at] if at < len(row.cells) else ""
    if column == "installed_on":
        return cell_text(cell)
    read = seen(cell, row.looks.get(at))
    if read.is_lost:
        raise ListRefusedError(f"{path.name}, dòng {row.line}, cột {column}: {read.why_not}.")
    return cell if isinstance(cell, str) and read.text == cell.strip() else read.text
