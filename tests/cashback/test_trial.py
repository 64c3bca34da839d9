"""A policy tried before it is signed: the same figures as a real run, sliders, gains and losses, warm facts."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings

from app.actors import APPROVER, COORDINATOR, Scope
from app.cashback import simulation
from app.cashback.charts import cost_chart, short_vnd
from app.cashback.engine import all_decisions_sql, decide
from app.cashback.policy_file import parse_policy
from app.cashback.queries import shipped
from app.cashback.rules import Cap, Pay, Per
from app.cashback.trial.knobs import knob_texts, knobs_of, turned
from app.cashback.trial.trying import WARMTH
from app.cashback.trial.warm import Warmth
from app.db import db
from app.factory.cli import run
from tests.cashback.reports import as_yaml, policies, reports
from tests.cashback.test_agreement import open_facts
from tests.cashback.test_pages import REPORT, adopted, post, send
from tests.registry.scene import commune

Signed = Callable[..., FlaskClient]
QR = next(each.policy for each in shipped() if each.policy.policy_id == "qr-experience-point")
SIMULATE = "/desk/cashback/simulate"


@pytest.fixture(autouse=True)
def _cold() -> Any:
    yield
    WARMTH.clear()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(texts=reports(), document=policies())
def test_a_trial_comes_to_what_a_run_would(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], document: dict[str, Any]
) -> None:
    policy = parse_policy(as_yaml(document), "p.yaml")
    engine, intake = open_facts(tmp_path_factory.mktemp("r"), texts)
    outlook = simulation.tried(engine, policy, intake)
    again = simulation.tried(engine, policy, intake)
    decided = decide(engine, [policy])
    rows = engine.execute(f"select reason, amount_vnd, paid_at from ({all_decisions_sql(decided)})").fetchall()
    assert again == outlook
    assert dict(outlook.reasons) == Counter(reason for reason, _, _ in rows)
    assert outlook.paid_vnd == sum(vnd for _, vnd, _ in rows)
    by_day: Counter[str] = Counter()
    for _, vnd, paid_at in rows:
        by_day[paid_at[:10]] += vnd
    assert dict(outlook.by_day) == {day: vnd for day, vnd in by_day.items() if vnd}


def test_the_command_says_the_same_as_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, points, policy = tmp_path / "r.csv", tmp_path / "p.csv", tmp_path / "p.yaml"
    report.write_text(REPORT.replace(",20.000,", ",20000,"), encoding="utf-8")
    points.write_text("merchant\nM1\n", encoding="utf-8")
    document = next(each.document for each in shipped() if each.policy.policy_id == QR.policy_id)
    policy.write_text(document.replace("budget_vnd: null", "budget_vnd: 42000"), encoding="utf-8")
    common = ["--policy", str(policy), "--report", str(report), "--points", str(points)]
    assert run(["cashback", "simulate", *common, "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert run(["cashback", "evaluate", *common, "--out", str(tmp_path / "out")]) == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (told["paid_vnd"], told["granted"]) == (summary["paid_vnd"], summary["granted"])
    assert dict(told["reasons"]) == summary["policies"][0]["reasons"]
    assert told["budget_ends_on"] == "2023-08-04"


def test_knobs_turn_what_they_name_and_nothing_else() -> None:
    same, faults = turned(QR, knob_texts(QR))
    assert (same, faults) == (QR, {})
    after, faults = turned(
        QR, {"k-1-vnd": "7.000", "k-1-month": "3", "k-2-month": "8", "k-least": "30.000", "k-budget": "1tr"}
    )
    assert faults == {}
    assert after.rewards[0].pay == Pay(vnd=7000)
    assert after.rewards[0].caps == (Cap(1, Per.DAY), Cap(3, Per.MONTH))
    assert (after.rewards[1].caps[0].count, after.when.at_least_vnd, after.budget_vnd) == (8, 30_000, 1_000_000)
    kept, faults = turned(QR, {"k-1-vnd": "nhiều", "k-1-day": "0", "k-2-month": "-1", "k-budget": "20.5"})
    assert kept == QR
    assert set(faults) == {"k-1-vnd", "k-1-day", "k-2-month", "k-budget"}
    assert turned(replace(QR, budget_vnd=5), {"k-budget": " "})[0].budget_vnd is None
    for each in shipped():
        assert turned(each.policy, knob_texts(each.policy)) == (each.policy, {})
        assert all(knob.least <= knob.value <= knob.most for knob in knobs_of(each.policy))


def test_the_page_compares_with_the_version_in_use(app: Flask, as_role: Signed) -> None:
    author = as_role(COORDINATOR)
    assert "Chưa có báo cáo giao dịch" in author.get(SIMULATE).text
    send(author, REPORT)
    assert "Không ai được thưởng" in author.get(f"{SIMULATE}?policy=s-{QR.policy_id}").text, "M1 is no point of theirs"
    version = adopted(author, as_role(APPROVER))
    version.document = version.document.replace("  points: listed\n", "")
    db.session.commit()  # what no page may do: a version's text is changed
    page = author.get(f"{SIMULATE}?policy=v{version.id}").text
    assert "65.000" in page
    turned_page = author.get(f"{SIMULATE}/outcome?policy=v{version.id}&k-1-vnd=7.000&k-2-month=3&k-budget=40.000").text
    assert "Hết ngân sách" in turned_page
    assert "<html" not in turned_page
    more = author.get(f"{SIMULATE}/outcome?policy=v{version.id}&k-1-vnd=7.000").text
    assert "+10.000" in more, "five times two thousand more for the customer"
    party = author.get(f"{SIMULATE}/party?policy=v{version.id}&k-1-vnd=7.000&role=customer&payee=0900000001").text
    assert "7.000" in party
    assert "hết lượt trong tháng" in party
    for nonsense in ("policy=v999", "policy=x", "policy=s-nobody", f"policy=v{version.id}&role=x"):
        assert author.get(f"{SIMULATE}/party?{nonsense}").status_code in (404, 422)
    odd = f"{SIMULATE}?policy=v{version.id}&first_day=31/02/2023&k-1-vnd=x&k-least=-5&last_day=01/01/1999"
    assert author.get(odd).status_code == 200


def test_another_communes_policy_cannot_be_tried(app: Flask, as_role: Signed, now: Any) -> None:
    here, there = (Scope("unit", commune(now, code, name).id) for code, name in (("99001", "Một"), ("98002", "Hai")))
    author = as_role(COORDINATOR, scope=here)
    version = adopted(author, as_role(APPROVER, scope=here))
    stranger = as_role(COORDINATOR, scope=there)
    assert author.get(f"{SIMULATE}?policy=v{version.id}").status_code == 200
    assert stranger.get(f"{SIMULATE}?policy=v{version.id}").status_code == 404
    assert f'value="v{version.id}"' not in stranger.get(SIMULATE).text
    assert post(author, f"{SIMULATE}").status_code == 405


def test_warm_facts_are_loaded_once_and_closed_when_nobody_uses_them() -> None:
    warmth, loads = Warmth(most=1), Counter[str]()

    def load(key: str) -> Any:
        loads[key] += 1
        return duckdb.connect(":memory:"), None

    with warmth.taken("a", lambda: load("a")) as first:
        with warmth.taken("b", lambda: load("b")):
            pass
        assert first.db.execute("select 1").fetchone() == (1,), "in use: not closed though dropped"
    with pytest.raises(duckdb.ConnectionException):
        first.db.execute("select 1")
    threads = [threading.Thread(target=lambda: _use(warmth, load)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads["c"] == 1
    warmth.clear()


def _use(warmth: Warmth, load: Callable[[str], Any]) -> None:
    with warmth.taken("c", lambda: load("c")) as warm:
        warm.db.execute("select 1").fetchone()


def test_a_chart_has_every_day_and_its_sums() -> None:
    chart = cost_chart([("2026-02-27", 5000), ("2026-03-02", 7000)], 10_000, ends_on="2026-03-02")
    assert chart is not None
    assert [row.day for row in chart.rows] == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)]
    assert [row.so_far_vnd for row in chart.rows] == [5000, 5000, 5000, 12_000]
    assert chart.ends is not None
    assert chart.columns[0].height < chart.columns[3].height
    assert all(column.height >= 0 for column in chart.columns)
    assert cost_chart([]) is None
    assert short_vnd(999) == "999"
