"""The chain notices every single tampering, and the database refuses to rewrite it."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.actors import SYSTEM
from app.audit.actions import record
from app.audit.models import AuditEvent
from app.audit.queries import Filter, chain_break, events_page, history_of
from app.db import db, unit_of_work

EVENTS = 40


@pytest.fixture
def chain(app: Flask, now: datetime) -> Flask:
    with unit_of_work():
        for number in range(EVENTS):
            record(
                SYSTEM,
                now + timedelta(seconds=number),
                "merchant.change",
                ("merchant", number % 7),
                before={"shop_name": "Bún riêu"},
                after={"shop_name": f"Bún riêu cô Lượng {number}"},
            )
    return app


def test_whole_chain_verifies(chain: Flask) -> None:
    assert chain_break() == (EVENTS, None)


def test_history_and_search(chain: Flask) -> None:
    assert [event.subject_id for event in history_of("merchant", 3)] == ["3"] * len(range(3, EVENTS, 7))
    rows, total = events_page(Filter("merchant.change"), 0, 10)
    assert (len(rows), total, rows[0].id) == (10, EVENTS, EVENTS)
    assert events_page(Filter("không có"), 0, 10) == ([], 0)


def test_an_act_undone_leaves_no_event(app: Flask, now: datetime) -> None:
    def act_and_fail() -> None:
        with unit_of_work():
            record(SYSTEM, now, "x", ("y", 1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act_and_fail()
    assert db.session.query(AuditEvent).count() == 0
