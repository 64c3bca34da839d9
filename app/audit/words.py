"""What acts and records are called on the audit's pages.

Rooms bring words of their own (app.factory.rooms.ACT_WORDS); an act without words is shown by its stable name, and a
test names those.
"""

from collections.abc import Iterable, Mapping

from flask import Flask, current_app

_KEY = "choso_acts"

ACTS = {
    "access.refused": "Bị từ chối vì không có quyền",
    "account.approve": "Duyệt tài khoản nhận tiền",
    "account.propose": "Đề nghị tài khoản nhận tiền",
    "account.refuse": "Từ chối tài khoản nhận tiền",
    "account.retire": "Ngừng tài khoản nhận tiền",
    "approval.refused": "Bị từ chối duyệt",
    "consent.give": "Ghi nhận đồng ý",
    "consent.withdraw": "Rút lại đồng ý",
    "device.issue": "Cấp mã thiết bị",
    "device.revoke": "Thu hồi thiết bị",
    "field.show": "Xem dữ liệu được che",
    "import.apply": "Nhập danh sách",
    "import.confirm_accounts": "Xác nhận số tài khoản của danh sách",
    "import.drop": "Bỏ danh sách",
    "import.lines": "Chọn từng dòng của danh sách",
    "import.undo": "Hoàn lại lần nhập",
    "instance.address": "Ghi địa chỉ công khai",
    "link.invitation": "Tạo thư mời",
    "link.phone": "Tạo mã cài điện thoại",
    "merchant.ask_again": "Xem lại hồ sơ trùng",
    "merchant.change": "Sửa hộ kinh doanh",
    "merchant.register": "Đăng ký hộ kinh doanh",
    "merchant.erase": "Xoá dữ liệu cá nhân",
    "merchant.merge": "Gộp hồ sơ",
    "merchant.set_apart": "Ghi: không phải một hộ",
    "merchant.unmerge": "Tách hồ sơ đã gộp",
    "milestone.revoke": "Gỡ mốc",
    "policy.approve": "Duyệt chính sách hoàn tiền",
    "policy.propose": "Soạn chính sách hoàn tiền",
    "cashback.run": "Xét hoàn tiền",
    "cashback.export": "Xuất quyết định hoàn tiền",
    "report.receive": "Nhận báo cáo giao dịch",
    "report.undo": "Rút lại báo cáo giao dịch",
    "report.export": "Xuất dòng hoặc tệp của báo cáo",
    "related.add": "Ghi người nhà, nhân viên của điểm bán",
    "related.remove": "Bỏ người nhà, nhân viên của điểm bán",
    "activity.review": "Kết luận về dấu hiệu",
    "activity.export": "Xuất hoạt động của điểm bán",
    "activity.undo": "Rút lại kết luận về dấu hiệu",
    "conflict.settle": "Phân xử giao dịch mâu thuẫn",
    "conflict.approve": "Đồng ý cách phân xử",
    "conflict.refuse": "Không đồng ý cách phân xử",
    "conflict.withdraw": "Rút lại cách phân xử",
    "report_profile.keep": "Lưu hồ sơ đọc báo cáo",
    "upload.keep": "Giữ tệp báo cáo",
    "upload.drop": "Bỏ qua tệp báo cáo",
    "person.close": "Đóng yêu cầu về dữ liệu",
    "person.export": "Xuất dữ liệu của một người",
    "person.prolong": "Gia hạn yêu cầu về dữ liệu",
    "person.request": "Nhận yêu cầu về dữ liệu",
    "point.change": "Sửa điểm bán",
    "point.hand_over": "Chuyển chủ điểm bán",
    "point.open": "Mở điểm bán",
    "point.vacate": "Trả điểm bán",
    "qr.approve": "Duyệt mã QR",
    "qr.issue": "Cấp mã QR",
    "qr.refuse": "Từ chối mã QR",
    "retention.run": "Xoá dữ liệu hết hạn lưu",
    "sample.build": "Tạo dữ liệu mẫu",
    "sample.remove": "Gỡ dữ liệu mẫu",
    "sign_in.locked": "Khoá tạm vì thử sai nhiều lần",
    "sign_in.wrong": "Đăng nhập sai",
    "stall.close": "Đóng quầy",
    "stall.split": "Tách quầy",
    "stall.merge": "Gộp quầy",
    "stall.rename": "Đổi mã quầy",
    "unit.close": "Đóng địa bàn",
    "unit.create": "Thêm địa bàn",
    "unit.draw": "Vẽ ranh giới",
    "unit.rename": "Đổi tên địa bàn",
    "user.activate": "Mở lại người dùng",
    "user.change": "Sửa người dùng",
    "user.create": "Thêm người dùng",
    "user.confirm": "Tự xác nhận bằng mã trao tay",
    "user.deactivate": "Khoá người dùng",
    "user.end_everything": "Ngắt mọi thiết bị",
    "user.end_sessions": "Đăng xuất mọi nơi",
    "user.hand_over": "Cấp mã trao tay để xác nhận",
    "user.grant": "Trao vai trò",
    "user.password": "Đổi mật khẩu",
    "user.recovery_codes": "Cấp mã dự phòng mới",
    "user.reset_password": "Cấp lại mật khẩu",
    "user.reset_second_factor": "Bỏ xác thực hai lớp",
    "user.revoke": "Gỡ vai trò",
    "user.second_factor": "Bật xác thực hai lớp",
    "user.sign_in": "Đăng nhập",
    "user.sign_out": "Đăng xuất",
    "zone.add_stalls": "Thêm quầy",
    "zone.change": "Sửa khu vực",
    "zone.close": "Đóng khu vực",
    "zone.create": "Thêm khu vực",
    "zone.draw": "Vẽ khu vực",
    "zone.lay_out": "Lập sơ đồ chợ",
    "zone.undo_lay_out": "Hoàn tác lần vẽ sơ đồ",
}

