"""The provider's payout file: who was paid what, read strictly, bad rows told by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.cashback.payouts.rules.matching import Paid
from app.errors import RefusedError
from app.money import MoneyError, format_vnd, parse_vnd
from app.tables import Headed, RawRow, TableError, find_heading, read_table
from app.vn.dates import DateError, parse_date
from app.vn.text import fold

FIELDS: Mapping[str, Sequence[str]] = {
    "payee": (
        "Người nhận", "Mã người nhận", "Đối tượng nhận", "Số điện thoại người nhận", "Số điện thoại", "SĐT",
        "Thuê bao", "Khách hàng", "Điểm bán", "Mã điểm", "Mã điểm bán", "customer", "merchant",
    ),
    "amount_vnd": (
        "Số tiền đã chi", "Số tiền đã trả", "Số tiền chi", "Số tiền trả", "Số tiền", "Thành tiền", "Tiền hoàn",
        "Tiền thưởng", "amount",
    ),
    "reference": ("Mã giao dịch", "Mã GD", "Số tham chiếu", "Mã tham chiếu", "Transaction ID"),
    "day": ("Ngày giao dịch", "Ngày chi", "Ngày trả", "Thời gian", "Ngày", "paid_at", "paid_on"),
    "month": ("Kỳ chi trả", "Kỳ", "Tháng", "period"),
    "state": ("Trạng thái", "Kết quả", "status"),
}  # fmt: skip
REQUIRED = ("payee", "amount_vnd")
_DONE = frozenset(
    {"", "thanh cong", "da chi", "da tra", "da thanh toan", "hoan thanh", "success", "successful", "paid", "ok", "done"}
)
_NOT_DONE = frozenset(
    {"that bai", "khong thanh cong", "loi", "tu choi", "da huy", "huy", "hoan lai", "failed", "rejected", "cancelled"}
)
#: The headings of the list that we send and of one payee's statement, in their order.
LINE_HEADINGS = ("Đối tượng", "Người nhận", "Trong kỳ", "Điều chỉnh", "Số tiền chi")
ENTRY_HEADINGS = ("Đối tượng", "Người nhận", "Ngày giao dịch", "Mã giao dịch", "Chính sách", "Số tiền", "Lý do")
#: Our headings -> the fields in which a provider that fills in our own file says what was paid.
_ANSWERS = {LINE_HEADINGS: ("state", "day", "reference"), ENTRY_HEADINGS: ("state",)}
_MONTH_MAX = 12
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row nobody can be sure about; `line` as the person sees it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class PayoutFile:
    """What the file says: payments made, rows refused, and how many payments it calls failed.

    `is_own`: what we sent ourselves, with no word of what was paid.
    """

    name: str
    paid: tuple[Paid, ...]
    refused: tuple[BadRow, ...]
    failed_count: int
    is_own: bool = False

    @property
    def total_vnd(self) -> int:
        """The sum of the payments."""
        return sum(each.amount_vnd for each in self.paid)


def read_payout_file(source: Path | bytes, name: str = "") -> PayoutFile:
    """The payments of a CSV or workbook in whatever order its columns stand.

    Raises RefusedError for a file that is no table, lacks payee or amount, or whose own total disagrees with its rows.
    """
    try:
        headed = find_heading(read_table(source, name=name), FIELDS, REQUIRED)
    except TableError as error:
        raise RefusedError(str(error)) from error
    paid: list[Paid] = []
    refused: list[BadRow] = []
    failed = 0
    for row in headed.rows:
        try:
            each = _payment(headed, row)
        except ValueError as error:
            refused.append(BadRow(row.line, str(error)))
            continue
        if each is None:
            failed += 1
        else:
            paid.append(each)
    found = PayoutFile(headed.name, tuple(paid), tuple(refused), failed, _is_own(headed))
    if not refused:
        _check_totals(headed, found)
    return found


def refuse_own(file: PayoutFile) -> None:
    """Raises RefusedError for our own list: held against itself everything would agree."""
    if file.is_own:
        raise RefusedError(
            "Đây là tệp chi trả của chính mình, chưa nói khoản nào đã trả; hãy gửi tệp đơn vị thanh toán trả về.",
            remedy="Đơn vị trả lời ngay trên tệp này thì thêm cột Trạng thái (Thành công, Thất bại).",
        )


def _is_own(headed: Headed) -> bool:
    stand = {fold(each) for each in (*headed.headings.values(), *headed.unknown)}
    for headings, answers in _ANSWERS.items():
        if stand.issuperset(fold(each) for each in headings):
            return not any(headed.text(row, name) for row in headed.rows for name in answers)
    return False


def _payment(headed: Headed, row: RawRow) -> Paid | None:
    """One payment, None where the file calls it failed. Raises ValueError with a Vietnamese reason."""
    if row.fault:
        raise ValueError(row.fault)
    if headed.text(row, "state") and _has_failed(headed.text(row, "state")):
        return None
    payee, reference = headed.code_seen(row, "payee"), headed.code_seen(row, "reference")
    for label, read in (("Người nhận", payee), ("Mã giao dịch", reference)):
        if read.is_lost:
            raise ValueError(f"{label}: {read.why_not}.")
    if not payee.text:
        raise ValueError("Thiếu người nhận.")
    amount = headed.cell(row, "amount_vnd")
    if isinstance(amount, bool) or not isinstance(amount, str | int | float):
        raise MoneyError("Ô số tiền không phải số. Hãy viết số đồng, ví dụ 20.000.")
    return Paid(
        row.line,
        payee.text,
        parse_vnd(amount),
        reference.text,
        _day(headed.text(row, "day")),
        _month(headed.text(row, "month")),
    )


def _has_failed(state: str) -> bool:
    folded = fold(state)
    if folded in _DONE:
        return False
    if folded in _NOT_DONE:
        return True
    raise ValueError(f"Không hiểu trạng thái “{state[:40]}”. Hãy ghi Thành công hoặc Thất bại.")


def _day(text: str) -> str:
    return _iso_day(text) if text else ""


def _iso_day(text: str) -> str:
    day, _, clock = text.partition(" ")
    return parse_date(day if ":" in clock else text).isoformat()


def _month(text: str) -> str:
    """A month as 2023-08, from 08/2023, 2023-08, Tháng 8/2023 or any day of it; "" where the file names no year."""
    if not text:
        return ""
    parts = fold(text).removeprefix("thang").strip().replace("-", "/").split("/")
    numbers = [int(part) for part in parts if part.strip().isascii() and part.strip().isdigit()]
    match numbers:
        case [month, year] if 1 <= month <= _MONTH_MAX and year in _YEARS:
            return f"{year}-{month:02d}"
        case [year, month] if 1 <= month <= _MONTH_MAX and year in _YEARS:
            return f"{year}-{month:02d}"
    try:
        return _iso_day(text)[:7]
    except DateError:
        raise DateError(f"Không hiểu kỳ “{text[:40]}”. Hãy viết như 08/2023.") from None


def _check_totals(headed: Headed, found: PayoutFile) -> None:
    """The file's own last total row, where it has one, must be the sum of its rows, paid or failed."""
    if not headed.totals or found.failed_count:
        return
    try:
        said = parse_vnd(headed.text(headed.totals[-1], "amount_vnd"))
    except MoneyError:
        return
    if said != found.total_vnd:
        raise RefusedError(
            f"{found.name}, dòng {headed.totals[-1].line}: tổng cộng ghi {format_vnd(said)} "
            f"nhưng các dòng cộng lại là {format_vnd(found.total_vnd)}.",
            remedy="Hãy hỏi lại bên gửi; chưa đối chiếu gì.",
        )
