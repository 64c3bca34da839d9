"""The points of a lot, read from a list as CONTRACT names its columns; a bad row is refused by its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.paper.text import printable
from app.printing.payloads import Payee, PayloadRefusedError, clause, paid_account, payee
from app.qr.banks import BankNotFoundError, find_bank
from app.registry.rules.words import POINT_KINDS
from app.tables import Headed, RawRow, Seen, Table, find_heading, read_headed
from app.tables import text as cell_text

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "point_code": ("point_code", "Mã điểm", "Mã quầy", "Mã sạp"),
    "zone": ("zone", "Chợ", "Khu vực", "Tuyến phố"),
    "row": ("row", "Dãy"),
    "stall": ("stall", "Số quầy", "Quầy", "Sạp"),
    "shop_name": ("shop_name", "Tên cửa hàng", "Tên quầy", "Biển hiệu"),
    "holder_name": ("holder_name", "Tên chủ tài khoản", "Chủ tài khoản", "Họ tên"),
    "bank_bin": ("bank_bin", "Mã ngân hàng", "Ngân hàng"),
    "account_number": ("account_number", "Số tài khoản"),
    "payload": ("payload", "Nội dung QR", "Mã QR"),
    "link": ("link",),
    "card": ("card",),
    "note": ("note",),
    "lat": ("lat",),
    "lng": ("lng",),
    "stage": ("stage",),
}
"""Field -> headings people use for it; the first is CONTRACT's."""
REQUIRED = ("point_code",)
CODES = ("point_code", "row", "stall")
NAMES = ("zone", "shop_name", "holder_name", "note")
DIGITS = ("bank_bin", "account_number")
"""How a column is read: codes and places, names, numbers nobody calculates with; all others as they stand."""
KIND_HEADINGS = ("kind", "Loại điểm", "loại điểm")
LONGEST = 1000
"""Characters in one cell: more is a file in the wrong column."""


NOBODY = Payee("", "", "")


@dataclass(frozen=True, slots=True)
class Point:
    """One piece to print: the point's texts, its payee, and what the person who ordered must know."""

    line: int
    point_code: str
    zone: str = ""
    row: str = ""
    stall: str = ""
    kind: str = ""
    """What the place is (`registry.rules.words.POINT_KINDS`), "" where the list does not say."""
    zone_kind: str = ""
    shop_name: str = ""
    holder_name: str = ""
    payee: Payee = NOBODY
    link: str = ""
    card: str = ""
    """The secret of the trader's own card, for designs that lead there."""
    note: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    serial: int = 1

    @property
    def place(self) -> str:
        """The stall as the market calls it: `A01-06`, whichever columns hold it."""
        if not self.stall:
            return self.point_code
        if not self.row or self.row.casefold() in self.stall.casefold() or not self.stall.isdecimal():
            return self.stall
        return f"{self.row}-{self.stall}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be printed, with the line a person counts and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class PointList:
    """What a list holds: the points to print, the rows refused, and the headings that only go through."""

    file: str
    points: tuple[Point, ...]
    refusals: tuple[Refusal, ...]
    extra_headings: tuple[str, ...]
    unread: str = ""
    """Names the sheets that were not read; "" where every one was."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a design asks of every row."""

    needs: tuple[str, ...]
    """Fields that must be filled."""
    payment: bool
    """Whether a payload must be a payment code."""
    shows_payee: bool
    """Whether the piece says whom one pays; if not, a bad account is no reason to refuse the row."""
    covers: Callable[[str], bool]
    """Whether the type has a character."""


def read_points(path: Path, terms: Terms) -> PointList:
    """The points of a CSV or XLSX file; bad rows are refused by line. Raises TableError for the file as a whole."""
    return points_of(read_headed(path, COLUMNS, REQUIRED), terms)


def points_of(table: Table, terms: Terms) -> PointList:
    """The points of a table that was read."""
    headed = find_heading(table, COLUMNS, REQUIRED)
    read: list[Point] = []
    refusals: list[Refusal] = []
    for row in headed.rows:
        try:
            read.append(_point(headed, row, terms))
        except PayloadRefusedError as error:
            refusals.append(Refusal(row.line, str(error)))
    torn = _two_accounts(read) if terms.shows_payee else {}
    refusals += [Refusal(line, reason) for line, reason in torn.items()]
    printed: dict[str, int] = {}
    points = [_numbered(point, printed) for point in read if point.line not in torn]
    refusals.sort(key=lambda refusal: refusal.line)
    return PointList(table.name, tuple(points), tuple(refusals), tuple(headed.unknown), table.unread)


def _two_accounts(points: Sequence[Point]) -> dict[int, str]:
    """Line -> why: a stall that stands in the list with two accounts gets neither, for one of them is wrong."""
    stalls: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        stalls.setdefault((point.zone.casefold(), point.point_code.casefold()), []).append(point)
    found = {}
    for same in stalls.values():
        if len({point.payee.payload for point in same}) == 1:
            continue
        accounts = [(point.line, paid_account(point.payee)) for point in same]
        for line, own in accounts:
            others = ", ".join(str(other) for other, account in accounts if account != own)
            if others:
                found[line] = f"cùng mã điểm với dòng {others} nhưng khác tài khoản; hãy chỉ giữ dòng đúng"
    return found


