"""Payouts and statements as files: the list the provider pays from, and one payee's statement on paper."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.cashback.payouts.documents import Column, Letter, PaperTable
from app.cashback.payouts.funds import UNKNOWN_HAMLET, FundEntry, FundShare
from app.cashback.payouts.models import PayoutBatch, PayoutLine
from app.cashback.payouts.payout_file import ENTRY_HEADINGS, LINE_HEADINGS
from app.cashback.payouts.provenance import Step
from app.cashback.payouts.queries import Entry
from app.cashback.payouts.rules.batches import MARKS
from app.cashback.payouts.rules.postings import CAUSES, ROLE_NAMES
from app.money import format_number, format_vnd, vnd_in_words
from app.tables import Cell, Sheet, write_xlsx
from app.vn.dates import format_date, format_datetime, format_long

STEP_HEADINGS = ("Bước", "Là", "Ai", "Lúc", "SHA-256")


@dataclass(frozen=True, slots=True)
class Names:
    """What payees and policies are called, where somebody named them."""

    payees: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)


def month_in_words(month: str) -> str:
    """A month as people write it.

    >>> month_in_words("2023-08")
    'tháng 8/2023'
    """
    return f"tháng {int(month[5:])}/{month[:4]}"


def batch_workbook(
    batch: PayoutBatch, lines: Sequence[PayoutLine], entries: Sequence[Entry], steps: Sequence[Step], note: str
) -> bytes:
    """The list to pay from with its total, every entry behind it, and the steps that led to it with who took them."""
    rows: list[tuple[Cell, ...]] = [
        (ROLE_NAMES[each.role], each.payee, each.earned_vnd, each.adjusted_vnd, each.amount_vnd) for each in lines
    ]
    rows.append(("Tổng cộng", "", "", "", batch.total_vnd))
    details = Sheet("Chi tiết", ENTRY_HEADINGS, _entry_rows(entries))
    grounds = [(step.act, step.what, step.who, _time(step), step.sha256) for step in steps]
    if note:
        grounds.append(("Lưu ý", note, "", "", ""))
    return _workbook(batch, Sheet("Chi trả", LINE_HEADINGS, rows), details, Sheet("Căn cứ", STEP_HEADINGS, grounds))


def batch_letter(
    batch: PayoutBatch,
    lines: Sequence[PayoutLine],
    names: Names,
    steps: Sequence[Step],
    note: str,
    *,
    issuer: str,
    place: str,
    today: date,
) -> Letter:
    """The list to pay from on paper: who gets what, the sum in words, and what it rests on, step by step."""
    columns = (Column("Đối tượng", 2), Column("Người nhận", 4), Column("Số tiền", 2, is_figure=True))
    rows = [
        (ROLE_NAMES[line.role], _called(line, names) if line.role != "fund" else "", format_number(line.amount_vnd))
        for line in lines
    ]
    rows.append(("Tổng cộng", "", format_number(batch.total_vnd)))
    total = f"{format_vnd(batch.total_vnd)} ({vnd_in_words(batch.total_vnd)})"
    return Letter(
        issuer.upper(),
        f"{place}, {format_long(today)}",
        "DANH SÁCH CHI TRẢ HOÀN TIỀN",
        month_in_words(batch.month).capitalize(),
        [*_caution(batch), f"Tổng số tiền: {total}."],
        [PaperTable("Người nhận (đồng)", columns, rows, has_total=True), _grounds(steps)],
        [f"Lưu ý: {note}."] if note else [],
        ("Người lập", "Người duyệt"),
        mark=MARKS.get(batch.state, ""),
    )


def _grounds(steps: Sequence[Step]) -> PaperTable:
    """Each step with who took it and when; a file also by its SHA-256."""
    columns = (Column("Bước", 3), Column("Là", 7), Column("Ai", 3), Column("Lúc", 3))
    rows = [(step.act, f"{step.what}{_digest(step.sha256)}", step.who, _time(step)) for step in steps]
    return PaperTable("Căn cứ", columns, rows)


def _time(step: Step) -> str:
    return format_datetime(step.at) if step.at is not None else ""


def _digest(sha256: str) -> str:
    return f" (SHA-256 {sha256[:32]} {sha256[32:]})" if sha256 else ""


def statement_workbook(batch: PayoutBatch, line: PayoutLine, entries: Sequence[Entry]) -> bytes:
    """One payee's statement as a workbook."""
    rows = [*_entry_rows(entries), ("Tổng cộng", "", "", "", "", line.amount_vnd, "")]
    return _workbook(batch, Sheet("Sao kê", ENTRY_HEADINGS, rows))


def file_name(batch: PayoutBatch, stem: str, kind: str) -> str:
    """What a file of a payout is called: a draft says so."""
    return f"{'ban-thao-' if batch.state in MARKS else ''}{stem}-{batch.month}.{kind}"


