"""A provider's file read through a profile: rows in canonical text, nothing guessed.

A profile only rewrites cells it understands; what it does not understand stays as it was, and the one strict parser
(`line_sql`) refuses it with the reason.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from pathlib import Path

from app.money import MoneyError, format_vnd, parse_vnd
from app.tables import Headed, Look, RawRow, Table, TableError, find_heading, headed_exactly, read_table, seen
from app.tables.cells import Cell
from app.transactions.profiles import CLOCK, Profile
from app.transactions.report_files import WORKBOOK_ROWS_MAX, ReportRefusedError, TextLine, cell_text, is_workbook
from app.transactions.rules import COLUMNS, REQUIRED
from app.vn.dates import DateError, parse_date
from app.vn.phones import PhoneError, parse_phone
from app.vn.text import fold

ROWS_MAX = 1_048_575
BYTES_MAX = 200_000_000
_MASKED = re.compile(r"[0-9+]{0,6}(?:[*x•]{3,}|[.]{3,})[0-9]{0,6}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:[T ,-]+)?(?P<hour>[0-9]{1,2})[:hH](?P<minute>[0-9]{2})(?:[:mM](?P<second>[0-9]{2})s?)?(?P<rest>.*)"
)
_DATE_THEN_CLOCK = re.compile(r"(?P<date>[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4})(?P<clock>.*)", re.DOTALL)
_CLOCK_THEN_DATE = re.compile(
    r"(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)[ ,-]+(?P<date>[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4})"
)
_MONTH_FIRST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_COUNTED = re.compile(r"(?:tong so|tong) (?:giao dich|dong|lenh|ban ghi)\D{0,10}([0-9][0-9.,]*)")
_DECIMALS = {"dot": re.compile(r".*,(?!0{1,2}(?:\D|$)).*"), "comma": re.compile(r".*\.(?!0{1,2}(?:\D|$)).*")}
_SERIALS = range(20_000, 80_000)  # Excel's day numbers of 1954 to 2119
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's clock has no zone: it is the sender's wall
_PHONE_DIGITS = 9  # what a spreadsheet leaves of a telephone number whose zero it took for nothing
_MADE_LETTERS = 20
_MARKER_ROWS = 80
_KNOWN_MAX = 50_000
_Reader = Callable[[RawRow], str]
_CODES = ("reference", "customer", "merchant", "beneficiary", "reverses")
_AT = {column: index for index, column in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True)
class Understood:
    """A provider's file in canonical text: its lines, where the heading stood and which heading gave which column."""

    lines: tuple[TextLine, ...]
    heading_line: int
    headings: Mapping[str, str]


def understand(source: Path | bytes, name: str, profile: Profile) -> Understood:
    """The file's rows as canonical text. Raises ReportRefusedError where no heading fits or control totals disagree."""
    return understood(table_of(source, name, profile.sheet), profile)


def table_of(source: Path | bytes, name: str, sheet: str = "") -> Table:
    """The file as a table. Raises ReportRefusedError where it is none."""
    try:
        rows_max = WORKBOOK_ROWS_MAX if is_workbook(source) else ROWS_MAX
        return read_table(source, name=name, sheet=sheet or None, rows_max=rows_max, bytes_max=BYTES_MAX)
    except TableError as error:
        raise ReportRefusedError(str(error)) from error


def understood(table: Table, profile: Profile) -> Understood:
    """The table's rows as canonical text. Raises ReportRefusedError as `understand` does."""
    headed = headed_by(table, profile)
    if profile.has_totals:
        _check_totals(headed, profile)
    read = _readers(headed, profile)
    lines = [_line(headed, row, profile, read) for row in headed.rows]
    if profile.references == "made":
        lines = _with_made_references(lines)
    return Understood(tuple(lines), headed.line, dict(headed.headings))


def headed_by(table: Table, profile: Profile) -> Headed:
    """The table under the heading that this profile looks for. Raises ReportRefusedError where there is none."""
    table = _above_stop(table, profile.stop)
    return _by_hand(table, profile) if profile.is_exact else _by_synonyms(table, profile)


def _by_synonyms(table: Table, profile: Profile) -> Headed:
    wanted = {
        column: tuple(profile.headings[column])
        for column in COLUMNS
        if column not in profile.fixed and profile.headings.get(column)
    }
    try:
        return find_heading(table, wanted, [column for column in REQUIRED if column not in profile.fixed])
    except TableError as error:
        raise ReportRefusedError(str(error)) from error


def _by_hand(table: Table, profile: Profile) -> Headed:
    wanted = {column: names[0] for column, names in profile.headings.items()}
    headed = headed_exactly(table, wanted, profile.depth)
    if headed is None:
        raise ReportRefusedError(
            f"{table.name}: không có dòng tiêu đề của hồ sơ “{profile.title}”.\n"
            f"Cần các cột: {', '.join(wanted.values())}.",
            remedy="Bên gửi đã đổi mẫu thì hãy ghép lại cột.",
        )
    return headed


