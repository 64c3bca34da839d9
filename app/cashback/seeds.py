"""The seeds of a policy's draws: one for all, or a chain, one a period, each told when its own period is over.

In a chain every seed is the SHA-256 of the one after it, and the published hash is that of the first. Whoever knows a
seed can tell all before it and none after it (Lamport, Password authentication with insecure communication, 1981; the
same chain as in RFC 2289), so one published hash vouches for every day's draw.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.cashback.rules import Policy

SEED_BYTES = 32
PERIODS_MAX = 3_653  #: the days of ten years


@dataclass(frozen=True, slots=True)
class Seeds:
    """The seeds that are known: one of every period, or of some periods their own."""

    every: str | None = None
    of_period: Mapping[str, str] = field(default_factory=dict)

    def of(self, period: str) -> str | None:
        """The seed of a period's draw; none while it is sealed."""
        return self.every if self.every is not None else self.of_period.get(period)


def sha256_of(seed: str) -> str:
    """SHA-256 of the seed's UTF-8 in hexadecimal digits, as it is published."""
    return hashlib.sha256(seed.encode()).hexdigest()


def is_chained(policy: Policy) -> bool:
    """Whether every period of the policy's draws has a seed of its own."""
    return any(reward.draw is not None and reward.draw.seed_per == "period" for reward in policy.rewards)


def chain_fault(policy: Policy) -> str:
    """Why a policy's draws cannot have a seed a period each (a Vietnamese phrase); "" where they can, or need none."""
    draws = [reward.draw for reward in policy.rewards if reward.draw is not None]
    if not is_chained(policy):
        return ""
    if len({(draw.per, draw.seed_per) for draw in draws}) > 1 or draws[0].per == "policy":
        return "mỗi kỳ một hạt giống thì mọi lần quay phải cùng kỳ, là mỗi ngày hoặc mỗi tháng"
    if policy.first_day is None or policy.last_day is None:
        return "mỗi kỳ một hạt giống thì chương trình phải có ngày bắt đầu và ngày kết thúc"
    if (policy.last_day - policy.first_day).days >= PERIODS_MAX:
        return "mỗi kỳ một hạt giống thì chương trình không được dài quá mười năm"
    return ""


def seed_hash(policy: Policy) -> str:
    """The published hash that all draws of a policy share; "" where none is published yet."""
    return next((reward.draw.seed_sha256 for reward in policy.rewards if reward.draw is not None), "")


def periods(per: str, first_day: date, last_day: date) -> list[str]:
    """The names of a draw's periods, in order.

    >>> periods("day", date(2024, 2, 28), date(2024, 3, 1)), periods("month", date(2023, 12, 31), date(2024, 1, 1))
    (['2024-02-28', '2024-02-29', '2024-03-01'], ['2023-12', '2024-01'])
    """
    length = len("2023-12" if per == "month" else "2023-12-31")
    days = (first_day + timedelta(days=at) for at in range((last_day - first_day).days + 1))
    return list(dict.fromkeys(day.isoformat()[:length] for day in days))


def chain_periods(policy: Policy) -> list[str]:
    """The periods of a chained policy; of any other none."""
    pers = {reward.draw.per for reward in policy.rewards if reward.draw is not None}
    if not is_chained(policy) or policy.first_day is None or policy.last_day is None:
        return []
    return periods(next(iter(pers)), policy.first_day, policy.last_day)


def hashed(seed: str, times: int) -> str:
    """The seed so many places before this one; after the first place comes what is published."""
    for _ in range(times):
        seed = sha256_of(seed)
    return seed


def known_seeds(policy: Policy, seed: str | None) -> Seeds | None:
    """What a revealed seed tells; None where it is not of the published hash."""
    if seed is None:
        return Seeds()
    if not is_chained(policy):
        return Seeds(every=seed) if sha256_of(seed) == seed_hash(policy) else None
    names = chain_periods(policy)
    place = _place(seed, seed_hash(policy), names)
    if place is None:
        return None
    found: dict[str, str] = {}
    for name in reversed(names[:place]):
        found[name] = seed
        seed = sha256_of(seed)
    return Seeds(of_period=found)


def _place(seed: str, published: str, names: Sequence[str]) -> int | None:
    """How many seeds from the first this one is, itself included; None where it is not of the chain."""
    for place in range(1, len(names) + 1):
        seed = sha256_of(seed)
        if seed == published:
            return place
    return None
