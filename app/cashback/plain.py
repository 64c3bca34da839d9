"""A policy in plain Vietnamese, generated from what it says: the sheet that is read aloud before anyone signs."""

from collections.abc import Iterator, Mapping

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
_ONE_EACH = "mỗi người trúng nhiều nhất một giải mỗi kỳ"
_SEALED = {"day": "mỗi ngày một hạt giống", "month": "mỗi tháng một hạt giống"}
_DRAWN = {"day": "mỗi ngày", "month": "mỗi tháng", "policy": "một lần khi hết chương trình"}


def plain_words(policy: Policy, zone_names: Mapping[str, str] | None = None) -> list[str]:
    """The policy as sentences: when, for what, who gets what, how often, budget, what a reversal does.

    `zone_names`: what the zones are called whose slugs the policy names.
    """
    words = [dates_words(policy), *condition_words(policy, zone_names), *map(reward_words, policy.rewards)]
    return [*words, _budget(policy), reversal_words(policy)]


def dates_words(policy: Policy) -> str:
    """When the policy holds."""
    first = f"từ {policy.first_day:%d/%m/%Y}" if policy.first_day else ""
    last = f"đến hết {policy.last_day:%d/%m/%Y}" if policy.last_day else ""
    dates = f"{first} {last}".strip() or "không giới hạn ngày"
    return f"Áp dụng {dates}, theo ngày giờ Việt Nam."


def condition_words(policy: Policy, zone_names: Mapping[str, str] | None = None) -> list[str]:
    """What must hold of a payment, and which of several cases."""
    words = list(_for_what(policy))
    if policy.zones:
        named = [(zone_names or {}).get(slug, slug) for slug in policy.zones]
        words.append(f"Danh sách điểm là các điểm bán trong sổ ở {joined(named, 'và')}.")
    return words


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


def reward_words(reward: Reward) -> str:
    """Who gets what, and how often."""
    who = PARTIES[reward.to][0].upper() + PARTIES[reward.to][1:]
    if reward.draw is not None:
        seeds = f"; {seed_words(reward.draw)}" if reward.draw.seed_per == "period" else ""
        return f"{who}: quay thưởng {', '.join(draw_words(reward.draw))}; {_ONE_EACH}{caps_words(reward)}{seeds}."
    assert reward.pay is not None
    return f"{who} được {_pay(reward.pay)} cho mỗi giao dịch{caps_words(reward)}."


def _pay(pay: Pay) -> str:
    if pay.is_fixed:
        return format_vnd(pay.vnd)
    percent = f"{pay.share * 100 / pay.of:g}".replace(".", ",")
    most = f", nhiều nhất {format_vnd(pay.most_vnd)}" if pay.most_vnd is not None else ""
    return f"{percent} % số tiền ({rounding_words(pay)}{most})"


def rounding_words(pay: Pay) -> str:
    """What becomes of a part of a dong."""
    return _ROUNDED[pay.rounding]


def caps_words(reward: Reward) -> str:
    """How often one party gets it, as the end of a sentence."""
    if not reward.caps:
        return "" if reward.draw else ", không giới hạn số lần"
    party = "mỗi điểm" if reward.to == "merchant" else "mỗi người"
    limits = [f"{cap.count} lần {_EACH[cap.per]}" for cap in reward.caps]
    return f"; {party} nhiều nhất {joined(limits, 'và')}"


def draw_words(draw: Draw) -> tuple[str, str, str]:
    """When is drawn, who has which tickets, what can be won."""
    prizes = [
        f"{format_number(prize.winners)} giải “{prize.name}” ({format_vnd(prize.worth_vnd)})" for prize in draw.prizes
    ]
    ticket = "mỗi giao dịch một phiếu" if draw.ticket_per == "transaction" else "mỗi khách hàng một phiếu"
    return _DRAWN[draw.per], ticket, joined(prizes, "và")


def seed_words(draw: Draw) -> str:
    """Which draws share a seed, and so when it is told."""
    if draw.seed_per == "policy":
        return "một hạt giống cho cả chương trình, công bố khi hết chương trình"
    return f"{_SEALED[draw.per]}, công bố khi danh sách phiếu của kỳ ấy đã chốt"


def _budget(policy: Policy) -> str:
    if policy.budget_vnd is None:
        return budget_words(policy)
    then = exhaust_words(policy).rstrip(".")
    return f"{budget_words(policy).rstrip('.')}: {then[0].lower()}{then[1:]}; không trả một phần."


def budget_words(policy: Policy) -> str:
    """How much there is for all."""
    return "Không nêu ngân sách." if policy.budget_vnd is None else f"Ngân sách chung {format_vnd(policy.budget_vnd)}."


def exhaust_words(policy: Policy) -> str:
    """What happens when the budget is nearly spent."""
    if policy.on_exhaust == "stop":
        return "Khoản đầu tiên không vừa thì dừng hẳn."
    return "Khoản nào không vừa thì bỏ qua, khoản nhỏ hơn sau đó vẫn được trả."


def reversal_words(policy: Policy) -> str:
    """What a payment that was taken back does."""
    if policy.on_reversal == "keep_cap":
        return "Giao dịch bị lấy lại thì không được thưởng và vẫn mất lượt."
    return "Giao dịch bị lấy lại coi như chưa có: không được thưởng, trả lại lượt cho giao dịch kế tiếp."
