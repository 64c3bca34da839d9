"""From what a person chose on the mapping page to a profile, and from a file to the best first guess. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from app.tables import Grid, Table, guess_columns, heading_at, likely_heading
from app.transactions.profiles import CLOCK, HEADINGS, WORDS, Profile
from app.transactions.report_files import cell_text
from app.transactions.rules import REQUIRED
from app.vn.text import fold

#: What each canonical column is, in words, with what it is for.
COLUMN_NAMES: Mapping[str, str] = {
    "reference": "Mã giao dịch",
    "paid_at": "Ngày giờ",
    CLOCK: "Giờ, nếu đứng riêng một cột",
    "kind": "Loại giao dịch",
    "amount_vnd": "Số tiền",
    "customer": "Khách hàng",
    "merchant": "Điểm bán",
    "source": "Nguồn tiền",
    "channel": "Kênh",
    "beneficiary": "Số thụ hưởng",
    "status": "Kết quả",
    "reverses": "Mã giao dịch bị lấy lại",
}
#: What the words of the contract are called.
WORD_NAMES: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "qr_payment": "Thanh toán QR",
        "topup_prepaid": "Nạp điện thoại trả trước",
        "bill_postpaid": "Cước trả sau",
        "electricity": "Tiền điện",
        "telecom": "Cước viễn thông",
        "tuition": "Học phí",
        "data_pack": "Gói data",
        "other": "Loại khác",
    },
    "source": {"viettelpay": "ViettelPay", "mobile_money": "Mobile Money", "bank": "Ngân hàng"},
    "channel": {"app": "Ứng dụng", "web": "Trang web", "ussd": "USSD", "auto": "Tự động"},
    "status": {"success": "Thành công", "failed": "Thất bại", "reversed": "Đã bị lấy lại"},
}
MAPPED = tuple(COLUMN_NAMES)
TEXT_MAX = 120
SAMPLES = 3
WORDS_MAX = 30
SCANNED_MAX = 5000
TOLD_ROWS = 200  #: rows whose words tell what a column is where its heading does not
#: Writings that are only proposed: somebody looks at them before they count.
_USUAL = {
    "kind": {"qr pay": "qr_payment", "qrpay": "qr_payment", "vietqr": "qr_payment"},
    "status": {"ok": "success", "tc": "success", "done": "success", "completed": "success", "tb": "failed"},
}
_GUESSED = {**HEADINGS, CLOCK: ("Giờ giao dịch", "Giờ")}
_SLUG = re.compile(r"[^a-z0-9]+")
_MONTH_MAX = 12
_SLASHED = re.compile(r"(?<![0-9])([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2}(?![0-9]))")
_MONTH_WORD = re.compile(r"(?:[a-z]{3}|th(?:ang|g)?\.? ?[0-9]{1,2})[a-z]*[-/ ,]+[0-9]{2}(?![0-9:])")
_MONEY_OUT = re.compile(r"\b(?:ghi no|debit|rut|chi|no)\b")
_MONEY_IN = re.compile(r"\b(?:ghi co|credit|thu|co)\b")


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands in the form: where the heading is, column -> index in it, fixed words, the file's words, writings."""

    grid: Grid
    columns: Mapping[str, int] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    title: str = ""
    sender: str = ""
    marker: str = ""
    sheet: str = ""
    stop: str = ""
    references: str = "as_is"
    amounts: str = "mixed"
    unit: str = "dong"
    dates: str = "dmy"
    clock: str = "seconds"
    mixed: str = "stop"
    negative: str = "refuse"
    has_totals: bool = True


@dataclass(frozen=True, slots=True)
class Wrong:
    """What keeps a choice from being a profile: the field of the form, and what to do."""

    field: str
    message: str


def first_guess(table: Table) -> Choice | None:
    """The best reading of a file that no profile knows; None for a file without rows."""
    grid = likely_heading(table, _GUESSED)
    if grid is None:
        return None
    joined = heading_at(table, grid.line, 2) if not _has_data(table, grid.line) else None
    return _guessed(table, joined or grid)


def guess_at(table: Table, line: int, depth: int) -> Choice | None:
    """The same where a person says in which line the heading stands; None where there is no such line."""
    grid = heading_at(table, line, depth)
    return _guessed(table, grid) if grid else None


