"""A run's folder, asked about one payment: every reward's decision in one sentence each."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.policy_file import policy_of_definition
from app.cashback.results import DECISIONS, REFUSED, REVERSALS, read_summary
from app.cashback.rules import Per, Policy, period_days
from app.cashback.wording import Before, Told, sentence
from app.errors import NotFoundError
from app.tables import rearm
from app.transactions.line_sql import literal

_TOLD = (
    "reward, payee_role, payee, reference, paid_at, amount_vnd, reason, counter_per, counter_used, counter_limit, "
    "line_amount_vnd, taken_back_by"
)


def explain(folder: Path, reference: str) -> list[str]:
    """One sentence per policy and reward for a payment, or what became of its line.

    Raises NotFoundError for a reference the run never saw and RefusedError where the folder holds no run.
    """
    reference = reference.encode(errors="backslashreplace").decode()  # bytes that are no text are in no report
    found = [sentence for _, sentences in explanations(folder, [reference]) for sentence in sentences]
    return found or _undecided(folder, reference)


def explanations(folder: Path, references: Sequence[str]) -> list[tuple[str, list[str]]]:
    """(reference, a sentence per policy and reward) for the payments that the run decided, in the order asked for."""
    summary = read_summary(folder)
    policies = {entry["policy"]: policy_of_definition(entry["definition"]) for entry in summary["policies"]}
    told: dict[str, list[str]] = {reference: [] for reference in references}
    with duckdb.connect() as db:
        rows = db.execute(
            f"select policy, counted_for, {_TOLD} from read_parquet({literal(str(folder / DECISIONS))}) "
            "where reference in (select unnest(?)) order by policy, reward",
            [list(references)],
        ).fetchall()
        for row in rows:
            told[row[5]].append(_sentence(db, folder, policies[row[0]], row))
    return [(reference, sentences) for reference, sentences in told.items() if sentences]


def _sentence(db: duckdb.DuckDBPyConnection, folder: Path, policy: Policy, row: Sequence[Any]) -> str:
    counted_for = row[1]
    told = Told(*row[2:])
    if told.reason == "granted" or told.counter_per in (None, "budget"):
        return sentence(policy, told)
    assert told.counter_per is not None
    before = _users_of_cap(db, folder, policy, told, counted_for)
    return sentence(policy, replace(told, used_by=before))


def _users_of_cap(
    db: duckdb.DuckDBPyConnection, folder: Path, policy: Policy, told: Told, counted_for: str | None
) -> tuple[Before, ...]:
    """The earlier grants to the same party in the same period."""
    first, last = period_days(Per(told.counter_per or "ever"), date.fromisoformat(told.paid_at[:10]))
    after = "9999-12-32" if last == date.max else (last + timedelta(days=1)).isoformat()
    rows = db.execute(
        f"""select reference, paid_at from read_parquet({literal(str(folder / DECISIONS))})
            where policy = ? and reward = ? and reason = 'granted' and coalesce(counted_for, payee) = ?
                and paid_at >= ? and paid_at < ? and (paid_at, reference) < (?, ?) order by paid_at, reference""",
        [
            policy.policy_id, told.reward, counted_for or told.payee, first.isoformat(), after, told.paid_at,
            told.reference,
        ],
    ).fetchall()  # fmt: skip
    return tuple(Before(*row) for row in rows)


def _undecided(folder: Path, reference: str) -> list[str]:
    """What is known of a reference without a decision: it takes another back, or its line was refused."""
    for row in _csv_rows(folder / REVERSALS):
        if row["reference"] == reference:
            effect = "đã lấy lại" if row["in_force"] == "true" else "không lấy lại được"
            return [f"Dòng {reference} không được xét riêng: nó {effect} giao dịch {row['reverses']}."]
    refused = [row for row in _csv_rows(folder / REFUSED) if row["reason"].startswith(f"giao dịch “{reference}”")]
    if refused:
        return [f"{row['file']}, dòng {row['line']} bị từ chối: {row['reason']}." for row in refused]
    raise NotFoundError(f"Không thấy giao dịch {reference} trong lần xét này.", remedy="Hãy kiểm tra lại mã giao dịch.")


def _csv_rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: rearm(value) for name, value in row.items()} for row in csv.DictReader(file)]
