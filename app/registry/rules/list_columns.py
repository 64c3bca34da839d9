"""A list's columns: the headings that communes use, who sent it, and by what its columns are known again. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.errors import RefusedError
from app.registry.rules.entries import clean
from app.tables import Headed, Table, TableError, find_heading
from app.vn.text import fold

#: Field -> the headings communes use for it, the one that pages show first.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "holder_name": (
        "Họ tên",
        "Họ và tên",
        "Họ tên chủ hộ",
        "Họ và tên chủ hộ",
        "Tên chủ hộ",
        "Chủ hộ",
        "Họ tên hộ kinh doanh",
        "Họ tên tiểu thương",
        "Tên tiểu thương",
        "Tiểu thương",
        "Họ tên người bán",
        "Người bán",
        "Người đại diện",
        "Chủ cửa hàng",
        "Họ tên chủ cơ sở",
    ),
    "shop_name": (
        "Tên cửa hàng",
        "Cửa hàng",
        "Tên quán",
        "Biển hiệu",
        "Tên biển hiệu",
        "Tên hộ kinh doanh",
        "Tên cơ sở",
        "Tên cơ sở kinh doanh",
        "Tên quầy",
        "Tên quầy hàng",
        "Tên đơn vị",
        "Tên sạp",
    ),
    "phone": (
        "Số điện thoại",
        "Điện thoại",
        "SĐT",
        "Số ĐT",
        "ĐT",
        "SDT",
        "Di động",
        "Số di động",
        "Điện thoại liên hệ",
    ),
    "bank": (
        "Ngân hàng",
        "Tên ngân hàng",
        "Ngân hàng thụ hưởng",
        "Ngân hàng mở tài khoản",
        "Mã ngân hàng",
        "Bank",
        "bank_bin",
    ),
    "account_number": ("Số tài khoản", "STK", "Số TK", "Tài khoản", "Số tài khoản ngân hàng", "Tài khoản ngân hàng"),
    "account_holder": ("Tên chủ tài khoản", "Chủ tài khoản", "Tên tài khoản", "Tên TK", "Chủ TK"),
    "market": (
        "Chợ",
        "Tên chợ",
        "Khu vực",
        "Tuyến phố",
        "Tuyến đường",
        "Đường phố",
        "Tên đường",
        "Tên tuyến phố",
        "Thuộc chợ",
        "Khu chợ",
        "zone",
    ),
    "row": ("Dãy", "Dãy quầy", "Lô", "Hàng", "Dãy số", "Tên dãy", "Khu"),
    "stall": (
        "Số quầy",
        "Quầy",
        "Quầy số",
        "Mã quầy",
        "Sạp",
        "Số sạp",
        "Sạp số",
        "Ki ốt",
        "Kiốt",
        "Số ki ốt",
        "Số kiốt",
        "Gian hàng",
        "Số gian hàng",
        "Ô số",
        "Vị trí quầy",
    ),
    "tax_code": ("Mã số thuế", "MST", "Mã thuế", "MST/CCCD", "Mã số thuế/CCCD"),
    "line_of_business": (
        "Ngành hàng",
        "Mặt hàng",
        "Ngành nghề",
        "Ngành nghề kinh doanh",
        "Mặt hàng kinh doanh",
        "Lĩnh vực",
    ),
    "hamlet": ("Thôn", "Xóm", "Tổ dân phố", "TDP", "Thôn/xóm", "Thôn, xóm", "Thôn/tổ dân phố", "Khu phố", "Ấp", "Bản"),
    "commune": (
        "Xã",
        "Phường",
        "Xã/phường",
        "Xã, phường",
        "Phường/xã",
        "Phường, xã",
        "Tên xã",
        "Xã/phường/thị trấn",
        "Xã, phường, thị trấn",
        "Thị trấn",
    ),
    "address": ("Địa chỉ", "Địa chỉ kinh doanh", "Địa điểm kinh doanh", "Nơi kinh doanh", "Địa điểm", "Số nhà"),
    "external_id": ("Mã hộ", "Mã hộ kinh doanh", "Số giấy chứng nhận", "Số GCN", "Số ĐKKD", "Mã số hộ"),
    "merchant_code": ("Mã hồ sơ", "Mã hồ sơ hộ"),
    "lat": ("Vĩ độ", "Latitude"),
    "lng": ("Kinh độ", "Longitude", "Long"),
    "note": ("Ghi chú",),
}
#: Who sends a list, as a person names them: room for commune and name in a record's source.
SENDER_MAX: Final = 48
LABELS: Final = {name: headings[0] for name, headings in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent a list, and how its columns were known: a key of models.imports.COLUMNS_FROM, and whose they are."""

    sender: str = ""
    columns_from: str = "headings"
    columns_told: str = ""


def find_columns(table: Table) -> Headed:
    """The heading and its columns. Raises TableError with file, line and remedy where no name column is found."""
    try:
        return find_heading(table, FIELDS, ["holder_name"])
    except TableError as without_holder:
        try:
            return find_heading(table, FIELDS, ["shop_name"])
        except TableError:
            raise without_holder from None


def checked_sender(written: str) -> str:
    """Who sent a list, as written, without stray spaces. Raises RefusedError where it is too long to be a name."""
    sender = clean(written)
    if len(sender) > SENDER_MAX:
        raise RefusedError(
            f"Tên nơi gửi dài {len(sender)} ký tự, tối đa {SENDER_MAX}.", remedy="Hãy ghi ngắn, ví dụ: Ban quản lý chợ."
        )
    return sender


def columns_signature(headings: Iterable[str]) -> str:
    """Equal for lists with the same headings in the same order: by it and the sender columns are remembered."""
    return hashlib.sha256("\x1f".join(fold(heading) for heading in headings).encode()).hexdigest()
