"""The papers beside the notices: who got which code where, totals by class, the gate's verdict."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from app.printing.notices.orders import Made, NoticeOrder, Payee, PrintedNotice
from app.printing.payloads import payload_crc
from app.tables import Cell, Sheet, write_csv, write_xlsx
from app.vn.dates import format_date

MANIFEST = (
    "sheet", "cell", "line", "payer_code", "payer_name", "group", "purpose", "amount_vnd", "due_on", "memo", "payload",
    "payload_crc", "warnings",
)  # fmt: skip
CODES = (
    "Dòng", "Mã người nộp", "Tên người nộp", "Lớp", "Nội dung", "Số tiền", "Hạn nộp", "Nội dung chuyển khoản",
    "Nội dung mã QR", "Tờ", "Ô", "Lưu ý",
)  # fmt: skip
NO_GROUP = "(không ghi)"


def write_manifest(path: Path, notices: Sequence[PrintedNotice]) -> None:
    """One row a notice, in the order of sheets and cells."""
    write_csv(path, MANIFEST, _manifest(notices))


def _manifest(notices: Iterable[PrintedNotice]) -> Iterator[tuple[Cell, ...]]:
    for notice in notices:
        payer = notice.payer
        yield (
            notice.sheet,
            notice.cell,
            payer.line,
            payer.payer_code,
            payer.payer_name,
            payer.group,
            payer.purpose,
            payer.amount_vnd,
            payer.due_on.isoformat() if payer.due_on else "",
            payer.memo,
            notice.payload,
            payload_crc(notice.payload),
            notice.remark,
        )


def write_codes(path: Path, notices: Sequence[PrintedNotice], payee: Payee, title: str) -> None:
    """A workbook for who collects: every payer with memo and code, and the totals by class."""
    write_xlsx(path, [Sheet("Từng người", CODES, _codes(notices)), *total_sheets(notices, payee, title)])


def _codes(notices: Iterable[PrintedNotice]) -> Iterator[tuple[Cell, ...]]:
    for notice in notices:
        payer = notice.payer
        yield (
            payer.line,
            payer.payer_code,
            payer.payer_name,
            payer.group,
            payer.purpose,
            payer.amount_vnd,
            format_date(payer.due_on) if payer.due_on else "",
            payer.memo,
            notice.payload,
            notice.sheet,
            notice.cell,
            notice.remark,
        )


def total_sheets(notices: Sequence[PrintedNotice], payee: Payee, title: str) -> list[Sheet]:
    """What each class owes, what all owe, and into which account."""
    groups: dict[str, list[int]] = {}
    for notice in notices:
        groups.setdefault(notice.payer.group or NO_GROUP, []).append(notice.payer.amount_vnd)
    totals: list[list[Cell]] = [[group, len(amounts), sum(amounts)] for group, amounts in groups.items()]
    totals.append(["Tất cả", len(notices), sum(notice.payer.amount_vnd for notice in notices)])
    about: list[list[Cell]] = [
        ["Đợt thu", title],
        ["Đơn vị thu", payee.name],
        ["Ngân hàng", payee.bank_name],
        ["Số tài khoản", payee.account_number],
        ["Chủ tài khoản", payee.holder_name],
    ]
    return [Sheet("Tổng", ["Lớp, nhóm", "Số người", "Số tiền"], totals), Sheet("Đơn vị thu", ["", ""], about)]


def write_gate(path: Path, made: Made, order: NoticeOrder, pdf: Path) -> None:
    """The gate's verdict for people and programs."""
    report = made.report
    facts = {
        "items": report.items,
        "codes": report.codes,
        "codes_right": report.codes_right,
        "read_back": report.read_back,
        "failures": [asdict(failure) for failure in report.failures],
        "passed": report.passed,
        "design": order.form.id,
        "theme": order.theme.id,
        "sheet": "a4",
        "sheets": made.sheets,
        "total_vnd": sum(notice.payer.amount_vnd for notice in made.notices),
        "least_module_mm": report.least_module_mm,
        "pdf_sha256": hashlib.sha256(pdf.read_bytes()).hexdigest(),
        "pdf_bytes": pdf.stat().st_size,
    }
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
