"""Where the plan is silent: the question, how this policy decides it, and why. Pure; read from the policy itself."""

from collections.abc import Callable
from dataclasses import dataclass

from app.cashback.plain import (
    budget_words,
    caps_words,
    dates_words,
    draw_words,
    exhaust_words,
    reversal_words,
    rounding_words,
    seed_words,
)
from app.cashback.rules import Per, Policy
from app.cashback.wording import joined
from app.money import format_vnd

#: Which question each name stands for.
QUESTIONS = {
    "dates": "Áp dụng từ ngày nào đến ngày nào?",
    "points": "Điểm nào được tính?",
    "first": "“Lần đầu” là lần nào?",
    "face_value": "Mệnh giá là số tiền nào?",
    "rounding": "Phần trăm lẻ đồng thì làm tròn thế nào?",
    "most_vnd": "Một lần được nhiều nhất bao nhiêu?",
    "caps": "Được bao nhiêu lần?",
    "draw_period": "Quay thưởng khi nào?",
    "tickets": "Ai có bao nhiêu phiếu?",
    "prizes": "Có bao nhiêu giải, mỗi giải bao nhiêu?",
    "seed": "Ai giữ hạt giống quay thưởng?",
    "budget_vnd": "Ngân sách bao nhiêu?",
    "on_exhaust": "Ngân sách gần hết thì sao?",
    "on_reversal": "Giao dịch bị lấy lại thì lượt đã dùng tính sao?",
}


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One question the plan leaves open. `key` says where in the YAML the decision stands."""

    about: str
    question: str
    decided: str
    key: str
    why: str


def open_points(policy: Policy) -> list[OpenPoint]:
    """The open questions of a policy in the order of QUESTIONS."""
    whys = {each.about: each.why for each in policy.assumed}
    return [
        OpenPoint(about, question, _DECIDED[about][1](policy), _DECIDED[about][0], whys[about])
        for about, question in QUESTIONS.items()
        if about in whys
    ]


def _points(policy: Policy) -> str:
    if not policy.needs_points:
        return "Mọi nơi bán; không cần danh sách điểm."
    if policy.zones:
        return f"Điểm bán trong các khu {joined(policy.zones, 'và')}."
    return "Điểm trong danh sách gửi kèm, hoặc mọi điểm trong sổ của xã."


def _first(policy: Policy) -> str:
    periods = {cap.per for reward in policy.rewards for cap in reward.caps if cap.count == 1}
    if Per.DAY in periods:
        return "Lần đủ điều kiện đầu tiên của mỗi ngày."
    if Per.EVER in periods:
        return "Lần đủ điều kiện đầu tiên của mỗi người trong cả chương trình."
    return f"Theo hạn mức: {_caps(policy)}"


def _face_value(policy: Policy) -> str:
    del policy
    return "Số tiền của dòng giao dịch (amount_vnd)."


def _rounding(policy: Policy) -> str:
    ways = dict.fromkeys(rounding_words(each.pay) for each in policy.rewards if each.pay and not each.pay.is_fixed)
    return f"{joined(list(ways), 'và').capitalize()}." if ways else "Mức cố định, không cần làm tròn."


def _most(policy: Policy) -> str:
    pays = [reward.pay for reward in policy.rewards if reward.pay and not reward.pay.is_fixed]
    most = dict.fromkeys(format_vnd(pay.most_vnd) if pay.most_vnd is not None else "không có mức trần" for pay in pays)
    return f"{joined(list(most), 'và').capitalize()}." if most else "Mức cố định."


def _caps(policy: Policy) -> str:
    told = dict.fromkeys(caps_words(reward).removeprefix("; ").removeprefix(", ") for reward in policy.rewards)
    words = joined([each for each in told if each], "và")
    return f"{words[0].upper()}{words[1:]}." if words else "Không giới hạn số lần."


def _draw(policy: Policy, at: int) -> str:
    words = [draw_words(reward.draw)[at] for reward in policy.rewards if reward.draw is not None]
    found = joined(list(dict.fromkeys(words)), "và")
    return f"{found[0].upper()}{found[1:]}." if found else "Không quay thưởng."


def _seed(policy: Policy) -> str:
    draws = [reward.draw for reward in policy.rewards if reward.draw is not None]
    if not draws:
        return "Không quay thưởng."
    words = seed_words(draws[0])
    whose = "mã SHA-256 đã ghi trong chính sách" if draws[0].seed_sha256 else "máy sinh và niêm phong khi được duyệt"
    return f"{words[0].upper()}{words[1:]}; {whose}."


#: The key of the YAML where each decision stands, and the words for it.
_DECIDED: dict[str, tuple[str, Callable[[Policy], str]]] = {
    "dates": ("from, until", dates_words),
    "points": ("when.points, zones", _points),
    "first": ("rewards.caps", _first),
    "face_value": ("rewards.pay_percent", _face_value),
    "rounding": ("rewards.rounding", _rounding),
    "most_vnd": ("rewards.most_vnd", _most),
    "caps": ("rewards.caps", _caps),
    "draw_period": ("rewards.draw.per", lambda policy: _draw(policy, 0)),
    "tickets": ("rewards.draw.ticket_per", lambda policy: _draw(policy, 1)),
    "prizes": ("rewards.draw.prizes", lambda policy: _draw(policy, 2)),
    "seed": ("rewards.draw.seed_sha256", _seed),
    "budget_vnd": ("budget_vnd", budget_words),
    "on_exhaust": ("on_exhaust", exhaust_words),
    "on_reversal": ("on_reversal", reversal_words),
}
