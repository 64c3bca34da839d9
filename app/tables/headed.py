"""A table whose heading is known: its rows, its columns, and what is said where the heading does not tell enough."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.tables.cells import Cell, RawRow, Table, TableError, text
from app.tables.seen import Seen, code_seen, digits_seen, seen


@dataclass(frozen=True, slots=True)
class Sheets:
    """Which sheets of a workbook were read, which more have the same headings, and which other ones hold something."""

    read: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def unread(self) -> tuple[str, ...]:
        """Every sheet with content that was not read."""
        return (*self.alike, *self.others)


@dataclass(frozen=True, slots=True)
class Headed:
    """A table whose heading was found: the rows under it, and which column holds which field.

    `line` is where the heading (its first row) stands. `unknown` maps the headings nobody asked for to their
    column. `hidden` are the columns that the sheet hides. `totals` are the rows that say "Tổng cộng"; `footer` what
    stands below the last one (signatures).
    """

    name: str
    line: int
    columns: Mapping[str, int]
    unknown: Mapping[str, int]
    rows: tuple[RawRow, ...]
    totals: tuple[RawRow, ...] = ()
    footer: tuple[RawRow, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    sheets: Sheets = Sheets()
    hidden: frozenset[int] = frozenset()

    @property
    def hidden_headings(self) -> list[str]:
        """Columns that are read though a person does not see them in their program."""
        return [self.headings[name] for name, index in self.columns.items() if index in self.hidden]

    def cell(self, row: RawRow, name: str) -> Cell:
        """The cell of a field in a row; "" where the file has no such column or the row ends before it."""
        index = self.columns.get(name, -1)
        return row.cells[index] if 0 <= index < len(row.cells) else ""

    def text(self, row: RawRow, name: str) -> str:
        """The same as trimmed text."""
        return text(self.cell(row, name))

    def seen(self, row: RawRow, name: str) -> Seen:
        """What a person sees there: the number format applied, merged cells filled, or why nobody can tell."""
        return seen(self.cell(row, name), row.looks.get(self.columns.get(name, -1)))

    def code_seen(self, row: RawRow, name: str) -> Seen:
        """The same of a stall, a row, a code or a reference."""
        return code_seen(self.cell(row, name), row.looks.get(self.columns.get(name, -1)))

    def digits_seen(self, row: RawRow, name: str) -> Seen:
        """The same of an account, a phone, a tax code."""
        return digits_seen(self.cell(row, name), row.looks.get(self.columns.get(name, -1)))


@dataclass(frozen=True, slots=True)
class Grid:
    """A row, or two read as one, as heading: where it stands, how many rows it has, and each column's text."""

    line: int
    depth: int
    headings: tuple[str, ...]


class HeadingError(TableError):
    """A heading that does not tell all it should: a field has no column, or several columns claim it.

    `grid` is the row that looks most like a heading (None: there is none) and `columns` what is known of it, for the
    page on which a person says the rest.
    """

    def __init__(self, message: str, table: Table, grid: Grid | None, columns: Mapping[str, int]) -> None:
        super().__init__(message)
        self.table, self.grid, self.columns = table, grid, dict(columns)
