"""What in the registry wants somebody's attention, the worst first; it is gone when its cause is gone. Pure.

Severity after research/registry.md 3.12: where money may go astray first, what only grows old last.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Issue:
    """One kind of trouble: how grave (0 to 1,000), what it is, what to do, and where else it is listed."""

    kind: str
    severity: int
    label: str
    remedy: str
    icon: str
    pieces: str = ""
    """Address of the printed pieces it is about."""


ISSUES: Final = {
    issue.kind: issue
    for issue in (
        Issue("late_request", 950, "Yêu cầu về dữ liệu quá hạn", "Làm ngay, hoặc gia hạn một lần.", "warning"),
        Issue("shared_code", 920, "Một mã QR ở nhiều hộ", "Hỏi từng hộ; gỡ bảng sai trước.", "qr"),
        Issue("shared_account", 900, "Một tài khoản, nhiều hộ", "Gọi hỏi từng hộ: tài khoản là của ai?", "bank"),
        Issue("code_waits", 850, "Mã QR chờ người thứ hai duyệt", "Mở trang Duyệt tài khoản.", "qr"),
        Issue("account_waits", 800, "Tài khoản chờ duyệt quá 3 ngày", "Nhờ người duyệt xem hôm nay.", "shield"),
        Issue("no_consent", 700, "Đã khảo sát nhưng chưa ghi đồng ý", "Hỏi và ghi đồng ý khi gặp lại.", "edit"),
        Issue(
            "stale_code", 650, "Bảng trên tường còn mã cũ", "In và thay bảng.", "print", "/desk/prints/pieces?stale=1"
        ),
        Issue("no_account", 600, "Đã đồng ý nhưng chưa có tài khoản", "Giúp mở hoặc quét mã đang có.", "wallet"),
        Issue("no_phone", 500, "Chưa có số điện thoại", "Hỏi số khi đến quầy.", "phone"),
        Issue("no_place", 450, "Chưa biết bán ở đâu", "Ghi khu vực, mã quầy hoặc toạ độ.", "pin"),
        Issue("dormant", 400, "Lâu không có giao dịch", "Đến hỏi lý do, ghi lại và giúp dùng lại.", "clock"),
        Issue("consent_ends", 350, "Đồng ý sắp hết hạn", "Hỏi lại trước ngày hết hạn.", "clock"),
        Issue("overdue", 300, "Quá hạn kiểm tra tại chỗ", "Xếp vào lượt đi kiểm tra tới.", "calendar"),
        Issue("soon", 200, "Sắp đến hạn kiểm tra", "Ghé khi đi qua.", "calendar"),
    )
}
#: An account that waits longer than this is forgotten.
WAIT_DAYS: Final = 3
#: A consent is asked for again this long before it ends.
ENDS_DAYS: Final = 30
#: From this severity on the desk's first page counts them.
GRAVE: Final = 700
#: Looking that reveals nothing ends no trouble: these acts are not what closed one.
LOOKS: Final = ("issue.", "merchant.show", "person.export")
#: A trouble may be put aside for so long at most.
SNOOZE_DAYS_MAX: Final = 90
#: A note is a sentence or two.
NOTE_MAX: Final = 300
#: For how long one is put aside, as people choose it.
SNOOZES: Final = {"3": "3 ngày", "7": "1 tuần", "30": "1 tháng", "90": "3 tháng"}
