"""Runs into the books and payouts out of them, on both databases."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfile
from uuid import uuid4

import duckdb
import pytest
from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from app.actors import COMMAND_LINE, SYSTEM, Actor
from app.approval.actions import FourEyesError
from app.audit.actions import record
from app.audit.queries import chain_break
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.payouts import queries
from app.cashback.payouts.actions import (
    approve_payout,
    draft_payout,
    export_payout,
    pay_payout,
    reconcile_payout,
    withdraw_payout,
)
from app.cashback.payouts.models import LedgerEntry, PayoutBatch, PayoutItem
from app.cashback.payouts.posting import post_decisions
from app.cashback.queries import run_folder
from app.db import db, unit_of_work
from app.errors import ConflictError, DomainError, ForbiddenError, NotFoundError, RefusedError
from app.evidence import digest_of_file
from app.places.models import Unit
from app.settings import Settings
from tests.cashback.reports import as_yaml
from tests.registry.scene import BINH, DUNG, LAN, commune, someone

Row = tuple[str, str, str, int, str]
AUGUST: Sequence[Row] = (
    ("T1", "2023-08-01", "0912345678", 5000, "granted"),
    ("T2", "2023-08-02", "0912345678", 5000, "granted"),
    ("T3", "2023-08-02", "0987654321", 5000, "granted"),
    ("T4", "2023-08-03", "0987654321", 0, "monthly_cap"),
)


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@dataclass(frozen=True)
class Decisions:
    """Decisions in a file, of version so-and-so of a policy, with the budget it has."""

    file: Path
    policy: str = "p"
    version: int = 1
    budget_vnd: int | None = None


def run_of(folder: Path, rows: Iterable[Row], version: int = 1, budget_vnd: int | None = None) -> Decisions:
    file = folder / f"{uuid4().hex}.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            """create table found (policy varchar, reward integer, payee_role varchar, payee varchar, reference varchar,
                paid_at varchar, amount_vnd bigint, decision varchar, reason varchar)"""
        )
        for reference, day, payee, amount, reason in rows:
            decision = "granted" if reason == "granted" else "refused"
            connection.execute(
                "insert into found values ('p', 1, 'customer', ?, ?, ?, ?, ?, ?)",
                [payee, reference, f"{day}T08:00:00", amount, decision, reason],
            )
        connection.execute(f"copy found to '{file}' (format parquet)")
    return Decisions(file, version=version, budget_vnd=budget_vnd)


def made_run(now: datetime, unit: Unit, decided: Decisions, **values: object) -> CashbackRun:
    """A run as if the machine had come to these decisions, under a policy that Lan wrote and another approved."""
    settings: Settings = current_app.config["SETTINGS"]
    key = {"unit_id": unit.id, "policy_id": decided.policy, "version": decided.version}
    version = db.session.scalars(select(PolicyVersion).filter_by(**key)).one_or_none()
    said = {"policy": decided.policy, "version": decided.version, "rewards": [{"to": "customer", "pay_vnd": 5000}]}
    with unit_of_work():
        is_new = version is None
        version = version or PolicyVersion(
            **key, title="Thử", document=as_yaml({**said, "budget_vnd": decided.budget_vnd}).decode(), state="active",
            created_at=now, created_by_id=LAN.id, created_by=LAN.name,
            approved_at=now, approved_by_id=99, approved_by="Người 99",
        )  # fmt: skip
        run = CashbackRun(
            unit_id=unit.id, policy_version=version, report_ids=[], line_count=0, duplicate_count=0, refused_count=0,
            granted_count=0, paid_vnd=0, summary=said, created_at=now, created_by_id=LAN.id, created_by=LAN.name,
            decisions_sha256=digest_of_file(decided.file),
        )  # fmt: skip
        for name, value in values.items():
            setattr(run, name, value)
        db.session.add(run)
        db.session.flush()
        if is_new:
            record(someone(99), now, "policy.approve", ("policy_version", version.id))
        folder = run_folder(settings.facts_dir, run.id)
        folder.mkdir(parents=True)
        copyfile(decided.file, folder / "decisions.parquet")
    return run


def changed(rows: Sequence[Row], reference: str, amount: int, reason: str) -> list[Row]:
    return [(*row[:3], amount, reason) if row[0] == reference else row for row in rows]


def evidence() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.evidence_dir


def post(now: datetime, unit: Unit, decided: Decisions) -> int:
    run = made_run(now, unit, decided)
    with unit_of_work():
        made = post_decisions(LAN, now, current_app.config["SETTINGS"], unit.id, run.id)
    return made.entry_count if made else 0


def drafted(now: datetime, unit: Unit, month: str = "2023-08", by: Actor = LAN) -> PayoutBatch:
    with unit_of_work():
        return draft_payout(by, now, unit.id, month)


def paid_out(now: datetime, unit: Unit, month: str = "2023-08") -> PayoutBatch:
    batch = drafted(now, unit, month)
    with unit_of_work():
        approve_payout(BINH, now, batch.id, evidence())
    with unit_of_work():
        export_payout(LAN, now, batch.id)
    with unit_of_work():
        return pay_payout(LAN, now, batch.id)


def test_a_run_is_posted_once_and_adds_up(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    run = run_of(tmp_path, AUGUST)
    assert post(now, unit, run) == 3
    assert post(now, unit, run) == 0
    assert queries.balance_of(unit.id).accrued_vnd == 15000
    assert queries.balance_of(unit.id).payable_vnd == 15000
    assert chain_break()[1] is None


def test_a_reversal_after_payout_is_an_adjustment_of_the_next(
    app: Flask, unit: Unit, now: datetime, tmp_path: Path
) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    first = paid_out(now, unit)
    lines = [(line.payee, line.amount_vnd) for line in queries.lines_of(first.id)]
    assert lines == [("0912345678", 10000), ("0987654321", 5000)]
    late = [
        *changed(changed(AUGUST, "T1", 0, "reversed"), "T4", 5000, "granted"),
        ("T5", "2023-09-01", "0912345678", 8000, "granted"),
    ]
    assert post(now, unit, run_of(tmp_path, late)) == 3
    second = paid_out(now, unit, "2023-09")
    assert [(line.payee, line.earned_vnd, line.adjusted_vnd) for line in queries.lines_of(second.id)] == [
        ("0912345678", 8000, -5000),
        ("0987654321", 0, 5000),
    ]
    assert {entry.entry.cause for entry in queries.adjustments_of(second.id)} == {"reversed", "late"}
    assert [(line.payee, line.amount_vnd) for line in queries.lines_of(first.id)] == lines
    assert queries.balance_of(unit.id).payable_vnd == 0


def test_who_owes_back_more_than_they_earned_waits(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    paid_out(now, unit)
    back = changed(AUGUST, "T3", 0, "reversed")
    post(now, unit, run_of(tmp_path, back))
    with pytest.raises(RefusedError, match="không có khoản nào"):
        drafted(now, unit, "2023-09")
    post(now, unit, run_of(tmp_path, [*back, ("T9", "2023-10-01", "0987654321", 7000, "granted")]))
    october = drafted(now, unit, "2023-10")
    assert [(line.earned_vnd, line.adjusted_vnd) for line in queries.lines_of(october.id)] == [(7000, -5000)]


def test_four_eyes(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    batch = drafted(now, unit)
    same_session = someone(2, *BINH.roles, session=LAN.session)
    for who in (LAN, same_session):
        with pytest.raises(FourEyesError), unit_of_work():
            approve_payout(who, now, batch.id, evidence())
    for who, refusal in ((COMMAND_LINE, FourEyesError), (DUNG, ForbiddenError)):
        with pytest.raises(refusal), unit_of_work():
            approve_payout(who, now, batch.id, evidence())
    with pytest.raises(ForbiddenError), unit_of_work():
        draft_payout(COMMAND_LINE, now, unit.id, "2023-08")
    with unit_of_work():
        assert approve_payout(BINH, now, batch.id, evidence()).state == "approved"
    with pytest.raises(ConflictError), unit_of_work():
        approve_payout(BINH, now, batch.id, evidence())


def test_steps_out_of_order_are_refused(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    batch = drafted(now, unit)
    for step in (export_payout, pay_payout):
        with pytest.raises(ConflictError), unit_of_work():
            step(LAN, now, batch.id)
    with pytest.raises(ConflictError), unit_of_work():
        reconcile_payout(LAN, now, batch.id, tmp_path, b"payee,amount\nA,1\n", "x.csv")
    assert queries.balance_of(unit.id).paid_vnd == 0


def test_only_a_month_that_is_over_is_paid(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    for month in ("2026-11", "2027-01", "", "2023-13", "abc"):
        with pytest.raises(DomainError):
            drafted(now, unit, month)


def test_one_payout_a_month_and_none_before_it(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    batch = drafted(now, unit)
    with pytest.raises(ConflictError):
        drafted(now, unit)
    with unit_of_work():
        withdraw_payout(LAN, now, batch.id, "Thiếu báo cáo của một đơn vị")
    assert db.session.scalar(select(func.count()).select_from(PayoutItem)) == 0
    paid_out(now, unit)
    post(now, unit, run_of(tmp_path, [("T0", "2023-07-01", "0911111111", 1000, "granted"), *AUGUST]))
    with pytest.raises(ConflictError, match="Đã chốt đến tháng 08/2023"):
        drafted(now, unit, "2023-07")


FORBIDDEN = [
    "UPDATE ledger_entry SET amount_vnd = amount_vnd + 1",
    "DELETE FROM ledger_entry",
    "UPDATE payout_line SET adjusted_vnd = adjusted_vnd + 1, amount_vnd = amount_vnd + 1",
    "DELETE FROM payout_line",
    "DELETE FROM payout_item",
    "DELETE FROM payout_batch",
    "UPDATE payout_batch SET month = '2023-07'",
    "UPDATE payout_batch SET total_vnd = total_vnd + 1",
    "UPDATE payout_batch SET state = 'draft'",
    "UPDATE payout_batch SET state = 'withdrawn'",
]


def test_the_database_itself_keeps_what_was_paid(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    paid_out(now, unit)
    for statement in FORBIDDEN:
        with pytest.raises(DatabaseError), unit_of_work():
            db.session.execute(text(statement))


def test_the_database_itself_keeps_four_eyes(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    drafted(now, unit)
    with pytest.raises(DatabaseError), unit_of_work():
        db.session.execute(
            text("UPDATE payout_batch SET state = 'approved', approved_by_id = drafted_by_id, approved_at = drafted_at")
        )


def test_the_samples_books_go_with_the_sample(app: Flask, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    paid_out(now, unit)
    with unit_of_work():
        unit.is_sample = True
    with unit_of_work():
        for table in ("payout_item", "payout_line", "ledger_entry", "payout_batch", "ledger_posting"):
            db.session.execute(text(f"DELETE FROM {table}"))
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def payout_csv(*rows: tuple[str, str, int]) -> bytes:
    lines = [f"{reference},{payee},{amount}" for reference, payee, amount in rows]
    return "\n".join(["Mã giao dịch,Người nhận,Số tiền", *lines, ""]).encode()


def test_what_the_provider_paid_is_booked_and_a_better_file_puts_it_right(
    app: Flask, unit: Unit, now: datetime, tmp_path: Path
) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    batch = paid_out(now, unit)
    evidence = tmp_path / "instance" / "evidence"
    data = payout_csv(("T1", "+84912345678", 5000), ("T2", "0912345678", 4000), ("T4", "0987654321", 5000))
    with unit_of_work():
        made = reconcile_payout(LAN, now, batch.id, evidence, data, "chi tra.csv")
    assert {name: each["count"] for name, each in made.tallies.items() if each["count"]} == {
        "matched": 1, "underpaid": 1, "paid_not_due": 1, "due_not_paid": 1,
    }  # fmt: skip
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert queries.disputes_of(batch.id) == {("customer", "0912345678"): (1000, 1)}
    entries = db.session.scalar(select(func.count()).select_from(LedgerEntry))
    with unit_of_work():
        reconcile_payout(LAN, now, batch.id, evidence, data, "chi tra.csv")
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == entries
    whole = payout_csv(*((row[0], row[2], row[3]) for row in AUGUST if row[3]))
    with unit_of_work():
        reconcile_payout(LAN, now, batch.id, evidence, whole, "chi tra lai.csv")
    assert queries.balance_of(unit.id).disputed_vnd == 0
    assert len(queries.reconciliations_of(batch.id)) == 2


def test_another_communes_books_do_not_exist(
    app: Flask, unit: Unit, now: datetime, tmp_path: Path, settings: Settings
) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    run = made_run(now, unit, run_of(tmp_path, AUGUST))
    batch = drafted(now, unit)
    there = commune(now, "99002", "Nơi Khác")
    stranger = someone(9, *LAN.roles, scopes=frozenset({type(next(iter(LAN.scopes)))("unit", there.id)}))
    with pytest.raises(NotFoundError):
        queries.batch_in_reach(stranger, batch.id)
    with pytest.raises(NotFoundError), unit_of_work():
        approve_payout(stranger, now, batch.id, evidence())
    with pytest.raises(NotFoundError), unit_of_work():
        post_decisions(stranger, now, settings, unit.id, run.id)
    with pytest.raises(ForbiddenError), unit_of_work():
        post_decisions(SYSTEM, now, settings, unit.id, run.id)
