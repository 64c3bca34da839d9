"""XLSX and CSV in and out, with no meaning: what a row stands for is decided by the rooms above."""

from app.tables.cells import Cell, RawRow, Table, TableError, column_letter, has_lost_digits, is_blank, text
from app.tables.heading import Headed, find_heading
from app.tables.reading import ROWS_MAX, read_table
from app.tables.writing import Sheet, csv_text, disarm, rearm, write_csv, write_xlsx

__all__ = [
    "ROWS_MAX",
    "Cell",
    "Headed",
    "RawRow",
    "Sheet",
    "Table",
    "TableError",
    "column_letter",
    "csv_text",
    "disarm",
    "find_heading",
    "has_lost_digits",
    "is_blank",
    "read_table",
    "rearm",
    "text",
    "write_csv",
    "write_xlsx",
]
