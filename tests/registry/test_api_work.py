"""Working on lists through the API: views, many at once, the worklist, consent with a signature."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.devices import issue_device
from app.actors import COORDINATOR, SYSTEM, TEAM_LEAD, VOLUNTEER, Scope
from app.audit.models import AuditEvent
from app.db import db, unit_of_work
from app.places.models import Unit
from app.registry.models import BulkAct, Consent, Merchant, MerchantState, SavedView
from tests.conftest import Browser
from tests.registry.scene import commune, merchant

As = Callable[..., Browser]
STROKES = [[100, 300, 300, 80, 420, 320], [450, 300, 700, 90, 820, 330]]


class Program:
    """Someone's program: their token, their words in JSON."""

    def __init__(self, app: Flask, browser: Browser) -> None:
        self.client: FlaskClient = app.test_client()
        self.user = browser.user
        with unit_of_work():
            _, token = issue_device(SYSTEM, datetime.now(UTC), browser.user, "api", "thử")
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, address: str, body: Mapping[str, Any] | None = None, **headers: str) -> TestResponse:
        kept = {**self.headers, **headers}
        return self.client.open(f"/api/v1{address}", method=method, json=body, headers=kept)

    def told(self, method: str, address: str, body: Mapping[str, Any] | None = None, status: int = 200) -> Any:
        answer = self.ask(method, address, body)
        assert answer.status_code == status, answer.text
        return answer.get_json()


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def program(app: Flask, as_role: As, unit: Unit) -> Program:
    return Program(app, as_role(COORDINATOR, scope=Scope("unit", unit.id)))


@pytest.fixture
def shops(unit: Unit, now: datetime) -> list[Merchant]:
    return [merchant(now, unit, f"Lê Thị {name}") for name in ("Một", "Hai", "Ba")]


def test_a_view_is_kept_changed_shared_and_forgotten(program: Program, app: Flask, as_role: As, unit: Unit) -> None:
    entry = {"list_name": "merchants", "name": "Chờ lắp", "query": "stage=qr_issued&q=Hường&lạ=1", "is_first": True}
    view = program.told("POST", "/views", entry, 201)
    assert (view["query"], view["is_own"], view["is_first"], view["is_shared"]) == (
        "stage=qr_issued",
        True,
        True,
        False,
    )
    address = f"/views/{view['id']}"
    other = Program(app, as_role(VOLUNTEER, scope=Scope("unit", unit.id)))
    assert other.told("GET", "/views")["items"] == []
    assert other.ask("PATCH", address, {"is_first": True}).status_code == 404
    program.told("PATCH", address, {"name": "Chờ lắp bảng", "is_shared": True, "query": "stage=printed"})
    (seen,) = other.told("GET", "/views")["items"]
    assert (seen["name"], seen["query"], seen["is_own"], seen["is_first"]) == (
        "Chờ lắp bảng", "stage=printed", False, False,
    )  # fmt: skip
    assert other.told("PATCH", address, {"is_first": True})["is_first"]
    assert other.ask("PATCH", address, {"name": "Của tôi"}).status_code == 404
    assert other.ask("DELETE", address).status_code == 404
    assert other.ask("POST", "/views", {**entry, "is_shared": True}).status_code == 422
    assert program.told("DELETE", address) == {"state": "forgotten"}
    assert db.session.query(SavedView).count() == 0


def test_a_view_asked_for_twice_is_one(program: Program) -> None:
    entry = {"list_name": "merchants", "name": "Chờ lắp"}
    answers = [program.ask("POST", "/views", entry, **{"Idempotency-Key": "a1"}).get_json() for _ in range(2)]
    assert answers[0] == answers[1]
    for wrong in ({"list_name": "lạ", "name": "a"}, {"list_name": "merchants", "name": ""}, {"name": "a"}):
        assert program.ask("POST", "/views", wrong).status_code == 422, wrong


def test_many_at_once_by_code_told_and_taken_back(program: Program, shops: list[Merchant]) -> None:
    codes = [shop.code for shop in shops]
    made = program.told("POST", "/bulk", {"kind": "line", "value": "Rau sạch", "merchants": [*codes, codes[0]]}, 201)
    assert (made["asked"], made["done"], made["left"], made["state"]) == (3, 3, [], "done")
    db.session.expire_all()
    assert {shop.line_of_business for shop in shops} == {"Rau sạch"}
    hung = program.told("POST", "/bulk", {"kind": "installed", "merchants": codes[:1]}, 201)
    assert (hung["done"], hung["left"][0]["merchant"]) == (0, codes[0])
    assert "Chưa có tài khoản được duyệt" in hung["left"][0]["message"]
    back = program.told("POST", f"/bulk/{made['id']}/undo")
    assert (back["undone"], back["state"]) == (3, "undone")
    db.session.expire_all()
    assert {shop.line_of_business for shop in shops} == {""}
    assert program.ask("POST", f"/bulk/{made['id']}/undo").status_code == 409
    assert [each["id"] for each in program.told("GET", "/bulk")["items"]] == [hung["id"], made["id"]]


