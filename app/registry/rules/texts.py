"""What a trader is told before saying yes: plain words, one purpose each (Law 91/2025/QH15, art. 9; Decree 356/2025).

Changing a word means a new version: consents keep the version they were given for.
"""

from typing import Final

CONSENT_VERSION: Final = "2026-11"

#: Said before all purposes.
CONSENT_OPENING: Final = (
    "Xã ghi họ tên, số điện thoại, quầy và tài khoản nhận tiền của cô chú để làm bảng QR và hướng dẫn sử dụng. "
    "Đây không phải cơ quan thuế: thông tin này không dùng để tính thuế. Cô chú đồng ý mục nào thì chọn mục đó, "
    "không chọn vẫn bán hàng bình thường, và rút lại lúc nào cũng được."
)
CONSENT_TEXTS: Final = {
    "register": "Xã và Đoàn Thanh niên lưu thông tin của tôi để làm bảng QR, đến hướng dẫn và báo cáo số lượng hộ.",
    "provider": "Xã gửi họ tên, điện thoại và tài khoản của tôi cho đơn vị thanh toán để mở tài khoản và hoàn tiền.",
    "public_map": "Tên cửa hàng và chỗ bán của tôi hiện trên bản đồ công khai. Điện thoại và tài khoản không hiện.",
    "photo": "Ảnh chụp quầy của tôi được dùng trong bản tin của xã. Không chụp giấy tờ tuỳ thân.",
}
#: Said after all purposes.
RIGHTS_TEXT: Final = (
    "Quyền của cô chú: xem, sửa, nhận bản sao, rút đồng ý, yêu cầu xoá. Xã trả lời trong 2 ngày làm việc, "
    "rút đồng ý xong trong 15 ngày, sửa và cung cấp trong 10 ngày, xoá trong 20 ngày."
)
