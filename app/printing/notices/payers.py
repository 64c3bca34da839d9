"""The list of payers, row by row; a bad row is refused by its line and can be mended and sent again."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final

from app.money import MoneyError, parse_vnd
from app.paper.text import printable
from app.printing.notices.rules import GROUP_MAX, NAME_MAX, PURPOSE_MAX, MemoError, amount_fault, memo_of
from app.qr.rules import ADDITIONAL_CHARS_MAX
from app.tables import Headed, RawRow, Seen, Sheet, Table, find_heading, write_xlsx
from app.tables import text as cell_text
from app.vn.dates import DateError, format_date, parse_date

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "payer_code": (
        "Mã người nộp",
        "payer_code",
        "payer",
        "Mã học sinh",
        "Mã HS",
        "Mã khách hàng",
        "Mã hồ sơ",
        "Mã bệnh nhân",
    ),
    "payer_name": (
        "Tên người nộp",
        "payer_name",
        "Họ tên",
        "Họ và tên",
        "Họ tên học sinh",
        "Tên khách hàng",
        "Người nộp",
    ),
    "group": ("Lớp", "class", "group", "Nhóm", "Tổ", "Thôn, tổ"),
    "amount": ("Số tiền", "amount", "amount_vnd", "Số tiền phải nộp", "Phải nộp"),
    "purpose": ("Nội dung", "purpose", "memo", "Khoản thu", "Mục đích", "Diễn giải"),
    "due_on": ("Hạn nộp", "due_date", "due", "due_on", "Hạn", "Ngày hết hạn"),
}
"""Field -> headings people use for it; the first is the template's."""
REQUIRED: Final = ("payer_code", "amount")
HEADINGS: Final = tuple(names[0] for names in COLUMNS.values())
LINE, REASON = "Dòng", "Lý do bị từ chối"
CELL_MAX: Final = 300
NUMBER_CELLS = "Cột mã người nộp là ô số: số 0 đứng đầu (nếu có) đã mất. Hãy định dạng cột là Văn bản."


@dataclass(frozen=True, slots=True)
class Payer:
    """One row: who owes how much for what, and what their transfer will say."""

    line: int
    payer_code: str
    payer_name: str
    group: str
    purpose: str
    amount_vnd: int
    due_on: date | None
    memo: str
    remark: str = ""

    @property
    def owed(self) -> tuple[object, ...]:
        """What two rows must share to be the same row twice."""
        return self.payer_name, self.group, self.purpose, self.amount_vnd, self.due_on


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row without a notice: its line as a person counts, why, and its cells in the order of HEADINGS."""

    line: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayerList:
    """What a list holds; `remarks` are about the list as a whole."""

    file: str
    payers: tuple[Payer, ...]
    refusals: tuple[Refusal, ...]
    remarks: tuple[str, ...] = ()

    @property
    def total_vnd(self) -> int:
        """What all payers together owe."""
        return sum(payer.amount_vnd for payer in self.payers)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every row: the purpose and the day where a row names none, how long a memo may be, the type's
    characters, and the memos that are taken already.
    """

    covers: Callable[[str], bool]
    purpose: str = ""
    due_on: date | None = None
    memo_chars_max: int = ADDITIONAL_CHARS_MAX
    taken: frozenset[str] = frozenset()


class _RowError(ValueError):
    """This row is refused; `str()` says why."""


def payers_of(table: Table, terms: Terms) -> PayerList:
    """Every row that can get a notice, and every other with its reason. Raises TableError for the file as a whole."""
    headed = find_heading(table, COLUMNS, REQUIRED)
    good: list[Payer] = []
    refusals: list[Refusal] = []
    for row in headed.rows:
        try:
            good.append(_payer(headed, row, terms))
        except _RowError as fault:
            refusals.append(_refusal(headed, row, str(fault)))
    lines = {row.line: row for row in headed.rows}
    kept = tuple(
        _each_once(good, terms.taken, lambda line, reason: refusals.append(_refusal(headed, lines[line], reason)))
    )
    numbers = any(headed.code_seen(row, "payer_code").doubt for row in headed.rows)
    refusals.sort(key=lambda refusal: refusal.line)
    return PayerList(table.name, kept, tuple(refusals), (NUMBER_CELLS,) if numbers else ())


