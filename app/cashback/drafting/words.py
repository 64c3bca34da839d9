"""The words of the form's choices, in the order in which they stand."""

from typing import Final

from app.cashback.drafting.open_points import QUESTIONS
from app.cashback.rules import Per
from app.cashback.wording import CHANNEL_NAMES, KIND_NAMES, SOURCE_NAMES, WEEKDAY_NAMES

editor_words: Final = {
    "kinds": list(KIND_NAMES.items()),
    "sources": list(SOURCE_NAMES.items()),
    "channels": list(CHANNEL_NAMES.items()),
    "weekdays": [(day, f"{name[0].upper()}{name[1:]}") for day, name in WEEKDAY_NAMES.items()],
    "least": [
        ("", "Không đặt mức"),
        ("at_least", "Từ mức này trở lên"),
        ("more_than", "Trên mức này (đúng mức thì không)"),
    ],
    "payees": [("customer", "Khách hàng"), ("merchant", "Điểm bán"), ("fund", "Quỹ của xã")],
    "ways": [("fixed", "Số tiền cố định"), ("percent", "Phần trăm số tiền"), ("draw", "Quay thưởng")],
    "roundings": [
        ("floor", "Xuống đồng"),
        ("half_up", "Đồng gần nhất"),
        ("floor_100", "Xuống trăm đồng"),
        ("floor_1000", "Xuống nghìn đồng"),
    ],
    "caps": [
        (Per.DAY, "Mỗi ngày"),
        (Per.WEEK, "Mỗi tuần"),
        (Per.MONTH, "Mỗi tháng"),
        (Per.QUARTER, "Mỗi quý"),
        (Per.YEAR, "Mỗi năm"),
        (Per.EVER, "Cả chương trình"),
    ],
    "draws": [("day", "Mỗi ngày"), ("month", "Mỗi tháng"), ("policy", "Một lần khi hết chương trình")],
    "seeds": [
        ("policy", "Một cho cả chương trình, quay khi đã hết"),
        ("period", "Mỗi kỳ một hạt giống, quay khi hết kỳ"),
    ],
    "tickets": [("transaction", "Mỗi giao dịch một phiếu"), ("customer", "Mỗi khách hàng một phiếu mỗi kỳ")],
    "on_exhaust": [
        ("stop", "Khoản đầu tiên không vừa thì dừng hẳn"),
        ("skip", "Bỏ qua khoản không vừa, trả tiếp khoản nhỏ hơn"),
    ],
    "on_reversal": [("replay", "Trả lại lượt cho giao dịch kế tiếp"), ("keep_cap", "Vẫn mất lượt")],
    "questions": list(QUESTIONS.items()),
}