def is_marked(table: Table, marker: str) -> bool:
    """Whether the words that tell this sender stand among the file's first rows; every file bears no marker."""
    wanted = fold(marker)
    return any(wanted in fold(cell_text(cell)) for row in table.rows[:_MARKER_ROWS] for cell in row.cells)


def _above_stop(table: Table, stop: str) -> Table:
    wanted = fold(stop)
    if not wanted:
        return table
    for at, row in enumerate(table.rows):
        first = next((fold(cell_text(cell)) for cell in row.cells if cell_text(cell).strip()), "")
        if first.startswith(wanted):
            # the stop row itself stays where it is a total: it is checked, never read as data
            return Table(
                table.name, table.sheet, table.rows[: at + 1] if first.startswith(_TOTALS) else table.rows[:at]
            )
    return table


_TOTALS = ("tong", "cong")


def _line(headed: Headed, row: RawRow, profile: Profile, read: Sequence[_Reader]) -> TextLine:
    cells = [each(row) for each in read]
    if profile.references == "dated" and cells[_AT["reference"]]:
        cells[_AT["reference"]] += f"@{cells[_AT['paid_at']][:10]}"
    fault = row.fault or _masked(cells[_AT["customer"]]) or _lost(headed, row)
    return TextLine(row.line, tuple(cells), fault)


def spellings(profile: Profile) -> dict[str, dict[str, str]]:
    """Column -> folded writing -> canonical word; what a person said goes before what the program brings."""
    found = {
        column: {fold(writing): word for word, writings in words.items() for writing in (*writings, word)}
        for column, words in profile.words.items()
    }
    for column, said in profile.said.items():
        found.setdefault(column, {}).update({fold(writing): word for writing, word in said.items()})
    return found


def _readers(headed: Headed, profile: Profile) -> list[_Reader]:
    """For each canonical column, how a row gives its text. What stands in many rows is understood once."""
    spelled = spellings(profile)
    return [_reader(headed, column, profile, spelled.get(column, {})) for column in COLUMNS]


def _reader(headed: Headed, column: str, profile: Profile, words: Mapping[str, str]) -> _Reader:
    index = headed.columns.get(column, -1)
    if column in profile.fixed or (index < 0 and column != "paid_at"):
        fixed = profile.fixed.get(column, "")
        return lambda _row: fixed
    if column == "paid_at":
        return lambda row: _moment(headed.cell(row, column), headed.cell(row, CLOCK), profile)
    understood_as: Callable[[Cell], str]
    if column == "amount_vnd":
        understood_as = partial(_amount_text, profile=profile)
    elif profile.phones and column in {"customer", "beneficiary", "merchant"}:
        understood_as = _phone
    elif words:
        understood_as = partial(_word, words=words)
    elif column in _CODES:
        understood_as = cell_text
    else:
        return lambda row: cell_text(headed.cell(row, column)).strip()
    if column in _CODES:
        code = lru_cache(_KNOWN_MAX, typed=True)(partial(_code, understood_as=understood_as))
        return lambda row: code(headed.cell(row, column), row.looks.get(index))
    known = lru_cache(_KNOWN_MAX, typed=True)(understood_as)  # typed: 1, 1.0 and True are other writings
    return lambda row: known(headed.cell(row, column))


def _code(cell: Cell, look: Look | None, understood_as: Callable[[Cell], str]) -> str:
    """A name or code as the sender sees it, then as the profile understands it."""
    if isinstance(cell, int | float) and look is None:
        return understood_as(cell).strip()
    return understood_as(seen(cell, look).text).strip()


def _word(cell: Cell, words: Mapping[str, str]) -> str:
    """The canonical word for what is written, else the writing itself."""
    text = cell_text(cell).strip()
    return words.get(fold(text), text)


def _amount_text(cell: Cell, profile: Profile) -> str:
    try:
        return str(_amount(cell, profile))
    except MoneyError:
        return cell_text(cell).strip()


def _amount(cell: Cell, profile: Profile) -> int:
    """Whole dong. Raises MoneyError for what this profile's writing of numbers does not allow."""
    text = cell_text(cell).strip()
    if isinstance(cell, str):
        odd = _DECIMALS.get(profile.amounts)
        if (odd and odd.fullmatch(text)) or (profile.amounts == "plain" and not text.isdecimal()):
            raise MoneyError(f"“{text}” không đúng cách viết số của hồ sơ.")
    written = parse_vnd(cell if isinstance(cell, str | int | float) else text)
    match profile.unit:
        case "thousand":
            return written * 1000
        case "hundredth":
            if written % 100:
                raise MoneyError(f"“{text}” không chia hết cho 100.")
            return written // 100
        case _:
            return written


def _phone(cell: Cell) -> str:
    """A telephone number in its national writing, whatever the file made of it; any other name as it is."""
    text = cell_text(cell).strip()
    if isinstance(cell, int | float) and len(text) == _PHONE_DIGITS and text[0] in "35789":
        text = f"0{text}"
    try:
        return parse_phone(text).e164.replace("+84", "0", 1)
    except PhoneError:
        return text


