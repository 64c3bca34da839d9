"""XLSX and CSV in and out, with no meaning: what a row stands for is decided by the rooms above."""

from app.tables.cells import Cell, RawRow, Table, TableError, column_letter, has_lost_digits, is_blank, text
from app.tables.heading import Grid, Headed, find_heading, guess_columns, headed_exactly, heading_at, likely_heading
from app.tables.reading import ROWS_MAX, read_table
from app.tables.writing import Sheet, csv_text, disarm, rearm, write_csv, write_xlsx

__all__ = [
    "ROWS_MAX",
    "Cell",
    "Grid",
    "Headed",
    "RawRow",
    "Sheet",
    "Table",
    "TableError",
    "column_letter",
    "csv_text",
    "disarm",
    "find_heading",
    "guess_columns",
    "has_lost_digits",
    "headed_exactly",
    "heading_at",
    "is_blank",
    "likely_heading",
    "read_table",
    "rearm",
    "text",
    "write_csv",
    "write_xlsx",
]
