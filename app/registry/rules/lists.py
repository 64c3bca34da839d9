"""A commune's list of household businesses: which columns it has, and what each line says. Pure.

A line is either understood, with notes on what was mended or left out, or refused with every reason at once.
"""

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.qr import Bank, BankNotFoundError, find_bank
from app.qr.banks import BankKind
from app.registry.rules.entries import (
    NAME_MAX,
    POINT_CODE_MAX,
    ROW_MAX,
    SHOP_MAX,
    TEXT_MAX,
    Faults,
    check_account,
    check_name,
    check_place,
    check_text,
    clean,
)
from app.registry.rules.list_columns import LABELS
from app.tables import Cell, Headed, RawRow, has_lost_digits, text
from app.vn.ids import IdError, parse_tax_code
from app.vn.phones import PhoneError, parse_phone
from app.vn.stalls import clean_code, code_of_stall
from app.vn.text import fold

LINE_MAX: Final = 120
NOTE_MAX: Final = 2000
EXTERNAL_MAX: Final = 120
HAMLET: Final = re.compile(
    r"(thôn|xóm|bản|ấp|khóm|buôn|làng|khu phố|khối phố|khối|tổ dân phố|tdp|tổ)\s*:?\s+(.{1,60})", re.IGNORECASE
)
_MOBILE: Final = re.compile(r"0([35789][0-9]{8})")
_STREET: Final = re.compile(r"(đường|phố|tuyến)\b", re.IGNORECASE)
_NOTHING: Final = frozenset(
    {"", "-", "--", "x", "không", "khong", "không có", "khong co", "chưa có", "chua co", "n/a", "0"}
)


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line as understood; `faults` (Vietnamese) refuse it, `notes` tell what was mended or left out."""

    line: int
    cells: tuple[str, ...]
    holder_name: str = ""
    shop_name: str = ""
    phone: str | None = None
    tax_code: str | None = None
    line_of_business: str = ""
    note: str = ""
    bank_bin: str = ""
    account_number: str = ""
    account_holder: str = ""
    market: str = ""
    row: str = ""
    stall: str = ""
    code: str = ""
    hamlet: str = ""
    commune: str = ""
    address: str = ""
    lat: float | None = None
    lng: float | None = None
    external_id: str = ""
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What makes two lines the same person at the same place: the sender's own number, else all that was said."""
        said = (
            self.holder_name,
            self.shop_name,
            self.phone or "",
            self.tax_code or "",
            self.bank_bin,
            self.account_number,
            self.market,
            self.code,
            self.address,
            self.hamlet,
        )
        return hashlib.sha256("\x1f".join(part.casefold() for part in said).encode()).hexdigest()

    @property
    def zone_kind(self) -> str:
        """A place that calls itself a street is one; everything else in this column is a market."""
        return "street" if _STREET.match(self.market) else "market"


def read_lines(headed: Headed) -> Iterator[ListLine]:
    """Every line of the list, in its order; a repetition of an earlier line is refused."""
    seen: dict[str, int] = {}
    for row in headed.rows:
        found = read_line(headed, row)
        first = seen.setdefault(found.fingerprint, found.line) if not found.faults else found.line
        if first != found.line:
            yield ListLine(found.line, found.cells, faults=(f"Trùng hoàn toàn với dòng {first}.",))
        else:
            yield found


