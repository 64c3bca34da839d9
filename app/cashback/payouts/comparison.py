"""A comparison told to people: the workbook, the letter to the provider, and each difference's reason in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.cashback.payouts.documents import Column, Letter, PaperTable
from app.cashback.payouts.payout_file import BadRow
from app.cashback.payouts.rules.matching import (
    KIND_NAMES,
    NOTHING_LEFT,
    UNKNOWN_PAYEE,
    UNKNOWN_REFERENCE,
    Finding,
    Kind,
    tallies,
)
from app.cashback.wording import REASON_NAMES
from app.money import format_number, format_vnd, vnd_in_words
from app.tables import Cell, Sheet
from app.vn.dates import format_long

HEADINGS = (
    "Kết quả", "Người nhận", "Mã giao dịch", "Phải trả", "Đã trả", "Chênh lệch", "Lý do", "Dòng trong tệp",
    "Người được hưởng",
)  # fmt: skip
_OWN_REASONS = {
    UNKNOWN_REFERENCE: "mã giao dịch không có trong kết quả xét",
    UNKNOWN_PAYEE: "người nhận không có trong kết quả xét",
    NOTHING_LEFT: "các khoản của người này đã được trả đủ",
}
_LETTER_ROWS_MAX = 200
_ASKS = {
    Kind.WRONG_PARTY: "Đề nghị thu hồi và trả cho đúng người được hưởng.",
    Kind.PAID_NOT_DUE: "Đề nghị cho biết căn cứ chi trả, hoặc thu hồi.",
    Kind.OVERPAID: "Đề nghị bù trừ phần trả thừa vào kỳ sau.",
    Kind.UNDERPAID: "Đề nghị trả bổ sung phần còn thiếu.",
    Kind.DUE_NOT_PAID: "Đề nghị chi trả trong kỳ tới.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison with what a reader needs to know of it."""

    findings: Sequence[Finding]
    refused: Sequence[BadRow]
    file: str
    sha256: str
    failed_count: int = 0


def reason_in_words(finding: Finding) -> str:
    """Why it stands in its class, from the decision.

    >>> reason_in_words(Finding(Kind.PAID_NOT_DUE, "0912345678", "T3", 0, 5000, "monthly_cap"))
    'không được thưởng: hết lượt trong tháng'
    """
    if finding.kind is Kind.WRONG_PARTY:
        return f"giao dịch này {finding.due_to} được thưởng"
    if finding.reason == "granted":
        return REASON_NAMES["granted"]
    if finding.reason in _OWN_REASONS:
        return _OWN_REASONS[finding.reason]
    return f"không được thưởng: {REASON_NAMES.get(finding.reason, finding.reason)}"


def finding_row(finding: Finding) -> tuple[Cell, ...]:
    """One finding under HEADINGS."""
    return (
        KIND_NAMES[finding.kind],
        finding.payee,
        finding.reference,
        finding.due_vnd,
        finding.paid_vnd,
        finding.difference_vnd,
        reason_in_words(finding),
        ", ".join(str(line) for line in finding.lines),
        finding.due_to,
    )


def sheets(told: Told) -> Iterator[Sheet]:
    """The workbook: the six classes in figures, then every class on its sheet, refused rows last."""
    sums = tallies(told.findings)
    figures = [(each.count, each.due_vnd, each.paid_vnd, each.difference_vnd) for each in sums]
    rows: list[tuple[Cell, ...]] = [(KIND_NAMES[each.kind], *row) for each, row in zip(sums, figures, strict=True)]
    rows.append(("Tổng cộng", *map(sum, zip(*figures, strict=True))))
    yield Sheet("Tổng hợp", ("Kết quả", *_SUMMARY_COLUMNS), rows)
    for kind in (each.kind for each in sums):
        mine = [finding_row(each) for each in told.findings if each.kind is kind]
        if mine:
            yield Sheet(KIND_NAMES[kind], HEADINGS, mine)
    if told.refused:
        yield Sheet("Dòng chưa đọc được", ("Dòng", "Lý do"), [(each.line, each.reason) for each in told.refused])


