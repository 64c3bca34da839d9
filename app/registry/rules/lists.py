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
from app.registry.rules.list_headings import LABELS, NAMES, SPLIT_NAME
from app.registry.rules.list_rows import Entry, entries, is_running_number
from app.tables import Headed, RawRow, Seen, text
from app.tables.seen import ZERO_LOST
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
#: What a person does about an account that may be another's.
CONFIRM: Final = "Hãy đối chiếu rồi đánh dấu “đúng như vậy”, hoặc sửa trong tệp."
HIDDEN: Final = "Dòng này đang bị ẩn trong bảng tính."
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
    sheet: str = ""
    account_doubt: str = ""
    is_account_confirmed: bool = False
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
    def place(self) -> str:
        """Where it stands, as a message names it."""
        return f"{self.sheet}, dòng {self.line}" if self.sheet else f"dòng {self.line}"

    @property
    def proposes_account(self) -> bool:
        """Whether its account may be proposed: one that may be another's waits for somebody to confirm it."""
        return bool(self.account_number) and (self.is_account_confirmed or not self.account_doubt)

    @property
    def zone_kind(self) -> str:
        """A place that calls itself a street is one; everything else in this column is a market."""
        return "street" if _STREET.match(self.market) else "market"


def read_lines(headed: Headed) -> Iterator[ListLine]:
    """Every line of the list, in its order, labels too; a repetition of all an earlier line says is refused."""
    extras = {heading: index for heading, index in headed.unknown.items() if not is_running_number(heading)}
    seen: dict[str, str] = {}
    for entry in entries(headed):
        found = read_line(headed, entry)
        if found.faults or found.label:
            yield found
            continue
        found = replace(found, identity=_identity(found, extras))
        first = seen.setdefault(f"{found.external_id}{found.merchant_code}{found.code}{found.identity}", found.place)
        if first != found.place:
            yield ListLine(found.line, found.cells, sheet=found.sheet, faults=(f"Trùng hoàn toàn với {first}.",))
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
        return ListLine(row.line, cells, sheet=row.sheet, label=entry.label, faults=(row.fault,) if row.fault else ())
    line = _Reader(headed, row, notes=[*entry.notes, *([HIDDEN] if row.is_hidden else [])])
    shop = line.short("shop_name", SHOP_MAX)
    holder = line.holder(shop)
    bank_bin, account, doubt = line.account()
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
        account_doubt=doubt,
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
        sheet=row.sheet,
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

    def text(self, name: str) -> str:
        """What a person sees in a cell; "" where that means nothing, or where nobody can tell any more, with a note."""
        read = self.headed.seen(self.row, name)
        self._tell(name, read.doubt if read.is_lost else read.note)
        return _something(read.text)

    def short(self, name: str, chars_max: int) -> str:
        return check_text(name, self.text(name), LABELS[name], chars_max, self.faults)

    def code(self, name: str, chars_max: int) -> str:
        """A row or a stall; one that a spreadsheet took for a date is refused: nobody knows which stall it was."""
        read = self.headed.code_seen(self.row, name)
        if read.is_lost and not read.is_error:
            self.faults.add(name, f"{LABELS[name]}: {read.why_not}.")
        else:
            self._tell(name, read.note or ("" if read.doubt == ZERO_LOST else read.doubt))
        written = read.text.lstrip("'’")  # the mark that keeps a spreadsheet from calculating
        known = "" if fold(written) in _NO_PLACE else written
        known = row_name(known) if name == "row" else stall_number(known)
        return check_text(name, known, LABELS[name], chars_max, self.faults)

    def digits(self, name: str) -> Seen:
        """A number nobody calculates with; one that is lost refuses the line, an error of a look-up is nothing."""
        read = self.headed.digits_seen(self.row, name)
        if read.is_lost and not read.is_error:
            self.faults.add(name, f"{LABELS[name]}: {read.why_not}.")
        else:
            self._tell(name, read.doubt if read.is_error else read.note)
        return replace(read, text=_something(read.text))

    def _tell(self, name: str, clause: str) -> None:
        if clause:
            self.notes.append(f"{LABELS[name]}: {clause}.")

    def holder(self, shop: str) -> str:
        """The trader's name, from one column or from family name and given name; the shop's where there is neither."""
        if not NAMES.isdisjoint(self.headed.columns):
            parts = [self._name(name) for name in ("holder_name", *SPLIT_NAME) if name in self.headed.columns]
            return check_name("holder_name", " ".join(filter(None, parts)), "họ tên", NAME_MAX, self.faults)
        return check_name("shop_name", shop, "tên", NAME_MAX, self.faults)

    def _name(self, name: str) -> str:
        read = self.headed.seen(self.row, name)
        if read.is_lost:
            self.faults.add(name, f"{LABELS[name]}: {read.why_not}.")
        return _something(read.text)

    def note(self) -> str:
        """The note, with what other cells said besides; read after them."""
        written = self.short("note", NOTE_MAX)
        return "; ".join(filter(None, (written, *self.besides)))[:NOTE_MAX]

    def phone(self) -> str | None:
        written = self.digits("phone").text
        if not written:
            return None
        try:
            found = find_phone(written)
        except PhoneError as fault:
            digits = _MOBILE.fullmatch(re.sub(r"[\s.\-]", "", written))
            if digits is None:
                self.faults.add("phone", str(fault))
                return None
            # Whole, but of a prefix we do not know: prefixes are added faster than lists of them are renewed.
            self.notes.append(f"Đầu số {written[:4]} lạ, hãy gọi thử.")
            return f"+84{digits[1]}"
        if found.note:
            self.notes.append(found.note)
        if len(found.rest) > len("0274"):
            self.besides.append(f"Điện thoại ghi thêm: {found.rest}")
        return found.e164

    def tax_code(self) -> str | None:
        read = self.digits("tax_code")
        if not read.text:
            return None
        try:  # a number that came out of a number cell lost its zero, whatever the file made of it since
            found = parse_tax_code(int(read.text) if read.doubt and read.text.isdecimal() else read.text)
        except IdError as fault:
            # A tax code is not what the list is for: the trader is taken in without it.
            self.notes.append(f"Bỏ qua mã số thuế: {fault}")
            return None
        if found.note or read.doubt:
            self.notes.append(found.note or f"{LABELS['tax_code']} {found.number}: {read.doubt}.")
        return found.number

    def account(self) -> tuple[str, str, str]:
        """Bank, number and why it may be another's; all "" where the list has none, or names a wallet whose codes
        only its provider makes.
        """
        read = self.digits("account_number")
        bank = self._bank(has_number=bool(read.text))
        if bank is None:
            return "", "", ""
        if bank.kind is BankKind.WALLET or bank.takes_transfers is False:
            self.notes.append(f"{bank.short_name}: hãy quét mã QR mà người bán đang có; không tự tạo mã.")
            return "", "", ""
        if not read.text:
            self.notes.append("Có ngân hàng nhưng chưa có số tài khoản.")
            return "", "", ""
        number = check_account(read.text, self.faults)
        if read.doubt:
            self.notes.append(f"{LABELS['account_number']} {number} chưa được ghi: {read.doubt}. {CONFIRM}")
        return bank.bin, number, read.doubt

    def _bank(self, *, has_number: bool) -> Bank | None:
        named = clean(self.text("bank"))
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
        written = _something(self.headed.text(self.row, name)).replace(",", ".")
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
        written = clean(self.text("hamlet"))
        if not written or HAMLET.fullmatch(written):
            return written[:80]
        kind = _HAMLET_KINDS.get(fold(self.headed.headings.get("hamlet", "")), "thôn")
        return f"{kind} {written}"[:80]


def _something(written: str) -> str:
    """What is written, "" for the ways of writing that there is nothing."""
    return "" if written.lower() in _NOTHING else written
