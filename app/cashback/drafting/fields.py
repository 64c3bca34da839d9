"""What stands in the fields of the policy form: made from a policy, told apart by prefix. Pure.

`w-` are the conditions of every payment, `g1-` ... those of the cases, `r1-` ... the rewards, `a-` the open points.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.cashback.drafting.document import percent_of
from app.cashback.rules import Conditions, Draw, Pay, Policy, Reward
from app.cashback.seeds import chain_fault
from app.money import format_number
from app.vn.dates import format_date

GROUPS_MAX = 4
REWARDS_MAX = 4
PRIZES_MAX = 6
EVERY = "w-"

#: A field and what stands in it; a name may stand several times (boxes that are ticked).
Pairs = Iterator[tuple[str, str]]


def group_prefix(number: int) -> str:
    """The fields of one case, counted from 1."""
    return f"g{number}-"


def reward_prefix(number: int) -> str:
    """The fields of one reward, counted from 1."""
    return f"r{number}-"


def prize_prefix(reward: int, number: int) -> str:
    """The fields of one prize of a reward."""
    return f"r{reward}-p{number}-"


def fields_of(policy: Policy) -> list[tuple[str, str]]:
    """Every field of the form that shows this policy."""
    return list(_fields(policy))


def unsealed(policy: Policy) -> Policy:
    """The same policy without the hash of a seed: the next version gets a seed of its own."""
    rewards = tuple(
        replace(reward, draw=replace(reward.draw, seed_sha256="")) if reward.draw else reward
        for reward in policy.rewards
    )
    return replace(policy, rewards=rewards)


def sealed_by_period(policy: Policy) -> Policy:
    """The same with a seed for every period of its draws, where it can have them: nobody waits for the programme's end
    to see who won yesterday.
    """
    rewards = tuple(
        replace(reward, draw=replace(reward.draw, seed_per="period")) if reward.draw else reward
        for reward in policy.rewards
    )
    found = replace(policy, rewards=rewards)
    return policy if chain_fault(found) else found


def _fields(policy: Policy) -> Pairs:
    yield "policy", policy.policy_id
    yield "title", policy.title
    yield "source", policy.source
    yield "first_day", format_date(policy.first_day) if policy.first_day else ""
    yield "last_day", format_date(policy.last_day) if policy.last_day else ""
    yield from _group(EVERY, policy.when)
    yield "groups", str(len(policy.any_of))
    for number, group in enumerate(policy.any_of, 1):
        yield from _group(group_prefix(number), group)
    yield from (("zones", slug) for slug in policy.zones)
    yield "rewards", str(len(policy.rewards))
    for number, reward in enumerate(policy.rewards, 1):
        yield from _reward(number, reward)
    yield "budget", money_text(policy.budget_vnd)
    yield "on_exhaust", policy.on_exhaust
    yield "on_reversal", policy.on_reversal
    yield from ((f"a-{each.about}", each.why) for each in policy.assumed)


def _group(prefix: str, group: Conditions) -> Pairs:
    for name, words in (
        ("kind", group.kinds),
        ("source", group.sources),
        ("channel", group.channels),
        ("weekday", group.weekdays),
    ):
        yield from ((f"{prefix}{name}", word) for word in words)
    for name, is_asked in (
        ("own", group.own_number),
        ("points", group.points_listed),
        ("subscribers", group.subscribers_listed),
    ):
        if is_asked:
            yield f"{prefix}{name}", "1"
    if group.more_than_vnd is not None:
        yield f"{prefix}least", "more_than"
        yield f"{prefix}amount", money_text(group.more_than_vnd)
    elif group.at_least_vnd is not None:
        yield f"{prefix}least", "at_least"
        yield f"{prefix}amount", money_text(group.at_least_vnd)


def _reward(number: int, reward: Reward) -> Pairs:
    prefix = reward_prefix(number)
    yield f"{prefix}to", reward.to
    if reward.draw is not None:
        yield f"{prefix}way", "draw"
        yield from _draw(number, reward.draw)
    elif reward.pay is not None:
        yield from _pay(prefix, reward.pay)
    for cap in reward.caps:
        yield f"{prefix}cap-{cap.per}", str(cap.count)


def _pay(prefix: str, pay: Pay) -> Pairs:
    if pay.is_fixed:
        yield f"{prefix}way", "fixed"
        yield f"{prefix}vnd", money_text(pay.vnd)
        return
    yield f"{prefix}way", "percent"
    yield f"{prefix}percent", percent_of(pay).replace(".", ",")
    yield f"{prefix}rounding", pay.rounding
    yield f"{prefix}most", money_text(pay.most_vnd)


def _draw(number: int, draw: Draw) -> Pairs:
    prefix = reward_prefix(number)
    yield f"{prefix}per", draw.per
    yield f"{prefix}ticket", draw.ticket_per
    yield f"{prefix}prizes", str(len(draw.prizes))
    for at, prize in enumerate(draw.prizes, 1):
        inner = prize_prefix(number, at)
        yield f"{inner}name", prize.name
        yield f"{inner}worth", money_text(prize.worth_vnd)
        yield f"{inner}winners", str(prize.winners)
    yield f"{prefix}seeds", draw.seed_per
    yield f"{prefix}seed", draw.seed_sha256


def money_text(vnd: int | None) -> str:
    """An amount as it is typed: 20.000; nothing for none."""
    return "" if vnd is None else format_number(vnd)
