"""CSV as it arrives: any of the encodings, separators and line ends that Vietnamese offices and providers send."""

import codecs
import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from app.tables.cells import RawRow, TableError, checked_row, too_many_rows
from app.tables.limits import CELLS_MAX, NULS_MAX, endless_line, has_many_controls

_SAMPLE_ROWS = 200
_SAMPLE_LETTERS = 1_000_000
_DELIMITERS = ("\t", ";", "|", ",")  # of two that fit equally well, the one rarer inside text
_DECLARED = re.compile(r"sep=(?P<mark>[,;|\t])\s*", re.IGNORECASE)  # a first line that Excel writes and hides
_UTF8_TRAIL = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_MANY_LINES = 300_000
_LETTERS_A_LINE_MIN = 6  # shorter on average is no list of people either
_LINES_A_ROW_MAX = 10  # blank lines and line ends inside cells; more is no list of people


def rows_of_csv(data: bytes, *, name: str, rows_max: int) -> tuple[RawRow, ...]:
    """The records of a CSV with the editor's line number where each starts; TableError when it is no table."""
    _refuse_rubbish(data, name)
    text = _decode(data)
    ends = text.count("\n") + text.count("\r")
    if ends > rows_max * _LINES_A_ROW_MAX:
        raise too_many_rows(name, rows_max)
    if ends > _MANY_LINES and len(text) < ends * _LETTERS_A_LINE_MIN:
        raise TableError(
            f"{name}: phần lớn các dòng trống hoặc chỉ một hai chữ, không phải bảng. Hãy kiểm tra lại tệp."
        )
    lines = _LINE.findall(text)
    declared = _DECLARED.fullmatch(lines[0]) if lines else None
    delimiter = declared["mark"] if declared else _delimiter(lines)
    if text.count(delimiter) > CELLS_MAX:
        raise TableError(f"{name}: nhiều hơn {CELLS_MAX // 1_000_000} triệu ô. Hãy chia thành nhiều tệp nhỏ hơn.")
    rows: list[RawRow] = []
    for row in _records(lines, delimiter, name):
        if declared and row.line == 1:
            continue
        if len(rows) == rows_max:
            raise too_many_rows(name, rows_max)
        rows.append(row)
    return tuple(rows)


def _refuse_rubbish(data: bytes, name: str) -> None:
    """Refuse what would keep a reader busy for minutes and is no list."""
    if line := endless_line(data):
        raise TableError(f"{name}, dòng {line}: dòng quá dài, không phải một dòng của bảng. Hãy kiểm tra lại tệp.")
    if _is_utf16(data):
        return
    if has_many_controls(data):
        raise TableError(f"{name}: không phải tệp bảng. Hãy dùng tệp Excel (.xlsx) hoặc CSV.")
    if data.count(b"\0") > NULS_MAX:
        raise TableError(f"{name}: tệp bị hỏng, có nhiều ký tự rỗng (NUL). Hãy xuất lại rồi nạp lại.")


def _is_utf16(data: bytes) -> bool:
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or bool(_bare_utf16(data[:1000]))


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
    sample = list(_beginning(lines))
    for candidate in _DELIMITERS:
        records = islice(csv.reader(sample, delimiter=candidate), _SAMPLE_ROWS)
        try:
            widths = Counter(len(cells) for cells in records if any(cells))
        except csv.Error:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = (rows / max(1, widths.total()), width)
        if width > 1 and score > best:
            best, mark = score, candidate
    return mark


def _beginning(lines: Sequence[str]) -> Iterator[str]:
    """The first lines, up to about a million letters."""
    letters = 0
    for line in lines:
        yield line
        letters += len(line)
        if letters > _SAMPLE_LETTERS:
            return


def _decode(data: bytes) -> str:
    text = _decode_unicode(data)
    return unicodedata.normalize("NFC", data.decode("cp1258", errors="replace")) if text is None else text


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
