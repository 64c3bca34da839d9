"""Policies over reports, decided: DuckDB in the process runs the compiled SQL, the fold where windows are not exact."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from app.cashback.compiler import decisions_sql, eligible_sql
from app.cashback.draws import draw_outcomes
from app.cashback.fold import Line, Outcome, fold
from app.cashback.rules import Policy, Reason, why_not_sql
from app.transactions.line_sql import literal

_ROLES = ("policy", "reward", "payee_role", "payee", "reference", "paid_at", "amount_vnd", "decision", "reason")
DECISION_COLUMNS = (
    *_ROLES, "counter_per", "counter_used", "counter_limit", "line_amount_vnd", "taken_back_by", "counted_for",
)  # fmt: skip
_FOLDED = """(reward integer, pos bigint, reason integer, reward_vnd bigint, counter_per varchar,
    counter_used bigint, counter_limit bigint)"""


@dataclass(frozen=True, slots=True)
class Decided:
    """How one policy was decided: the SELECT of its decisions, and why the fold was needed ("" where it was not)."""

    policy: Policy
    select: str
    why_folded: str


def open_database(*, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory that touches nothing outside: no extensions, no progress bar."""
    db = duckdb.connect(":memory:")
    spill = literal(str(Path(tempfile.gettempdir()) / f"choso-duckdb-{os.getpid()}"))
    db.execute(
        f"set temp_directory = {spill}"
    )  # made only when memory does not suffice; by default in the current folder
    db.execute("set enable_progress_bar = false; set autoinstall_known_extensions = false")
    words = ", ".join(literal(reason.word) for reason in Reason)
    db.execute(f"create type reason_word as enum ({words}); create type decision_word as enum ('granted', 'refused')")
    if threads is not None:
        db.execute(f"set threads = {threads}")
    return db


def decide(db: duckdb.DuckDBPyConnection, policies: Sequence[Policy], seed: str | None = None) -> list[Decided]:
    """Readies the decisions of every policy over `facts`, `points` and `subscribers`, sorted by the policies' names."""
    found = []
    for number, policy in enumerate(sorted(policies, key=lambda policy: policy.policy_id)):
        why = why_not_sql(policy)
        if why:
            _fold_into(db, f"folded_{number}", policy, seed)
        found.append(Decided(policy, decisions_sql(policy, folded=f"folded_{number}" if why else ""), why))
    return found


def eligible_lines(db: duckdb.DuckDBPyConnection, policy: Policy) -> list[Line]:
    """The lines that pass every condition, in their order."""
    return [Line(*row) for row in db.execute(eligible_sql(policy)).fetchall()]


def fold_policy(db: duckdb.DuckDBPyConnection, policy: Policy, seed: str | None = None) -> list[Outcome]:
    """The exact fold over the eligible lines, draws included."""
    lines = eligible_lines(db, policy)
    return fold(policy, lines, draw_outcomes(policy, lines, seed))


def _fold_into(db: duckdb.DuckDBPyConnection, table: str, policy: Policy, seed: str | None) -> None:
    db.execute(f"create or replace table {table} {_FOLDED}")
    outcomes = fold_policy(db, policy, seed)
    store_outcomes(db, table, outcomes)


def store_outcomes(db: duckdb.DuckDBPyConnection, table: str, outcomes: Sequence[Outcome]) -> None:
    """Puts the fold's outcomes beside the facts."""
    columns = [
        [outcome.reward for outcome in outcomes],
        [outcome.pos for outcome in outcomes],
        [int(outcome.reason) for outcome in outcomes],
        [outcome.amount_vnd for outcome in outcomes],
        [outcome.counter_per for outcome in outcomes],
        [outcome.counter_used for outcome in outcomes],
        [outcome.counter_limit for outcome in outcomes],
    ]
    if outcomes:
        db.execute(f"insert into {table} select {', '.join(['unnest(?)'] * len(columns))}", columns)


def all_decisions_sql(decided: Sequence[Decided]) -> str:
    """One SELECT of every policy's decisions in the order and with the columns of `decisions.parquet`."""
    words = " ".join(f"when {int(reason)} then '{reason.word}'::reason_word" for reason in Reason)
    parts = []
    for number, found in enumerate(decided):
        roles = " ".join(f"when {at} then '{reward.to}'" for at, reward in enumerate(found.policy.rewards, 1))
        parts.append(
            f"""select {number} as policy_number, {literal(found.policy.policy_id)} as policy, pos,
                cast(reward as integer) as reward, case reward {roles} end as payee_role, payee, reference, paid_at,
                cast(amount_vnd as bigint) as amount_vnd,
                case when reason = 0 then 'granted'::decision_word else 'refused'::decision_word end as decision,
                case reason {words} end as reason,
                counter_per, cast(counter_used as bigint) as counter_used,
                cast(counter_limit as bigint) as counter_limit, line_amount_vnd, taken_back_by, counted_for
                from ({found.select})"""
        )
    columns = ", ".join(DECISION_COLUMNS)
    return f"select {columns} from ({' union all '.join(parts)}) order by policy_number, reward, pos"
