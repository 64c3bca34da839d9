"""A provider's file read through a profile: rows in canonical text, nothing guessed.

A profile only rewrites cells it understands; what it does not understand stays as it was, and the one strict parser
(`line_sql`) refuses it with the reason.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from app.money import MoneyError, parse_vnd
from app.tables import (
    Headed,
    HeadingError,
    Look,
    RawRow,
    Table,
    TableError,
    code_seen,
    find_heading,
    headed_exactly,
    headed_sheets,
    read_tables,
)
from app.tables.cells import Cell
from app.transactions.control_totals import check_totals
from app.transactions.line_sql import Wording
from app.transactions.moments import mixture_of, moment_text
from app.transactions.profiles import AMOUNT_EXAMPLES, CLOCK, DATE_EXAMPLES, STOP, TAKES_BACK, Profile
from app.transactions.report_files import WORKBOOK_ROWS_MAX, ReportRefusedError, TextLine, cell_text, is_workbook
from app.transactions.rules import COLUMNS, REQUIRED
from app.vn.dates import format_date
from app.vn.phones import PhoneError, parse_phone
from app.vn.text import fold

ROWS_MAX = 1_048_575
BYTES_MAX = 200_000_000
_MASKED = re.compile(r"[0-9+]{0,6}(?:[*x•]{3,}|[.]{3,})[0-9]{0,6}", re.IGNORECASE)
_DECIMALS = {"dot": re.compile(r".*,(?!0{1,2}(?:\D|$)).*"), "comma": re.compile(r".*\.(?!0{1,2}(?:\D|$)).*")}
_MADE_LETTERS = 20
_SHOWN_MAX = 40
_MARKER_ROWS = 80
_KNOWN_MAX = 50_000
_LETTERS_FOR_DIGITS = str.maketrans("OoQDIlLiSsBZz", "0000111155822")
_NEGATIVE = re.compile(r"[-−–]\s*(?P<before>[0-9].*)|\((?P<within>[^()]+)\)|(?P<after>[0-9].*?)\s*[-−–]", re.DOTALL)
_PARTIES = frozenset({"customer", "beneficiary", "merchant"})
_NAMED = frozenset({"reference", "reverses", *_PARTIES})
_AT = {column: index for index, column in enumerate(COLUMNS)}


class Read(NamedTuple):
    """What a cell says: its canonical text, what was mended on the way, and why nobody can tell what it says."""

    text: str
    note: str = ""
    fault: str = ""


_Reader = Callable[[RawRow], Read]


@dataclass(frozen=True, slots=True)
class Understood:
    """A provider's file in canonical text: its lines, which heading gave which column, and how to speak of both."""

    lines: tuple[TextLine, ...]
    headings: Mapping[str, str]
    wording: Wording


def tables_of(source: Path | bytes, name: str) -> list[Table]:
    """Every sheet with content of a file. Raises ReportRefusedError where it is no table."""
    try:
        rows_max = WORKBOOK_ROWS_MAX if is_workbook(source) else ROWS_MAX
        return read_tables(source, name=name, rows_max=rows_max, bytes_max=BYTES_MAX)
    except TableError as error:
        raise ReportRefusedError(str(error)) from error


def understood(tables: Sequence[Table], profile: Profile) -> Understood:
    """The rows of the sheet that the profile knows, or of those it asks for, as canonical text.

    Raises ReportRefusedError where no heading fits or control totals disagree.
    """
    headed = headed_among(tables, profile)
    _refuse_mixture(headed, profile)
    if profile.has_totals:
        for table in tables:
            if not headed.sheets.read or table.sheet in headed.sheets.read:
                check_totals(headed_by(table, profile), table, partial(_signed, profile=profile))
    read = _readers(headed, profile)
    lines = [_line(headed, row, profile, read) for row in headed.rows]
    if len(headed.sheets.read) > 1:
        lines = _told_apart(headed.rows, lines)
    if profile.references == "made":
        lines = _with_made_references(lines)
    return Understood(tuple(lines), dict(headed.headings), wording_of(profile, headed.headings))


