"""How a provider writes its reports, and what that means in canonical columns: data, versioned, editable.

A profile only rewrites cells it understands; what it does not understand stays as it was, and the one strict parser
(`line_sql`) refuses it with the reason.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from app.money import MoneyError, parse_vnd
from app.tables import Headed, TableError, find_heading, read_table
from app.tables.cells import Cell
from app.transactions.report_files import ReportRefusedError, TextLine, cell_text
from app.transactions.rules import COLUMNS, REQUIRED
from app.vn.dates import DateError, parse_date
from app.vn.text import fold

CANONICAL = "canonical"
ROWS_MAX = 1_048_575
BYTES_MAX = 200_000_000
_MASKED = re.compile(r"[0-9+]{0,6}(?:[*x•]{3,}|[.]{3,})[0-9]{0,6}", re.IGNORECASE)
_CLOCK = re.compile(r"(?:[T ,-]+)?(?P<hour>[0-9]{1,2})[:hH](?P<minute>[0-9]{2})[:mM](?P<second>[0-9]{2})s?(?P<rest>.*)")
_DATE_THEN_CLOCK = re.compile(r"(?P<date>[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4})(?P<clock>.*)")
_CLOCK_THEN_DATE = re.compile(
    r"(?P<clock>[0-9]{1,2}:[0-9]{2}:[0-9]{2})[ ,-]+(?P<date>[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4})"
)

#: What Vietnamese reports call the columns.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "reference": ("Mã giao dịch", "Mã GD", "Số giao dịch", "Số tham chiếu", "Mã tham chiếu", "Transaction ID", "FT"),
    "paid_at": ("Thời gian giao dịch", "Thời gian", "Ngày giao dịch", "Ngày GD", "Thời điểm", "Ngày giờ"),
    "kind": ("Loại giao dịch", "Loại GD", "Dịch vụ", "Loại dịch vụ", "Nghiệp vụ"),
    "amount_vnd": ("Số tiền", "Số tiền giao dịch", "Giá trị giao dịch", "Số tiền (VND)", "Amount"),
    "customer": (
        "Khách hàng",
        "Số điện thoại khách hàng",
        "SĐT khách hàng",
        "Thuê bao",
        "Tài khoản chuyển",
        "Người trả",
    ),
    "merchant": ("Điểm chấp nhận thanh toán", "Mã điểm", "Điểm bán", "Mã cửa hàng", "Merchant", "Đơn vị nhận"),
    "source": ("Nguồn tiền", "Nguồn thanh toán", "Tài khoản nguồn"),
    "channel": ("Kênh", "Kênh giao dịch", "Kênh thanh toán"),
    "beneficiary": ("Số thụ hưởng", "Số được nạp", "Thuê bao nhận", "Thuê bao được nạp"),
    "status": ("Trạng thái", "Kết quả", "Tình trạng"),
    "reverses": ("Mã giao dịch gốc", "Giao dịch gốc", "Hoàn cho giao dịch", "Giao dịch bị huỷ"),
}

#: What Vietnamese reports write for the canonical words.
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "qr_payment": ("Thanh toán QR", "Quét QR", "QR", "Thanh toán quét mã QR", "Thanh toán mã QR"),
        "topup_prepaid": ("Nạp tiền điện thoại", "Nạp điện thoại", "Nạp trả trước", "Nạp thẻ", "Nạp ĐT trả trước"),
        "bill_postpaid": ("Cước trả sau", "Thanh toán cước trả sau", "Gạch cước trả sau"),
        "electricity": ("Tiền điện", "Thanh toán tiền điện", "Điện"),
        "telecom": ("Viễn thông", "Cước viễn thông", "Internet", "Truyền hình"),
        "tuition": ("Học phí", "Thanh toán học phí"),
        "data_pack": ("Gói data", "Mua data", "Data"),
        "other": ("Khác", "Chuyển tiền", "Rút tiền", "Nạp tiền"),
    },
    "source": {
        "viettelpay": ("ViettelPay", "Viettel Pay", "Ví ViettelPay", "Tài khoản ViettelPay"),
        "mobile_money": ("Mobile Money", "Tiền di động", "Tài khoản Mobile Money"),
        "bank": ("Ngân hàng", "Tài khoản ngân hàng", "Thẻ ngân hàng", "Bank"),
    },
    "channel": {
        "app": ("Ứng dụng", "App", "Mobile App", "Viettel Money"),
        "web": ("Web", "Website", "Trang web"),
        "ussd": ("USSD", "*998#"),
        "auto": ("Tự động", "Nạp tự động", "Auto"),
    },
    "status": {
        "success": ("Thành công", "Hoàn thành", "Success", "Đã thanh toán"),
        "failed": ("Thất bại", "Không thành công", "Lỗi", "Failed"),
        "reversed": ("Đã hoàn", "Hoàn tiền", "Đã huỷ", "Huỷ", "Đảo giao dịch", "Reversed"),
    },
}


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of how one sender writes: column -> headings, column -> word -> writings, column -> fixed text."""

    name: str
    version: int = 1
    title: str = ""
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: HEADINGS)
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: WORDS)
    fixed: Mapping[str, str] = field(default_factory=dict)
    has_totals: bool = True


