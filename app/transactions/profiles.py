"""How a provider writes its reports, and what that means in canonical columns: data, versioned, editable. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CANONICAL = "canonical"
#: A column of the file that is no canonical one: the time of day, where the date stands by itself.
CLOCK = "paid_clock"
REFERENCES = {
    "as_is": "Mỗi giao dịch một mã riêng",
    "dated": "Mã chỉ riêng trong ngày: thêm ngày vào mã",
    "made": "Tệp không có mã: ghép từ thời gian, số tiền, khách và điểm",
}
AMOUNTS = {
    "mixed": "20.000 hoặc 20,000 đều là hai mươi nghìn",
    "dot": "Dấu chấm tách nghìn: 20.000",
    "comma": "Dấu phẩy tách nghìn: 20,000",
    "plain": "Chỉ chữ số: 20000",
}
UNITS = {"dong": "Đồng", "thousand": "Nghìn đồng (20 là 20.000 ₫)", "hundredth": "Phần trăm đồng (2000000 là 20.000 ₫)"}
DATES = {
    "dmy": "Ngày trước: 22/11/2026",
    "mdy": "Tháng trước, kiểu Mỹ: 11/22/2026",
    "dmy2": "Ngày trước, năm hai số: 22/11/26",
    "mdy2": "Tháng trước, kiểu Mỹ, năm hai số: 11/22/26",
    "ymd2": "Năm hai số đứng trước: 26/11/22",
}
DATE_EXAMPLES = {key: label.rpartition(" ")[2] for key, label in DATES.items()}
AMOUNT_EXAMPLES = {"mixed": "20.000", "dot": "20.000", "comma": "20,000", "plain": "20000"}
STOP, SWAPPED_DAYS, TAKES_BACK = "stop", "swapped", "takes_back"
MIXED = {
    STOP: "Dừng lại, chưa nhận",
    "as_shown": "Ô ngày thật đúng như đang hiện",
    SWAPPED_DAYS: "Ô ngày thật bị đảo ngày và tháng: đổi lại",
}
NEGATIVES = {"refuse": "Từ chối dòng ấy", TAKES_BACK: "Là tiền lấy lại của giao dịch cùng mã"}
CLOCKS = {
    "seconds": "Đủ giờ, phút, giây",
    "minutes": "Chỉ giờ và phút, giây tính là 00",
    "none": "Chỉ có ngày, giờ tính là 00:00:00",
}

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
    """One version of how one sender writes: column -> headings, column -> word -> writings, column -> fixed text.

    `is_exact`: made by hand for one layout, so only the headings said are columns, each exactly as said.
    """

    name: str
    version: int = 1
    title: str = ""
    is_exact: bool = False
    depth: int = 1  #: rows of its heading
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: HEADINGS)
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: WORDS)
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  #: column -> writing -> word; wins over `words`
    fixed: Mapping[str, str] = field(default_factory=dict)
    has_totals: bool = True
    sender: str = ""
    marker: str = ""  #: words that stand above the heading in this sender's files and in no other's
    sheet: str = ""
    stop: str = ""  #: the row that begins with it and everything below are no data
    references: str = "as_is"
    amounts: str = "mixed"
    unit: str = "dong"
    dates: str = "dmy"
    clock: str = "seconds"
    mixed: str = STOP  #: a column of times that mixes a spreadsheet's own days with text
    negative: str = "refuse"  #: what an amount below nothing means
    phones: bool = False  #: bring telephone numbers to one writing, so that +84 and 0 are one customer


#: Profiles that come with the program; a commune adds its own versions in the database.
BUILT_IN = {
    CANONICAL: Profile(CANONICAL, title="Mẫu chuẩn của Chợ Số"),
    "vietnamese": Profile("vietnamese", title="Báo cáo tiêu đề tiếng Việt (Excel hoặc CSV)", phones=True),
    "vietnamese-qr": Profile(
        "vietnamese-qr",
        title="Báo cáo QR tiêu đề tiếng Việt, mọi dòng là thanh toán QR thành công",
        fixed={"kind": "qr_payment", "status": "success"},
        phones=True,
    ),
}

#: What of a profile is kept as it is; headings and words have forms of their own.
_PLAIN = (
    "is_exact", "depth", "has_totals", "sender", "marker", "sheet", "stop", "references", "amounts", "unit", "dates",
    "clock", "mixed", "negative", "phones",
)  # fmt: skip


def definition_of(profile: Profile) -> dict[str, Any]:
    """A profile made by hand as it is kept: plain values, nothing of what the program brings."""
    return {
        "headings": {column: list(names) for column, names in profile.headings.items()},
        "said": {column: dict(words) for column, words in profile.said.items()},
        "fixed": dict(profile.fixed),
        **{name: getattr(profile, name) for name in _PLAIN},
    }


def profile_from(name: str, version: int, title: str, definition: Mapping[str, Any]) -> Profile:
    """The profile that a kept definition describes; what it leaves out is as the program brings it."""
    is_exact = bool(definition.get("is_exact", False))
    headings = {column: tuple(names) for column, names in definition.get("headings", {}).items()}
    words = {
        column: {word: tuple(writings) for word, writings in found.items()}
        for column, found in definition.get("words", {}).items()
    }
    return Profile(
        name,
        version,
        title,
        headings=headings if is_exact else {**HEADINGS, **headings},
        words={**WORDS, **words},
        said=definition.get("said", {}),
        fixed=dict(definition.get("fixed", {})),
        **{key: definition[key] for key in _PLAIN if key in definition},
    )