def wording_of(profile: Profile, headings: Mapping[str, str]) -> Wording:
    """How refusals speak of a file read through this profile: its own headings, dates and numbers as it writes them."""
    names = {column: f"“{' '.join(heading.split())}”" for column, heading in headings.items()}
    clock = {"seconds": " 10:05:00", "minutes": " 10:05", "none": ""}[profile.clock]
    meaning = "chưa rõ chữ này nghĩa là gì; hãy chỉ ra ở trang Ghép cột"
    negative = "" if profile.negative == TAKES_BACK else "; số âm là tiền lấy lại thì chọn như vậy ở trang Ghép cột"
    remedies = {
        "paid_at": f"viết như {DATE_EXAMPLES[profile.dates]}{clock}, hoặc chọn cách viết khác ở trang Ghép cột",
        "kind": meaning,
        "amount_vnd": f"viết như {AMOUNT_EXAMPLES[profile.amounts]}{negative}",
        "status": meaning,
    }
    return Wording(names, remedies)


def _refuse_mixture(headed: Headed, profile: Profile) -> None:
    """Stops a file in which a spreadsheet may have swapped day and month, until somebody says which is right."""
    if profile.mixed != STOP or profile.dates == "ymd2":
        return
    found = mixture_of((row.line, headed.cell(row, "paid_at")) for row in headed.rows)
    if found is not None:
        raise ReportRefusedError(
            f"{headed.name}: cột ngày lẫn ô ngày thật (dòng {found.real_line}: {format_date(found.real)}) và ô chữ "
            f"(dòng {found.text_line}: “{found.text[:_SHOWN_MAX]}”); bảng tính có thể đã đảo ngày và tháng.",
            remedy="Hãy xin tệp gốc, hoặc mở trang Ghép cột và chọn cách hiểu ô ngày thật.",
        )


def headed_among(tables: Sequence[Table], profile: Profile) -> Headed:
    """The sheet, or sheets, under the heading that this profile looks for; its `sheets` say which were not read.

    Raises ReportRefusedError where none has it, or a sheet asked for is not there.
    """
    asked = [profile.sheet] if profile.sheet else []
    try:
        return headed_sheets(tables, partial(_headed, profile=profile), asked)
    except TableError as error:
        remedy = "Bên gửi đã đổi mẫu thì hãy ghép lại cột." if profile.is_exact else ""
        raise ReportRefusedError(str(error), remedy=remedy) from error


def headed_by(table: Table, profile: Profile) -> Headed:
    """The table under the heading that this profile looks for. Raises ReportRefusedError where there is none."""
    try:
        return _headed(table, profile)
    except TableError as error:
        raise ReportRefusedError(str(error)) from error


def _headed(table: Table, profile: Profile) -> Headed:
    table = _above_stop(table, profile.stop)
    return _by_hand(table, profile) if profile.is_exact else _by_synonyms(table, profile)


def _told_apart(rows: Sequence[RawRow], lines: Sequence[TextLine]) -> list[TextLine]:
    """Lines of several sheets: numbered through, each saying where it stands."""
    return [
        replace(line, line=number, place=f"trang {row.place}")
        for number, (row, line) in enumerate(zip(rows, lines, strict=True), start=2)
    ]


def _by_synonyms(table: Table, profile: Profile) -> Headed:
    wanted = {
        column: tuple(profile.headings[column])
        for column in COLUMNS
        if column not in profile.fixed and profile.headings.get(column)
    }
    return find_heading(table, wanted, [column for column in REQUIRED if column not in profile.fixed])


