"""What is too much or too odd is refused with words, quickly, and nothing is kept of it."""

import json
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.accounts import devices
from app.actors import COMMAND_LINE, COORDINATOR, Actor
from app.cashback.drafting.actions import propose_policy
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.db import db, unit_of_work
from app.printing.models import PrintLot
from app.web.clock import moment
from tests.conftest import Browser

POLICY = """policy: {id}
version: 1
title: "{title}"
from: 2023-08-01
until: 2023-12-31
when: {{kind: [qr_payment]}}
rewards: [{{to: customer, pay_vnd: 5000}}]
"""


@pytest.fixture
def bearer(as_role: Callable[..., Browser]) -> dict[str, str]:
    """A coordinator's token."""
    user = as_role(COORDINATOR).user
    with unit_of_work():
        _, token = devices.issue_device(Actor(user.id, user.full_name), moment(), user, "api", "thử")
    return {"Authorization": f"Bearer {token}"}


def test_json_beyond_256_kb_is_refused_with_words(client: FlaskClient, bearer: dict[str, str]) -> None:
    body = json.dumps({f"khoa-{n}": n for n in range(600_000)})
    began = time.monotonic()
    answer = client.post("/api/v1/merchants", data=body, headers=bearer, content_type="application/json")
    assert time.monotonic() - began < 1
    assert answer.status_code == 413
    assert "256 KB" in answer.get_json()["detail"]


def test_many_unknown_keys_are_answered_shortly(client: FlaskClient, bearer: dict[str, str]) -> None:
    body = {f"khoa-{n}" * 3: n for n in range(5_000)}
    answer = client.post("/api/v1/merchants", json=body, headers=bearer)
    assert answer.status_code == 422
    assert len(answer.data) < 5_000
    assert len(answer.get_json()["errors"]) == 20


@pytest.mark.parametrize(
    ("name", "title"), [("../../x", "Thử"), ("x'; drop", "Thử"), ("a" * 61, "Thử"), ("x", "Thử\\0")]
)
def test_a_policy_with_an_odd_name_or_title_is_refused(app: Flask, name: str, title: str) -> None:
    with pytest.raises(PolicyRefusedError), unit_of_work():
        propose_policy(COMMAND_LINE, moment(), POLICY.format(id=json.dumps(name), title=title))


def test_a_policy_for_the_command_line_may_be_called_as_before() -> None:
    assert parse_policy(POLICY.format(id="Thu.nghiem_1", title="Thử").encode(), "p").policy_id == "Thu.nghiem_1"


def test_errors_of_the_database_hold_no_values(app: Flask) -> None:
    with pytest.raises(Exception, match="hide_parameters") as fault:
        db.session.execute(text("SELECT * FROM not_there WHERE phone = :phone"), {"phone": "0987000111"})
    db.session.rollback()
    assert "0987000111" not in str(fault.value)


def test_the_api_tells_where_a_lot_stands(as_role: Callable[..., Browser]) -> None:
    office = as_role(COORDINATOR)
    with unit_of_work():
        lot = PrintLot(
            number="2611-01", place="Chợ Thử", design="standee-a6", theme="default", sheet="a4", filling="row",
            start_cell=1, point_ids=[1], texts={}, reason="", created_at=moment(), created_by="thử",
        )  # fmt: skip
        db.session.add(lot)
    listed = office.get("/api/v1/lots").get_json()["items"]
    assert [each["state"] for each in listed] == [lot.standing]
    assert office.get(f"/api/v1/lots/{lot.id}").get_json()["state"] == lot.standing
