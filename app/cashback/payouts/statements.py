"""Payouts and statements as files: the list the provider pays from, and one payee's statement on paper."""

import io
from collections.abc import Sequence
from datetime import date

from app.cashback.payouts.documents import Column, Letter, PaperTable
from app.cashback.payouts.models import PayoutBatch, PayoutLine
from app.cashback.payouts.queries import Entry
from app.cashback.payouts.rules.postings import CAUSES, ROLE_NAMES
from app.money import format_number, format_vnd, vnd_in_words
from app.tables import Cell, Sheet, write_xlsx
from app.vn.dates import format_date, format_long

LINE_HEADINGS = ("Đối tượng", "Người nhận", "Trong kỳ", "Điều chỉnh", "Số tiền chi")
ENTRY_HEADINGS = ("Đối tượng", "Người nhận", "Ngày giao dịch", "Mã giao dịch", "Chính sách", "Số tiền", "Lý do")


def month_in_words(month: str) -> str:
    """A month as people write it.

    >>> month_in_words("2023-08")
    'tháng 8/2023'
    """
    return f"tháng {int(month[5:])}/{month[:4]}"


def batch_workbook(batch: PayoutBatch, lines: Sequence[PayoutLine], entries: Sequence[Entry]) -> bytes:
    """The list to pay from with its total, and every entry behind it."""
    rows: list[tuple[Cell, ...]] = [
        (ROLE_NAMES[each.role], each.payee, each.earned_vnd, each.adjusted_vnd, each.amount_vnd) for each in lines
    ]
    rows.append(("Tổng cộng", "", "", "", batch.total_vnd))
    return _workbook(Sheet("Chi trả", LINE_HEADINGS, rows), Sheet("Chi tiết", ENTRY_HEADINGS, _entry_rows(entries)))


def statement_workbook(line: PayoutLine, entries: Sequence[Entry]) -> bytes:
    """One payee's statement as a workbook."""
    rows = [*_entry_rows(entries), ("Tổng cộng", "", "", "", "", line.amount_vnd, "")]
    return _workbook(Sheet("Sao kê", ENTRY_HEADINGS, rows))


def _workbook(*sheets: Sheet) -> bytes:
    target = io.BytesIO()
    write_xlsx(target, sheets)
    return target.getvalue()


def _entry_rows(entries: Sequence[Entry]) -> list[tuple[Cell, ...]]:
    return [
        (
            ROLE_NAMES[each.entry.role],
            each.entry.payee,
            each.entry.day,
            each.entry.reference,
            each.entry.policy,
            each.signed_vnd,
            CAUSES[each.entry.cause],
        )
        for each in entries
    ]


def payee_statement(
    batch: PayoutBatch, line: PayoutLine, entries: Sequence[Entry], *, issuer: str, place: str, today: date
) -> Letter:
    """One payee's statement: every entry, the total in figures and words."""
    columns = (
        Column("Ngày", 2), Column("Mã giao dịch", 3), Column("Chính sách", 3), Column("Số tiền", 2, is_figure=True),
        Column("Lý do", 4),
    )  # fmt: skip
    rows = [
        (
            format_date(each.entry.day),
            each.entry.reference,
            each.entry.policy,
            format_number(each.signed_vnd),
            CAUSES[each.entry.cause],
        )
        for each in entries
    ]
    rows.append(("Tổng cộng", "", "", format_number(line.amount_vnd), ""))
    who = ROLE_NAMES[line.role] + ("" if line.role == "fund" else f": {line.payee}")
    sums = (
        f"{format_vnd(line.amount_vnd)} ({vnd_in_words(line.amount_vnd)}), gồm {format_vnd(line.earned_vnd)} "
        f"trong kỳ và {format_vnd(line.adjusted_vnd)} điều chỉnh kỳ trước"
    )
    return Letter(
        issuer.upper(),
        f"{place}, {format_long(today)}",
        "SAO KÊ HOÀN TIỀN",
        month_in_words(batch.month).capitalize(),
        [f"{who}.", f"Số tiền được chi: {sums}."],
        [PaperTable("Chi tiết (đồng)", columns, rows, has_total=True)],
        [],
        ("Người lập", "Người duyệt"),
    )
