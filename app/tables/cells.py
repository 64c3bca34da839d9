"""What a table is made of once its file format is forgotten."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | datetime | date | time | timedelta
"""One cell: always str from CSV; from a workbook the type the person's program gave it. Empty is ""."""

_DAMAGED = "\ufffd"  # what a decoder puts for bytes that are no letter

EXACT_MAX = 10**15
"""A spreadsheet keeps fifteen digits; a longer number in a number cell has lost its end."""


class TableError(ValueError):
    """A file that cannot be read as a table; `str()` is Vietnamese, at most three lines, with file and remedy."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a person sees in a cell of a workbook where the value alone does not tell it.

    `was`: "format" (a number whose format keeps its zeros), "number" (one whose format does not), "text", "error",
    "uncalculated" (a formula without a result). `is_merged`: it stands there through a merge with another cell.
    """

    was: str
    shown: str = ""
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as found. `line` is the number a person sees beside it: editor line of a CSV, row number of a sheet.

    A `fault` (Vietnamese, else "") says that the row itself is damaged: an importer refuses it with this reason.
    `looks` holds, by column from 0, what the cells alone do not tell; `sheet` is where it stands, where that matters.
    """

    line: int
    cells: tuple[Cell, ...]
    fault: str = ""
    looks: Mapping[int, Look] = field(default_factory=dict)
    is_hidden: bool = False
    sheet: str = ""

    @property
    def place(self) -> str:
        """The line as a message names it, with its sheet where several are read."""
        return f"{self.sheet}, dòng {self.line}" if self.sheet else f"dòng {self.line}"


def checked_row(
    line: int,
    cells: Sequence[Cell],
    fault: str = "",
    looks: Mapping[int, Look] | None = None,
    *,
    is_hidden: bool = False,
) -> RawRow:
    """A row in which what no database stores (NUL) became U+FFFD, with the reason to refuse it."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    if any("\0" in cell for cell in texts):
        cells = [cell.replace("\0", _DAMAGED) if isinstance(cell, str) else cell for cell in cells]
        fault = fault or "Dòng có ký tự rỗng (NUL), tệp bị hỏng."
    elif any(_DAMAGED in cell for cell in texts):
        fault = fault or "Dòng có chữ bị hỏng, không đọc được."
    return RawRow(line, tuple(cells), fault, looks or {}, is_hidden)


def too_many_rows(name: str, rows_max: int) -> TableError:
    """The refusal of a table longer than its reader may be."""
    return TableError(f"{name}: nhiều hơn {rows_max} dòng. Hãy chia thành nhiều tệp nhỏ hơn.")


@dataclass(frozen=True, slots=True)
class Table:
    """Every row of one sheet, without meaning. `others` names the sheets with content that were not read.

    `hidden_columns`: columns, counted from 0, that a person does not see in their program.
    """

    name: str
    sheet: str
    rows: tuple[RawRow, ...]
    others: tuple[str, ...] = ()
    hidden_columns: frozenset[int] = frozenset()

    @property
    def unread(self) -> str:
        """A sentence that names the sheets with content that were not read; "" where every one was."""
        others = ", ".join(f"“{name}”" for name in self.others)
        return f"{self.name}: đọc trang tính “{self.sheet}”, chưa đọc {others}." if others else ""


def text(cell: Cell) -> str:
    """What stands in a cell, as text: NFC, trimmed, a whole number without ".0", dates in ISO 8601.

    >>> [text(cell) for cell in ("  chợ ", 21000, 21000.0, 1.5, date(2026, 11, 22))]
    ['chợ', '21000', '21000', '1.5', '2026-11-22']
    """
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell).strip()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def has_lost_digits(cell: Cell) -> bool:
    """Tell whether a number is too long for a spreadsheet: an account in a number cell, its last digits now zeros."""
    return isinstance(cell, int | float) and abs(cell) >= EXACT_MAX


def is_blank(row: RawRow) -> bool:
    """Tell whether nothing stands in this row, not even a formula that waits for its result."""
    return not any(map(text, row.cells)) and all(look.was != "uncalculated" for look in row.looks.values())


def column_letter(index: int) -> str:
    """The letter over a column as a spreadsheet shows it; index counts from 0.

    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
