"""A decision in one Vietnamese sentence: what was decided, the counter it rests on, and what would have been needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.cashback.rules import Conditions, Per, Policy
from app.money import format_vnd

PARTIES = {"customer": "khách hàng", "merchant": "điểm bán", "fund": "quỹ của xã"}
PERIODS = {
    Per.DAY: "trong ngày", Per.WEEK: "trong tuần", Per.MONTH: "trong tháng", Per.QUARTER: "trong quý",
    Per.YEAR: "trong năm", Per.EVER: "từ trước đến nay",
}  # fmt: skip
KIND_NAMES = {
    "qr_payment": "thanh toán quét QR", "topup_prepaid": "nạp điện thoại trả trước",
    "bill_postpaid": "cước điện thoại trả sau", "electricity": "tiền điện", "telecom": "cước viễn thông",
    "tuition": "học phí", "data_pack": "mua gói data", "other": "loại khác",
}  # fmt: skip
SOURCE_NAMES = {"viettelpay": "ViettelPay", "mobile_money": "Mobile Money", "bank": "tài khoản ngân hàng"}
CHANNEL_NAMES = {"app": "ứng dụng", "web": "trang web", "ussd": "USSD", "auto": "nạp tự động"}
WEEKDAY_NAMES = {
    "monday": "thứ Hai", "tuesday": "thứ Ba", "wednesday": "thứ Tư", "thursday": "thứ Năm", "friday": "thứ Sáu",
    "saturday": "thứ Bảy", "sunday": "Chủ nhật",
}  # fmt: skip
REASON_NAMES = {
    "granted": "được thưởng", "failed": "giao dịch không thành công", "reversed": "giao dịch đã bị lấy lại",
    "outside_dates": "ngoài thời gian chương trình", "wrong_kind": "không đúng loại giao dịch",
    "wrong_source": "không đúng nguồn tiền", "wrong_channel": "không đúng kênh",
    "not_own_number": "không phải số của chính mình", "not_promotion_day": "không phải ngày khuyến mại",
    "below_minimum": "dưới mức tối thiểu", "not_a_point": "không phải điểm trong danh sách",
    "not_new_subscriber": "không phải thuê bao mới", "daily_cap": "hết lượt trong ngày",
    "weekly_cap": "hết lượt trong tuần", "monthly_cap": "hết lượt trong tháng", "quarterly_cap": "hết lượt trong quý",
    "yearly_cap": "hết lượt trong năm", "already_rewarded": "đã thưởng đủ số lần", "budget_spent": "hết ngân sách",
    "draw_pending": "chờ quay thưởng", "not_drawn": "không trúng",
}  # fmt: skip
#: Reason -> (opening words, the attribute of the conditions that lists, its names).
LISTED = {
    "wrong_kind": ("cho", "kinds", KIND_NAMES),
    "wrong_source": ("khi trả bằng", "sources", SOURCE_NAMES),
    "wrong_channel": ("qua", "channels", CHANNEL_NAMES),
    "not_promotion_day": ("vào", "weekdays", WEEKDAY_NAMES),
}
_FIXED = {
    "not_own_number": "chỉ áp dụng khi nạp cho số của chính mình",
    "not_a_point": "nơi bán không có trong danh sách điểm của chương trình",
    "not_new_subscriber": "khách hàng không có trong danh sách thuê bao đã cài ứng dụng đến ngày ấy",
}
_SHOWN_MAX = 5


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier payment that used the cap."""

    reference: str
    paid_at: str


@dataclass(frozen=True, slots=True)
class Told:
    """One row of decisions, as far as a sentence needs it, and the payments that used its cap."""

    reward: int
    role: str
    payee: str
    reference: str
    paid_at: str
    amount_vnd: int
    reason: str
    counter_per: str | None
    counter_used: int | None
    counter_limit: int | None
    line_amount_vnd: int
    taken_back_by: str
    used_by: tuple[Before, ...] = ()


