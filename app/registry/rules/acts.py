"""What the registry's acts are called in the audit, besides the words that all rooms share (app.audit.words)."""

from typing import Final

ACTS: Final = {
    "merchant.show_phone": "Xem số điện thoại",
    "merchant.show_tax_code": "Xem mã số thuế",
    "merchant.export": "Xuất danh sách",
    "merchant.merge": "Gộp hồ sơ",
    "merchant.unmerge": "Tách hồ sơ đã gộp",
    "merchant.set_apart": "Ghi: không phải một hộ",
    "merchant.ask_again": "Xem lại hồ sơ trùng",
    "person.request": "Nhận yêu cầu về dữ liệu",
    "person.prolong": "Gia hạn yêu cầu",
    "person.close": "Đóng yêu cầu",
    "person.export": "Xuất dữ liệu của một người",
    "merchant.erase": "Xoá dữ liệu cá nhân",
    "account.approved": "Tài khoản có hiệu lực",
    "account.refused": "Từ chối tài khoản",
    "account.withdrawn": "Rút đề nghị tài khoản",
    "account.retired": "Thôi dùng tài khoản",
    "milestone.surveyed": "Ghi: khảo sát",
    "milestone.consented": "Ghi: đồng ý tham gia",
    "milestone.installed": "Ghi: lắp bảng QR",
    "milestone.trained": "Ghi: hướng dẫn sử dụng",
    "milestone.checked": "Ghi: kiểm tra tại chỗ",
    "milestone.first_paid": "Ghi: giao dịch đầu tiên",
    "milestone.active": "Ghi: dùng đều",
    "milestone.dormant": "Ghi: lâu không có giao dịch",
    "milestone.refused": "Ghi: từ chối",
    "milestone.stopped": "Ghi: dừng sử dụng",
    "milestone.resumed": "Ghi: dùng trở lại",
}
