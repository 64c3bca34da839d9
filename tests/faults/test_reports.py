"""Reports raced and killed: every payment counts once, no cap is breached, an import or a run is whole or not there."""

import itertools
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import duckdb
import pytest
from flask import Flask

from app.actors import COMMAND_LINE
from app.cashback.actions import RunInput, run_policy
from app.cashback.evaluation import Task, evaluate, read_policies
from app.cashback.models import PolicyVersion
from app.cashback.queries import run_folder
from app.db import db, unit_of_work
from app.settings import Settings
from app.transactions.actions import receive_report
from app.transactions.intake import take_reports
from app.transactions.models import Report
from app.transactions.profiles import BUILT_IN
from app.transactions.queries import received, reports_in_use
from tests.cashback.reports import COLUMNS
from tests.faults.machine import ROOT, kill_after_cpu

NOW = datetime(2023, 9, 1, tzinfo=UTC)
HEADING = ",".join(COLUMNS)
POLICY = ROOT / "app" / "cashback" / "policies" / "qr-experience-point.yaml"
AT_ONCE = 20
BREACHES = """select count(*) from (
    select payee from {0} where payee_role = 'customer' and decision = 'granted' group by payee, left(paid_at, 10)
        having count(*) > 1
    union all select payee from {0} where payee_role = 'customer' and decision = 'granted' group by payee,
        left(paid_at, 7) having count(*) > 5
    union all select payee from {0} where payee_role = 'merchant' and decision = 'granted' group by payee,
        left(paid_at, 7) having count(*) > 10)"""
RESULT = "select reward, payee, reference, amount_vnd, reason from '{}/decisions.parquet' order by all"


def payments(count: int) -> list[str]:
    """Few people at few points, so that every cap is full."""
    dice = Random(7)
    return [
        f"T{n},2023-08-{dice.randint(1, 31):02}T{dice.randint(6, 20):02}:00:00,qr_payment,25000,"
        f"09{dice.randint(1, 30)},M{dice.randint(1, 6)},bank,app,,success,"
        for n in range(count)
    ]


def points(folder: Path) -> Path:
    file = folder / "points.csv"
    file.write_text("merchant\n" + "\n".join(f"M{n}" for n in range(1, 5)), encoding="utf-8")
    return file


def an_active_policy() -> int:
    document = POLICY.read_text(encoding="utf-8")
    version = PolicyVersion(
        policy_id="qr-experience-point", version=1, title="QR", document=document, state="active", created_at=NOW,
        created_by="Người soạn",
    )  # fmt: skip
    with unit_of_work():
        db.session.add(version)
        db.session.flush()
        return version.id


def test_twenty_importers_and_runs_at_once_breach_no_cap(app: Flask, tmp_path: Path) -> None:
    settings: Settings = app.config["SETTINGS"]
    lines, listed, version_id = payments(600), points(tmp_path), an_active_policy()
    texts = ["\n".join([HEADING, *lines[n * 25 : n * 25 + 150]]) for n in range(AT_ONCE)]  # each line in six files

    def send(number: int) -> None:
        with app.app_context(), unit_of_work():
            data = texts[number].encode()
            receive_report(COMMAND_LINE, NOW, data, f"{number}.csv", BUILT_IN["canonical"], settings)

    def run(_: int) -> int | None:
        with app.app_context(), unit_of_work():
            given = RunInput(tuple(reports_in_use(COMMAND_LINE)), points=listed)
            version = db.session.get_one(PolicyVersion, version_id)
            return run_policy(COMMAND_LINE, NOW, settings, version, given).id if given.reports else None

    with ThreadPoolExecutor(AT_ONCE + 4) as pool:
        sent = [pool.submit(send, number) for number in (*range(AT_ONCE), 3, 4)]  # two of them twice
        runs = [pool.submit(run, number) for number in range(4)]
        assert [each.result() for each in sent] == [None] * (AT_ONCE + 2)
        folders = [run_folder(settings.facts_dir, found) for each in runs if (found := each.result()) is not None]
    db.session.rollback()
    assert len(reports_in_use(COMMAND_LINE)) == AT_ONCE
    last = run(0)
    assert last is not None
    folders.append(run_folder(settings.facts_dir, last))
    whole = tmp_path / "whole.csv"
    whole.write_text("\n".join([HEADING, *lines[: 19 * 25 + 150]]), encoding="utf-8")
    evaluate(Task(read_policies([POLICY]), (whole,), listed), tmp_path / "whole")
    with duckdb.connect() as engine:
        for folder in folders:
            assert engine.execute(BREACHES.format(f"'{folder}/decisions.parquet'")).fetchone() == (0,)
        wanted = engine.execute(RESULT.format(tmp_path / "whole")).fetchall()
        assert engine.execute(RESULT.format(folders[-1])).fetchall() == wanted


def started(settings: Settings, *arguments: str | Path) -> subprocess.Popen[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("CHOSO_")}
    environ["CHOSO_INSTANCE"] = str(settings.instance)
    if not settings.sqlite:
        environ["CHOSO_DATABASE_URL"] = settings.database_url.replace("+psycopg", "")
    return subprocess.Popen(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="đọc thời gian chạy từ /proc")
def test_a_killed_import_of_a_report_is_whole_or_not_there(app: Flask, tmp_path: Path) -> None:
    settings: Settings = app.config["SETTINGS"]
    count = 30_000
    texts = [f"T{n},2023-08-01T09:00:00,qr_payment,25000,09{n},M1,bank,app,,success," for n in range(count)]
    file = tmp_path / "r.csv"
    file.write_text("\n".join([HEADING, *texts]), encoding="utf-8")
    begun = sum(os.times()[2:4])
    other = tmp_path / "other.csv"
    other.write_text("\n".join([HEADING, *(text.replace("T", "U", 1) for text in texts)]), encoding="utf-8")
    _, err = started(settings, "import", "report", other).communicate()
    whole = sum(os.times()[2:4]) - begun
    assert not err
    killed = 0
    for share in (0.75, 0.92):
        killed += kill_after_cpu(started(settings, "import", "report", file), share * whole)
        db.session.rollback()
        reports = [found for found in db.session.scalars(db.select(Report)) if found.file_name == "r.csv"]
        assert [(found.line_count, found.refused_count) for found in reports] in ([], [(count, 0)])
        if reports:
            assert facts_of(settings, reports) == count
    assert killed
    out, err = started(settings, "import", "report", file).communicate()
    assert not err
    assert str(count) in out or "đã nhận từ trước" in out
    db.session.rollback()
    assert facts_of(settings, list(reports_in_use(COMMAND_LINE))) == 2 * count


def facts_of(settings: Settings, reports: list[Report]) -> int:
    with duckdb.connect() as engine:
        take_reports(engine, received(settings, reports))
        found = engine.execute("select count(*) from facts").fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="đọc thời gian chạy từ /proc")
def test_a_killed_evaluation_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    file, listed, out = tmp_path / "r.csv", points(tmp_path), tmp_path / "out"
    lines = itertools.chain([HEADING], payments(40_000))
    file.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-m", "app", "cashback", "evaluate", "--policy", str(POLICY), "--report", str(file)]
    command += ["--points", str(listed), "--out", str(out)]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    begun = sum(os.times()[2:4])
    assert start().communicate()[1] == ""
    whole = sum(os.times()[2:4]) - begun
    before = {each.name: each.read_bytes() for each in out.iterdir()}
    killed = 0
    for share in (0.75, 0.95):
        killed += kill_after_cpu(start(), share * whole)
        assert {each.name: each.read_bytes() for each in out.iterdir()} == before
    assert killed
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["lines"] == 40_000
