"""A policy in plain Vietnamese, generated from what it says: the sheet that is read aloud before anyone signs."""

from collections.abc import Iterator

from app.cashback.rules import Conditions, Draw, Pay, Per, Policy, Reward
from app.cashback.wording import CHANNEL_NAMES, KIND_NAMES, PARTIES, SOURCE_NAMES, WEEKDAY_NAMES, joined
from app.money import format_number, format_vnd

_EACH = {
    Per.DAY: "mỗi ngày", Per.WEEK: "mỗi tuần", Per.MONTH: "mỗi tháng", Per.QUARTER: "mỗi quý", Per.YEAR: "mỗi năm",
    Per.EVER: "cả chương trình",
}  # fmt: skip
_ROUNDED = {
    "floor": "làm tròn xuống đồng", "half_up": "làm tròn đồng gần nhất", "floor_100": "làm tròn xuống trăm đồng",
    "floor_1000": "làm tròn xuống nghìn đồng",
}  # fmt: skip
_DRAWN = {"day": "mỗi ngày", "month": "mỗi tháng", "policy": "một lần khi hết chương trình"}


def plain_words(policy: Policy) -> list[str]:
    """The policy as sentences: when, for what, who gets what, how often, budget, what a reversal does."""
    return [_when(policy), *_for_what(policy), *map(_reward, policy.rewards), _budget(policy), _reversal(policy)]


def _when(policy: Policy) -> str:
    first = f"từ {policy.first_day:%d/%m/%Y}" if policy.first_day else ""
    last = f"đến hết {policy.last_day:%d/%m/%Y}" if policy.last_day else ""
    dates = f"{first} {last}".strip() or "không giới hạn ngày"
    return f"Áp dụng {dates}, theo ngày giờ Việt Nam."


def _for_what(policy: Policy) -> Iterator[str]:
    always = list(_conditions(policy.when))
    yield f"Mỗi giao dịch thành công phải: {'; '.join(always)}." if always else "Mọi giao dịch thành công đều được xét."
    if policy.any_of:
        groups = ["; ".join(_conditions(group)) or "không cần gì thêm" for group in policy.any_of]
        choices = " hoặc ".join(f"({group})" for group in groups)
        yield f"Và đúng ít nhất một trong các trường hợp: {choices}."


def _conditions(group: Conditions) -> Iterator[str]:
    if group.kinds:
        yield f"là {joined([KIND_NAMES[kind] for kind in group.kinds], 'hoặc')}"
    if group.sources:
        yield f"trả bằng {joined([SOURCE_NAMES[source] for source in group.sources], 'hoặc')}"
    if group.channels:
        yield f"qua {joined([CHANNEL_NAMES[channel] for channel in group.channels], 'hoặc')}"
    if group.own_number:
        yield "nạp cho số của chính mình"
    if group.weekdays:
        yield f"vào {joined([WEEKDAY_NAMES[day] for day in group.weekdays], 'hoặc')}"
    if group.at_least_vnd is not None:
        yield f"từ {format_vnd(group.at_least_vnd)} trở lên"
    if group.more_than_vnd is not None:
        yield f"trên {format_vnd(group.more_than_vnd)} (đúng {format_vnd(group.more_than_vnd)} thì chưa được)"
    if group.points_listed:
        yield "tại điểm có trong danh sách"
    if group.subscribers_listed:
        yield "của thuê bao trong danh sách đã cài ứng dụng đến ngày giao dịch"


def _reward(reward: Reward) -> str:
    who = PARTIES[reward.to][0].upper() + PARTIES[reward.to][1:]
    if reward.draw is not None:
        return f"{who}: {_draw(reward.draw)}{_caps(reward)}."
    assert reward.pay is not None
    return f"{who} được {_pay(reward.pay)} cho mỗi giao dịch{_caps(reward)}."


def _pay(pay: Pay) -> str:
    if pay.is_fixed:
        return format_vnd(pay.vnd)
    percent = f"{pay.share * 100 / pay.of:g}".replace(".", ",")
    most = f", nhiều nhất {format_vnd(pay.most_vnd)}" if pay.most_vnd is not None else ""
    return f"{percent} % số tiền ({_ROUNDED[pay.rounding]}{most})"


def _caps(reward: Reward) -> str:
    if not reward.caps:
        return "" if reward.draw else ", không giới hạn số lần"
    party = "mỗi điểm" if reward.to == "merchant" else "mỗi người"
    limits = [f"{cap.count} lần {_EACH[cap.per]}" for cap in reward.caps]
    return f"; {party} nhiều nhất {joined(limits, 'và')}"


def _draw(draw: Draw) -> str:
    prizes = joined(
        [
            f"{format_number(prize.winners)} giải “{prize.name}” ({format_vnd(prize.worth_vnd)})"
            for prize in draw.prizes
        ],
        "và",
    )
    ticket = "mỗi giao dịch một phiếu" if draw.ticket_per == "transaction" else "mỗi khách hàng một phiếu"
    return f"quay thưởng {_DRAWN[draw.per]}, {ticket}, {prizes}; mỗi người trúng nhiều nhất một giải mỗi kỳ"


def _budget(policy: Policy) -> str:
    if policy.budget_vnd is None:
        return "Không nêu ngân sách."
    then = (
        "khoản đầu tiên không vừa thì dừng hẳn"
        if policy.on_exhaust == "stop"
        else "khoản nào không vừa thì bỏ qua, khoản nhỏ hơn sau đó vẫn được trả"
    )
    return f"Ngân sách chung {format_vnd(policy.budget_vnd)}: {then}; không trả một phần."


def _reversal(policy: Policy) -> str:
    if policy.on_reversal == "keep_cap":
        return "Giao dịch bị lấy lại thì không được thưởng và vẫn mất lượt."
    return "Giao dịch bị lấy lại coi như chưa có: không được thưởng, trả lại lượt cho giao dịch kế tiếp."
