"""The workbook reader proper, a program of its own: someone else's file is read in a process that may be killed.

Run by path (`python -I child.py SHEETS ROWS_MAX`), it takes the file on standard input, limits its own memory and
time where the system can, and answers with JSON. It therefore imports nothing of this program.

calamine gives the values fast; how a number is shown, which formula has no result, which cell is an error and which
row is hidden it does not tell. That is read from the package itself, and only where a sheet has such a thing at all.
"""

import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

import python_calamine

try:
    import resource
except ImportError:  # Windows has none: there the parent's clock is the only limit
    resource = None  # type: ignore[assignment]

MEMORY_MAX_BYTES = 2**30
CPU_MAX_S = 60
REFUSED = 3
MERGES_MAX = 20_000
MERGED_ROWS_MAX = 2_000  # a merge to the end of the sheet is an accident
MERGED_COLUMNS_MAX = 50
EVERY = "*"  # no spreadsheet program lets a sheet be called so

RawCell = str | int | float | bool | datetime | date | time | timedelta
Look = tuple[str, str, str, bool]  # what the cell was, its text, its number format, whether a merge put it there
Looks = dict[int, Look]
Attributes = dict[str, str]
_Part = Callable[[str], bytes]  # a part of the package by its name, b"" where there is none

# a format that shows the digits, with words or zeros around them: it neither calculates nor is it a date
_SHOWS_DIGITS = re.compile(r"""(?:"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|general|[^.,%/@edmyhs"\\])+""", re.IGNORECASE)
_WORTH_A_LOOK = re.compile(rb"""<(?:\w+:)?f[\s>/]|\bt\s*=\s*["']e["']|\bhidden\s*=\s*["'](?:1|true)["']""")


class TooManyRowsError(ValueError):
    """The sheets hold more rows than asked for."""


class Sheet:
    """One sheet: its rows by number, and what calamine does not tell of them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[int, list[RawCell]] = {}
        self.looks: dict[int, Looks] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()

    def look(self, row: int, column: int, was: str, text: str = "", code: str = "", *, is_merged: bool = False) -> None:
        """Notes what stands in this cell; a row that holds nothing else comes to be."""
        self.rows.setdefault(row, [])
        self.looks.setdefault(row, {})[column] = (was, text, code, is_merged)

    def as_json(self) -> dict[str, Any]:
        """For the parent: rows in their order."""
        found, hidden = sorted(self.rows.items()), self.hidden_rows
        rows = [(number, cells, self.looks.get(number, {}), number in hidden) for number, cells in found]
        return {"name": self.name, "rows": rows, "hidden_columns": sorted(self.hidden_columns)}


def read_workbook(data: bytes, wanted: Sequence[str], rows_max: int) -> dict[str, Any]:
    """The sheets that are wanted (none: the first visible one with content; EVERY: all such), and the names of the
    other sheets with content, hidden ones last. Raises calamine's errors and TooManyRows.
    """
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        sheets = [meta for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
        visible = [each.name for each in sheets if each.visible == python_calamine.SheetVisibleEnum.Visible]
        hidden = [each.name for each in sheets if each.name not in visible]
        asked = [] if wanted == [EVERY] else list(wanted)
        found: list[Sheet] = []
        for name in asked or visible or book.sheet_names:
            sheet = _sheet(book.get_sheet_by_name(name), rows_max - sum(len(each.rows) for each in found))
            if sheet.rows or asked:
                found.append(sheet)
            if found and not wanted:
                break
        _look_closer(data, found)
        read = {each.name for each in found}
        rest = [name for name in (*visible, *hidden) if name not in read]
        others = [name for name in rest if book.get_sheet_by_name(name).start is not None]
    return {"sheets": [sheet.as_json() for sheet in found], "others": others}


def _sheet(source: python_calamine.CalamineSheet, rows_max: int) -> Sheet:
    sheet = Sheet(source.name)
    margin: list[RawCell] = [""] * (source.start or (0, 0))[1]  # calamine leaves out the columns before
    for number, cells in enumerate(source.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            if len(sheet.rows) == rows_max:
                raise TooManyRowsError
            sheet.rows[number] = [*margin, *map(_plain, cells)]
    _name_midnights(sheet.rows.values())
    return sheet


def _look_closer(data: bytes, sheets: Sequence[Sheet]) -> None:
    """Adds to the sheets what only the package itself tells, then fills merged cells."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = {name.replace("\\", "/"): name for name in package.namelist()}  # .NET programs write them so

            def part(name: str) -> bytes:
                return package.read(names[name]) if name in names else b""

            if "content.xml" in names:
                ods = _OdsCells({sheet.name: sheet for sheet in sheets})
                _walk(part("content.xml"), ods.start, ods.end)
            elif "xl/workbook.xml" in names:
                _look_into_xlsx(part, sheets)
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        for sheet in sheets:
            _fill_merges(sheet, book.get_sheet_by_name(sheet.name).merged_cell_ranges or [])


