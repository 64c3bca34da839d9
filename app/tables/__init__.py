"""XLSX and CSV in and out, with no meaning: what a row stands for is decided by the rooms above."""

from app.tables.cells import Cell, Look, RawRow, Table, TableError, column_letter, has_lost_digits, is_blank, text
from app.tables.child import EVERY
from app.tables.headed import Grid, Headed, HeadingError, Sheets
from app.tables.heading import (
    find_heading,
    guess_columns,
    headed_exactly,
    headed_under,
    heading_at,
    likely_heading,
)
from app.tables.reading import ROWS_MAX, read_table, read_tables
from app.tables.seen import Seen, code_seen, digits_seen, seen
from app.tables.sheets import headed_sheets, read_headed
from app.tables.writing import Sheet, csv_text, disarm, rearm, write_csv, write_xlsx

__all__ = [
    "EVERY",
    "ROWS_MAX",
    "Cell",
    "Grid",
    "Headed",
    "HeadingError",
    "Look",
    "RawRow",
    "Seen",
    "Sheet",
    "Sheets",
    "Table",
    "TableError",
    "code_seen",
    "column_letter",
    "csv_text",
    "digits_seen",
    "disarm",
    "find_heading",
    "guess_columns",
    "has_lost_digits",
    "headed_exactly",
    "headed_sheets",
    "headed_under",
    "heading_at",
    "is_blank",
    "likely_heading",
    "read_headed",
    "read_table",
    "read_tables",
    "rearm",
    "seen",
    "text",
    "write_csv",
    "write_xlsx",
]
