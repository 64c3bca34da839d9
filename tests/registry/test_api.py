"""The registry through the API."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.devices import issue_device
from app.actors import COORDINATOR, PROVINCE, SYSTEM, VOLUNTEER, Scope
from app.db import db, unit_of_work
from app.places.models import Unit
from app.registry.models import Merchant
from tests.registry.scene import account, commune, market, merchant, stall

As = Callable[..., FlaskClient]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def shop(unit: Unit, now: datetime) -> Merchant:
    found = merchant(now, unit, "Đặng Thị Hường", shop_name="Bún chả Hường", phone="0987654321")
    stall(now, found, market(now, unit), "A01-06", lat=19.8, lng=105.7)
    account(now, found)
    return found


def test_merchants_are_found_without_accents_case_and_unicode_form(as_role: As, shop: Merchant) -> None:
    browser = as_role(COORDINATOR)
    for q in ("bun cha", "BÚN CHẢ", "Hu\u031bo\u031b\u0300ng", "a01-06"):
        found = browser.get("/api/v1/merchants", query_string={"q": q, "limit": 5}).get_json()
        assert found["total"] == 1
        (item,) = found["items"]
        assert (item["code"], item["shop_name"], item["holder_name"]) == (shop.code, "Bún chả Hường", "Đặng Thị Hường")
        assert (item["lat"], item["lng"], item["account_number"]) == (19.8, 105.7, "0011001234567")
    assert browser.get("/api/v1/merchants?q=pho").get_json() == {"items": [], "total": 0}


def test_a_volunteer_gets_no_account_number_others_nothing(as_role: As, shop: Merchant, client: FlaskClient) -> None:
    (item,) = as_role(VOLUNTEER).get("/api/v1/merchants").get_json()["items"]
    assert "account_number" not in item
    assert item["account_tail"] == "•••• 4567"
    assert "0987654321" not in str(item)
    assert as_role(PROVINCE).get("/api/v1/merchants").status_code == 403
    answer = client.get("/api/v1/merchants")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_limit_and_total(as_role: As, unit: Unit, now: datetime) -> None:
    for number in range(5):
        merchant(now, unit, f"Lê Thị Mẫu {number}")
    browser = as_role(COORDINATOR)
    found = browser.get("/api/v1/merchants?limit=2&page=3").get_json()
    assert (len(found["items"]), found["total"]) == (1, 5)
    wrong = browser.get("/api/v1/merchants?limit=x")
    assert (wrong.status_code, wrong.mimetype) == (422, "application/problem+json")
    assert "limit" in wrong.get_json()["detail"]


def test_another_communes_merchant_is_not_there(as_role: As, shop: Merchant, now: datetime) -> None:
    there = as_role(COORDINATOR, scope=Scope("unit", commune(now, "99002").id))
    assert there.get("/api/v1/merchants").get_json()["total"] == 0
    assert there.get(f"/api/v1/merchants/{shop.code}").status_code == 404


def test_writing_needs_a_token(app: Flask, as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    entry = {"holder_name": "Lê Thị Mới", "unit_id": unit.id, "point": {"code": "B01", "place": "Cổng chợ"}}
    assert browser.post("/api/v1/merchants", json=entry).status_code == 403
    with unit_of_work():
        _, token = issue_device(SYSTEM, datetime.now(UTC), browser.user, "api", "thử")  # type: ignore[attr-defined]
    stranger = app.test_client()
    bearer = {"Authorization": f"Bearer {token}"}
    made = stranger.post("/api/v1/merchants", json=entry, headers=bearer)
    assert made.status_code == 201, made.get_data(as_text=True)
    code = made.get_json()["code"]
    assert made.get_json()["points"] == ["B01"]
    offered = stranger.post(
        f"/api/v1/merchants/{code}/accounts",
        json={"bank_bin": "970436", "account_number": "0011001234567"},
        headers=bearer,
    )
    assert offered.get_json()["state"] == "proposed"
    noted = stranger.post(f"/api/v1/merchants/{code}/milestones", json={"kind": "surveyed"}, headers=bearer)
    assert noted.get_json() == {"state": "surveyed"}
    given = {"purpose": "register", "method": "paper"}
    assert stranger.post(f"/api/v1/merchants/{code}/consents", json=given, headers=bearer).status_code == 201
    for wrong in ({"kind": "printed"}, {"kind": "surveyed", "at": "hôm qua"}, {}):
        answer = stranger.post(f"/api/v1/merchants/{code}/milestones", json=wrong, headers=bearer)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    db.session.rollback()


def test_the_description_is_open_and_says_what_is(client: FlaskClient) -> None:
    told = client.get("/api/v1/openapi.json").get_json()
    assert told["openapi"].startswith("3.1")
    assert "/api/v1/merchants" in told["paths"]
    assert told["security"] == [{"bearer": []}, {"session": []}]
