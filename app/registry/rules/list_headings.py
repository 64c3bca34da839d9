"""The headings under which lists come: market boards, tax offices, communes, banks. Pure data.

A heading that ends in "." is meant alone ("Tên." is not "Tên hàng"); any other may be part of a longer one.
"""

from collections.abc import Mapping
from typing import Final

#: Field -> the headings people use for it, the one that pages show first.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "holder_name": (
        "Họ tên", "Họ và tên", "Họ tên chủ hộ", "Họ và tên chủ hộ", "Tên chủ hộ", "Chủ hộ", "Họ tên hộ kinh doanh",
        "Họ tên tiểu thương", "Tên tiểu thương", "Tiểu thương", "Họ tên người bán", "Người bán", "Tên người bán",
        "Người đại diện", "Tên người đại diện", "Đại diện hộ kinh doanh", "Chủ cửa hàng", "Tên chủ cửa hàng",
        "Họ tên chủ cơ sở", "Tên chủ cơ sở", "Chủ cơ sở", "Tên người nộp thuế", "Người nộp thuế",
        "Họ tên người nộp thuế",
        "Tên NNT", "Họ tên NNT", "NNT.", "Tên NNT/HKD", "Chủ hộ kinh doanh", "Tên chủ hộ kinh doanh", "Chủ kinh doanh",
        "Tên chủ kinh doanh", "Họ tên chủ kinh doanh", "Chủ quầy", "Tên chủ quầy", "Chủ sạp", "Tên chủ sạp",
        "Chủ ki ốt", "Chủ kiốt", "Tên chủ ki ốt", "Chủ gian hàng", "Chủ quán", "Tên chủ quán", "Hộ tiểu thương",
        "Tên hộ tiểu thương", "Người kinh doanh", "Tên người kinh doanh", "Họ tên người kinh doanh",
        "Họ và tên người kinh doanh", "Cá nhân kinh doanh", "Tên cá nhân kinh doanh", "Thương nhân", "Tên thương nhân",
        "Họ tên thương nhân", "Người thuê", "Người thuê quầy", "Tên người thuê", "Bên thuê", "Tên hộ.", "Hộ.",
        "Tên hộ gia đình", "Tên chủ thể kinh doanh", "Chủ thể kinh doanh", "Tên khách hàng", "Full name", "Owner name",
        "Owner",
    ),
    "family_name": ("Họ và tên đệm.", "Họ và đệm.", "Họ đệm.", "Họ lót.", "Họ và chữ lót.", "Họ và tên lót.", "Họ."),
    "given_name": ("Tên.", "Tên gọi."),
    "shop_name": (
        "Tên cửa hàng", "Cửa hàng", "Tên quán", "Biển hiệu", "Tên biển hiệu", "Tên hộ kinh doanh", "Tên cơ sở",
        "Tên cơ sở kinh doanh", "Tên quầy", "Tên quầy hàng", "Tên đơn vị", "Tên sạp", "Tên HKD", "Tên hộ KD",
        "Hộ kinh doanh.", "Hộ KD.", "HKD.", "Tên điểm kinh doanh", "Tên điểm bán", "Tên ki ốt", "Tên kiốt",
        "Tên gian hàng",
        "Tên cửa hiệu", "Cửa hiệu", "Cơ sở kinh doanh.", "Tên cơ sở sản xuất kinh doanh", "Bảng hiệu", "Tên bảng hiệu",
        "Tên giao dịch", "Tên thương hiệu", "Thương hiệu.", "Tên shop", "Shop.", "Shop name", "Tên doanh nghiệp",
    ),
    "phone": (
        "Số điện thoại", "Điện thoại", "SĐT", "Số ĐT", "ĐT", "SDT", "Di động", "Số di động", "Điện thoại liên hệ",
        "Điện thoại di động", "ĐTDĐ", "Số ĐTDĐ", "DĐ.", "Số máy.", "Số liên hệ", "Số liên lạc", "Liên hệ.", "Phone",
        "Phone number", "Mobile", "Tel", "Telephone",
    ),
    "bank": (
        "Ngân hàng", "Tên ngân hàng", "Ngân hàng thụ hưởng", "Ngân hàng mở tài khoản", "Mã ngân hàng", "Bank",
        "Ngân hàng nhận", "Ngân hàng mở TK", "Tên NH", "NH.", "NH thụ hưởng", "Mở tại ngân hàng", "Tại ngân hàng",
        "Mở tại.", "Nơi mở tài khoản", "Nơi mở TK", "Bank name", "bank_bin",
    ),
    "account_number": (
        "Số tài khoản", "STK", "Số TK", "Tài khoản", "Số tài khoản ngân hàng", "Tài khoản ngân hàng", "STK ngân hàng",
        "Số TK ngân hàng", "TK ngân hàng", "TKNH.", "Số TKNH", "Số tài khoản nhận tiền", "Số tài khoản thụ hưởng",
        "TK.", "Account", "Account number",
    ),
    "account_holder": (
        "Tên chủ tài khoản", "Chủ tài khoản", "Tên tài khoản", "Tên TK", "Chủ TK", "Tên chủ TK", "Họ tên chủ tài khoản",
        "Người thụ hưởng", "Tên người thụ hưởng", "Đơn vị thụ hưởng", "Tên thụ hưởng", "Account name",
    ),
    "market": (
        "Chợ", "Tên chợ", "Khu vực", "Tuyến phố", "Tuyến đường", "Đường phố", "Tên đường", "Tên tuyến phố", "Thuộc chợ",
        "Khu chợ", "Chợ/TTTM", "Trung tâm thương mại", "Tên khu chợ", "Market", "zone",
    ),
    "row": (
        "Dãy", "Dãy quầy", "Lô", "Hàng.", "Dãy số", "Tên dãy", "Khu", "Lô số", "Số lô", "Mã lô", "Dãy/lô", "Số dãy",
        "Mã dãy",
        "Khu/dãy", "Dãy hàng", "Dãy nhà", "Block.",
    ),
    "stall": (
        "Số quầy", "Quầy", "Quầy số", "Mã quầy", "Sạp", "Số sạp", "Sạp số", "Ki ốt", "Kiốt", "Số ki ốt", "Số kiốt",
        "Gian hàng", "Số gian hàng", "Ô số", "Vị trí quầy", "Mã sạp", "Mã ki ốt", "Mã kiốt", "Kiot", "Số kiot", "Kiosk",
        "Số kiosk", "Ki ốt số", "Kiốt số", "Quầy/sạp", "Số quầy/sạp", "Sạp/quầy", "Quầy, ki ốt", "Lô sạp", "Số lô sạp",
        "Lô quầy", "Số lô quầy", "Ô.", "Số ô", "Ô quầy", "Mã gian hàng", "Gian hàng số", "Vị trí.", "Vị trí sạp",
        "Vị trí kinh doanh", "Vị trí bán hàng", "Số hiệu quầy", "Điểm kinh doanh", "Điểm KD", "Số điểm kinh doanh",
        "Mã điểm kinh doanh", "Điểm bán.", "Mã điểm bán", "Mã vị trí", "Số chỗ", "Chỗ bán hàng", "Số bàn", "Stall",
    ),
    "tax_code": (
        "Mã số thuế", "MST", "Mã thuế", "MST/CCCD", "Mã số thuế/CCCD", "MST HKD", "Mã số thuế HKD", "MST hộ kinh doanh",
        "Mã số thuế hộ kinh doanh", "MST cá nhân", "Mã số thuế cá nhân", "Mã NNT", "Mã người nộp thuế", "Tax code",
    ),
    "line_of_business": (
        "Ngành hàng", "Mặt hàng", "Ngành nghề", "Ngành nghề kinh doanh", "Mặt hàng kinh doanh", "Lĩnh vực",
        "Lĩnh vực kinh doanh", "Ngành nghề KD", "Ngành kinh doanh", "Nghề kinh doanh", "Ngành, nghề kinh doanh",
        "Mặt hàng KD", "Loại hàng", "Loại hàng kinh doanh", "Nhóm hàng", "Hàng hóa", "Hàng hóa kinh doanh",
        "Loại hình kinh doanh", "Nội dung kinh doanh", "Ngành hàng kinh doanh",
    ),
    "hamlet": (
        "Thôn", "Xóm", "Tổ dân phố", "TDP", "Thôn/xóm", "Thôn, xóm", "Thôn/tổ dân phố", "Khu phố", "Ấp", "Bản", "Khóm",
        "Buôn", "Làng", "Khối", "Khối phố", "KP.", "Tổ.", "Ấp/khóm", "Khóm/ấp", "Thôn/bản", "Thôn/buôn", "Thôn/TDP",
        "Khu dân cư",
    ),
    "commune": (
        "Xã", "Phường", "Xã/phường", "Xã, phường", "Phường/xã", "Phường, xã", "Tên xã", "Xã/phường/thị trấn",
        "Xã, phường, thị trấn", "Thị trấn", "Địa bàn.", "Xã/phường/đặc khu",
    ),
    "address": (
        "Địa chỉ", "Địa chỉ kinh doanh", "Địa điểm kinh doanh", "Nơi kinh doanh", "Địa điểm", "Số nhà",
        "Địa chỉ cửa hàng", "Địa chỉ trụ sở", "Địa chỉ HKD", "Địa chỉ KD", "Địa chỉ nơi kinh doanh",
        "Địa chỉ hộ kinh doanh", "Địa chỉ cơ sở", "Địa chỉ địa điểm kinh doanh", "Address",
    ),
    "external_id": (
        "Mã hộ", "Mã hộ kinh doanh", "Số giấy chứng nhận", "Số GCN", "Số ĐKKD", "Mã số hộ", "Mã HKD", "Mã số HKD",
        "Mã số hộ kinh doanh", "Mã tiểu thương", "Số GPKD", "Số giấy phép kinh doanh", "Số GCN ĐKKD",
        "Số giấy chứng nhận đăng ký kinh doanh", "Số đăng ký kinh doanh", "Số hợp đồng", "Mã khách hàng",
    ),
    "merchant_code": ("Mã hồ sơ", "Mã hồ sơ hộ"),
    "lat": ("Vĩ độ", "Latitude", "Lat."),
    "lng": ("Kinh độ", "Longitude", "Long", "Lng.", "Lon."),
    "note": ("Ghi chú",),
}  # fmt: skip
LABELS: Final = {name: headings[0].rstrip(".") for name, headings in FIELDS.items()}
#: Family name and given name, where a list has them in two columns.
SPLIT_NAME: Final = ("family_name", "given_name")
#: The fields of which a list needs one, so that its rows are persons; a shop's name will do instead.
NAMES: Final = frozenset({"holder_name", *SPLIT_NAME})
#: What tells who is meant, in the order in which it is looked for.
NAME_WAYS: Final = (("holder_name",), ("given_name",), ("shop_name",))
#: Fields of which a list may well have two columns: the first one counts.
FIRST_OF: Final = frozenset({"line_of_business", "note", "address", "external_id", "hamlet", *SPLIT_NAME})
