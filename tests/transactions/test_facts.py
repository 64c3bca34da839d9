"""Facts kept of a report: parsed once, the same as the file itself, whole or not there, made anew from the evidence."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.actors import COMMAND_LINE
from app.db import db, unit_of_work
from app.settings import Settings
from app.transactions import facts as facts_room
from app.transactions.actions import receive_report, undo_report
from app.transactions.doubts import doubts_of
from app.transactions.facts import facts_files, keep_facts
from app.transactions.intake import Received, take_reports
from app.transactions.models import Report
from app.transactions.profiles import BUILT_IN, CANONICAL
from app.transactions.queries import received, reports_in_use
from app.transactions.report_files import ReportRefusedError
from tests.cashback.reports import made_reports
from tests.transactions.test_report_files import GOOD, HEADING

NOW = datetime(2023, 9, 1, tzinfo=UTC)
CANON = BUILT_IN[CANONICAL]
TABLES = ("facts", "refused_lines", "reversals")


def intake_of(reports: list[Any]) -> tuple[Any, ...]:
    with duckdb.connect() as engine:
        counts = take_reports(engine, reports)
        tables = [engine.execute(f"select * from {name} order by all").fetchall() for name in TABLES]
    return replace(counts, files=()), *tables


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_facts_say_what_the_files_say(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("r")
    raw, kept = [], []
    for number, text in enumerate(made_reports(Random(seed))):
        path = folder / f"{number}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        raw.append(Received(path.name, path))
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        file = keep_facts(folder / "facts", sha256, CANON, partial(Received, path.name, path))
        kept.append(Received(path.name, folder / "gone.csv", facts=lambda file=file: file))  # type: ignore[misc]
    assert intake_of(kept) == intake_of(raw)


def send(app: Flask, *lines: str, name: str = "r.csv") -> Report:
    with unit_of_work():
        return receive_report(
            COMMAND_LINE, NOW, "\n".join([HEADING, *lines]).encode(), name, CANON, app.config["SETTINGS"]
        )[0]


def references(app: Flask) -> list[str]:
    with duckdb.connect() as engine:
        take_reports(engine, received(app.config["SETTINGS"], reports_in_use(COMMAND_LINE)))
        return [name for (name,) in engine.execute("select reference from facts order by 1").fetchall()]


def test_a_report_in_force_is_decided_from_its_facts_alone(app: Flask) -> None:
    kept: Settings = app.config["SETTINGS"]
    first, second = send(app, GOOD.format(1)), send(app, GOOD.format(2), name="s.csv")
    (kept.evidence_dir / first.sha256[:2] / first.sha256).unlink()
    assert references(app) == ["T1", "T2"]
    with unit_of_work():
        undo_report(COMMAND_LINE, NOW, second, "gửi nhầm")
    assert references(app) == ["T1"]
    assert facts_files(kept.facts_dir, second.sha256), "what was received stays, only its use ends"


def test_damaged_or_missing_facts_are_made_anew_from_the_evidence(app: Flask) -> None:
    report = send(app, GOOD.format(1))
    [file] = facts_files(app.config["SETTINGS"].facts_dir, report.sha256)
    whole = file.read_bytes()
    for harm in (whole[:-1], bytes([whole[0], whole[1], *(byte ^ 1 for byte in whole[2:])]), None):
        file.unlink()
        if harm is not None:
            file.write_bytes(harm)
        assert references(app) == ["T1"]
        assert [each.read_bytes() for each in facts_files(app.config["SETTINGS"].facts_dir, report.sha256)] == [whole]


def test_a_report_is_parsed_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    send(app, GOOD.format(1))
    monkeypatch.setattr(facts_room, "read_lines", lambda *_: pytest.fail("parsed again"))
    assert references(app) == ["T1"]
    assert send(app, GOOD.format(1)).id == db.session.scalars(db.select(Report.id)).one()


def test_a_file_refused_whole_leaves_nothing_behind(app: Flask) -> None:
    kept: Settings = app.config["SETTINGS"]
    with pytest.raises(ReportRefusedError), unit_of_work():
        receive_report(COMMAND_LINE, NOW, b"%PDF-1.7", "r.xlsx", CANON, kept)
    assert not [each for folder in (kept.evidence_dir, kept.facts_dir) for each in folder.rglob("*") if each.is_file()]


def test_lines_at_odds_with_another_report_are_counted_once_each(tmp_path: Path) -> None:
    texts = (
        [GOOD.format(1), GOOD.format(1), GOOD.format(2), GOOD.format(3), GOOD.format(3).replace("M1", "M9")],
        [GOOD.format(1).replace("M1", "M2"), GOOD.format(2), GOOD.format(3)],
        [GOOD.format(1).replace("M1", "M3")],
    )
    reports = []
    for number, lines in enumerate(texts):
        path = tmp_path / f"{number}.csv"
        path.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
        reports.append(Received(path.name, path))
    assert doubts_of(reports[0], reports[1:]).conflict_count == 2


def test_reports_of_one_name_are_told_apart_without_the_places_where_they_lie(app: Flask) -> None:
    send(app, GOOD.format(1), GOOD.format(2))
    send(app, GOOD.format(2).replace("M1", "M2"))
    with duckdb.connect() as engine:
        found = take_reports(engine, received(app.config["SETTINGS"], reports_in_use(COMMAND_LINE)))
    assert found.files == ("r.csv (1)", "r.csv (2)")
