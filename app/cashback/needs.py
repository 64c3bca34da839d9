"""What would have been needed for a reward that was not granted: one sentence a person can act on. Pure."""

from datetime import date, timedelta

from app.cashback.rules import CAP_REASONS, Per, Policy, period_days
from app.cashback.wording import LISTED, PARTIES, Told, dates, minimum, named
from app.money import format_vnd
from app.vn.dates import format_date

_CAPS = {reason.word: per for per, reason in CAP_REASONS.items()}
_FIXED = {
    "failed": "Cần giao dịch thành công",
    "reversed": "Cần giao dịch không bị lấy lại",
    "not_own_number": "Cần nạp hoặc trả cho chính số của người trả",
    "not_a_point": "Cần trả ở một điểm có trong danh sách điểm của chương trình",
    "not_new_subscriber": "Cần khách hàng có trong danh sách thuê bao, cài ứng dụng không muộn hơn ngày giao dịch",
    "draw_pending": "Cần chờ công bố hạt giống rồi quay thưởng",
    "not_drawn": "Phiếu này đã vào quay thưởng nhưng không trúng",
}


def needed(policy: Policy, told: Told) -> str:
    """What would have been needed, as a sentence; "" where the reward was granted."""
    match told.reason:
        case "granted":
            found = ""
        case "outside_dates":
            found = f"Cần trả trong thời gian chương trình: {dates(policy)}"
        case "below_minimum":
            found = _larger(policy, told)
        case "budget_spent":
            found = "Cần ngân sách của chương trình còn đủ cho cả khoản thưởng"
        case reason if reason in _CAPS:
            found = _next_turn(policy, told, _CAPS[reason])
        case reason if reason in LISTED:
            opening, attribute, names = LISTED[reason]
            found = f"Cần trả {opening} {named((policy.when, *policy.any_of), attribute, names)}"
        case reason:
            found = _FIXED.get(reason, "")
    return f"{found}." if found else ""


def _larger(policy: Policy, told: Told) -> str:
    groups = (policy.when, *policy.any_of)
    least = [group.at_least_vnd for group in groups if group.at_least_vnd is not None]
    least += [group.more_than_vnd + 1 for group in groups if group.more_than_vnd is not None]
    missing = min((each - told.line_amount_vnd for each in least if each > told.line_amount_vnd), default=0)
    return f"Cần trả {minimum(groups)}" + (f", thêm ít nhất {format_vnd(missing)}" if missing else "")


def _next_turn(policy: Policy, told: Told, per: Per) -> str:
    who = PARTIES[told.role if told.role != "fund" else "customer"]
    if per is Per.EVER:
        return f"Không có cách nào: mỗi {who} chỉ được thưởng {told.counter_limit} lần"
    _, last = period_days(per, date.fromisoformat(told.paid_at[:10]))
    opens = last + timedelta(days=1)
    if policy.last_day is not None and opens > policy.last_day:
        return f"Không còn lượt mới: chương trình kết thúc {format_date(policy.last_day)}"
    return f"{who.capitalize()} có lượt mới từ {format_date(opens)}"
