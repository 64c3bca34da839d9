"""The sender's own totals, above or below the lines: a file that contradicts them is cut short or was changed."""

import re
from collections.abc import Callable, Sequence

from app.money import MoneyError, format_vnd
from app.tables import Headed, RawRow, Table
from app.tables.cells import Cell
from app.transactions.report_files import ReportRefusedError, cell_text
from app.vn.text import fold

_COUNTED = re.compile(
    r"(?:tong so|tong|so luong|so) (?:luong )?(?:giao dich|gd|dong|lenh|ban ghi)(?![a-z])[^0-9]{0,20}([0-9][0-9.,]*)"
)
_SUMMED = re.compile(
    r"tong (?:so tien|tien|gia tri|cong)(?: giao dich| thanh toan| gd)?(?: \(?(?:vnd|dong|d)\)?)?[^0-9a-z(-]{0,10}"
    r"([0-9][0-9.,]*)(?: ?(?:d|vnd|dong))?(?![a-z0-9/])"
)
_Amount = Callable[[Cell], int]


def check_totals(headed: Headed, table: Table, amount_of: _Amount) -> None:
    """Refuses a file (ReportRefusedError) whose own totals disagree with its lines, in dong or in number."""
    _check_above(headed, table, amount_of)
    for row in headed.totals:
        above = [line for line in headed.rows if line.line < row.line]
        _check_count(headed.name, row, len(above))
        cell = headed.cell(row, "amount_vnd")
        if not cell_text(cell).strip():
            continue
        try:
            told, found = amount_of(cell), _sum(headed, above, amount_of)
        except MoneyError:
            continue
        if told != found:
            raise _disagreement(headed.name, row, format_vnd(told), f"các dòng cộng lại được {format_vnd(found)}")


def _check_above(headed: Headed, table: Table, amount_of: _Amount) -> None:
    """The totals that stand between the title and the heading: "Tổng số giao dịch: 3", "Tổng số tiền: 150.000"."""
    for row in table.rows:
        if row.line >= headed.line:
            return
        _check_count(headed.name, row, len(headed.rows))
        said = _SUMMED.search(_folded(row))
        if said is None:
            continue
        try:
            told, found = amount_of(said[1].rstrip(".,")), _sum(headed, headed.rows, amount_of)
        except MoneyError:
            continue
        if told != found:
            raise _disagreement(headed.name, row, format_vnd(told), f"các dòng cộng lại được {format_vnd(found)}")


def _check_count(name: str, row: RawRow, found: int) -> None:
    said = _COUNTED.search(_folded(row))
    told = int(re.sub(r"[^0-9]", "", said[1])) if said else found
    if told != found:
        raise _disagreement(name, row, f"{told} giao dịch", f"tệp có {found} dòng")


def _folded(row: RawRow) -> str:
    return fold(" ".join(cell_text(cell) for cell in row.cells))


def _sum(headed: Headed, rows: Sequence[RawRow], amount_of: _Amount) -> int:
    return sum(amount_of(headed.cell(line, "amount_vnd")) for line in rows)


def _disagreement(name: str, row: RawRow, told: str, found: str) -> ReportRefusedError:
    return ReportRefusedError(
        f"{name}, dòng {row.line}: dòng tổng ghi {told} nhưng {found}.\n"
        "Tệp thiếu dòng hoặc bị sửa; hãy xin bên gửi tệp đúng."
    )
