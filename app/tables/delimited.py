"""CSV as it arrives: any of the encodings, separators and line ends that Vietnamese offices and providers send."""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from app.tables.cells import RawRow, TableError, checked_row, too_many_rows

_SAMPLE_ROWS = 200
_DELIMITERS = ("\t", ";", "|", ",")  # of two that fit equally well, the one rarer inside text
_DECLARED = re.compile(r"sep=(?P<mark>[,;|\t])\s*", re.IGNORECASE)  # a first line that Excel writes and hides
_UTF8_TRAIL = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f]")
_CONTROL_SHARE_MAX = 0.01
_CONTROL_MIN = 20
_LINES_A_ROW_MAX = 10  # blank lines and line ends inside cells; more is no list of people


def rows_of_csv(data: bytes, *, name: str, rows_max: int) -> tuple[RawRow, ...]:
    """The records of a CSV with the editor's line number where each starts; TableError when it is no table."""
    text = _decode(data, name)
    if text.count("\n") + text.count("\r") > rows_max * _LINES_A_ROW_MAX:
        raise too_many_rows(name, rows_max)
    lines = list(io.StringIO(text, newline=""))
    declared = _DECLARED.fullmatch(lines[0]) if lines else None
    delimiter = declared["mark"] if declared else _delimiter(lines)
    rows: list[RawRow] = []
    for row in _records(lines, delimiter, name):
        if declared and row.line == 1:
            continue
        if len(rows) == rows_max:
            raise too_many_rows(name, rows_max)
        rows.append(row)
    return tuple(rows)


def _records(lines: Sequence[str], delimiter: str, name: str) -> Iterator[RawRow]:
    """Each record that is not blank, with the line it starts on; TableError at a quotation mark that never closes."""
    reader = csv.reader(lines, delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            end = reader.line_num
            state = _quoting(lines[start - 1 : end], delimiter) if end > start or end == len(lines) else ""
            if state == "open":
                raise _unclosed(name, start)
            fault = f'Dấu nháy kép (") đặt sai, dòng {start} đến {end} dính vào nhau.' if state and end > start else ""
            if fault or any(map(str.strip, cells)):
                yield checked_row(start, cells, fault)
            start = end + 1
    except csv.Error as error:
        raise _unclosed(name, start) from error


def _unclosed(name: str, line: int) -> TableError:
    return TableError(
        f'{name}, dòng {line}: có ô quá dài, hoặc dấu nháy kép (") mở mà không đóng.\nHãy sửa dòng này rồi nạp lại.',
    )


def _quoting(lines: Sequence[str], delimiter: str) -> str:
    """How the quotation marks of one record stand: "" well, "wrong", or "open" to the end of the file.

    The tolerant reader says nothing when a stray mark glues lines together or swallows the rest of the file.
    """
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "open" if "unexpected end" in str(error) else "wrong"
    return ""


def _delimiter(lines: Sequence[str]) -> str:
    """The separator that cuts most rows into equally many cells, and of those into most; a comma when there is none."""
    best, mark = (0.0, 1), ","
    for candidate in _DELIMITERS:
        records = islice(csv.reader(lines, delimiter=candidate), _SAMPLE_ROWS)
        try:
            widths = Counter(len(cells) for cells in records if any(cells))
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = (rows / max(1, widths.total()), width)
        if width > 1 and score > best:
            best, mark = score, candidate
    return mark


def _decode(data: bytes, name: str) -> str:
    text = _decode_unicode(data)
    if text is None:
        text = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
    odd = len(_CONTROL.findall(text[:100_000]))
    if odd > max(_CONTROL_MIN, len(text[:100_000]) * _CONTROL_SHARE_MAX):
        raise TableError(f"{name}: không phải file bảng. Hãy dùng file Excel (.xlsx) hoặc CSV.")
    return text


def _decode_unicode(data: bytes) -> str | None:
    """The text if the bytes are Unicode, with U+FFFD for the few damaged ones; None for an old code page."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if bare := _bare_utf16(data[:1000]):
        return data.decode(bare, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # One broken letter must not turn a whole UTF-8 file into "Nguyá»…n" by falling back to a code page.
        whole = sum(len(found) for found in _UTF8_TRAIL.findall(data))
        high = len(data.translate(None, delete=bytes(range(0x80))))
        return data.decode("utf-8-sig", errors="replace") if whole * 2 > high else None


def _bare_utf16(sample: bytes) -> str:
    """UTF-16 without its mark, known by a zero in every other byte of ASCII headings; else ""."""
    pairs = len(sample) // 2
    if pairs and sample[1::2].count(0) * 2 > pairs and not sample[0::2].count(0):
        return "utf-16-le"
    if pairs and sample[0::2].count(0) * 2 > pairs and not sample[1::2].count(0):
        return "utf-16-be"
    return ""
