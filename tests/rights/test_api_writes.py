"""Writing through the API: asked again it is done once; approving needs a token for which a code was typed."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import factors
from app.accounts.devices import issue_device
from app.accounts.models import DeviceToken
from app.actors import APPROVER, COORDINATOR, SYSTEM
from app.audit.queries import history_of
from app.db import db, unit_of_work
from app.places.models import Unit
from app.registry.models import Merchant, Milestone, PaymentAccount
from tests.conftest import Browser
from tests.registry.scene import account, approved, commune, market, merchant, someone, stall
from tests.registry.test_pages import post

As = Callable[..., FlaskClient]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def bearer(app: Flask, as_role: As) -> dict[str, str]:
    browser = as_role(COORDINATOR)
    with unit_of_work():
        _, token = issue_device(SYSTEM, datetime.now(UTC), browser.user, "api", "thử")  # type: ignore[attr-defined]
    return {"Authorization": f"Bearer {token}"}


def test_the_same_key_is_answered_again_and_done_once(
    client: FlaskClient, bearer: dict[str, str], unit: Unit, now: datetime
) -> None:
    shop = merchant(now, unit)
    headers, address = {**bearer, "Idempotency-Key": "3f2a"}, f"/api/v1/merchants/{shop.code}/milestones"
    answers = [client.post(address, json={"kind": "surveyed"}, headers=headers) for _ in range(3)]
    assert {(each.status_code, each.get_json()["state"]) for each in answers} == {(201, "surveyed")}
    assert db.session.query(Milestone).filter_by(merchant_id=shop.id, kind="surveyed").count() == 1
    other = client.post(address, json={"kind": "trained"}, headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (409, "khoa-da-dung")
    assert client.post(address, json={"kind": "trained"}, headers={**bearer, "Idempotency-Key": "ă"}).status_code == 422


def test_a_source_and_its_number_make_one_record(client: FlaskClient, bearer: dict[str, str], unit: Unit) -> None:
    entry = {"holder_name": "Lê Thị Mẫu", "unit_id": unit.id, "source": "khao-sat", "external_id": "17"}
    codes = {client.post("/api/v1/merchants", json=entry, headers=bearer).get_json()["code"] for _ in range(3)}
    assert len(codes) == 1
    changed = client.post("/api/v1/merchants", json={**entry, "shop_name": "Khác"}, headers=bearer)
    assert (changed.status_code, changed.mimetype) == (409, "application/problem+json")
    half = client.post(
        "/api/v1/merchants", json={"holder_name": "A B", "unit_id": unit.id, "source": "x"}, headers=bearer
    )
    assert half.status_code == 422
    assert db.session.query(Merchant).count() == 1


def test_a_board_hangs_only_where_there_is_a_code(
    client: FlaskClient, bearer: dict[str, str], unit: Unit, now: datetime
) -> None:
    shop = merchant(now, unit)
    point = stall(now, shop, market(now, unit))
    address = f"/api/v1/merchants/{shop.code}/milestones"
    for entry in ({"kind": "installed"}, {"kind": "installed", "point_id": point.id}):
        refused = client.post(address, json=entry, headers=bearer)
        assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
        assert "Chưa có tài khoản được duyệt" in refused.get_json()["detail"]
    approved(now, shop)
    assert client.post(address, json=entry, headers=bearer).get_json() == {"state": "installed"}


def test_who_was_slower_is_told(client: FlaskClient, bearer: dict[str, str], unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit)
    address = f"/api/v1/merchants/{shop.code}"
    assert client.patch(address, json={"version": 1, "shop_name": "Một"}, headers=bearer).get_json()["version"] == 2
    assert client.patch(address, json={"version": 1, "shop_name": "Hai"}, headers=bearer).status_code == 409


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"a=1", "text/plain", 415),
        (b'{"kind": "surveyed\\u0000"}', "application/json", 422),
        (b'{"kind": "\\ud800"}', "application/json", 422),
        (b'{"kind": 5}', "application/json", 422),
    ],
)
def test_what_is_no_body_is_a_problem(
    client: FlaskClient, bearer: dict[str, str], unit: Unit, now: datetime, body: bytes, kind: str, status: int
) -> None:
    address = f"/api/v1/merchants/{merchant(now, unit).code}/milestones"
    answer = client.post(address, data=body, headers=bearer, content_type=kind)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    lost = client.delete(address, headers=bearer)
    assert (lost.status_code, lost.mimetype) == (405, "application/problem+json")
    assert "POST" in lost.headers["Allow"]


def test_no_token_approves_not_even_that_of_the_day(app: Flask, as_role: As, unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit)
    stall(now, shop, market(now, unit))
    proposal = account(now, shop, by=someone(99, COORDINATOR))
    browser = as_role(APPROVER)
    assert isinstance(browser, Browser)
    works = factors.clockwork()
    with unit_of_work():
        browser.user.sample, secret = False, factors.new_secret()
        browser.user.totp_secret = secret
    wrong = post(browser, "/desk/me/devices", name="bảng tính", kind="desk", code="000000")
    assert wrong.status_code == 422
    code = works._totp.from_source(secret).generate().token
    page = post(browser, "/desk/me/devices", name="bảng tính", kind="desk", code=code).get_data(as_text=True)
    device = db.session.query(DeviceToken).filter_by(kind="desk").one()
    assert (device.expires_at - device.created_at).total_seconds() == 12 * 3600
    token = page.split("cs_", 1)[1].split("<")[0].split('"')[0]
    answer = app.test_client().post(
        f"/api/v1/accounts/{proposal.id}/approve", headers={"Authorization": f"Bearer cs_{token}"}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "bon-mat")
    assert "Mã thiết bị không duyệt được" in answer.get_json()["detail"]
    db.session.expire_all()
    assert db.session.get_one(PaymentAccount, proposal.id).decided_by_id is None
    assert [each.action for each in history_of("payment_account", proposal.id)][-1] == "approval.refused"
    assert post(browser, f"/desk/approvals/{proposal.id}/approve").status_code == 302, "whoever is present may"