def _name_midnights(rows: Iterable[list[RawCell]]) -> None:
    """A whole day number in a column of moments is that day's midnight; calamine takes it for a day alone."""
    moments = {at for cells in rows for at, cell in enumerate(cells) if type(cell) is datetime}
    for cells in rows if moments else ():
        for at in moments:
            if at < len(cells) and type(day := cells[at]) is date:
                cells[at] = datetime.combine(day, time.min)


def _fill_merges(sheet: Sheet, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """What is merged over several cells (a market beside its stalls, a row of the market) stands in each of them.

    Text over several rows of one column is put into the cells; all else only into their looks, where readers of
    places ask: an amount over three rows is paid once, and a title over eight columns is no eight headings.
    """
    for (top, left), (bottom, right) in list(ranges)[:MERGES_MAX]:
        if bottom - top > MERGED_ROWS_MAX or right - left > MERGED_COLUMNS_MAX:
            continue
        value = next(iter(sheet.rows.get(top + 1, [])[left : left + 1]), "")
        was, text, code, _ = sheet.looks.get(top + 1, {}).get(left, _look_of(value))
        if not was:
            continue
        for number in range(top + 1, bottom + 2):
            for column in range(left, right + 1):
                if number not in sheet.rows or (number, column) == (top + 1, left):
                    continue
                if left == right and isinstance(value, str) and value:
                    _put(sheet.rows[number], column, value)
                else:
                    sheet.look(number, column, was, text, code, is_merged=True)


def _put(cells: list[RawCell], column: int, value: RawCell) -> None:
    cells += [""] * (column + 1 - len(cells))
    cells[column] = value


def _look_of(value: RawCell) -> Look:
    if value == "" or isinstance(value, bool) or not isinstance(value, str | int | float):
        return "", "", "", False
    return "text" if isinstance(value, str) else "number", str(value), "", False


def _walk(xml: bytes, start: Callable[[str, Attributes], None], end: Callable[[str, str], None] | None = None) -> None:
    """Calls `start` with each element's name and attributes and `end` with its name and own text, without prefixes.

    Other people's entities are not followed. What is no XML ends the walk: calamine has read the values already.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    texts: list[str] = []

    def opened(name: str, attributes: Attributes) -> None:
        texts.clear()
        start(name.rpartition(":")[2], attributes)

    def closed(name: str) -> None:
        if end is not None:
            end(name.rpartition(":")[2], "".join(texts))
        texts.clear()

    parser.StartElementHandler = opened
    if end is not None:
        parser.EndElementHandler = closed
        parser.CharacterDataHandler = texts.append
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError:
        return


def _look_into_xlsx(part: _Part, sheets: Sequence[Sheet]) -> None:
    paths, recalculates = _sheet_paths(part)
    formats = _formats(part("xl/styles.xml"))
    for sheet in sheets:
        xml = part(paths.get(sheet.name, ""))
        if formats or _WORTH_A_LOOK.search(xml):
            cells = _XlsxCells(sheet, formats, recalculates=recalculates)
            _walk(xml, cells.start, cells.end)


def _sheet_paths(part: _Part) -> tuple[dict[str, str], bool]:
    """Sheet name -> part, and whether the workbook was written by a program that leaves calculating to the reader."""
    targets: dict[str, str] = {}
    paths: dict[str, str] = {}
    recalculates = []

    def relation(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            targets[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def entry(tag: str, attributes: Attributes) -> None:
        if tag == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            paths[attributes.get("name", "")] = targets.get(identity, "")
        elif tag == "calcPr" and attributes.get("fullCalcOnLoad") in {"1", "true"}:
            recalculates.append(tag)

    _walk(part("xl/_rels/workbook.xml.rels"), relation)
    _walk(part("xl/workbook.xml"), entry)
    return paths, bool(recalculates)


def _formats(styles: bytes) -> dict[str, str]:
    """Style number of a cell -> its number format, of those that show more than the digits."""
    codes: dict[str, str] = {}
    styled: list[str] = []
    within = [""]

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag in {"cellXfs", "cellStyleXfs", "dxfs"}:
            within[0] = tag
        elif tag == "xf" and within[0] == "cellXfs":
            styled.append(codes.get(attributes.get("numFmtId", ""), ""))

    _walk(styles, start)
    return {str(at): code for at, code in enumerate(styled) if _SHOWS_DIGITS.fullmatch(code.partition(";")[0])}


class _XlsxCells:
    """Walks the cells of a sheet of an XLSX package and notes what is worth a look."""

    def __init__(self, sheet: Sheet, formats: dict[str, str], *, recalculates: bool) -> None:
        self._sheet, self._formats, self._recalculates = sheet, formats, recalculates
        self._row = self._column = -1
        self._style = self._type = ""
        self._value: str | None = None
        self._is_formula = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self._column = _column_of(attributes.get("r", ""), self._column + 1)
            self._style, self._type = attributes.get("s", ""), attributes.get("t", "")
            self._value, self._is_formula = None, False
        elif tag == "f":
            self._is_formula = True
        elif tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else max(self._row, 0) + 1
            self._column = -1
            if attributes.get("hidden") in {"1", "true"} and self._row in self._sheet.rows:
                self._sheet.hidden_rows.add(self._row)
        elif tag == "col" and attributes.get("hidden") in {"1", "true"}:
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "0"))
            self._sheet.hidden_columns.update(range(first - 1, min(last, first + MERGED_COLUMNS_MAX)))

    def end(self, tag: str, text: str) -> None:
        if tag == "v":
            self._value = text
        elif tag == "c":
            self._look()

    def _look(self) -> None:
        value = (self._value or "").strip()
        if self._type == "e":
            self._sheet.look(self._row, self._column, "error", value)
        elif self._is_formula and self._has_no_result(value):
            self._sheet.look(self._row, self._column, "uncalculated")
        elif self._style in self._formats and self._type in {"", "n"} and (whole := _whole(value)) is not None:
            self._sheet.look(self._row, self._column, "number", str(whole), self._formats[self._style])

    def _has_no_result(self, value: str) -> bool:
        if self._type == "str" and self._value is not None:
            return False  # a formula whose result is an empty text
        return not value or (value == "0" and self._recalculates)


def _whole(value: str) -> int | None:
    try:
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 10**15 else None
    except (ValueError, OverflowError):
        return None


def _column_of(reference: str, following: int) -> int:
    column = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
    return column - 1 if column else following


class _OdsCells:
    """The same for an ODS document, where each cell carries the text that is shown beside its value."""

    def __init__(self, sheets: dict[str, Sheet]) -> None:
        self._sheets = sheets
        self._sheet: Sheet | None = None
        self._row = self._rows = self._column = self._columns = 0
        self._is_hidden = False
        self._cell: Attributes = {}
        self._shown = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "table":
                self._sheet = self._sheets.get(attributes.get("table:name", ""))
                self._row = self._rows = 0
            case "table-row":
                self._row, self._rows = self._row + self._rows, _repeated(attributes, "table:number-rows-repeated")
                self._column = self._columns = 0
                self._is_hidden = attributes.get("table:visibility", "visible") != "visible"
                first = self._row + 1
                if self._sheet and self._is_hidden and first in self._sheet.rows:
                    self._sheet.hidden_rows.add(first)
            case "table-cell" | "covered-table-cell":
                self._column += self._columns
                self._columns = _repeated(attributes, "table:number-columns-repeated")
                self._cell, self._shown = attributes, ""

    def end(self, tag: str, text: str) -> None:
        if tag == "p":
            self._shown = self._shown or text.strip()
        elif tag in {"table-cell", "covered-table-cell"} and self._sheet is not None:
            self._look(self._sheet)

    def _look(self, sheet: Sheet) -> None:
        kind = self._cell.get("office:value-type", "")
        if self._cell.get("calcext:value-type") == "error":
            sheet.look(self._row + 1, self._column, "error", self._shown)
        elif "table:formula" in self._cell and not kind:
            sheet.look(self._row + 1, self._column, "uncalculated")
        elif kind == "float" and self._shows_otherwise(_whole(self._cell.get("office:value", ""))):
            sheet.look(self._row + 1, self._column, "shown", self._shown)

    def _shows_otherwise(self, whole: int | None) -> bool:
        """Whether the text shows this number's digits with zeros or words around them."""
        return self._shown != str(whole) and re.sub(r"\D", "", self._shown).lstrip("0") == str(whole)


def _repeated(attributes: Attributes, name: str) -> int:
    count = attributes.get(name, "1")
    return int(count) if count.isdecimal() else 1


def _plain(cell: RawCell) -> RawCell:
    """A workbook has only floating numbers and times of day with rounding errors: whole numbers and seconds again."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and cell.microsecond:
        return (cell + timedelta(milliseconds=500)).replace(microsecond=0)
    return cell


def _as_json(cell: RawCell) -> dict[str, str | float]:
    if isinstance(cell, timedelta):
        return {"timedelta": cell.total_seconds()}
    if isinstance(cell, datetime | date | time):
        return {type(cell).__name__: cell.isoformat()}
    raise TypeError(type(cell).__name__)


def main() -> int:
    """Read standard input as a workbook; exit REFUSED with the kind of error on standard error if it is none."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_MAX_S, CPU_MAX_S))
    wanted, rows_max = json.loads(sys.argv[1]), int(sys.argv[2])
    try:
        answer = read_workbook(sys.stdin.buffer.read(), wanted, rows_max)
    except (ValueError, MemoryError, OSError, python_calamine.CalamineError) as error:
        sys.stderr.write(type(error).__name__)
        return REFUSED
    json.dump(answer, sys.stdout, default=_as_json, ensure_ascii=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
