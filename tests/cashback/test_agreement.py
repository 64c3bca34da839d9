"""The engine against the independent judge: every row, on random reports and policies."""

import hashlib
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cashback.compiler import outcomes_sql
from app.cashback.engine import (
    Decided,
    all_decisions_sql,
    decide,
    eligible_lines,
    keep_outcomes,
    mark_lists,
    open_database,
    store_outcomes,
)
from app.cashback.evaluation import Task, evaluate
from app.cashback.fold import fold
from app.cashback.lists import load_lists
from app.cashback.policy_file import parse_policy, read_policy
from app.cashback.results import write_results
from app.cashback.rules import why_not_sql
from app.paths import resource_dir
from app.transactions.intake import take_reports
from app.transactions.rules import KINDS
from tests.cashback.oracle import judge
from tests.cashback.reports import CLOCKS, NESTED, OFFSETS, SEED, a_line, as_csv, as_yaml, policies, reports

POINTS = {"M1", "007"}
INSTALLED = {"0901": date(2023, 10, 1), "ẵ": date(2023, 12, 31)}
COMPARED = ("policy", "reward", "payee_role", "payee", "reference", "amount_vnd", "decision", "reason")
FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def open_facts(folder: Path, texts: list[str]) -> tuple[duckdb.DuckDBPyConnection, Any]:
    db = open_database(threads=1)
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"r{number}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        paths.append(path)
    db.execute("create table points as select unnest(?) as point", [sorted(POINTS)])
    db.execute("create table subscribers (subscriber varchar, installed_day bigint)")
    for customer, day in INSTALLED.items():
        db.execute("insert into subscribers values (?, ?)", [customer, (day - date(1970, 1, 1)).days])
    return db, take_reports(db, tuple(paths))


def rows_of(db: duckdb.DuckDBPyConnection, select: str) -> list[dict[str, Any]]:
    found = db.execute(select)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def compared(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in COMPARED) for row in rows]


@FEW
@given(texts=reports(), document=policies())
def test_every_row_agrees_with_the_judge(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], document: dict[str, Any]
) -> None:
    policy = parse_policy(as_yaml(document), "p.yaml")
    db, intake = open_facts(tmp_path_factory.mktemp("r"), texts)
    found = rows_of(db, all_decisions_sql(decide(db, [policy])))
    verdict = judge(document, texts, POINTS, INSTALLED)
    assert compared(found) == compared(verdict.decisions)
    refused = db.execute("select file, line from refused_lines order by 1, 2").fetchall()
    assert refused == verdict.refused
    assert (intake.line_count, intake.duplicate_count) == (verdict.lines, verdict.duplicates)


@FEW
@given(texts=reports(), document=policies(NESTED))
def test_windows_and_fold_say_the_same_with_the_same_counters(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], document: dict[str, Any]
) -> None:
    document["on_exhaust"] = "stop"
    policy = parse_policy(as_yaml(document), "p.yaml")
    assert not why_not_sql(policy)
    db, _ = open_facts(tmp_path_factory.mktemp("r"), texts)
    db.execute(
        "create table folded (reward integer, pos bigint, reason integer, reward_vnd bigint, counter_used bigint)"
    )
    mark_lists(db)
    store_outcomes(db, "folded", fold(policy, eligible_lines(db, policy)))
    keep_outcomes(db, 9, policy, outcomes_sql(policy, folded="folded"))
    exact = Decided(policy, 9, "test")
    assert rows_of(db, all_decisions_sql(decide(db, [policy]))) == rows_of(db, all_decisions_sql([exact]))


@FEW
@given(
    texts=reports(),
    per=st.sampled_from(["day", "month", "policy"]),
    ticket_per=st.sampled_from(["transaction", "customer"]),
    to=st.sampled_from(["customer", "merchant"]),
    budget=st.sampled_from([None, 60_000]),
    has_seed=st.booleans(),
)
def test_draws_agree_with_the_judge(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    per: str,
    ticket_per: str,
    to: str,
    budget: int | None,
    has_seed: bool,
) -> None:
    prizes = [{"name": "Một", "worth_vnd": 50_000, "winners": 1}, {"name": "Hai", "worth_vnd": 20_000, "winners": 2}]
    draw = {
        "per": per,
        "ticket_per": ticket_per,
        "prizes": prizes,
        "seed_sha256": hashlib.sha256(SEED.encode()).hexdigest(),
    }
    document = {
        "policy": "quay", "version": 1, "from": date(2023, 8, 1), "until": date(2024, 3, 31), "budget_vnd": budget,
        "when": {"kind": ["qr_payment", "electricity"], "at_least_vnd": 20000},
        "rewards": [
            {"to": to, "draw": draw}, {"to": "customer", "pay_vnd": 9000, "caps": [{"count": 1, "per": "week"}]},
        ],
    }  # fmt: skip
    policy = parse_policy(as_yaml(document), "p.yaml")
    db, _ = open_facts(tmp_path_factory.mktemp("r"), texts)
    seed = SEED if has_seed else None
    found = rows_of(db, all_decisions_sql(decide(db, [policy], seed)))
    assert compared(found) == compared(judge(document, texts, POINTS, INSTALLED, seed).decisions)


