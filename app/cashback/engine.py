"""Policies over reports, decided: DuckDB in the process runs the compiled SQL, the fold where windows are not exact."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from app.cashback.compiler import eligible_sql, gate_sql, outcomes_sql
from app.cashback.draws import Closed, draw_outcomes
from app.cashback.fold import Line, Outcome, fold
from app.cashback.rules import PAYEES, Policy, Reason, counter_told, why_not_sql
from app.transactions.intake import DERIVED, FACTS, LINES
from app.transactions.line_sql import literal

_ROLES = ("policy", "reward", "payee_role", "payee", "reference", "paid_at", "amount_vnd", "decision", "reason")
DECISION_COLUMNS = (
    *_ROLES, "counter_per", "counter_used", "counter_limit", "line_amount_vnd", "taken_back_by", "counted_for",
)  # fmt: skip
_WORDS = {
    "reason_word": [reason.word for reason in Reason],
    "payee_word": PAYEES,
}
_OUTCOME = {"reason": "utinyint", "reward_vnd": "bigint", "counter_used": "bigint"}
_FOLDED = "(reward integer, pos bigint, reason integer, reward_vnd bigint, counter_used bigint)"


@dataclass(frozen=True, slots=True)
class Decided:
    """How one policy was decided: the number under which its outcomes lie beside the lines, and why the fold was
    needed ("" where it was not).
    """

    policy: Policy
    number: int
    why_folded: str


def open_database(*, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory that touches nothing outside: no extensions, no progress bar."""
    db = duckdb.connect(":memory:")
    spill = literal(str(Path(tempfile.gettempdir()) / f"choso-duckdb-{os.getpid()}"))
    db.execute(
        f"set temp_directory = {spill}"
    )  # made only when memory does not suffice; by default in the current folder
    db.execute("set enable_progress_bar = false; set autoinstall_known_extensions = false")
    for name, words in _WORDS.items():
        db.execute(f"create type {name} as enum ({', '.join(literal(word) for word in words)})")
    # one thread alone would group the rows of a Parquet file in another way than two and more
    db.execute(f"set threads = {threads or max(2, os.cpu_count() or 2)}")
    return db


def mark_lists(db: duckdb.DuckDBPyConnection) -> None:
    """Marks the facts with the tables `points` and `subscribers`: `is_point` and `installed_day`, once for all."""
    if "is_point" in _columns(db):
        return
    db.execute(f"alter table {LINES} add column is_point boolean default false")
    db.execute(f"alter table {LINES} add column installed_day bigint")
    db.execute(f"update {LINES} set is_point = true where merchant in (select point from points)")
    db.execute(f"update {LINES} set installed_day = s.installed_day from subscribers s where s.subscriber = customer")
    db.execute(f"create or replace view facts as select {FACTS}, is_point, installed_day from {LINES}")


def decide(
    db: duckdb.DuckDBPyConnection, policies: Sequence[Policy], seed: str | None = None, closed: Closed | None = None
) -> list[Decided]:
    """Decides every policy over `facts`, `points` and `subscribers`; sorted by the policies' names."""
    mark_lists(db)
    found = []
    for number, policy in enumerate(sorted(policies, key=lambda policy: policy.policy_id)):
        why = why_not_sql(policy)
        if why:
            _fold_into(db, f"folded_{number}", policy, seed, closed)
        keep_outcomes(db, number, policy, outcomes_sql(policy, folded=f"folded_{number}" if why else ""))
        found.append(Decided(policy, number, why))
    return found


def keep_outcomes(db: duckdb.DuckDBPyConnection, number: int, policy: Policy, select: str) -> None:
    """Lays the outcomes that a SELECT finds beside their lines, which lie in order: nothing wide is sorted again."""
    rewards = range(1, len(policy.rewards) + 1)
    # In order, because DuckDB may take ten times longer to update rows that come in any other.
    db.execute(f"create or replace temp table outcomes as from ({select}) order by reward, pos")
    there = _columns(db)
    for reward in rewards:
        for column, kind in _OUTCOME.items():
            mine = f"{column}_{number}_{reward}"
            if mine in there:
                db.execute(f"alter table {LINES} drop column {mine}")
            db.execute(f"alter table {LINES} add column {mine} {kind}")
    values = ", ".join(f"{column}_{number}_{reward} = o{reward}.{column}" for reward in rewards for column in _OUTCOME)
    sources = " join ".join(
        f"(from outcomes where reward = {reward}) o{reward}" + (" using (pos)" if reward > 1 else "")
        for reward in rewards
    )
    db.execute(f"update {LINES} set {values} from {sources} where o1.pos = {LINES}.rowid")
    db.execute("drop table outcomes")