def read_line(headed: Headed, row: RawRow) -> ListLine:
    """What one line says."""
    cells = tuple(text(cell) for cell in row.cells)
    if row.fault:
        return ListLine(row.line, cells, faults=(row.fault,))
    line = _Reader(headed, row)
    shop = line.short("shop_name", SHOP_MAX)
    holder = line.holder(shop)
    bank_bin, account = line.account()
    lat, lng = line.place()
    shown_row, stall = line.code("row", ROW_MAX), line.code("stall", POINT_CODE_MAX)
    code = code_of_stall(shown_row, stall)
    if len(code) > POINT_CODE_MAX:
        line.faults.add("stall", f"Mã quầy “{code}” dài {len(code)} ký tự, tối đa {POINT_CODE_MAX}.")
    return ListLine(
        row.line,
        cells,
        holder_name=holder,
        shop_name=shop,
        phone=line.phone(),
        tax_code=line.tax_code(),
        line_of_business=line.short("line_of_business", LINE_MAX),
        note=line.short("note", NOTE_MAX),
        bank_bin=bank_bin,
        account_number=account,
        account_holder=line.short("account_holder", NAME_MAX),
        market=line.short("market", NAME_MAX),
        row=shown_row,
        stall=stall,
        code=code,
        hamlet=line.hamlet(),
        commune=line.short("commune", NAME_MAX),
        address=line.short("address", TEXT_MAX),
        lat=lat,
        lng=lng,
        external_id=line.short("external_id", EXTERNAL_MAX),
        faults=tuple(fault.message for fault in line.faults.found),
        notes=tuple(line.notes),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """One line being read: its cells by field, and what was found wrong or mended on the way."""

    headed: Headed
    row: RawRow
    faults: Faults = field(default_factory=Faults)
    notes: list[str] = field(default_factory=list)

    def cell(self, name: str) -> Cell:
        value = self.headed.cell(self.row, name)
        return "" if isinstance(value, str) and value.strip().lower() in _NOTHING else value

    def short(self, name: str, chars_max: int) -> str:
        return check_text(name, text(self.cell(name)), LABELS[name], chars_max, self.faults)

    def code(self, name: str, chars_max: int) -> str:
        return check_text(
            name, clean_code(text(self.headed.cell(self.row, name))), LABELS[name], chars_max, self.faults
        )

    def holder(self, shop: str) -> str:
        if "holder_name" not in self.headed.columns:
            return check_name("shop_name", shop, "tên", NAME_MAX, self.faults)
        return check_name("holder_name", text(self.cell("holder_name")), "họ tên", NAME_MAX, self.faults)

    def phone(self) -> str | None:
        value = self.cell("phone")
        if text(value) in {"", "0"}:
            return None
        try:
            found = parse_phone(_number(value))
        except PhoneError as fault:
            digits = _MOBILE.fullmatch(re.sub(r"[\s.\-]", "", text(value)))
            if digits is None:
                self.faults.add("phone", str(fault))
                return None
            # Whole, but of a prefix we do not know: prefixes are added faster than lists of them are renewed.
            self.notes.append(f"Đầu số {text(value)[:4]} lạ, hãy gọi thử.")
            return f"+84{digits[1]}"
        if found.note:
            self.notes.append(found.note)
        return found.e164

    def tax_code(self) -> str | None:
        value = self.cell("tax_code")
        if text(value) in {"", "0"}:
            return None
        try:
            found = parse_tax_code(_number(value))
        except IdError as fault:
            # A tax code is not what the list is for: the trader is taken in without it.
            self.notes.append(f"Bỏ qua mã số thuế: {fault}")
            return None
        if found.note:
            self.notes.append(found.note)
        return found.number

    def account(self) -> tuple[str, str]:
        """Bank and number; ("", "") where the list has none, or names a wallet whose codes only its provider makes."""
        value = self.cell("account_number")
        bank = self._bank(has_number=bool(text(value)))
        if bank is None:
            return "", ""
        if bank.kind is BankKind.WALLET or bank.takes_transfers is False:
            self.notes.append(f"{bank.short_name}: hãy quét mã QR mà người bán đang có; không tự tạo mã.")
            return "", ""
        if not text(value):
            self.notes.append("Có ngân hàng nhưng chưa có số tài khoản.")
            return "", ""
        if has_lost_digits(value):
            self.faults.add(
                "account_number",
                f"Số tài khoản {text(value)} bị bảng tính làm mất chữ số cuối. Hãy định dạng cột là Text rồi gõ lại.",
            )
        return bank.bin, check_account(text(value), self.faults)

    def _bank(self, *, has_number: bool) -> Bank | None:
        named = clean(text(self.cell("bank"))).removesuffix(".0")
        if not named:
            if has_number:
                self.faults.add("bank", "Có số tài khoản nhưng thiếu ngân hàng. Hãy ghi tên ngân hàng.")
            return None
        try:
            return find_bank(named)
        except BankNotFoundError as fault:
            self.faults.add("bank", str(fault))
            return None

    def place(self) -> tuple[float | None, float | None]:
        lat, lng = self._degrees("lat"), self._degrees("lng")
        before = len(self.faults.found)
        check_place(lat, lng, self.faults)
        return (lat, lng) if len(self.faults.found) == before else (None, None)

    def _degrees(self, name: str) -> float | None:
        written = text(self.cell(name)).replace(",", ".")
        if not written:
            return None
        try:
            value = float(written)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.faults.add(name, f"{LABELS[name]} “{written[:30]}” không phải số.")
            return None
        return value

    def hamlet(self) -> str:
        """Kind and name ("thôn 3"), where the column or its heading says which kind."""
        written = clean(text(self.cell("hamlet")))
        if not written or HAMLET.fullmatch(written):
            return written[:80]
        heading = fold(self.headed.headings.get("hamlet", ""))
        kinds = {"thon": "thôn", "xom": "xóm", "to dan pho": "tổ dân phố", "tdp": "tổ dân phố", "khu pho": "khu phố"}
        kinds |= {"ap": "ấp", "ban": "bản"}
        return f"{kinds.get(heading, 'thôn')} {written}"[:80]


def _number(value: Cell) -> str | float:
    """A cell as the parsers of numbers want it: numbers stay numbers (they lost their zero), all else is text."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text(value)
