"""Where a party stands under a run: what was granted by month and in all, and what is left of each cap on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from app.cashback.explanation import policies_in
from app.cashback.results import DECISIONS
from app.cashback.rules import Per, Policy, period_days
from app.cashback.wording import PERIODS, Before
from app.transactions.line_sql import literal


@dataclass(frozen=True, slots=True)
class CapUse:
    """How much of one cap is used in the period of a day."""

    per: Per
    used_by: tuple[Before, ...]  #: the payments that used it
    limit: int

    @property
    def used(self) -> int:
        """How many were granted."""
        return len(self.used_by)

    @property
    def left(self) -> int:
        """How many more may be granted."""
        return max(0, self.limit - self.used)

    @property
    def percent(self) -> int:
        """How full it is."""
        return min(100, self.used * 100 // self.limit) if self.limit else 100

    @property
    def words(self) -> str:
        """The period: trong tháng."""
        return PERIODS[self.per]


@dataclass(frozen=True, slots=True)
class Standing:
    """What one party got from one reward of one policy."""

    policy: Policy
    reward: int
    role: str
    month_vnd: int
    month_count: int
    total_vnd: int
    total_count: int
    caps: tuple[CapUse, ...]
    last_paid_at: str  #: the last payment of this run, anybody's: how far the figures reach
    is_spent: bool = False  #: whether the policy's budget leaves nothing for anybody, however many are left of a cap


def standings_of(folder: Path, names: Sequence[str], on: date) -> list[Standing]:
    """Where the party that reports call by these names stands on a day, for each reward that ever looked at them."""
    policies = policies_in(folder)
    with duckdb.connect() as engine:
        engine.execute(f"create view decisions as select * from read_parquet({literal(str(folder / DECISIONS))})")
        found = engine.execute("select max(paid_at) from decisions").fetchone()
        engine.execute(
            """create table mine as select policy::varchar as policy, reward, payee_role, reference, paid_at,
                left(paid_at, 10) as day, amount_vnd, reason = 'granted' as granted from decisions
                where payee in (select unnest($1)) or counted_for in (select unnest($1))""",
            [list(names)],
        )
        rewards = engine.execute(
            "select distinct policy, reward, payee_role from mine order by policy, reward"
        ).fetchall()
        spent = _spent(engine, policies)
        told = [
            _standing(engine, policies[policy], (reward, role), on, found[0] if found else "")
            for policy, reward, role in rewards
        ]
        return [replace(each, is_spent=each.policy.policy_id in spent) for each in told]


def _spent(engine: duckdb.DuckDBPyConnection, policies: Mapping[str, Policy]) -> set[str]:
    """The policies that grant nothing any more: all is paid, or a reward did not fit and the policy stops there."""
    rows = engine.execute(
        "select policy::varchar, sum(amount_vnd), bool_or(reason = 'budget_spent') from decisions group by 1"
    ).fetchall()
    return {
        name
        for name, paid_vnd, is_refused in rows
        if (budget_vnd := policies[name].budget_vnd) is not None
        and (paid_vnd >= budget_vnd or (is_refused and policies[name].on_exhaust == "stop"))
    }


def _standing(
    engine: duckdb.DuckDBPyConnection, policy: Policy, reward: tuple[int, str], on: date, last_paid_at: str
) -> Standing:
    number, role = reward
    month, ever = (_granted(engine, policy, number, per, on) for per in (Per.MONTH, Per.EVER))
    caps = tuple(
        CapUse(cap.per, tuple(one for one, _ in _granted(engine, policy, number, cap.per, on)), cap.count)
        for cap in policy.rewards[number - 1].caps
    )
    month_vnd, total_vnd = (sum(amount for _, amount in found) for found in (month, ever))
    return Standing(policy, number, role, month_vnd, len(month), total_vnd, len(ever), caps, last_paid_at)


def _granted(
    engine: duckdb.DuckDBPyConnection, policy: Policy, reward: int, per: Per, on: date
) -> list[tuple[Before, int]]:
    """The payments that were granted in the period of a day, with what each earned."""
    first, last = period_days(per, on)
    rows = engine.execute(
        """select reference, paid_at, amount_vnd from mine where policy = ? and reward = ? and granted
            and day between ? and ? order by paid_at, reference""",
        [policy.policy_id, reward, first.isoformat(), last.isoformat()],
    ).fetchall()
    return [(Before(reference, paid_at), amount) for reference, paid_at, amount in rows]