def sentence(policy: Policy, told: Told) -> str:
    """One sentence for one reward and payment.

    It opens with what and when, says what was decided, and why with the figures.
    """
    who = PARTIES[told.role] + ("" if told.role == "fund" else f" {told.payee}")
    opening = f"Giao dịch {told.reference} ({format_vnd(told.line_amount_vnd)}, {clock(told.paid_at)}): {who} "
    if told.reason == "granted":
        what = "trúng thưởng" if policy.rewards[told.reward - 1].draw else "được thưởng"
        return f"{opening}{what} {format_vnd(told.amount_vnd)}{_nth(told)}."
    if told.reason == "draw_pending":
        return f"{opening}chưa có kết quả vì đang chờ quay thưởng."
    return f"{opening}không được thưởng vì {why(policy, told)}{_before(told)}."


def _nth(told: Told) -> str:
    if told.counter_per is None or told.counter_used is None:
        return ""
    return f", lần thứ {told.counter_used + 1} {PERIODS[Per(told.counter_per)]}, tối đa {told.counter_limit}"


def why(policy: Policy, told: Told) -> str:
    """Why a payment earned nothing, with the figures, as the end of a sentence; the payments before it are left out."""
    if told.counter_per == "budget":
        return (
            f"ngân sách {format_vnd(told.counter_limit or 0)} của chương trình không còn đủ "
            f"(đã dùng {format_vnd(told.counter_used or 0)})"
        )
    if told.counter_per is not None and told.counter_used is not None:
        return f"đây là lần thứ {told.counter_used + 1} {PERIODS[Per(told.counter_per)]}, tối đa {told.counter_limit}"
    return _condition(policy, told)


def _before(told: Told) -> str:
    if told.counter_per in {None, "budget"} or told.counter_used is None:
        return ""
    if not told.used_by:
        return ": các lượt đã dùng hết"
    shown = ", ".join(f"{one.reference} ({clock(one.paid_at)})" for one in told.used_by[:_SHOWN_MAX])
    more = f" và {len(told.used_by) - _SHOWN_MAX} lần nữa" if len(told.used_by) > _SHOWN_MAX else ""
    return f": các lần trước là {shown}{more}"


def _condition(policy: Policy, told: Told) -> str:
    groups = (policy.when, *policy.any_of)
    match told.reason:
        case "reversed" if told.taken_back_by:
            why = f"giao dịch {told.taken_back_by} đã lấy lại"
        case "outside_dates":
            why = f"chương trình chỉ áp dụng {dates(policy)}"
        case "below_minimum":
            why = f"số tiền {format_vnd(told.line_amount_vnd)} chưa đủ, cần {minimum(groups)}"
        case reason if reason in LISTED:
            opening, attribute, names = LISTED[reason]
            why = f"chỉ áp dụng {opening} {named(groups, attribute, names)}"
        case reason:
            why = _FIXED.get(reason, REASON_NAMES[reason])
    return why


def named(groups: Sequence[Conditions], attribute: str, names: dict[str, str]) -> str:
    """The words that a policy's groups of conditions allow: tiền điện, cước viễn thông hoặc học phí."""
    words = dict.fromkeys(word for group in groups for word in getattr(group, attribute))
    return joined([names[word] for word in words], "hoặc")


def minimum(groups: Sequence[Conditions]) -> str:
    """The smallest payment that counts: từ 20.000 ₫ hoặc trên 30.000 ₫."""
    found = [f"từ {format_vnd(group.at_least_vnd)}" for group in groups if group.at_least_vnd is not None]
    found += [f"trên {format_vnd(group.more_than_vnd)}" for group in groups if group.more_than_vnd is not None]
    return joined(found, "hoặc")


def dates(policy: Policy) -> str:
    """From when until when a policy holds."""
    first = f"từ {policy.first_day:%d/%m/%Y}" if policy.first_day else ""
    last = f"đến hết {policy.last_day:%d/%m/%Y}" if policy.last_day else ""
    return f"{first} {last}".strip()


def joined(words: Sequence[str], conjunction: str) -> str:
    """A list as a sentence has it: a, b hoặc c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {conjunction} {words[-1]}" if words else ""


def clock(paid_at: str) -> str:
    """A moment of a report as people say it: 09:00:00 ngày 01/08/2023."""
    return f"{datetime.fromisoformat(paid_at):%H:%M:%S ngày %d/%m/%Y}"
