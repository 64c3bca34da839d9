"""The sample commune: rich enough for every page, marked, and gone without a trace but the chain's."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.actors import ROLES
from app.audit.queries import chain_break
from app.cashback.models import DrawCommitment, DrawStep
from app.cashback.queries import policy_in
from app.db import db, unit_of_work
from app.errors import ConflictError
from app.factory.cli import run
from app.factory.doctor.records import counts
from app.factory.sample.build import build_sample, install_sample, remove_sample, sample_exists
from app.factory.sample.people import PEOPLE, sign_ins
from app.printing.models import PrintLot
from app.registry.models import MerchantState, PointState
from app.registry.rules.stages import STAGES
from app.settings import Settings
from app.vn.dates import local_date
from tests.conftest import SECRET

#: Records of which something stays.
KEPT = {"audit_events", "sign_in_key"}


def test_in_and_out_again(app: Flask, settings: Settings, now: datetime) -> None:
    install_sample(settings, now)
    stages = set(db.session.scalars(select(MerchantState.stage).distinct()))
    assert stages >= set(STAGES) - {"consented", "account_ready", "qr_issued", "printed"}
    placed = db.session.scalar(select(func.count()).where(PointState.lat.is_not(None)))
    assert placed == counts()["points"]
    assert counts()["stall"] >= 300
    lot = db.session.scalars(select(PrintLot)).one()
    assert (lot.state, lot.failures) == ("handed", [])
    assert lot.codes_right == lot.pieces_count == counts()["print_piece"]
    draw = db.session.scalars(select(DrawCommitment)).one()
    days = policy_in(draw.policy_version)
    assert days.first_day is not None
    assert days.last_day is not None
    assert draw.revealed_at is not None
    closed, drawn = (step.made_at for step in db.session.scalars(select(DrawStep).order_by(DrawStep.id)))
    assert local_date(draw.committed_at) < days.first_day
    assert days.last_day < local_date(closed)
    assert closed < drawn == draw.revealed_at <= now
    assert "2023" not in " ".join(each.why for each in days.assumed)
    with pytest.raises(ConflictError, match="CHOSO_INSTANCE"), unit_of_work():
        build_sample(SECRET, now)
    with unit_of_work():
        assert remove_sample(settings, now) > 1000
    assert not sample_exists()
    assert {name for name, number in counts().items() if number} == KEPT
    assert chain_break()[1] is None
    assert list(settings.lots_dir.iterdir()) == []


def test_everybody_has_a_password_that_can_be_told_again() -> None:
    first, second = sign_ins(SECRET), sign_ins(SECRET)
    assert first == second
    assert {each.role for each in first} == set(PEOPLE) <= set(ROLES)
    assert sign_ins(SECRET[::-1]) != first


def test_json_is_all_that_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHOSO_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setattr("app.factory.sample.cli.install_sample", lambda *_: None)
    assert run(["demo", "--json"]) == 0
    people = json.loads(capsys.readouterr().out)
    assert {frozenset(each) for each in people} == {frozenset({"user", "password", "role"})}
    assert run(["demo", "--remove"]) == 0
    assert "Không có xã mẫu" in capsys.readouterr().err
