"""Runs' folders, asked about payments: every reward's decision with the rule, the counter and what used it."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from app.cashback.needs import needed
from app.cashback.policy_file import policy_of_definition
from app.cashback.results import DECISIONS, REFUSED, REVERSALS, read_summary
from app.cashback.rules import Per, Policy, period_days
from app.cashback.wording import Before, Told, sentence, why
from app.errors import NotFoundError
from app.tables import rearm
from app.transactions.line_sql import literal

#: The columns of decisions that make a Told, in its order.
TOLD_COLUMNS = (
    "reward, payee_role, payee, reference, paid_at, amount_vnd, reason, counter_per, counter_used, counter_limit, "
    "line_amount_vnd, coalesce(taken_back_by, '')"
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One reward's decision about one payment: the row, the policy's rule, and the payments that used the cap."""

    policy: Policy
    told: Told

    @property
    def is_granted(self) -> bool:
        """Whether the reward is paid."""
        return self.told.reason == "granted"

    @property
    def sentence(self) -> str:
        """Everything in one sentence."""
        return sentence(self.policy, self.told)

    @property
    def why(self) -> str:
        """Why nothing was earned, without the payments before it; "" where it was granted."""
        return "" if self.is_granted else why(self.policy, self.told)

    @property
    def needed(self) -> str:
        """What would have been needed."""
        return needed(self.policy, self.told)


def explain(folder: Path, reference: str) -> list[str]:
    """One sentence per policy and reward for a payment, or what became of its line.

    Raises NotFoundError for a reference the run never saw and RefusedError where the folder holds no run.
    """
    reference = reference.encode(errors="backslashreplace").decode()  # bytes that are no text are in no report
    found = [each.sentence for each in explained(folder, [reference]).get(reference, [])]
    if found:
        return found
    if left := undecided(folder, reference):
        return left
    raise NotFoundError(f"Không thấy giao dịch {reference} trong lần xét này.", remedy="Hãy kiểm tra lại mã giao dịch.")


def explained(folder: Path, references: Sequence[str]) -> dict[str, list[Explained]]:
    """Reference -> its decisions by policy and reward, for the payments that the run decided.

    Raises RefusedError where the folder holds no run.
    """
    policies = policies_in(folder)
    found: dict[str, list[Explained]] = {}
    with duckdb.connect() as db:
        rows = db.execute(
            f"select policy, counted_for, {TOLD_COLUMNS} from read_parquet({literal(str(folder / DECISIONS))}) "
            "where reference in (select unnest(?)) order by policy, reward",
            [list(references)],
        ).fetchall()
        _load_grants(db, folder, {row[1] or row[4] for row in rows})
        for row in rows:
            each = Explained(policies[row[0]], _told(db, policies[row[0]], row))
            found.setdefault(each.told.reference, []).append(each)
    return found


def policies_in(folder: Path) -> Mapping[str, Policy]:
    """The policies that a run decided under, by name. Raises RefusedError where the folder holds no run."""
    return {entry["policy"]: policy_of_definition(entry["definition"]) for entry in read_summary(folder)["policies"]}


def _load_grants(db: duckdb.DuckDBPyConnection, folder: Path, parties: Collection[str]) -> None:
    """Everything that these parties were granted, read once for all the payments asked about."""
    db.execute(
        f"""create table grants as select policy, reward, coalesce(counted_for, payee) as party, reference, paid_at
            from read_parquet({literal(str(folder / DECISIONS))})
            where reason = 'granted' and coalesce(counted_for, payee) in (select unnest($1))""",
        [sorted(parties) or [""]],
    )


def _told(db: duckdb.DuckDBPyConnection, policy: Policy, row: Sequence[Any]) -> Told:
    counted_for = row[1]
    told = Told(*row[2:])
    if told.reason == "granted" or told.counter_per in (None, "budget"):
        return told
    return replace(told, used_by=_users_of_cap(db, policy, told, counted_for or told.payee))


def _users_of_cap(db: duckdb.DuckDBPyConnection, policy: Policy, told: Told, party: str) -> tuple[Before, ...]:
    """The earlier grants to the same party in the same period."""
    first, last = period_days(Per(told.counter_per or "ever"), date.fromisoformat(told.paid_at[:10]))
    after = "9999-12-32" if last == date.max else (last + timedelta(days=1)).isoformat()
    rows = db.execute(
        """select reference, paid_at from grants where policy = ? and reward = ? and party = ?
            and paid_at >= ? and paid_at < ? and (paid_at, reference) < (?, ?) order by paid_at, reference""",
        [policy.policy_id, told.reward, party, first.isoformat(), after, told.paid_at, told.reference],
    ).fetchall()
    return tuple(Before(*row) for row in rows)


def undecided(folder: Path, reference: str) -> list[str]:
    """What is known of a reference without a decision: it takes another back, or its line was refused; else nothing."""
    for row in _csv_rows(folder / REVERSALS):
        if row["reference"] == reference:
            effect = "đã lấy lại" if row["in_force"] == "true" else "không lấy lại được"
            return [f"Dòng {reference} không được xét riêng: nó {effect} giao dịch {row['reverses']}."]
    refused = [row for row in _csv_rows(folder / REFUSED) if row["reason"].startswith(f"giao dịch “{reference}”")]
    return [f"{row['file']}, dòng {row['line']} bị từ chối: {row['reason']}." for row in refused]


def _csv_rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: rearm(value) for name, value in row.items()} for row in csv.DictReader(file)]