def test_a_whole_filter_is_done_only_as_large_as_it_was_seen(program: Program, shops: list[Merchant]) -> None:
    entry = {"kind": "surveyed", "filter": {"q": "le thi"}}
    assert program.ask("POST", "/bulk", entry).status_code == 422
    refused = program.ask("POST", "/bulk", {**entry, "expected": 2})
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert db.session.query(BulkAct).count() == 0
    assert program.told("POST", "/bulk", {**entry, "expected": 3}, 201)["done"] == 3
    assert {row.stage for row in db.session.query(MerchantState)} == {"surveyed"}


def test_who_may_not_does_nothing_to_many(
    app: Flask, as_role: As, program: Program, shops: list[Merchant], unit: Unit, now: datetime
) -> None:
    far = merchant(now, commune(now, "99002", "Nơi Khác"), "Trần Thị Xa")
    codes = [shops[0].code, far.code]
    assert program.ask("POST", "/bulk", {"kind": "surveyed", "merchants": codes}).status_code == 404
    volunteer = Program(app, as_role(VOLUNTEER, scope=Scope("unit", unit.id)))
    assert volunteer.ask("POST", "/bulk", {"kind": "line", "value": "x", "merchants": codes[:1]}).status_code in {
        404,
        422,
    }
    for wrong in (
        {"kind": "export", "merchants": codes[:1]},
        {"kind": "surveyed"},
        {"kind": "surveyed", "merchants": []},
        {"kind": "surveyed", "merchants": codes[:1], "filter": {}, "expected": 1},
        {"kind": "zone", "value": "abc", "merchants": codes[:1]},
    ):
        assert program.ask("POST", "/bulk", wrong).status_code in {404, 422}, wrong
    made = program.told("POST", "/bulk", {"kind": "surveyed", "merchants": codes[:1]}, 201)
    assert volunteer.ask("GET", f"/bulk/{made['id']}").status_code == 404
    assert volunteer.ask("POST", f"/bulk/{made['id']}/undo").status_code == 404
    assert db.session.query(BulkAct).count() == 1


def test_work_is_taken_given_put_aside_and_noted(
    app: Flask, as_role: As, program: Program, shops: list[Merchant], unit: Unit
) -> None:
    lead, helper = (as_role(role, scope=Scope("unit", unit.id)) for role in (TEAM_LEAD, VOLUNTEER))
    rows = program.told("GET", "/worklist?kind=no_phone")
    assert rows["total"] == 3
    work = rows["items"][0]
    assert (work["kind"], work["assigned_to"], work["merchant"]) == ("no_phone", "", shops[0].code)
    address = f"/worklist/{work['id']}"
    assert program.told("POST", f"{address}/assign", {"me": True})["assigned_to_id"] == program.user.id
    given = Program(app, lead).told("POST", f"{address}/assign", {"user_id": helper.user.id})
    assert given["assigned_to_id"] == helper.user.id
    volunteer = Program(app, helper)
    assert volunteer.told("GET", "/worklist?who=me")["total"] == 1
    assert volunteer.ask("POST", f"{address}/assign", {"user_id": lead.user.id}).status_code == 404
    assert volunteer.told("PUT", f"{address}/note", {"note": "Chỉ bán buổi sáng"})["note"] == "Chỉ bán buổi sáng"
    assert "Chỉ bán buổi sáng" in lead.get("/desk/issues").text
    assert program.ask("POST", f"{address}/snooze", {"days": 7}).status_code == 422
    assert program.told("POST", f"{address}/snooze", {"days": 7, "reason": "Đi vắng"})["snooze_reason"] == "Đi vắng"
    assert program.told("GET", "/worklist?kind=no_phone")["total"] == 2
    assert program.told("GET", "/worklist?show=snoozed")["total"] == 1
    assert program.told("POST", f"{address}/snooze", {"days": 0})["snoozed_until"] is None
    assert program.told("POST", f"{address}/assign", {})["assigned_to_id"] is None
    told = str([event.after for event in db.session.query(AuditEvent).filter_by(action="issue.note")])
    assert "issue" in told
    assert "buổi sáng" not in told, "sealed: whoever is erased is erased there, too"


def test_a_consent_comes_with_its_signature(program: Program, shops: list[Merchant]) -> None:
    address = f"/merchants/{shops[0].code}/consents"
    for wrong in (None, [], [[1, 2]], [[1]], [[-5, 0, 2000, 3]], [["a", "b"]], "M0 0"):
        refused = program.ask("POST", address, {"purpose": "register", "method": "signature", "signature": wrong})
        assert (refused.status_code, refused.mimetype) == (422, "application/problem+json"), wrong
    assert db.session.query(Consent).count() == 0
    entry = {"purpose": "register", "method": "signature", "signature": STROKES}
    assert program.told("POST", address, entry, 201) == {"state": "given"}
    assert program.told("POST", address, {"purpose": "public_map", "method": "paper"}, 201) == {"state": "given"}
    paper, signed = program.told("GET", address)["items"]
    assert (signed["has_signature"], paper["has_signature"]) == (True, False)
    drawing = program.ask("GET", f"{address}/{signed['id']}/signature.svg")
    assert (drawing.status_code, drawing.mimetype) == (200, "image/svg+xml")
    assert "M100 300" in drawing.text
    assert program.ask("GET", f"{address}/{paper['id']}/signature.svg").status_code == 404
    other = f"/merchants/{shops[1].code}/consents/{signed['id']}/signature.svg"
    assert program.ask("GET", other).status_code == 404