def _guessed(table: Table, grid: Grid) -> Choice:
    """What headings and words tell, and nothing more: a word for all lines is chosen by a person or not at all."""
    rows = data_rows(table, grid)
    columns = _money_in(grid, _told_by_words(grid, rows, guess_columns(grid.headings, _GUESSED)))
    return Choice(
        grid,
        columns,
        references="as_is" if "reference" in columns else "made",
        dates=_likely_dates(rows, columns.get("paid_at")),
        clock=_likely_clock(rows, columns),
    )


def _told_by_words(grid: Grid, rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> dict[str, int]:
    """The same columns, and those whose heading says nothing while most of their words are known words of one kind."""
    found = dict(columns)
    writings = {
        index: {fold(row[index]) for row in rows[:TOLD_ROWS] if index < len(row) and row[index]}
        for index, heading in enumerate(grid.headings)
        if heading and index not in columns.values()
    }
    for column in WORDS:
        known = _known_words(column).keys()
        told = (index for index, texts in writings.items() if 2 * len(texts & known) > len(texts))
        if column not in found and (index := next(told, None)) is not None:
            found[column] = index
            del writings[index]
    return found


def _money_in(grid: Grid, columns: Mapping[str, int]) -> dict[str, int]:
    """The same, with the amount in the column of money that came in where the file has one of each (a statement)."""
    found, at = dict(columns), columns.get("amount_vnd")
    headings = [fold(heading) for heading in grid.headings]
    came_in = [index for index, heading in enumerate(headings) if _MONEY_IN.search(heading)]
    if at is not None and _MONEY_OUT.search(headings[at]) and len(came_in) == 1:
        found["amount_vnd"] = came_in[0]
    return found


def _known_words(column: str) -> dict[str, str]:
    """Folded writing -> word: all that is known without this file."""
    known = {fold(writing): word for word, writings in WORDS[column].items() for writing in (*writings, word)}
    return known | _USUAL.get(column, {})


def with_times_of(choice: Choice, table: Table) -> Choice:
    """The same with the writing of dates and times as the chosen columns show them."""
    rows = data_rows(table, choice.grid)
    dates = _likely_dates(rows, choice.columns.get("paid_at"))
    return replace(choice, dates=dates, clock=_likely_clock(rows, choice.columns))


def _has_data(table: Table, line: int) -> bool:
    """Whether the row below a heading holds figures: then it is no second row of the heading."""
    below = next((row for row in table.rows if row.line > line), None)
    return below is None or any(letter.isdigit() for cell in below.cells for letter in cell_text(cell))


def choice_of(profile: Profile, table: Table) -> Choice | None:
    """A saved profile as the form shows it beside a file; columns the file has no more are left to be chosen."""
    guessed = likely_heading(table, profile.headings)
    grid = heading_at(table, guessed.line, profile.depth) if guessed else None
    if grid is None:
        return None
    at = {fold(heading): index for index, heading in reversed(list(enumerate(grid.headings))) if heading}
    columns = {
        column: at[fold(name)] for column, names in profile.headings.items() for name in names if fold(name) in at
    }
    return Choice(
        grid, columns, profile.fixed, profile.said, profile.title, profile.sender, profile.marker, profile.sheet,
        profile.stop, profile.references, profile.amounts, profile.unit, profile.dates, profile.clock,
        profile.mixed, profile.negative, profile.has_totals,
    )  # fmt: skip


def data_rows(table: Table, grid: Grid) -> Sequence[tuple[str, ...]]:
    """The first rows under a heading, as text: enough to guess from."""
    below = (row for row in table.rows if row.line > grid.line)
    rows = islice(below, grid.depth - 1, grid.depth - 1 + SCANNED_MAX)
    return [tuple(cell_text(cell).strip() for cell in row.cells) for row in rows]


def samples_of(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """The first different texts of a column."""
    found = dict.fromkeys(row[index] for row in rows if index < len(row) and row[index])
    return list(found)[:SAMPLES]


def strange_words(rows: Sequence[Sequence[str]], choice: Choice) -> dict[str, dict[str, str]]:
    """Column -> writing of the file -> the word it is read as, "" where nobody has said so yet."""
    found: dict[str, dict[str, str]] = {}
    for column in WORDS:
        index = choice.columns.get(column)
        if index is None:
            continue
        known = _known_words(column) | {fold(writing): word for writing, word in choice.said.get(column, {}).items()}
        texts = dict.fromkeys(row[index] for row in rows if index < len(row) and row[index])
        found[column] = {each: known.get(fold(each), "") for each in list(texts)[:WORDS_MAX]}
    return found


def faults_of(choice: Choice) -> list[Wrong]:
    """Why this choice cannot be kept, field by field; an empty list where it can."""
    found = []
    for column in REQUIRED:
        if column == "reference" and choice.references == "made":
            continue
        if column not in choice.columns and not choice.fixed.get(column):
            found.append(Wrong(f"col-{column}", _missing(column)))
    twice = _shared(choice)
    found += [
        Wrong(f"col-{column}", f"{COLUMN_NAMES[column]} và {COLUMN_NAMES[other].lower()} cùng một cột.")
        for column, other in twice
    ]
    headings = [fold(each) for each in choice.grid.headings]
    for column, index in choice.columns.items():
        if headings.count(headings[index]) > 1:
            found.append(Wrong(f"col-{column}", f"Tiêu đề “{choice.grid.headings[index]}” có ở nhiều cột."))
    if not choice.title.strip():
        found.append(Wrong("title", "Chưa đặt tên cho hồ sơ đọc."))
    return found


def _missing(column: str) -> str:
    told = f"Chưa chọn cột cho {COLUMN_NAMES[column].lower()}."
    return f"{told} Tệp không có cột ấy thì chọn mọi dòng đều là gì." if column in WORD_NAMES else told


def _shared(choice: Choice) -> list[tuple[str, str]]:
    first: dict[int, str] = {}
    found = []
    for column, index in choice.columns.items():
        if index in first:
            found.append((column, first[index]))
        first.setdefault(index, column)
    return found


def profile_of_choice(choice: Choice, name: str, version: int) -> Profile:
    """The choice as a profile: the headings as this file writes them."""
    return Profile(
        name=name,
        version=version,
        title=choice.title.strip()[:TEXT_MAX],
        is_exact=True,
        depth=choice.grid.depth,
        headings={column: (choice.grid.headings[index],) for column, index in choice.columns.items()},
        said=choice.said,
        fixed={column: word for column, word in choice.fixed.items() if word and column not in choice.columns},
        has_totals=choice.has_totals,
        sender=choice.sender.strip()[:TEXT_MAX],
        marker=choice.marker.strip()[:TEXT_MAX],
        sheet=choice.sheet.strip()[:TEXT_MAX],
        stop=choice.stop.strip()[:TEXT_MAX],
        references=choice.references,
        amounts=choice.amounts,
        unit=choice.unit,
        dates=choice.dates,
        clock=choice.clock,
        mixed=choice.mixed,
        negative=choice.negative,
        phones=True,
    )


def slug_of(title: str, taken: Iterable[str]) -> str:
    """A short name for a profile that none has yet.

    >>> slug_of("Viettel Money – báo cáo QR", ["viettel-money-bao-cao-qr"])
    'viettel-money-bao-cao-qr-2'
    """
    base = _SLUG.sub("-", fold(title)).strip("-")[:50] or "ho-so"
    used = set(taken)
    names = (base, *(f"{base}-{number}" for number in range(2, len(used) + 3)))
    return next(name for name in names if name not in used)


def _likely_dates(rows: Sequence[Sequence[str]], index: int | None) -> str:
    """How days are written, by the vote of the whole column; the day first where nothing tells."""
    if index is None:
        return "dmy"
    texts = [row[index] for row in rows if index < len(row)]
    parts = [found for found in map(_SLASHED.search, texts) if found]
    firsts, seconds, thirds = ([int(part[at]) for part in parts] for at in (1, 2, 3))
    if not parts:
        return "dmy2" if any(_MONTH_WORD.search(fold(each)) for each in texts) else "dmy"
    order = "dmy"
    if any(each > _MONTH_MAX for each in seconds) and not any(each > _MONTH_MAX for each in firsts):
        order = "mdy"
    if not any(len(part[3]) == len("26") for part in parts):
        return order
    is_year_first = len(set(firsts)) == 1 and firsts[0] > _MONTH_MAX and len(set(thirds)) > 1
    return "ymd2" if is_year_first else f"{order}2"


def _likely_clock(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> str:
    index = columns.get(CLOCK, columns.get("paid_at"))
    texts = [row[index] for row in rows[:50] if index is not None and index < len(row) and row[index]]
    if any(re.search(r"[0-9][:hH][0-9]{2}[:mM][0-9]{2}", each) for each in texts) or not texts:
        return "seconds"
    return "minutes" if any(re.search(r"[0-9][:hH][0-9]{2}", each) for each in texts) else "none"
