"""A commune's list of household businesses: which columns it has, and what each line says. Pure.

A line is either understood, with notes on what was mended or left out, or refused with every reason at once.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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
from app.registry.rules.list_rows import Entry, entries, is_running_number
from app.tables import Cell, Headed, RawRow, has_lost_digits, text
from app.vn.ids import IdError, parse_tax_code
from app.vn.phones import PhoneError, find_phone
from app.vn.stalls import code_of_stall, row_name, stall_number
from app.vn.text import fold

LINE_MAX: Final = 120
NOTE_MAX: Final = 2000
EXTERNAL_MAX: Final = 120
HAMLET: Final = re.compile(
    r"(thôn|xóm|bản|ấp|khóm|buôn|làng|khu phố|khối phố|khối|khu dân cư|tiểu khu|khu|tổ dân phố|tdp|tổ)"
    r"\s*:?\s+(.{1,60})",
    re.IGNORECASE,
)
_HAMLET_KINDS: Final = {"thon": "thôn", "xom": "xóm", "to dan pho": "tổ dân phố", "tdp": "tổ dân phố"}
_HAMLET_KINDS.update({"khu pho": "khu phố", "ap": "ấp", "ban": "bản"})
_MOBILE: Final = re.compile(r"0([35789][0-9]{8})")
_STREET: Final = re.compile(r"(đường|phố|tuyến)\b", re.IGNORECASE)
_NOTHING: Final = frozenset(
    {"", "-", "--", "x", "không", "khong", "không có", "khong co", "chưa có", "chua co", "n/a", "0"}
)
#: Where a row or a stall stands for none; "x" may be one.
_NO_PLACE: Final = frozenset(
    {"-", "--", "---", ".", "...", "_", "/", "0", "khong", "khong co", "chua co", "trong", "n/a"}
)


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line as understood; `faults` (Vietnamese) refuse it, `notes` tell what was mended or left out.

    A `label` says why the line is nobody's: a total, a section's heading, a signature. `identity` is by what the line
    is known again where the sender gave it no number: all it said.
    """

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
    merchant_code: str = ""
    identity: str = ""
    label: str = ""
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What tells a person at a place from others: who, how to reach and to pay them, where."""
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
    """Every line of the list, in its order, labels too; a repetition of all an earlier line says is refused."""
    extras = {heading: index for heading, index in headed.unknown.items() if not is_running_number(heading)}
    seen: dict[str, int] = {}
    for entry in entries(headed):
        found = read_line(headed, entry)
        if found.faults or found.label:
            yield found
            continue
        found = replace(found, identity=_identity(found, extras))
        first = seen.setdefault(f"{found.external_id}{found.merchant_code}{found.code}{found.identity}", found.line)
        if first != found.line:
            yield ListLine(found.line, found.cells, faults=(f"Trùng hoàn toàn với dòng {first}.",))
        else:
            yield found


def _identity(line: ListLine, extras: Mapping[str, int]) -> str:
    """The fingerprint, and after "#" what the line says besides: two people of one name differ in trade or note."""
    besides = [line.line_of_business, line.note, line.account_holder, line.commune, f"{line.lat}", f"{line.lng}"]
    others = sorted((fold(name), line.cells[at]) for name, at in extras.items() if at < len(line.cells))
    besides += [f"{name}={value}" for name, value in others if value]
    if not any(each for each in besides if each != "None"):
        return f"={line.fingerprint}"
    return f"={line.fingerprint}#{hashlib.sha256(chr(31).join(besides).casefold().encode()).hexdigest()[:16]}"


def read_line(headed: Headed, entry: Entry) -> ListLine:
    """What one line says, below the places that the lines above it named."""
    row, above = entry.row, entry.said_above
    cells = tuple(text(cell) for cell in row.cells)
    if row.fault or entry.label:
        return ListLine(row.line, cells, label=entry.label, faults=(row.fault,) if row.fault else ())
    line = _Reader(headed, row, notes=list(entry.notes))
    shop = line.short("shop_name", SHOP_MAX)
    holder = line.holder(shop)
    bank_bin, account = line.account()
    lat, lng = line.place()
    shown_row, stall = line.code("row", ROW_MAX), line.code("stall", POINT_CODE_MAX)
    if not shown_row and stall and "-" not in stall:
        shown_row = above.get("row", "")
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
        line_of_business=line.short("line_of_business", LINE_MAX) or above.get("line_of_business", ""),
        note=line.note(),
        bank_bin=bank_bin,
        account_number=account,
        account_holder=line.short("account_holder", NAME_MAX),
        market=line.short("market", NAME_MAX) or above.get("market", ""),
        row=shown_row,
        stall=stall,
        code=code,
        hamlet=line.hamlet() or above.get("hamlet", ""),
        commune=line.short("commune", NAME_MAX) or above.get("commune", ""),
        address=line.short("address", TEXT_MAX),
        lat=lat,
        lng=lng,
        external_id=line.short("external_id", EXTERNAL_MAX),
        merchant_code=line.short("merchant_code", NAME_MAX).upper(),
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
    besides: list[str] = field(default_factory=list)  #: what a cell said that its field has no room for

    def cell(self, name: str) -> Cell:
        value = self.headed.cell(self.row, name)
        return "" if isinstance(value, str) and value.strip().lower() in _NOTHING else value

    def short(self, name: str, chars_max: int) -> str:
        return check_text(name, text(self.cell(name)), LABELS[name], chars_max, self.faults)

    def code(self, name: str, chars_max: int) -> str:
        written = text(self.headed.cell(self.row, name)).lstrip("'’")
        known = "" if fold(written) in _NO_PLACE else written
        known = row_name(known) if name == "row" else stall_number(known)
        return check_text(name, known, LABELS[name], chars_max, self.faults)

    def holder(self, shop: str) -> str:
        if "holder_name" not in self.headed.columns:
            return check_name("shop_name", shop, "tên", NAME_MAX, self.faults)
        return check_name("holder_name", text(self.cell("holder_name")), "họ tên", NAME_MAX, self.faults)

    def note(self) -> str:
        """The note, with what other cells said besides; read after them."""
        written = self.short("note", NOTE_MAX)
        return "; ".join(filter(None, (written, *self.besides)))[:NOTE_MAX]

    def phone(self) -> str | None:
        value = self.cell("phone")
        if text(value) in {"", "0"}:
            return None
        try:
            found = find_phone(_number(value))
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
        if len(found.rest) > len("0274"):
            self.besides.append(f"Điện thoại ghi thêm: {found.rest}")
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
        kind = _HAMLET_KINDS.get(fold(self.headed.headings.get("hamlet", "")), "thôn")
        return f"{kind} {written}"[:80]


def _number(value: Cell) -> str | float:
    """A cell as the parsers of numbers want it: numbers stay numbers (they lost their zero), all else is text."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text(value)