SUBJECTS = {
    "approval": "Việc cần hai người",
    "account": "Tài khoản nhận tiền",
    "activity": "Hoạt động của điểm bán",
    "activity_review": "Kết luận về dấu hiệu",
    "cashback_run": "Lần xét hoàn tiền",
    "conflict": "Giao dịch mâu thuẫn",
    "draw_commitment": "Lần quay thưởng",
    "fee_collection": "Đợt thu",
    "import": "Lần nhập",
    "import_batch": "Lần nhập danh sách",
    "instance": "Cài đặt của máy",
    "job": "Việc nền",
    "ledger": "Sổ hoàn tiền",
    "lot": "Lô in",
    "merchant": "Hộ kinh doanh",
    "merchant_list": "Danh sách hộ, tệp",
    "page": "Trang",
    "payment_account": "Tài khoản nhận tiền",
    "payout": "Đợt chi trả",
    "piece_change": "Thay đổi của ấn phẩm",
    "point": "Điểm bán",
    "policy_version": "Bản chính sách",
    "printer": "Máy in văn phòng",
    "qr_asset": "Mã QR",
    "report": "Báo cáo giao dịch",
    "report_profile": "Hồ sơ đọc báo cáo",
    "retention": "Dữ liệu hết hạn lưu",
    "sample": "Xã mẫu",
    "sign_in": "Đăng nhập",
    "stall": "Quầy",
    "unit": "Địa bàn",
    "upload": "Tệp báo cáo",
    "user": "Người dùng",
    "zone": "Khu vực",
}

#: What the fields of before and after are called.
FIELDS = {
    "confirmed_by": "Người xác nhận",
    "device": "Thiết bị",
    "full_name": "Họ tên",
    "keeping": "Ai cấp tài khoản cho hai người",
    "kind": "Loại",
    "name": "Tên",
    "phone": "Số điện thoại",
    "role": "Vai trò",
    "scope": "Phạm vi",
    "shop_name": "Tên cửa hàng",
    "tries": "Số lần thử trong giờ",
    "user_name": "Tên đăng nhập",
}

VIA = {
    "web": "trang web",
    "api": "API",
    "phone": "điện thoại",
    "cli": "dòng lệnh",
    "job": "việc nền",
    "system": "chương trình",
}


def init_act_words(app: Flask, rooms: Iterable[Mapping[str, str]]) -> None:
    """Collects the words of all rooms; the later ones win."""
    words: dict[str, str] = {}
    for each in rooms:
        words.update(each)
    app.extensions[_KEY] = words


def all_acts() -> Mapping[str, str]:
    """Every act that has words."""
    acts: Mapping[str, str] = current_app.extensions.get(_KEY, ACTS)
    return acts


def act_words(action: str) -> str:
    """What an act is called; its stable name where no words stand for it."""
    return all_acts().get(action, action)


def subject_words(kind: str) -> str:
    """What a kind of record is called."""
    return SUBJECTS.get(kind, kind)


def subjects_called(word: str) -> list[str]:
    """Kinds of record with this word in what they are called: who looks for “quầy” finds stalls."""
    return [kind for kind, label in SUBJECTS.items() if word.casefold() in label.casefold().replace(",", "").split()]


def field_words(field: str) -> str:
    """What a field is called."""
    return FIELDS.get(field, field)


def via_words(via: str) -> str:
    """By which way somebody acted."""
    return VIA.get(via, via)