#: Profiles that come with the program; a commune adds its own versions in the database.
BUILT_IN = {
    CANONICAL: Profile(CANONICAL, title="Mẫu chuẩn của Chợ Số"),
    "vietnamese": Profile("vietnamese", title="Báo cáo tiêu đề tiếng Việt (Excel hoặc CSV)"),
    "vietnamese-qr": Profile(
        "vietnamese-qr",
        title="Báo cáo QR tiêu đề tiếng Việt, mọi dòng là thanh toán QR thành công",
        fixed={"kind": "qr_payment", "status": "success"},
    ),
}


@dataclass(frozen=True, slots=True)
class Understood:
    """A provider's file in canonical text: its lines, where the heading stood and which heading gave which column."""

    lines: tuple[TextLine, ...]
    heading_line: int
    headings: Mapping[str, str]


def understand(source: Path | bytes, name: str, profile: Profile) -> Understood:
    """The file's rows as canonical text. Raises ReportRefusedError where no heading fits or control totals disagree."""
    needed = [column for column in REQUIRED if column not in profile.fixed]
    wanted = {column: profile.headings[column] for column in COLUMNS if column not in profile.fixed}
    try:
        table = read_table(source, name=name, rows_max=ROWS_MAX, bytes_max=BYTES_MAX)
        headed = find_heading(table, wanted, needed)
    except TableError as error:
        raise ReportRefusedError(str(error)) from error
    if profile.has_totals:
        _check_total(headed, name)
    spelled = _spellings(profile)
    lines = tuple(_line(headed, at, profile, spelled) for at in range(len(headed.rows)))
    return Understood(lines, headed.line, dict(headed.headings))


def _line(headed: Headed, at: int, profile: Profile, spelled: Mapping[str, Mapping[str, str]]) -> TextLine:
    row = headed.rows[at]
    cells = []
    for column in COLUMNS:
        if column in profile.fixed:
            cells.append(profile.fixed[column])
        else:
            cells.append(_canonical(column, headed.cell(row, column), spelled.get(column, {})))
    fault = row.fault or _masked(cells[COLUMNS.index("customer")])
    return TextLine(row.line, tuple(cells), fault)


def _spellings(profile: Profile) -> dict[str, dict[str, str]]:
    """Column -> folded writing -> canonical word."""
    return {
        column: {fold(writing): word for word, writings in words.items() for writing in (*writings, word)}
        for column, words in profile.words.items()
    }


def _canonical(column: str, cell: Cell, spelled: Mapping[str, str]) -> str:
    text = cell_text(cell).strip()
    if column == "paid_at":
        return _moment(cell)
    if column == "amount_vnd":
        try:
            return str(parse_vnd(cell if isinstance(cell, str | int | float) else text))
        except MoneyError:
            return text
    return spelled.get(fold(text), text)


def _moment(cell: Cell) -> str:
    """A time with seconds in ISO form, or the cell's text as it was."""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    text = cell_text(cell).strip()
    match = _CLOCK_THEN_DATE.fullmatch(text) or _DATE_THEN_CLOCK.fullmatch(text)
    if match is None:
        return text
    clock = _CLOCK.fullmatch(match["clock"])
    try:
        day: date = parse_date(match["date"])
        moment = time(int(clock["hour"]), int(clock["minute"]), int(clock["second"])) if clock else None
    except (DateError, ValueError):
        return text
    return f"{day.isoformat()}T{moment.isoformat()}{clock['rest'].strip()}" if moment and clock else text


def _masked(customer: str) -> str:
    """Why a customer is nobody in particular, or ""."""
    if _MASKED.fullmatch(customer):
        return (
            f"khách hàng (customer) “{customer}” bị che nên không đếm được giới hạn theo người; "
            "hãy xin bên gửi mã khách hàng ổn định"
        )
    return ""


def _check_total(headed: Headed, name: str) -> None:
    """Refuses a file whose own total row disagrees with its lines."""
    for row in headed.totals:
        cell = headed.cell(row, "amount_vnd")
        if not cell_text(cell).strip():
            continue
        try:
            told = parse_vnd(cell if isinstance(cell, str | int | float) else cell_text(cell))
            found = sum(_amount(headed.cell(line, "amount_vnd")) for line in headed.rows if line.line < row.line)
        except MoneyError:
            continue
        if told != found:
            raise ReportRefusedError(
                f"{name}, dòng {row.line}: dòng tổng ghi {told} đồng nhưng các dòng cộng lại được {found} đồng.\n"
                "Tệp thiếu dòng hoặc bị sửa; hãy xin bên gửi tệp đúng."
            )


def _amount(cell: Cell) -> int:
    return parse_vnd(cell if isinstance(cell, str | int | float) else cell_text(cell))
