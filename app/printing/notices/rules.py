"""What a notice says and what it may ask for: memo, amount, forms of paper, states. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from app.paper.imposition import Cell, Layout
from app.paper.measures import Box
from app.qr.rules import ADDITIONAL_CHARS_MAX, TRANSFER_VND_MAX
from app.qr.wording import capitals, cut_at_word, loses_letters

DRAFT: Final = "draft"
MAKING: Final = "making"
READY: Final = "ready"
WITHHELD: Final = "withheld"
STOPPED: Final = "stopped"
VOID: Final = "void"
STATES: Final = {
    DRAFT: "Bản nháp",
    MAKING: "Đang làm",
    READY: "Sẵn sàng để in",
    WITHHELD: "Bị giữ lại",
    STOPPED: "Đã dừng",
    VOID: "Đã huỷ",
}
STEPS: Final = {
    DRAFT: {MAKING, VOID},
    MAKING: {READY, WITHHELD, STOPPED},
    READY: {MAKING, VOID},
    WITHHELD: {MAKING, VOID},
    STOPPED: {MAKING, VOID},
    VOID: {DRAFT, READY, WITHHELD, STOPPED},
}
"""What a collection may become; a void one goes back to the state it had."""

PAYEE_KINDS: Final = ("school", "one_stop", "electricity", "health_station")
"""Points that may ask for an amount: public payees (plan Long Thành I.2, II.1, II.2)."""
NOTICES_MAX: Final = 20_000
NAME_MAX, GROUP_MAX, PURPOSE_MAX = 120, 40, 120
_SHORT: Final = tuple(
    (re.compile(pattern), short)
    for pattern, short in (
        (r"\bTHANG (?=[0-9])", "T"),
        (r"\bHOC KY (?=[0-9I])", "HK"),
        (r"\bQUY (?=[0-9I])", "Q"),
        (r"(?<=[0-9]) NAM (?=[0-9]{4})", "/"),
    )
)
A4_WIDTH_MM, A4_HEIGHT_MM = 210.0, 297.0


@dataclass(frozen=True, slots=True)
class Form:
    """A form of paper: what it is called, and how many columns and rows of it an A4 sheet holds."""

    id: str
    label: str
    columns: int
    rows: int

    @property
    def per_sheet(self) -> int:
        """How many notices one sheet holds."""
        return self.columns * self.rows

    @property
    def layout(self) -> Layout:
        """The sheet, cut edge to edge: an office printer knows no bleed."""
        wide, high = A4_WIDTH_MM / self.columns, A4_HEIGHT_MM / self.rows
        cells = tuple(
            Cell(Box(column * wide, row * high, wide, high), turned=False)
            for row in range(self.rows)
            for column in range(self.columns)
        )
        return Layout("a4", A4_WIDTH_MM, A4_HEIGHT_MM, 0, cells)


FORMS: Final = {
    form.id: form
    for form in (
        Form("letter", "Thư: mỗi người một tờ A4", 1, 1),
        Form("half", "Thư nửa tờ: hai người một tờ A4", 1, 2),
        Form("third", "Giấy báo: ba người một tờ A4", 1, 3),
        Form("slip", "Phiếu nhỏ: tám người một tờ A4", 2, 4),
    )
}


@dataclass(frozen=True, slots=True)
class Memo:
    """What a transfer says, and what the person who ordered should know about it."""

    text: str
    remark: str = ""


class MemoError(ValueError):
    """This payer cannot get a memo of their own; `str()` is the Vietnamese reason with the remedy."""


def memo_of(payer_code: str, purpose: str, chars_max: int = ADDITIONAL_CHARS_MAX) -> Memo:
    """The payer's code, then as much of the purpose as fits, word by word: the code finds the payer again.

    Raises MemoError where the code itself has no place or loses letters.

    >>> memo_of("HS-0012", "Học phí tháng 11").text, memo_of("HS-0012", "Học phí tháng 11 năm 2026").text
    ('HS-0012 HOC PHI THANG 11', 'HS-0012 HOC PHI T11/2026')
    """
    code = capitals(payer_code)
    if not code:
        raise MemoError("Thiếu mã người nộp.")
    if loses_letters(payer_code):
        raise MemoError(f"Mã người nộp “{payer_code}” có ký tự mà ứng dụng ngân hàng không nhận. Hãy dùng chữ và số.")
    if len(code) > chars_max:
        raise MemoError(f"Mã người nộp “{code}” dài {len(code)} ký tự, tối đa {chars_max}.")
    folded = capitals(purpose)
    room = chars_max - len(code) - 1
    fitting = folded if len(folded) <= room else _abbreviated(folded)
    fitting = cut_at_word(fitting, room) if room > 0 else ""
    text = f"{code} {fitting}".strip()
    return Memo(text, f"nội dung chuyển khoản rút gọn còn “{text}”" if fitting != folded else "")


def _abbreviated(folded: str) -> str:
    """A purpose with months, terms and years as schools write them short."""
    for pattern, short in _SHORT:
        folded = pattern.sub(short, folded)
    return folded


def amount_fault(amount_vnd: int) -> str:
    """Why nobody can be asked for this amount; empty if they can."""
    if amount_vnd <= 0:
        return "Số tiền phải lớn hơn 0."
    if amount_vnd > TRANSFER_VND_MAX:
        return "Số tiền vượt mức một lần chuyển nhanh (499.999.999 ₫). Hãy chia thành nhiều lần nộp."
    return ""