def _payer(headed: Headed, row: RawRow, terms: Terms) -> Payer:
    if row.fault:
        raise _RowError(row.fault)
    code, purpose = _text(headed, row, "payer_code", terms), _text(headed, row, "purpose", terms) or terms.purpose
    name = _text(headed, row, "payer_name", terms)
    if "payer_name" in headed.columns and not name:
        raise _RowError("Thiếu tên người nộp.")
    try:
        memo = memo_of(code, purpose, terms.memo_chars_max)
        amount_vnd = _amount(headed, row)
        due_on = _due(headed, row) or terms.due_on
    except (MemoError, MoneyError, DateError) as fault:
        raise _RowError(str(fault)) from fault
    if fault_of_amount := amount_fault(amount_vnd):
        raise _RowError(fault_of_amount)
    group = _text(headed, row, "group", terms)
    return Payer(row.line, code, name, group, purpose, amount_vnd, due_on, memo.text, memo.remark)


def _amount(headed: Headed, row: RawRow) -> int:
    cell = headed.cell(row, "amount")
    return parse_vnd(cell if isinstance(cell, int | float) else cell_text(cell))


LIMITS: Final = {"payer_code": CELL_MAX, "payer_name": NAME_MAX, "group": GROUP_MAX, "purpose": PURPOSE_MAX}


def _text(headed: Headed, row: RawRow, name: str, terms: Terms) -> str:
    """A cell as it will stand on paper."""
    label, read = COLUMNS[name][0], _seen(headed, row, name)
    if read.is_lost:
        raise _RowError(f"{label}: {read.why_not}.")
    value = " ".join(read.text.split())
    if len(value) > LIMITS[name]:
        raise _RowError(f"Ô {label} dài {len(value)} ký tự, tối đa {LIMITS[name]}.")
    lost = printable(value, terms.covers).dropped_letters
    if lost:
        raise _RowError(f"Ô {label} có chữ không in được ({lost}). Hãy viết bằng chữ Việt.")
    return value


def _seen(headed: Headed, row: RawRow, name: str) -> Seen:
    return headed.code_seen(row, name) if name == "payer_code" else headed.seen(row, name)


def _due(headed: Headed, row: RawRow) -> date | None:
    cell = headed.cell(row, "due_on")
    if isinstance(cell, date):
        return parse_date(cell)
    return parse_date(cell_text(cell)) if cell_text(cell) else None


def _each_once(payers: Sequence[Payer], taken: frozenset[str], refuse: Callable[[int, str], None]) -> Iterator[Payer]:
    """Payers whose memo is theirs alone. The same row twice is taken once; of two that contradict neither is."""
    same: dict[str, list[Payer]] = defaultdict(list)
    for payer in payers:
        same[payer.memo].append(payer)
    for payer in payers:
        rows = same[payer.memo]
        if payer.memo in taken:
            refuse(payer.line, f"Nội dung “{payer.memo}” đã có trong đợt thu này.")
        elif len({row.owed for row in rows}) > 1:
            lines = ", ".join(str(row.line) for row in rows)
            refuse(
                payer.line,
                f"Các dòng {lines} cùng nội dung “{payer.memo}” mà khác nhau: không biết dòng nào đúng. "
                "Hãy giữ một dòng, hoặc ghi mã và nội dung khác nhau.",
            )
        elif payer is not rows[0]:
            refuse(payer.line, f"Trùng dòng {rows[0].line}.")
        else:
            yield payer


def _refusal(headed: Headed, row: RawRow, reason: str) -> Refusal:
    cells = [_shown(headed, row, name) for name in COLUMNS]
    return Refusal(row.line, reason, tuple(cell[:CELL_MAX] for cell in cells))


def _shown(headed: Headed, row: RawRow, name: str) -> str:
    cell = headed.cell(row, name)
    return format_date(cell) if isinstance(cell, date) else cell_text(cell)


def refused_book(refusals: Sequence[Refusal]) -> bytes:
    """Only the refused rows, in the template's columns, with line and reason: mended, it can be sent again."""
    stream = BytesIO()
    rows = [[*refusal.cells, str(refusal.line), refusal.reason] for refusal in refusals]
    write_xlsx(stream, [Sheet("Bị từ chối", [*HEADINGS, LINE, REASON], rows)])
    return stream.getvalue()


def template_book() -> bytes:
    """An empty list with the headings and two invented rows."""
    rows = [
        ["HS001", "Nguyễn Văn Mẫu", "1A", "350000", "Học phí tháng 11", "30/11/2026"],
        ["HS002", "Trần Thị Mẫu", "1A", "350000", "Học phí tháng 11", "30/11/2026"],
    ]
    stream = BytesIO()
    write_xlsx(stream, [Sheet("Danh sách", list(HEADINGS), rows)])
    return stream.getvalue()
