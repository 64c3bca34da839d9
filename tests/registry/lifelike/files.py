"""Rows of cells as files: XLSX, XLS, ODS and CSV in the encodings offices send."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import xlsxwriter

from tests.tables.old_workbooks import old_workbook
from tests.tables.test_workbook import ODS, ODS_MANIFEST

Rows = Sequence[Sequence[str | int | float]]


def xlsx(sheets: Mapping[str, Rows], formats: Mapping[int, str] | None = None) -> bytes:
    """A workbook; `formats`: column -> number format."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    looks = {column: book.add_format({"num_format": code}) for column, code in (formats or {}).items()}
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(at, column, cell)
                else:
                    page.write_number(at, column, cell, looks.get(column))
    book.close()
    return stream.getvalue()


def xls(rows: Rows) -> bytes:
    """A workbook of Excel 97: small ones only."""
    return old_workbook(rows)


def ods(rows: Rows, shown: Mapping[int, int] | None = None) -> bytes:
    """An OpenDocument sheet; `shown`: column -> how many digits its numbers are shown with."""
    lines = "".join(f"<table:table-row>{''.join(_ods_cells(row, shown or {}))}</table:table-row>" for row in rows)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        out.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        out.writestr("content.xml", ODS % lines.replace("%", "%%"))
    return stream.getvalue()


def _ods_cells(row: Sequence[str | int | float], shown: Mapping[int, int]) -> Sequence[str]:
    return [
        f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
        if isinstance(cell, str)
        else f'<table:table-cell office:value-type="float" office:value="{cell}">'
        f"<text:p>{cell:0{shown.get(column, 1)}}</text:p></table:table-cell>"
        for column, cell in enumerate(row)
    ]


def text(rows: Rows, encoding: str, mark: str = ",") -> bytes:
    """A CSV in this encoding."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=mark).writerows(rows)
    written = stream.getvalue()
    if encoding == "cp1258":  # letters and tone marks apart, as Windows of the time wrote them
        written = _apart(written)
    return written.encode(encoding)


def _apart(written: str) -> str:
    """Vietnamese letters as code page 1258 has them: the letter with its hat, then the tone."""
    tones = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
    out = []
    for letter in written:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        out.append(base + tone if tone else letter)
    return "".join(out)