@settings(max_examples=10)
@given(texts=reports(), document=policies())
def test_order_and_repetition_of_lines_change_no_byte(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], document: dict[str, Any]
) -> None:
    policy = parse_policy(as_yaml(document), "p.yaml")
    folder = tmp_path_factory.mktemp("r")
    heading, *lines = "".join(text.split("\r\n", 1)[1] for text in texts), *texts[0].split("\r\n", 1)[:1]
    body = heading.splitlines(keepends=True)
    paths = []
    for name, rows in (("one", body), ("two", [*reversed(body), *body])):
        path = folder / f"{name}.csv"
        path.write_text(lines[0] + "\r\n" + "".join(rows), encoding="utf-8", newline="")
        paths.append(path)
    (folder / "points.csv").write_text("merchant\nM1\n007\n", encoding="utf-8")
    (folder / "subscribers.csv").write_text("customer,installed_on\n0901,2023-10-01\n", encoding="utf-8")
    digests = []
    for path in paths:
        out = folder / path.stem
        evaluate(Task((policy,), (path,), folder / "points.csv", folder / "subscribers.csv"), out)
        digests.append(hashlib.sha256((out / "decisions.parquet").read_bytes()).hexdigest())
    assert digests[0] == digests[1]


SHIPPED = sorted((resource_dir("cashback") / "policies").glob("*.yaml"))


def month_of_payments(dice: Random) -> list[str]:
    """Reports as the plans' policies meet them: every kind, own numbers and others', Tuesdays, amounts at the edges."""
    lines = []
    for number in range(dice.randint(20, 120)):
        line = a_line(dice, f"T{number}")
        day = date(2023, 8, 1) + timedelta(days=dice.choice([dice.randint(0, 150), 7 * dice.randint(0, 6)]))
        line |= {
            "paid_at": f"{day}T{dice.choice(CLOCKS)}{dice.choice(OFFSETS)}",
            "kind": dice.choice(sorted(KINDS)),
            "source": dice.choice(["viettelpay", "mobile_money", "bank"]),
            "channel": dice.choice(["app", "web", "ussd", "auto"]),
            "beneficiary": dice.choice([line["customer"], line["customer"], "0909"]),
        }
        lines.append(line)
    cut = dice.randint(0, len(lines))
    return [as_csv(lines[:cut]), as_csv(lines[cut:])]


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
@settings(max_examples=12, deadline=None)
@given(number=st.integers(0, 2**32), has_seed=st.booleans())
def test_every_policy_of_the_plans_agrees_with_the_judge(
    tmp_path_factory: pytest.TempPathFactory, path: Path, number: int, has_seed: bool
) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for reward in document["rewards"]:
        if "draw" in reward:
            reward["draw"]["seed_sha256"] = hashlib.sha256(SEED.encode()).hexdigest()
    policy = parse_policy(as_yaml(document), "p.yaml")
    texts = month_of_payments(Random(number))
    db, _ = open_facts(tmp_path_factory.mktemp("r"), texts)
    seed = SEED if has_seed and policy.has_draw else None
    found = rows_of(db, all_decisions_sql(decide(db, [policy], seed)))
    assert compared(found) == compared(judge(document, texts, POINTS, INSTALLED, seed).decisions)


def test_any_number_of_cores_writes_the_same_bytes(tmp_path: Path) -> None:
    """Several row groups, of which some lack words that others hold."""
    report = tmp_path / "r.csv"
    policy = read_policy(resource_dir("cashback") / "policies" / "qr-experience-point.yaml")
    with duckdb.connect() as db:
        db.execute(
            f"""copy (select 'FT' || lpad(i::varchar, 7, '0') as reference,
                    strftime(make_timestamp(1690848000000000 + i * 5000000), '%Y-%m-%dT%H:%M:%S') as paid_at,
                    case when i > 150000 and i % 2 = 0 then 'other' else 'qr_payment' end as kind,
                    20000 as amount_vnd, 'c' || i % 40000 as customer, 'M' || i % 50 as merchant, 'bank' as source,
                    'app' as channel, '' as beneficiary,
                    case when i > 290000 then 'failed' else 'success' end as status,
                    '' as reverses from range(300000) t(i)) to '{report}' (format csv)"""
        )
    digests = set()
    for threads in (2, 4, 3, 8, 2, 5):
        db = open_database(threads=threads)
        load_lists(db, [f"M{at}" for at in range(25)], None)
        write_results(db, tmp_path / "out", take_reports(db, [report]), decide(db, [policy]))
        digests.add(hashlib.sha256((tmp_path / "out" / "decisions.parquet").read_bytes()).hexdigest())
        db.close()
    assert len(digests) == 1