def _workbook(batch: PayoutBatch, *sheets: Sheet) -> bytes:
    """The sheets; those of a draft bear its mark in their names and below the last row."""
    mark, target = MARKS.get(batch.state), io.BytesIO()
    if mark:
        sheets = tuple(replace(each, name=f"{each.name} (bản thảo)", rows=[*each.rows, (mark,)]) for each in sheets)
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
    batch: PayoutBatch,
    line: PayoutLine,
    entries: Sequence[Entry],
    names: Names,
    *,
    issuer: str,
    place: str,
    today: date,
) -> Letter:
    """One payee's statement: every entry, the total in figures and words."""
    columns = (
        Column("Ngày", 2), Column("Mã giao dịch", 3), Column("Chính sách", 4), Column("Số tiền", 2, is_figure=True),
        Column("Lý do", 3),
    )  # fmt: skip
    rows = [
        (
            format_date(each.entry.day),
            each.entry.reference,
            names.policies.get(each.entry.policy, each.entry.policy),
            format_number(each.signed_vnd),
            CAUSES[each.entry.cause],
        )
        for each in entries
    ]
    rows.append(("Tổng cộng", "", "", format_number(line.amount_vnd), ""))
    who = ROLE_NAMES[line.role] + ("" if line.role == "fund" else f": {_called(line, names)}")
    sums = f"{format_vnd(line.amount_vnd)} ({vnd_in_words(line.amount_vnd)})"
    if line.adjusted_vnd:
        sums += f", gồm {format_vnd(line.earned_vnd)} trong kỳ và {format_vnd(line.adjusted_vnd)} điều chỉnh kỳ trước"
    return Letter(
        issuer.upper(),
        f"{place}, {format_long(today)}",
        "SAO KÊ HOÀN TIỀN",
        month_in_words(batch.month).capitalize(),
        [*_caution(batch), f"{who}.", f"Số tiền được chi: {sums}."],
        [PaperTable("Chi tiết (đồng)", columns, rows, has_total=True)],
        [],
        ("Người lập", "Người duyệt"),
        mark=MARKS.get(batch.state, ""),
    )


def _called(line: PayoutLine, names: Names) -> str:
    return f"{names.payees[line.payee]} ({line.payee})" if line.payee in names.payees else line.payee


def _caution(batch: PayoutBatch) -> list[str]:
    mark = MARKS.get(batch.state)
    return [f"{mark.capitalize()}: chưa phải căn cứ chi trả, số tiền còn có thể thay đổi."] if mark else []


SHARE_HEADINGS = ("Thôn", "Chi đoàn", "Số khoản", "Số tiền")
FUND_HEADINGS = ("Thôn", "Chi đoàn", "Thuê bao", "Ngày giao dịch", "Mã giao dịch", "Chính sách", "Số tiền", "Lý do")


def fund_workbook(batch: PayoutBatch, shares: Sequence[FundShare], entries: Sequence[FundEntry]) -> bytes:
    """The commune's fund by hamlet and branch, and every payment behind it."""
    rows: list[tuple[Cell, ...]] = [(each.hamlet, each.branch, each.count, each.amount_vnd) for each in shares]
    rows.append(("Tổng cộng", "", sum(each.count for each in shares), sum(each.amount_vnd for each in shares)))
    details = [
        (
            each.home.hamlet,
            each.home.branch,
            each.customer,
            each.entry.entry.day,
            each.entry.entry.reference,
            each.entry.entry.policy,
            each.entry.signed_vnd,
            CAUSES[each.entry.entry.cause],
        )
        for each in entries
    ]
    return _workbook(
        batch, Sheet("Theo thôn, chi đoàn", SHARE_HEADINGS, rows), Sheet("Chi tiết", FUND_HEADINGS, details)
    )


def fund_statement(batch: PayoutBatch, shares: Sequence[FundShare], *, issuer: str, place: str, today: date) -> Letter:
    """The commune's fund on paper: a row a hamlet and branch, what is unknown as such, the sum in words."""
    columns = (
        Column("Thôn", 4), Column("Chi đoàn", 4), Column("Số khoản", 2, is_figure=True),
        Column("Số tiền", 3, is_figure=True),
    )  # fmt: skip
    total = sum(each.amount_vnd for each in shares)
    rows = [(each.hamlet, each.branch, format_number(each.count), format_number(each.amount_vnd)) for each in shares]
    rows.append(("Tổng cộng", "", format_number(sum(each.count for each in shares)), format_number(total)))
    unknown = sum(each.amount_vnd for each in shares if each.hamlet == UNKNOWN_HAMLET)
    missing = (
        f"Phần chưa rõ thôn ({format_vnd(unknown)}) là của thuê bao không có trong danh sách theo thôn; "
        "bổ sung danh sách rồi in lại."
    )
    return Letter(
        issuer.upper(),
        f"{place}, {format_long(today)}",
        "SAO KÊ QUỸ CỦA XÃ THEO THÔN VÀ CHI ĐOÀN",
        month_in_words(batch.month).capitalize(),
        [*_caution(batch), f"Quỹ được chi: {format_vnd(total)} ({vnd_in_words(total)})."],
        [PaperTable("Theo thôn và chi đoàn (đồng)", columns, rows, has_total=True)],
        [missing] if unknown else [],
        ("Người lập", "Bí thư Đoàn xã", "Người duyệt"),
        mark=MARKS.get(batch.state, ""),
    )
