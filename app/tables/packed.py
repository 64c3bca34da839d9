"""A list whose every line came as one quoted cell: saved twice, or pasted into the first column. Unpacked again."""

import csv
from collections import Counter
from dataclasses import replace

from app.tables.cells import RawRow, Table, text

_MARKS = ("\t", ";", "|", ",")
_SHARE_MIN = 0.8
_CELLS_MIN = 3


def unpacked(table: Table) -> Table:
    """The table with whole lines in one cell cut into cells; as it is where rows have more than one cell, or agree on
    no separator.
    """
    lines = [[cell for cell in map(text, row.cells) if cell] for row in table.rows]
    single = [cells[0] for cells in lines if len(cells) == 1]
    if len(lines) < 2 or len(single) < len(lines) * _SHARE_MIN or any(len(cells) > 2 for cells in lines):  # noqa: PLR2004 - a heading and a line
        return table
    mark = next((each for each in _MARKS if _agree(single, each)), None)
    return replace(table, rows=tuple(_cut(row, mark) for row in table.rows)) if mark else table


def _agree(lines: list[str], mark: str) -> bool:
    """Do most lines fall into the same number of cells, three or more?"""
    counts = Counter(len(_cells(line, mark)) for line in lines)
    cells, often = counts.most_common(1)[0]
    return cells >= _CELLS_MIN and often >= len(lines) * _SHARE_MIN


def _cut(row: RawRow, mark: str) -> RawRow:
    cells = [cell for cell in map(text, row.cells) if cell]
    return replace(row, cells=tuple(_cells(cells[0], mark))) if len(cells) == 1 else row


def _cells(line: str, mark: str) -> list[str]:
    if "\n" in line or "\r" in line:
        line = " ".join(line.split())
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return [line]