def _moment(cell: Cell, clock_cell: Cell, profile: Profile) -> str:
    """A time with seconds in ISO form, or the cell's text as it was."""
    found = _from_serial(cell)
    if isinstance(found, datetime) and not cell_text(clock_cell).strip():
        return found.isoformat(timespec="seconds")
    text = (found.date() if isinstance(found, datetime) else found).isoformat() if not isinstance(found, str) else found
    text = " ".join(f"{text} {_clock_text(clock_cell)}".split())
    match = _CLOCK_THEN_DATE.fullmatch(text) or _DATE_THEN_CLOCK.fullmatch(text)
    if match is None:
        return text
    written = match["clock"].strip() or ("00:00:00" if profile.clock == "none" else "")
    clock = _CLOCK.fullmatch(written)
    if clock is None or (clock["second"] is None and profile.clock == "seconds"):
        return text
    try:
        day = _day(match["date"], profile)
        moment = time(int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0))
    except (DateError, ValueError):
        return text
    return f"{day.isoformat()}T{moment.isoformat()}{clock['rest'].strip()}"


def _from_serial(cell: Cell) -> datetime | date | str:
    """A spreadsheet's day number as the moment it stands for, to the second."""
    if isinstance(cell, datetime | date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        return _SERIAL_EPOCH + timedelta(seconds=round(cell * 86_400))
    return cell_text(cell).strip()


def _clock_text(cell: Cell) -> str:
    """The time of day of its own column, also where a spreadsheet keeps it as a share of the day."""
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.time().isoformat(timespec="seconds")
    if isinstance(cell, float) and 0 <= cell < 1:
        return (_SERIAL_EPOCH + timedelta(seconds=round(cell * 86_400))).time().isoformat()
    return cell_text(cell).strip()


def _day(text: str, profile: Profile) -> date:
    month_first = _MONTH_FIRST.fullmatch(text) if profile.dates == "mdy" else None
    return parse_date(f"{month_first[3]}/{month_first[1]}/{month_first[4]}" if month_first else text)


def _masked(customer: str) -> str:
    """Why a customer is nobody in particular, or ""."""
    if _MASKED.fullmatch(customer):
        return (
            f"khách hàng (customer) “{customer}” bị che nên không đếm được giới hạn theo người; "
            "hãy xin bên gửi mã khách hàng ổn định"
        )
    return ""


def _lost(headed: Headed, row: RawRow) -> str:
    """Why a name or code that a spreadsheet took for something else is nobody's any more, or ""."""
    for column in _CODES:
        cell = headed.cell(row, column)
        if (not isinstance(cell, str) or row.looks or cell[:1] == "#") and headed.seen(row, column).is_lost:
            return f"{headed.headings.get(column, column)}: {headed.seen(row, column).why_not}"
    return ""


def _with_made_references(lines: Sequence[TextLine]) -> list[TextLine]:
    """Lines named after what they say; the second of two that say the same gets another name, the same each time."""
    seen: Counter[tuple[str, ...]] = Counter()
    named = []
    for line in lines:
        said = tuple(line.cells[_AT[column]] for column in ("paid_at", "amount_vnd", "customer", "merchant", "kind"))
        seen[said] += 1
        digest = hashlib.sha256("\n".join((*said, str(seen[said]))).encode()).hexdigest()[:_MADE_LETTERS]
        named.append(TextLine(line.line, (f"GD-{digest}", *line.cells[1:]), line.fault))
    return named


def _check_totals(headed: Headed, profile: Profile) -> None:
    """Refuses a file whose own total row disagrees with its lines, in dong or in number."""
    for row in headed.totals:
        above = [line for line in headed.rows if line.line < row.line]
        _check_count(headed.name, row, len(above))
        cell = headed.cell(row, "amount_vnd")
        if not cell_text(cell).strip():
            continue
        try:
            told = _amount(cell, profile)
            found = sum(_amount(headed.cell(line, "amount_vnd"), profile) for line in above)
        except MoneyError:
            continue
        if told != found:
            raise ReportRefusedError(
                f"{headed.name}, dòng {row.line}: dòng tổng ghi {format_vnd(told)} nhưng các dòng cộng lại được "
                f"{format_vnd(found)}.\nTệp thiếu dòng hoặc bị sửa; hãy xin bên gửi tệp đúng."
            )


def _check_count(name: str, row: RawRow, found: int) -> None:
    said = _COUNTED.search(fold(" ".join(cell_text(cell) for cell in row.cells)))
    if said is None:
        return
    told = int(re.sub(r"\D", "", said[1]))
    if told != found:
        raise ReportRefusedError(
            f"{name}, dòng {row.line}: dòng tổng ghi {told} giao dịch nhưng tệp có {found} dòng.\n"
            "Tệp thiếu dòng hoặc bị sửa; hãy xin bên gửi tệp đúng."
        )