def comparison_letter(told: Told, *, issuer: str, place: str, to: str, period: str, today: date) -> Letter:
    """The letter that asks the provider to set right what differs; names and asks, no verdict."""
    sums = tallies(told.findings)
    rows = [
        (
            KIND_NAMES[each.kind],
            format_number(each.count),
            format_number(each.due_vnd),
            format_number(each.paid_vnd),
            signed(each.difference_vnd),
        )
        for each in sums
    ]
    due, paid = sum(each.due_vnd for each in sums), sum(each.paid_vnd for each in sums)
    rows.append(
        (
            "Tổng cộng",
            format_number(sum(each.count for each in sums)),
            format_number(due),
            format_number(paid),
            signed(sum(each.difference_vnd for each in sums)),
        )
    )
    summary = PaperTable(
        "Tổng hợp (đồng)",
        (Column("Kết quả", 3), *(Column(label, 2, is_figure=True) for label in _SUMMARY_COLUMNS)),
        rows,
        has_total=True,
    )
    differing = [each for each in told.findings if each.kind is not Kind.MATCHED]
    opening = [
        f"Kính gửi: {to}.",
        f"{issuer} đã đối chiếu tệp chi trả “{told.file}” ({period}) với kết quả xét hoàn tiền.",
        f"Số phải trả: {format_vnd(due)} ({vnd_in_words(due)}). Số đã trả: {format_vnd(paid)} ({vnd_in_words(paid)}).",
    ]
    if told.failed_count:
        opening.append(f"{format_number(told.failed_count)} dòng ghi chi trả không thành công, không tính là đã trả.")
    return Letter(
        issuer.upper(),
        f"{place}, {format_long(today)}" if place else format_long(today).capitalize(),
        "ĐỐI CHIẾU CHI TRẢ HOÀN TIỀN",
        period,
        opening,
        [summary, *_differences(differing)],
        _closing(differing, told),
        ("Người lập", "Người duyệt"),
    )


_SUMMARY_COLUMNS = ("Số khoản", "Phải trả", "Đã trả", "Chênh lệch")


def signed(amount_vnd: int) -> str:
    """A difference with its sign: +5.000, −5.000, 0."""
    sign = "+" if amount_vnd > 0 else "−" if amount_vnd < 0 else ""
    return f"{sign}{format_number(abs(amount_vnd))}"


def _differences(differing: Sequence[Finding]) -> list[PaperTable]:
    columns = (
        Column("Người nhận", 3), Column("Mã giao dịch", 3), Column("Phải trả", 2, is_figure=True),
        Column("Đã trả", 2, is_figure=True), Column("Lý do", 5),
    )  # fmt: skip
    found = []
    for kind, ask in _ASKS.items():
        mine = [each for each in differing if each.kind is kind]
        if not mine:
            continue
        rows = [
            (
                each.payee,
                each.reference or "–",
                format_number(each.due_vnd),
                format_number(each.paid_vnd),
                reason_in_words(each),
            )
            for each in mine[:_LETTER_ROWS_MAX]
        ]
        found.append(PaperTable(f"{KIND_NAMES[kind]} ({format_number(len(mine))} khoản). {ask}", columns, rows))
    return found


def _closing(differing: Sequence[Finding], told: Told) -> list[str]:
    closing = []
    if any(len([each for each in differing if each.kind is kind]) > _LETTER_ROWS_MAX for kind in _ASKS):
        closing.append(f"Mỗi mục nêu {_LETTER_ROWS_MAX} khoản đầu; danh sách đầy đủ ở bảng tính kèm theo.")
    if told.refused:
        closing.append(f"{format_number(len(told.refused))} dòng của tệp chưa đọc được, nêu ở bảng tính kèm theo.")
    if not differing:
        closing.append("Mọi khoản đều khớp.")
    closing.append(f"Tệp gốc được lưu làm chứng cứ, mã SHA-256: {told.sha256}.")
    return closing
