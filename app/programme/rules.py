"""What comes next for whom. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.money import format_number

#: Words for acts in the chain, by their stable names; an act not named here is not shown on the first page.
ACTS = {
    "merchant.register": "Ghi một hộ kinh doanh",
    "merchant.change": "Sửa thông tin hộ kinh doanh",
    "account.propose": "Đề nghị tài khoản nhận tiền",
    "account.approve": "Duyệt tài khoản nhận tiền",
    "account.refuse": "Từ chối một tài khoản",
    "import.apply": "Nhập danh sách",
    "import.undo": "Hoàn tác một lần nhập",
    "zone.create": "Thêm khu vực",
    "unit.create": "Thêm đơn vị hành chính",
    "lot.order": "Đặt một lô in",
    "report.import": "Nhận báo cáo giao dịch",
    "user.create": "Thêm người dùng",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the set-up checklist."""

    title: str
    hint: str
    url: str
    action: str
    done: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits. `kind`: bad, warn or info."""

    icon: str
    title: str
    hint: str
    url: str
    kind: str


def setup_steps(*, commune: bool, zones: bool, merchants: int, ready: int, address: bool, printed: int) -> list[Step]:
    """From an empty folder to paper on the wall; an empty list once all is done."""
    steps = [
        Step("Chọn xã, phường", "Tìm theo tên mới hoặc tên cũ.", "/desk/places", "Chọn địa bàn", commune),
        Step("Thêm chợ, tuyến phố", "Vẽ sơ đồ quầy trong một phút.", "/desk/places", "Thêm khu vực", zones),
        Step(
            "Nhập danh sách hộ kinh doanh",
            "Tệp Excel đang có là được; xem thử trước khi ghi.",
            "/desk/imports",
            "Nhập danh sách",
            merchants > 0,
        ),
        Step("Duyệt tài khoản nhận tiền", "Một người khác người đề nghị.", "/desk/approvals", "Duyệt", ready > 0),
        Step(
            "Ghi địa chỉ công khai",
            "In lên áp phích, biển và phiếu để người dân quét.",
            "/desk/settings/address",
            "Ghi địa chỉ",
            address,
        ),
        Step("In bảng QR đầu tiên", "Xem trước đúng như khi in.", "/desk/prints", "In bảng", printed > 0),
    ]
    return [] if all(step.done for step in steps) else steps


@dataclass(frozen=True, slots=True)
class Care:
    """What the record itself wants: grave issues, requests of people, records that may be one."""

    grave: int = 0
    requests: int = 0
    late_requests: int = 0
    duplicates: int = 0


def tasks(waiting: int, counts: Mapping[str, int], care: Care, money: Sequence[Task] = ()) -> list[Task]:
    """What waits, most urgent first; `money`: what waits in the rooms of the money."""
    late = f"{care.late_requests} đã quá hạn." if care.late_requests else "Luật định ngày phải xong."
    requests_kind = "bad" if care.late_requests else "warn"
    found = [
        (care.grave, "flag", "việc nặng cần xử lý", "Mã trùng, tài khoản chung, chưa đồng ý.", "/desk/issues", "bad"),
        (care.requests, "lock", "yêu cầu về dữ liệu cá nhân", late, "/desk/requests", requests_kind),
        (waiting, "shield", "tài khoản chờ duyệt", "Cần một người khác người đề nghị.", "/desk/approvals", "warn"),
        (
            counts.get("qr_issued", 0),
            "print",
            "hộ có mã QR, chưa in",
            "Chọn mẫu và đặt lô in.",
            "/desk/prints",
            "info",
        ),
        (
            counts.get("dormant", 0),
            "history",
            "hộ lâu không có giao dịch",
            "Ghé hỏi thăm, xem bảng còn đó không.",
            "/desk/merchants?stage=dormant",
            "warn",
        ),
        (
            care.duplicates,
            "copy",
            "cặp hồ sơ có thể trùng",
            "So rồi gộp hoặc để riêng.",
            "/desk/duplicates",
            "info",
        ),
        (
            counts.get("surveyed", 0),
            "store",
            "hộ đã khảo sát, chưa đồng ý",
            "Giải thích rõ: không báo cho cơ quan thuế.",
            "/desk/merchants?stage=surveyed",
            "info",
        ),
    ]
    told = [
        Task(icon, f"{format_number(number)} {words}", hint, url, kind)
        for number, icon, words, hint, url, kind in found
        if number
    ]
    urgent = sum(1 for task in told if task.kind == "bad")
    return [*told[:urgent], *money, *told[urgent:]]


def share(part: Sequence[int], whole: int) -> int | None:
    """Whole percent, or None of nothing."""
    return sum(part) * 100 // whole if whole else None