def _by_hand(table: Table, profile: Profile) -> Headed:
    wanted = {column: names[0] for column, names in profile.headings.items()}
    headed = headed_exactly(table, wanted, profile.depth)
    if headed is None:
        raise HeadingError(
            f"{table.name}: không có dòng tiêu đề của hồ sơ “{profile.title}”.\n"
            f"Cần các cột: {', '.join(wanted.values())}.",
            table,
            None,
            {},
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
    told = [each(row) for each in read]
    cells = [each.text for each in told]
    fault = row.fault or "; ".join(dict.fromkeys(each.fault for each in told if each.fault))
    notes = list(dict.fromkeys(each.note for each in told if each.note))
    if profile.references == "dated" and cells[_AT["reference"]]:
        cells[_AT["reference"]] += f"@{cells[_AT['paid_at']][:10]}"
    if profile.negative == TAKES_BACK:
        fault = fault or _take_back(cells, headed.cell(row, "amount_vnd"), profile)
    return TextLine(row.line, tuple(cells), fault or _masked(cells[_AT["customer"]]), "; ".join(notes))


def _take_back(cells: list[str], amount: Cell, profile: Profile) -> str:
    """Makes a line of a negative amount the reversal of what it names; why it cannot be one, or "".

    It gets a name of its own that the same line has in every file; the payment is named by its column, else by the
    reference that both lines share.
    """
    taken = _without_sign(amount)
    if taken is None:
        return ""
    cells[_AT["amount_vnd"]] = _amount_text(taken, profile)
    if cells[_AT["reverses"]]:
        return ""
    reference = cells[_AT["reference"]]
    if not reference:
        return "số tiền âm mà không có mã giao dịch, không biết lấy lại khoản nào"
    cells[_AT["reverses"]] = reference
    cells[_AT["reference"]] = f"{reference}#-{cells[_AT['amount_vnd']]}@{cells[_AT['paid_at']]}"
    return ""


def _without_sign(cell: Cell) -> Cell | None:
    """The amount behind a minus sign, a sign at the end or brackets, None where it is not negative."""
    if isinstance(cell, int | float):
        return -cell if cell < 0 else None
    match = _NEGATIVE.fullmatch(cell_text(cell).strip())
    return match[match.lastgroup or 0] if match else None


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
        fixed = Read(profile.fixed.get(column, ""))
        return lambda _row: fixed
    if column == "paid_at":
        return lambda row: Read(moment_text(headed.cell(row, column), headed.cell(row, CLOCK), profile))
    if column in _NAMED:
        name = f"“{headed.headings[column]}”" if column in headed.headings else column
        named = partial(_named, name=name, phones=profile.phones and column in _PARTIES)
        known_names = lru_cache(_KNOWN_MAX, typed=True)(named)
        return lambda row: known_names(headed.cell(row, column), row.looks.get(index))
    understood_as = partial(_amount_text, profile=profile) if column == "amount_vnd" else partial(_word, words=words)
    known = lru_cache(_KNOWN_MAX, typed=True)(lambda cell: Read(understood_as(cell)))  # typed: 1, 1.0, True differ
    return lambda row: known(headed.cell(row, column))


def _named(cell: Cell, look: Look | None, *, name: str, phones: bool) -> Read:
    """A party or a reference as the person sees it; a telephone number in its one national writing.

    What the cell proves is mended with a note, what is lost refuses the line.
    """
    found = code_seen(cell, look)
    if found.is_lost:
        return Read("", fault=f"cột {name}: {found.why_not}")
    note = found.note or found.doubt
    if phones:
        try:
            phone = parse_phone(found.text)
        except PhoneError:
            if _is_phone_with_letters(found.text):
                return Read(found.text, fault=f"cột {name}: “{found.text}” có chữ cái giữa các chữ số")
        else:
            note = found.note or phone.note
            return Read(phone.e164.replace("+84", "0", 1), f"cột {name}: {note}" if note else "")
    return Read(found.text, f"cột {name}: {note}" if note else "")


def _is_phone_with_letters(text: str) -> bool:
    """Whether letters that look like digits are all that keeps this from being a telephone number."""
    digits = text.translate(_LETTERS_FOR_DIGITS)
    if digits == text or not digits.startswith(("0", "84", "+84")):
        return False
    try:
        parse_phone(digits)
    except PhoneError:
        return False
    return True


def _word(cell: Cell, words: Mapping[str, str]) -> str:
    """The canonical word for what is written, else the writing itself."""
    text = cell_text(cell).strip()
    return words.get(fold(text), text)


def _amount_text(cell: Cell, profile: Profile) -> str:
    try:
        return str(_amount(cell, profile))
    except MoneyError:
        return cell_text(cell).strip()


def _signed(cell: Cell, profile: Profile) -> int:
    """The same with its sign, where the profile knows what an amount below nothing means."""
    taken = _without_sign(cell) if profile.negative == TAKES_BACK else None
    return _amount(cell, profile) if taken is None else -_amount(taken, profile)


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


def _masked(customer: str) -> str:
    """Why a customer is nobody in particular, or ""."""
    if _MASKED.fullmatch(customer):
        return (
            f"khách hàng “{customer}” bị che nên không đếm được giới hạn theo người; "
            "hãy xin bên gửi mã khách hàng ổn định"
        )
    return ""


def _with_made_references(lines: Sequence[TextLine]) -> list[TextLine]:
    """Lines named after what they say; the second of two that say the same gets another name, the same each time."""
    seen: Counter[tuple[str, ...]] = Counter()
    named = []
    for line in lines:
        said = tuple(line.cells[_AT[column]] for column in ("paid_at", "amount_vnd", "customer", "merchant", "kind"))
        seen[said] += 1
        digest = hashlib.sha256("\n".join((*said, str(seen[said]))).encode()).hexdigest()[:_MADE_LETTERS]
        named.append(replace(line, cells=(f"GD-{digest}", *line.cells[1:])))
    return named
