"""Reports, runs, reasons and payouts after a restore are what they were, also where the facts have to be made anew."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR, Scope
from app.cashback.models import CashbackRun, PolicyVersion
from app.db import db
from app.factory import create_app
from app.factory.backup.archive import opened_archive
from app.factory.backup.keeping import make_backup, restore_backup
from app.settings import Settings
from tests.cashback.test_pages import REPORT, adopted, payment, points_file, post, send
from tests.conftest import SECRET, Browser, browser_of
from tests.factory.backup.test_keeping import sqlite_settings
from tests.registry.scene import commune

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SCOPE = Scope("unit", 2)
ADDRESSES = (
    "/desk/reports/1",
    "/desk/cashback/runs/1",
    "/desk/cashback/runs/1/decisions.parquet",
    "/desk/cashback/explain?q=0900000001",
    "/desk/cashback/explain?q=T6",
    "/desk/payouts/1",
)


def said(browser: FlaskClient) -> list[bytes]:
    """What the pages and files say, without the secret of the form."""
    answers = [browser.get(address) for address in ADDRESSES]
    assert [answer.status_code for answer in answers] == [200] * len(ADDRESSES)
    return [
        re.sub(rb'(csrf_token" value=|form_id" value=|nonce=|content=)"[^"]+"', b"", answer.data) for answer in answers
    ]


def decided_anew(author: FlaskClient, settings: Settings) -> bytes:
    """The decisions of one more run over what is kept."""
    version = db.session.scalars(db.select(PolicyVersion)).one()
    post(author, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    newest = db.session.scalars(db.select(CashbackRun.id).order_by(CashbackRun.id.desc())).first()
    return (settings.facts_dir / "runs" / str(newest) / "decisions.parquet").read_bytes()


@pytest.fixture
def author(app: Flask, as_role: Callable[..., FlaskClient]) -> Browser:
    """Somebody whose commune has a report, a run and a payout."""
    del app
    assert commune(NOW).id == SCOPE.id
    author, approver = as_role(COORDINATOR, scope=SCOPE), as_role(APPROVER, scope=SCOPE)
    assert isinstance(author, Browser)
    send(author, REPORT)
    send(author, "\n".join([REPORT.split("\n", 1)[0], payment(8, 20), payment(6, 6, amount="99000")]), "b.csv")
    version = adopted(author, approver)
    post(author, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    post(author, "/desk/payouts/postings/confirm", unit=SCOPE.id, run=1)
    post(author, "/desk/payouts", unit=SCOPE.id, month="2023-08")
    return author


@contextmanager
def opened(settings: Settings, user: str) -> Iterator[FlaskClient]:
    """The restored program, with the same person at the same desk."""
    app = create_app(settings)
    app.test_client_class = Browser
    with app.app_context():
        yield browser_of(app, COORDINATOR, scope=SCOPE, name=user)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    "lost", [(), ("facts/reports",), ("facts/reports", "facts/runs")], ids=["whole", "facts", "all"]
)
def test_runs_reasons_and_payouts_are_the_same_after_a_restore(
    app: Flask, settings: Settings, author: Browser, tmp_path: Path, lost: tuple[str, ...]
) -> None:
    before = said(browser_of(app, COORDINATOR, scope=SCOPE, name="nguoi.xem"))
    for name in lost:
        shutil.rmtree(settings.instance / name)
    make_backup(db.engine, settings, tmp_path / "b.choso", "", NOW)
    there = replace(sqlite_settings(tmp_path / "there"), secret_key=SECRET)
    with opened_archive(tmp_path / "b.choso", "") as archive:
        restore_backup(archive, there, NOW)
    again = decided_anew(author, settings)
    db.session.remove()
    with opened(there, "nguoi.khac") as desk:
        if "facts/runs" not in lost:
            for now, then in zip(said(desk), before, strict=True):
                assert now == then
        assert decided_anew(desk, there) == again
