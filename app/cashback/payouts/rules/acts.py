"""What the acts of the books are called in the audit."""

from typing import Final

ACTS: Final = {
    "ledger.post": "Ghi sổ kết quả xét",
    "ledger.refused": "Bị từ chối ghi sổ kết quả xét",
    "ledger.export": "Xuất sổ hoàn tiền",
    "subscribers.home": "Ghi thôn, chi đoàn của thuê bao",
    "payout.draft": "Lập đợt chi trả",
    "payout.approve": "Duyệt đợt chi trả",
    "payout.withdraw": "Bỏ đợt chi trả",
    "payout.export": "Gửi danh sách chi trả",
    "payout.pay": "Ghi nhận đã chi trả",
    "payout.file": "Tải tệp của đợt chi trả",
    "payout.reconcile": "Đối chiếu chi trả",
}
