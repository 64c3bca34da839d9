"""What the acts on policies and draws are called in the audit."""

from typing import Final

ACTS: Final = {
    "policy.refuse": "Không duyệt chính sách hoàn tiền",
    "policy.withdraw": "Rút lại bản nháp chính sách",
    "policy.end": "Kết thúc bản chính sách cũ",
    "draw.commit": "Niêm phong hạt giống quay thưởng",
    "draw.close": "Chốt danh sách phiếu",
    "draw.reveal": "Công bố hạt giống và quay thưởng",
    "draw.again": "Quay lại sau khi giao dịch bị lấy lại",
}
