"""A policy tried on past reports before anyone signs it: what it costs, when the budget ends, who stands at the cap."""

from dataclasses import dataclass

import duckdb

from app.cashback.engine import all_decisions_sql, decide, open_database
from app.cashback.evaluation import Task
from app.cashback.lists import load_lists
from app.transactions.intake import Intake, take_reports

_CAPS = "'daily_cap', 'weekly_cap', 'monthly_cap', 'quarterly_cap', 'yearly_cap', 'already_rewarded'"


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


def simulate(task: Task) -> list[Outlook]:
    """What each policy would have cost on the reports; nothing is written."""
    db = open_database()
    try:
        load_lists(db, task.points, task.subscribers)
        intake = take_reports(db, task.reports)
        return [_outlook(db, task, at, intake) for at in range(len(task.policies))]
    finally:
        db.close()


def _outlook(db: duckdb.DuckDBPyConnection, task: Task, at: int, intake: Intake) -> Outlook:
    policy = task.policies[at]
    decided = decide(db, [policy], task.seed)
    db.execute(f"create or replace table outcome as {all_decisions_sql(decided)}")
    rewards = db.execute(
        f"""select reward, payee_role, count(*) filter (reason = 'granted'), coalesce(sum(amount_vnd), 0)::bigint,
                count(distinct payee) filter (reason = 'granted'), count(distinct payee) filter (reason in ({_CAPS}))
            from outcome group by all order by all"""
    ).fetchall()
    by_day = db.execute(
        """select left(paid_at, 10) as day, sum(amount_vnd)::bigint from outcome where amount_vnd > 0
            group by all order by all"""
    ).fetchall()
    reasons = db.execute("select reason, count(*) from outcome group by all order by 2 desc, 1").fetchall()
    ends = db.execute("select left(min(paid_at), 10) from outcome where reason = 'budget_spent'").fetchone()
    found = tuple(RewardOutlook(*row) for row in rewards)
    return Outlook(
        policy=policy.policy_id,
        title=policy.title,
        lines=intake.line_count,
        refused=intake.refused_count,
        granted=sum(reward.granted for reward in found),
        paid_vnd=sum(reward.paid_vnd for reward in found),
        budget_vnd=policy.budget_vnd,
        budget_ends_on=ends[0] if ends else None,
        rewards=found,
        by_day=tuple((day, paid) for day, paid in by_day),
        reasons=tuple((reason, count) for reason, count in reasons),
    )
