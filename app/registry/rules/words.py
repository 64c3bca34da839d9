"""The registry's fixed words: stored key -> what a person reads (docs/glossary.md)."""

#: What a merchant is in law.
MERCHANT_KINDS = {
    "household": "Hộ kinh doanh",
    "person": "Cá nhân",
    "enterprise": "Doanh nghiệp, hợp tác xã",
    "public_body": "Cơ quan, đơn vị",
}
#: Two letters before a merchant's public code.
CODE_PREFIXES = {"household": "HK", "person": "CN", "enterprise": "DN", "public_body": "CQ"}

#: Where one can pay.
POINT_KINDS = {
    "stall": "Quầy, sạp",
    "shop": "Cửa hàng",
    "pavement": "Chỗ bán vỉa hè, bán rong",
    "one_stop": "Bộ phận một cửa",
    "school": "Trường học",
    "health_station": "Trạm y tế",
    "electricity": "Quầy thu tiền điện",
    "service_point": "Điểm dịch vụ",
    "amenity": "Điểm tiện ích",
}
#: What a service point does (plan Long Thành II.3).
SERVICES = {
    "open_account": "Mở tài khoản",
    "cash_in": "Nạp tiền",
    "cash_out": "Rút tiền",
    "transfer": "Chuyển tiền",
    "bills": "Thanh toán hoá đơn",
    "wifi": "Wi-Fi công cộng",
}
LOCATED_HOW = {"gps": "Định vị GPS", "pin": "Ghim trên bản đồ", "plan": "Sơ đồ quầy", "file": "Tệp nhập"}

#: Why somebody does not take part, or stopped.
REFUSAL_REASONS = {
    "fee": "Ngại phí",
    "tax": "Lo về thuế",
    "no_phone": "Không có điện thoại thông minh",
    "no_account": "Chưa có tài khoản",
    "no_customers": "Khách không quét mã",
    "moved": "Đã chuyển đi",
    "closed": "Đã nghỉ bán",
    "other": "Lý do khác",
}

ACCOUNT_KINDS = {"bank": "Tài khoản ngân hàng", "provider_qr": "Mã QR do đơn vị cấp"}

#: What a person may agree to: each apart, none ticked beforehand (Law 91/2025/QH15, art. 9).
PURPOSES = {
    "register": "Ghi vào sổ của chương trình",
    "provider": "Chia sẻ với đơn vị thanh toán",
    "public_map": "Hiện trên bản đồ công khai",
    "photo": "Dùng ảnh chụp quầy",
}
CONSENT_METHODS = {
    "signature": "Ký trên màn hình",
    "paper": "Ký trên giấy",
    "spoken": "Nói miệng, có người chứng kiến",
}

#: Lines of business a form suggests before the commune has its own: what stands in a market and along its streets.
COMMON_LINES = (
    "Rau củ",
    "Trái cây",
    "Thịt",
    "Cá, hải sản",
    "Gạo, lương thực",
    "Gia vị, đồ khô",
    "Tạp hoá",
    "Quán ăn",
    "Cà phê, giải khát",
    "Bánh, đồ ngọt",
    "Quần áo",
    "Giày dép",
    "Vải, may đo",
    "Đồ gia dụng",
    "Điện máy, điện thoại",
    "Vật liệu xây dựng",
    "Nhà thuốc",
    "Mỹ phẩm, làm đẹp",
    "Sửa xe",
    "Vật tư nông nghiệp",
    "Hoa, cây cảnh",
    "Vàng mã, đồ lễ",
)
