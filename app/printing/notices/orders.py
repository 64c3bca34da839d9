"""What is ordered for a collection and what comes of it: who asks, in which form, and each payer's notice."""

from dataclasses import dataclass
from datetime import date

from app.printing.gate import Report
from app.printing.notices.payers import Payer
from app.printing.notices.rules import Form
from app.printing.themes import Theme
from app.qr.rules import ADDITIONAL_CHARS_MAX
from app.vn.dates import format_long

NAMELESS = "Đơn vị thu tiền"


@dataclass(frozen=True, slots=True)
class Payee:
    """Who asks for the money: its name, and the account as bank and registry know it."""

    name: str
    bank_bin: str
    bank_name: str
    account_number: str
    holder_name: str
    office: str = ""
    """Whose office it is, above its name: the commune's people's committee."""
    place: str = ""
    """Where the notice is written, before its date."""


@dataclass(frozen=True, slots=True)
class NoticeOrder:
    """One collection for the press: who asks, in which form and colours, under which number and heading."""

    payee: Payee
    form: Form
    theme: Theme
    number: str
    title: str
    dated: date
    note: str = ""
    memo_chars_max: int = ADDITIONAL_CHARS_MAX

    @property
    def texts(self) -> dict[str, str]:
        """What stands on every notice alike."""
        day = format_long(self.dated)
        return {
            "payee_name": self.payee.name or self.payee.holder_name or NAMELESS,
            "payee_bank": self.payee.bank_name,
            "payee_account": self.payee.account_number,
            "payee_holder": self.payee.holder_name,
            "payee_note": self.note,
            "office": self.payee.office,
            "number": self.number,
            "title": self.title,
            "dated": f"{self.payee.place}, {day}" if self.payee.place else day.capitalize(),
        }


@dataclass(frozen=True, slots=True)
class PrintedNotice:
    """One payer's notice: what its code says and where it lies."""

    payer: Payer
    payload: str
    sheet: int
    cell: int
    remark: str


@dataclass(frozen=True, slots=True)
class Made:
    """A collection that was drawn, and what the gate found."""

    report: Report
    notices: tuple[PrintedNotice, ...]
    sheets: int
