"""Long work of one person keeps nobody else from writing: a request reads until its unit of work begins."""

import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.actors import COORDINATOR
from app.db import db
from app.registry.views import imports as list_pages
from app.transactions import actions as report_acts
from app.transactions.models import Report
from tests.faults.test_reports import HEADING, payments

CLICK_SECONDS = 0.3
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL has no lock on everything


def _held(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> tuple[threading.Event, threading.Event]:
    """The slow step of `module` stands still: (it has begun, let it go on)."""
    begun, go_on, real = threading.Event(), threading.Event(), getattr(module, name)

    def slow(*given: Any, **named: Any) -> Any:
        begun.set()
        assert go_on.wait(20)
        return real(*given, **named)

    monkeypatch.setattr(module, name, slow)
    return begun, go_on


def _click(browser: FlaskClient) -> float:
    """Seconds that a small change of somebody else takes."""
    data = {"csrf_token": browser.form_token(), "full_name": "Người Khác", "scope": "all:0"}  # type: ignore[attr-defined]
    began = time.monotonic()
    answer = browser.post("/desk/team", data=data)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - began


def _seconds_of_a_click_during(
    app: Flask, long: Callable[[], Any], other: FlaskClient, begun: threading.Event, go_on: threading.Event
) -> float:
    def work() -> None:
        with app.app_context():
            long()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert begun.wait(20)
        return min(
            _click(other) for _ in range(3)
        )  # a busy machine is no fault of ours; a held lock would stop all three
    finally:
        go_on.set()
        thread.join(30)


def test_a_click_while_a_report_is_read(
    app: Flask, as_role: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, other = as_role(COORDINATOR), as_role(COORDINATOR)
    text = "\n".join([HEADING, *payments(200)]).encode()
    begun, go_on = _held(monkeypatch, report_acts, "look_at")
    form = {"csrf_token": sender.form_token(), "file": (BytesIO(text), "r.csv"), "profile": "canonical"}  # type: ignore[attr-defined]
    answers: list[int] = []
    took = _seconds_of_a_click_during(
        app, lambda: answers.append(sender.post("/desk/reports", data=form).status_code), other, begun, go_on
    )
    assert answers == [302]
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1
    assert took < CLICK_SECONDS


def test_a_click_while_a_list_is_read(
    app: Flask, as_role: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, other = as_role(COORDINATOR), as_role(COORDINATOR)
    begun, go_on = _held(monkeypatch, list_pages, "headed_list")
    text = "Họ tên;Chợ;Số quầy\nNgô Văn Mẫu;Chợ Thử;A1".encode()
    form = {"csrf_token": sender.form_token(), "file": (BytesIO(text), "d.csv")}  # type: ignore[attr-defined]
    took = _seconds_of_a_click_during(app, lambda: sender.post("/desk/imports", data=form), other, begun, go_on)
    assert took < CLICK_SECONDS