def tried_sql(db: duckdb.DuckDBPyConnection, policy: Policy, seed: str | None = None) -> str:
    """One policy decided as a SELECT that leaves the lines as they are, for a policy that is tried again and again:
    laying outcomes beside their lines takes ten times longer whenever DuckDB happens to update them out of order.

    Columns: reward, payee_role, payee, pos, day, amount_vnd, reason.
    """
    mark_lists(db)
    folded = "folded_trial" if why_not_sql(policy) else ""
    if folded:
        _fold_into(db, folded, policy, seed)
    db.execute(f"create or replace temp table tried_outcomes as {outcomes_sql(policy, folded=folded)}")
    words = " ".join(f"when {int(reason)} then '{reason.word}'::reason_word" for reason in Reason)
    gated = f"select pos, day, customer, merchant, {gate_sql(policy)} as gate from facts"
    return " union all ".join(
        f"""select {number} as reward, '{reward.to}'::payee_word as payee_role,
            {"'fund'" if reward.to == "fund" else reward.to} as payee, g.pos, g.day,
            coalesce(o.reward_vnd, 0) as amount_vnd, case coalesce(o.reason, g.gate) {words} end as reason
            from ({gated}) g left join (from tried_outcomes where reward = {number}) o on o.pos = g.pos"""
        for number, reward in enumerate(policy.rewards, 1)
    )


def _columns(db: duckdb.DuckDBPyConnection) -> set[str]:
    found = db.execute("select column_name from duckdb_columns() where table_name = ?", [LINES]).fetchall()
    return {name for (name,) in found}


def eligible_lines(db: duckdb.DuckDBPyConnection, policy: Policy) -> list[Line]:
    """The lines that pass every condition, in their order."""
    return [Line(*row) for row in db.execute(eligible_sql(policy)).fetchall()]


def fold_policy(
    db: duckdb.DuckDBPyConnection, policy: Policy, seed: str | None = None, closed: Closed | None = None
) -> list[Outcome]:
    """The exact fold over the eligible lines, draws included."""
    lines = eligible_lines(db, policy)
    return fold(policy, lines, draw_outcomes(policy, lines, seed, closed))


def _fold_into(
    db: duckdb.DuckDBPyConnection, table: str, policy: Policy, seed: str | None, closed: Closed | None = None
) -> None:
    db.execute(f"create or replace table {table} {_FOLDED}")
    outcomes = fold_policy(db, policy, seed, closed)
    store_outcomes(db, table, outcomes)


def store_outcomes(db: duckdb.DuckDBPyConnection, table: str, outcomes: Sequence[Outcome]) -> None:
    """Puts the fold's outcomes beside the facts."""
    columns = [
        [outcome.reward for outcome in outcomes],
        [outcome.pos for outcome in outcomes],
        [int(outcome.reason) for outcome in outcomes],
        [outcome.amount_vnd for outcome in outcomes],
        [outcome.counter_used for outcome in outcomes],
    ]
    if outcomes:
        db.execute(f"insert into {table} select {', '.join(['unnest(?)'] * len(columns))}", columns)


def all_decisions_sql(decided: Sequence[Decided]) -> str:
    """One SELECT of every policy's decisions in the order and with the columns of `decisions.parquet`: plain scans of
    the lines in their order, which DuckDB keeps on every core.
    """
    policies = _same_in_all(found.policy.policy_id for found in decided)
    roles = _same_in_all(reward.to for found in decided for reward in found.policy.rewards)
    return " union all ".join(
        f"""select {literal(found.policy.policy_id)}{policies} as policy, {number}::integer as reward,
            '{reward.to}'{roles} as payee_role, {_decision_sql(found, number)}"""
        for found in decided
        for number, reward in enumerate(found.policy.rewards, 1)
    )


def _same_in_all(words: Iterable[str]) -> str:
    """SQL that makes a word an enum, which is written at no cost, where every row has the same one. Of an enum of
    several words DuckDB 2.0 writes those that any core has met so far, which no two runs share.
    """
    different = set(words)
    return f"::enum({literal(different.pop())})" if len(different) == 1 else ""


def _decision_sql(found: Decided, number: int) -> str:
    reward = found.policy.rewards[number - 1]
    own = {column: f"{column}_{found.number}_{number}" for column in _OUTCOME}
    told = [(int(reason), counter_told(found.policy, reward, reason)) for reason in Reason]
    words = " ".join(f"when {int(reason)} then '{reason.word}'" for reason in Reason)
    pers = " ".join(f"when {reason} then '{counter[0]}'" for reason, counter in told if counter)
    limits = " ".join(f"when {reason} then {counter[1]}" for reason, counter in told if counter)
    payee = "'fund'" if reward.to == "fund" else reward.to
    counted_for = "customer" if reward.to == "fund" and reward.caps else "null::varchar"
    return f"""{payee} as payee, reference, paid_at, coalesce({own["reward_vnd"]}, 0) as amount_vnd,
        case when {own["reason"]} = 0 then 'granted' else 'refused' end as decision,
        case coalesce({own["reason"]}, {gate_sql(found.policy)}) {words} end as reason,
        {_case(own["reason"], pers, "varchar")} as counter_per, {own["counter_used"]} as counter_used,
        {_case(own["reason"], limits, "bigint")} as counter_limit, amount_vnd as line_amount_vnd, taken_back_by,
        {counted_for} as counted_for
        from (select *, {DERIVED} from {LINES})"""


def _case(value: str, whens: str, kind: str) -> str:
    return f"(case {value} {whens} end)::{kind}" if whens else f"null::{kind}"
