"""A policy tried on past reports before anyone signs it: what it costs, when the budget ends, who stands at the cap."""

from dataclasses import dataclass

import duckdb

from app.cashback.engine import open_database, tried_sql
from app.cashback.evaluation import Task
from app.cashback.lists import load_lists
from app.cashback.rules import Policy, day_of
from app.transactions.intake import Intake, take_reports

CAPS = "'daily_cap', 'weekly_cap', 'monthly_cap', 'quarterly_cap', 'yearly_cap', 'already_rewarded'"


@dataclass(frozen=True, slots=True)
class RewardOutlook:
    """One reward: grants, cost, how many parties it reaches and how many of them hit a cap."""

    reward: int
    to: str
    granted: int
    paid_vnd: int
    parties: int
    parties_at_cap: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a policy would have done. `by_day`: (day, dong); `budget_ends_on`: first day it refused something."""

    policy: str
    title: str
    lines: int
    refused: int
    granted: int
    paid_vnd: int
    budget_vnd: int | None
    budget_ends_on: str | None
    rewards: tuple[RewardOutlook, ...]
    by_day: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What one party would get under a draft against what it gets now; grants and dong."""

    role: str
    payee: str
    granted: int
    paid_vnd: int
    live_granted: int
    live_paid_vnd: int

    @property
    def more_vnd(self) -> int:
        """Dong more than now; below 0: less."""
        return self.paid_vnd - self.live_paid_vnd


@dataclass(frozen=True, slots=True)
class AtCap:
    """One party that wanted more than a cap lets through."""

    reward: int
    role: str
    payee: str
    granted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a party under a draft and now; `draft` and `live` are reasons, "" where nothing was decided."""

    reward: int
    reference: str
    paid_at: str
    line_amount_vnd: int
    draft: str
    draft_vnd: int
    live: str
    live_vnd: int


def simulate(task: Task) -> list[Outlook]:
    """What each policy would have cost on the reports; nothing is written."""
    db = open_database()
    try:
        load_lists(db, task.points, task.subscribers)
        intake = take_reports(db, task.reports)
        return [tried(db, policy, intake, task.seed) for policy in task.policies]
    finally:
        db.close()


def tried(
    db: duckdb.DuckDBPyConnection, policy: Policy, intake: Intake, seed: str | None = None, *, table: str = "draft"
) -> Outlook:
    """Decides a policy over the facts of a database and sums up; its decisions stay in `table` for more questions."""
    db.execute(f"create or replace table {table} as {tried_sql(db, policy, seed)}")
    rewards = db.execute(
        f"""select reward, payee_role, count(*) filter (reason = 'granted'), coalesce(sum(amount_vnd), 0)::bigint,
                count(distinct payee) filter (reason = 'granted'), count(distinct payee) filter (reason in ({CAPS}))
            from {table} group by all order by all"""
    ).fetchall()
    by_day = db.execute(
        f"select day, sum(amount_vnd)::bigint from {table} where amount_vnd > 0 group by all order by all"
    ).fetchall()
    reasons = db.execute(f"select reason, count(*) from {table} group by all order by 2 desc, 1::varchar").fetchall()
    ends = db.execute(f"select min(day) from {table} where reason = 'budget_spent'").fetchone()
    found = tuple(RewardOutlook(*row) for row in rewards)
    return Outlook(
        policy=policy.policy_id,
        title=policy.title,
        lines=intake.line_count,
        refused=intake.refused_count,
        granted=sum(reward.granted for reward in found),
        paid_vnd=sum(reward.paid_vnd for reward in found),
        budget_vnd=policy.budget_vnd,
        budget_ends_on=day_of(ends[0]).isoformat() if ends and ends[0] is not None else None,
        rewards=found,
        by_day=tuple((day_of(day).isoformat(), paid) for day, paid in by_day),
        reasons=tuple((reason, count) for reason, count in reasons),
    )


def parties_at_cap(db: duckdb.DuckDBPyConnection, most: int) -> list[AtCap]:
    """Those who wanted most beyond a cap of the draft, for each reward together."""
    rows = db.execute(
        f"""select reward, payee_role, payee, count(*) filter (reason = 'granted'), count(*) filter (reason in ({CAPS}))
            from draft where payee_role <> 'fund' group by all having count(*) filter (reason in ({CAPS})) > 0
            order by 5 desc, payee, reward limit {most}"""
    ).fetchall()
    return [AtCap(*row) for row in rows]


def changes(db: duckdb.DuckDBPyConnection, most: int, *, gains: bool) -> list[Change]:
    """Who would get most more (or most less) under `draft` than under `live`."""
    order, sign = ("desc", ">") if gains else ("asc", "<")
    side = "select payee_role, payee, count(*) as granted, sum(amount_vnd)::bigint as paid_vnd from {} "
    side += "where reason = 'granted' group by all"
    rows = db.execute(
        f"""with draft_sums as ({side.format("draft")}), live_sums as ({side.format("live")})
            select payee_role, payee, coalesce(d.granted, 0), coalesce(d.paid_vnd, 0), coalesce(l.granted, 0),
                coalesce(l.paid_vnd, 0)
            from draft_sums d full join live_sums l using (payee_role, payee)
            where coalesce(d.paid_vnd, 0) {sign} coalesce(l.paid_vnd, 0)
            order by coalesce(d.paid_vnd, 0) - coalesce(l.paid_vnd, 0) {order}, payee_role::varchar, payee
            limit {most}"""
    ).fetchall()
    return [Change(*row) for row in rows]


def touched(db: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """How many parties gain and how many lose."""
    side = "select payee_role, payee, sum(amount_vnd)::bigint as paid_vnd from {} where reason = 'granted' group by all"
    row = db.execute(
        f"""with d as ({side.format("draft")}), l as ({side.format("live")})
            select count(*) filter (coalesce(d.paid_vnd, 0) > coalesce(l.paid_vnd, 0)),
                count(*) filter (coalesce(d.paid_vnd, 0) < coalesce(l.paid_vnd, 0))
            from d full join l using (payee_role, payee)"""
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def payments_of(db: duckdb.DuckDBPyConnection, role: str, payee: str, most: int) -> list[Payment]:
    """The payments of one party that either version pays or lets run into a cap, in their order."""
    mine = "payee_role = $role and payee = $payee and reason not in ('outside_dates', 'wrong_kind')"
    rows = db.execute(
        f"""with d as (select * from draft where {mine}), l as (select * from live where {mine}),
            pairs as (select coalesce(d.reward, l.reward) as reward, coalesce(d.pos, l.pos) as pos,
                coalesce(d.reason::varchar, '') as draft, coalesce(d.amount_vnd, 0) as draft_vnd,
                coalesce(l.reason::varchar, '') as live, coalesce(l.amount_vnd, 0) as live_vnd
                from d full join l on d.pos = l.pos and d.reward = l.reward)
            select reward, reference, paid_at, amount_vnd, draft, draft_vnd, live, live_vnd
            from pairs join facts using (pos) order by pos, reward limit {most}""",
        {"role": role, "payee": payee},
    ).fetchall()
    return [Payment(*row) for row in rows]