def _numbered(point: Point, printed: dict[str, int]) -> Point:
    """The same point with its copy's number: a code that stands twice gets two print ids and a warning."""
    serial = printed.get(point.point_code, 0) + 1
    printed[point.point_code] = serial
    if serial == 1:
        return point
    warning = f"mã điểm {point.point_code} có {serial} lần trong danh sách"
    return replace(point, serial=serial, warnings=(*point.warnings, warning))


def _point(headed: Headed, row: RawRow, terms: Terms) -> Point:
    if row.fault:
        raise PayloadRefusedError(row.fault.rstrip("."))
    read = {name: _seen(headed, row, name) for name in COLUMNS}
    values = {name: each.text for name, each in read.items()}
    _check_cells(read, terms)
    paid = _payee(headed, row, values, terms)
    for name in terms.needs:
        if not (paid.payload if name == "payload" else values[name]):
            raise PayloadRefusedError(MISSING[name])
    lost = printable(values["holder_name"], terms.covers).dropped_letters
    if lost:
        raise PayloadRefusedError(f"tên chủ tài khoản có chữ không in được ({lost}); hãy viết bằng chữ Việt")
    extras = {
        heading: cell_text(row.cells[at]) if at < len(row.cells) else "" for heading, at in headed.unknown.items()
    }
    kept = {name: values[name] for name in ("lat", "lng", "stage") if name in headed.columns}
    account = _joined(values["account_number"])
    warnings = [f"{LABELS[name]}: {note}" for name in DIGITS if (note := read[name].note)]
    if account and paid.account_tail and not account.endswith(paid.account_tail):
        warnings.append("số tài khoản trong payload khác cột account_number, in theo payload")
    return Point(
        line=row.line,
        point_code=values["point_code"],
        zone=values["zone"],
        row=values["row"],
        stall=values["stall"],
        kind=_kind(extras),
        shop_name=values["shop_name"],
        holder_name=values["holder_name"],
        link=values["link"],
        card=values["card"],
        note=values["note"],
        payee=paid,
        extras={**kept, **extras},
        warnings=tuple(warnings),
    )


def _kind(extras: Mapping[str, str]) -> str:
    """The kind of the place where a column of the list says it; the column goes through to the manifest as it is."""
    said = next((extras[heading] for heading in KIND_HEADINGS if extras.get(heading)), "").strip()
    return next((kind for kind, name in POINT_KINDS.items() if said.casefold() in {kind, name.casefold()}), "")


def _seen(headed: Headed, row: RawRow, name: str) -> Seen:
    if name in CODES:
        return headed.code_seen(row, name)
    if name in DIGITS:
        return headed.digits_seen(row, name)
    return headed.seen(row, name) if name in NAMES else Seen(headed.text(row, name))


def _check_cells(read: Mapping[str, Seen], terms: Terms) -> None:
    """Refuses a cell that nobody can read, and an account that may be another's: what is on paper stays there."""
    for name, each in read.items():
        if len(each.text) > LONGEST:
            raise PayloadRefusedError(f"ô {COLUMNS[name][0]} dài {len(each.text)} ký tự, tối đa {LONGEST}")
        is_code = name in CODES or name in NAMES
        pays = name == "account_number" and terms.shows_payee and not read["payload"].text
        if (is_code and each.is_lost) or (pays and each.doubt):
            raise PayloadRefusedError(f"{LABELS[name]}: {each.why_not}")
    if not read["point_code"].text:
        raise PayloadRefusedError("thiếu mã điểm (point_code)")


def _payee(headed: Headed, row: RawRow, values: Mapping[str, str], terms: Terms) -> Payee:
    cell = headed.cell(row, "payload")
    # A payload is taken as it stands: normalising it would change bytes that its CRC covers.
    payload = cell.strip() if isinstance(cell, str) else values["payload"]
    if not terms.shows_payee:
        return Payee(payload, "", "")
    return payee(payload, _bin(values["bank_bin"]), _joined(values["account_number"]), payment=terms.payment)


def _joined(account: str) -> str:
    """An account number without the blanks people put between its groups."""
    return "".join(account.split())


LABELS = {
    "point_code": "mã điểm",
    "zone": "chợ",
    "row": "dãy",
    "stall": "số quầy",
    "shop_name": "tên cửa hàng",
    "holder_name": "tên chủ tài khoản",
    "note": "ghi chú",
    "bank_bin": "mã ngân hàng",
    "account_number": "số tài khoản",
}
"""What a column is called in a message."""

MISSING = {
    "payload": "thiếu mã QR: cần payload, hoặc bank_bin và account_number",
    "shop_name": "thiếu tên cửa hàng (shop_name)",
    "holder_name": "thiếu tên chủ tài khoản (holder_name); thiếu tên thì khách không kiểm tra được người nhận",
    "zone": "thiếu tên chợ hoặc tuyến phố (zone)",
    "link": "thiếu đường dẫn (link)",
    "note": "thiếu ghi chú (note)",
    "row": "thiếu dãy (row)",
    "stall": "thiếu số quầy (stall)",
}
"""What to say when a field a design needs is empty."""


def _bin(value: str) -> str:
    """The bank's six digits; a name in that column is understood too."""
    if not value or value.isdigit():
        return value
    try:
        return find_bank(value).bin
    except BankNotFoundError as error:
        raise PayloadRefusedError(clause(str(error))) from error
