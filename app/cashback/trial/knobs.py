"""What can be turned in a trial: the amounts, the minimum, the caps, the budget and the days of a policy. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.cashback.drafting.document import percent_of
from app.cashback.drafting.fields import money_text
from app.cashback.rules import Cap, Conditions, Pay, Policy, Reward
from app.cashback.wording import PARTIES
from app.money import MoneyError, parse_vnd
from app.vn.dates import DateError, parse_date

_PER_NAMES = {
    "day": "mỗi ngày", "week": "mỗi tuần", "month": "mỗi tháng", "quarter": "mỗi quý", "year": "mỗi năm",
    "ever": "cả chương trình",
}  # fmt: skip
_PERCENT_MAX = 100
_COUNT_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Knob:
    """One thing to turn: its field, its words, where it stands, and the ends and steps of its slider."""

    name: str
    label: str
    value: int
    least: int
    most: int
    step: int
    unit: str = "vnd"  #: vnd | percent | count


def knobs_of(policy: Policy) -> list[Knob]:
    """The sliders of a policy, in the order in which it speaks."""
    return list(_knobs(policy))


def turned(policy: Policy, values: Mapping[str, str]) -> tuple[Policy, dict[str, str]]:
    """The policy with its knobs where they were put, and what is wrong with which field; a fault turns nothing."""
    faults: dict[str, str] = {}
    found: dict[str, int] = {}
    for knob in _knobs(policy):
        text = values.get(knob.name, "").strip()
        try:
            found[knob.name] = knob.value if not text else _number(knob, text)
        except ValueError as wrong:
            faults[knob.name] = str(wrong)
            found[knob.name] = knob.value
    rewards = tuple(_turned(number, reward, found) for number, reward in enumerate(policy.rewards, 1))
    when = _with_least(policy.when, found.get("k-least"))
    budget = _budget(policy, values, faults)
    return replace(policy, rewards=rewards, when=when, budget_vnd=budget), faults


def on_days(policy: Policy, first_day: date, last_day: date) -> Policy:
    """The policy as if it held on exactly these days."""
    return replace(policy, first_day=first_day, last_day=last_day)


def day_in(values: Mapping[str, str], name: str, default: date, faults: dict[str, str]) -> date:
    """A day that was typed, or the default; what is wrong goes into `faults`."""
    text = values.get(name, "").strip()
    try:
        return parse_date(text) if text else default
    except DateError as wrong:
        faults[name] = str(wrong)
        return default


def _knobs(policy: Policy) -> Iterator[Knob]:
    for number, reward in enumerate(policy.rewards, 1):
        who = f"{PARTIES[reward.to][0].upper()}{PARTIES[reward.to][1:]}"
        if reward.pay is not None:
            yield _pay_knob(number, who, reward.pay)
        for cap in reward.caps:
            most = max(10, 3 * cap.count)
            label = f"{who}: số lần {_PER_NAMES[cap.per]}"
            yield Knob(f"k-{number}-{cap.per}", label, cap.count, 1, most, 1, "count")
    least = policy.when.at_least_vnd if policy.when.at_least_vnd is not None else policy.when.more_than_vnd
    if least is not None:
        words = "Từ số tiền" if policy.when.at_least_vnd is not None else "Trên số tiền"
        yield Knob("k-least", words, least, 0, max(100_000, 3 * least), 1000)


def _pay_knob(number: int, who: str, pay: Pay) -> Knob:
    if pay.is_fixed:
        return Knob(f"k-{number}-vnd", f"{who}: mỗi lần", pay.vnd, 500, max(20_000, 3 * pay.vnd), 500)
    share = int(Decimal(percent_of(pay)))
    return Knob(f"k-{number}-percent", f"{who}: phần trăm", share, 1, _PERCENT_MAX, 1, "percent")


def _number(knob: Knob, text: str) -> int:
    if knob.unit == "vnd":
        found = parse_vnd(text)
    elif text.isascii() and text.isdigit() and len(text) <= len(str(_COUNT_MAX)):
        found = int(text)
    else:
        raise ValueError("Cần một số nguyên, ví dụ 5.")
    if knob.unit == "percent" and found > _PERCENT_MAX:
        raise ValueError("Nhiều nhất 100 %.")
    if found < 1 and knob.name != "k-least":
        raise ValueError("Cần số lớn hơn 0.")
    return found


def _turned(number: int, reward: Reward, found: Mapping[str, int]) -> Reward:
    caps = tuple(Cap(found[f"k-{number}-{cap.per}"], cap.per) for cap in reward.caps)
    pay = reward.pay
    if pay is not None and pay.is_fixed:
        pay = replace(pay, vnd=found[f"k-{number}-vnd"])
    elif pay is not None and found[f"k-{number}-percent"] != int(Decimal(percent_of(pay))):
        share, of = (Decimal(found[f"k-{number}-percent"]) / 100).as_integer_ratio()
        pay = replace(pay, share=share, of=of)
    return replace(reward, caps=caps, pay=pay)


def _with_least(group: Conditions, least: int | None) -> Conditions:
    if least is None:
        return group
    if group.at_least_vnd is not None:
        return replace(group, at_least_vnd=least)
    return replace(group, more_than_vnd=least)


def _budget(policy: Policy, values: Mapping[str, str], faults: dict[str, str]) -> int | None:
    """What was typed; an emptied field means no budget, a field that was not sent leaves the policy's."""
    if "k-budget" not in values:
        return policy.budget_vnd
    text = values["k-budget"].strip()
    if not text:
        return None
    try:
        return parse_vnd(text)
    except MoneyError as wrong:
        faults["k-budget"] = str(wrong)
        return policy.budget_vnd


def knob_texts(policy: Policy) -> dict[str, str]:
    """What stands in each field when the trial opens."""
    texts = {knob.name: money_text(knob.value) if knob.unit == "vnd" else str(knob.value) for knob in _knobs(policy)}
    return {**texts, "k-budget": money_text(policy.budget_vnd)}
