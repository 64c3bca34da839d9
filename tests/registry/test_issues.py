"""The worklist: each kind of trouble appears with its cause and goes with it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR, VOLUNTEER
from app.db import unit_of_work
from app.places.models import Unit
from app.registry.actions.accounts import approve_account, refuse_account
from app.registry.actions.consents import give_consent
from app.registry.actions.merchants import change_merchant
from app.registry.actions.milestones import record_milestone
from app.registry.actions.requests import close_request, log_request
from app.registry.queries.issues import grave_count, issue_counts
from app.registry.rules.entries import NewConsent, NewMerchant
from app.registry.rules.issues import ISSUES
from tests.registry.scene import BINH, LAN, account, commune, market, merchant, stall

CONSENT = NewConsent("register", "paper", "2026-11")


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def found(now: datetime) -> dict[str, int]:
    return {issue.kind: count for issue, count in issue_counts(LAN, now) if count}


def test_a_new_record_wants_a_phone_and_a_place(unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit)
    assert found(now) == {"no_phone": 1, "no_place": 1}
    with unit_of_work():
        change_merchant(LAN, now, shop, NewMerchant(holder_name="Lê Thị Mẫu", phone="0987654321"), version=1)
    stall(now, shop, market(now, unit))
    assert found(now) == {}


def test_consent_and_account_are_asked_for_in_turn(unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit, phone="0987654321")
    stall(now, shop, market(now, unit))
    with unit_of_work():
        record_milestone(LAN, now, shop, "surveyed", now)
    assert found(now) == {"no_consent": 1}
    with unit_of_work():
        give_consent(LAN, now, shop, CONSENT)
    assert found(now) == {"no_account": 1}
    proposal = account(now, shop)
    assert found(now) == {}
    assert found(now + timedelta(days=4)) == {"account_waits": 1}
    with unit_of_work():
        approve_account(BINH, now, proposal.id)
    assert found(now + timedelta(days=4)) == {}


def test_one_account_for_two_traders_is_the_worst(unit: Unit, now: datetime) -> None:
    zone = market(now, unit)
    shops = [merchant(now, unit, name, phone="0987654321") for name in ("Lê Một", "Lê Hai")]
    for number, shop in enumerate(shops):
        stall(now, shop, zone, f"A{number}")
    account(now, shops[0])
    second = account(now, shops[1])
    assert found(now) == {"shared_account": 2}
    assert next(iter(found(now))) == "shared_account"
    with unit_of_work():
        refuse_account(BINH, now, second.id, "Của người khác")
    assert found(now) == {}


def test_what_hangs_on_the_wall_is_looked_at_in_time(unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit, phone="0987654321")
    point = stall(now, shop, market(now, unit))
    with unit_of_work():
        give_consent(LAN, now, shop, CONSENT)
        approve_account(BINH, now, account(now, shop).id)
        record_milestone(LAN, now, shop, "installed", now, point=point)
    assert found(now + timedelta(days=60)) == {}
    assert found(now + timedelta(days=75)) == {"soon": 1}
    assert found(now + timedelta(days=91)) == {"overdue": 1}
    with unit_of_work():
        record_milestone(LAN, now + timedelta(days=92), shop, "checked", now + timedelta(days=92), point=point)
    assert found(now + timedelta(days=93)) == {}


def test_the_page_leads_to_the_merchants(as_role: Callable[..., FlaskClient], unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit, "Lê Thị Mẫu")
    text = as_role(VOLUNTEER).get("/desk/merchants/issues").get_data(as_text=True)
    assert ISSUES["no_phone"].label in text
    text = as_role(COORDINATOR).get("/desk/merchants?issue=no_phone").get_data(as_text=True)
    assert shop.holder_name in text
    text = as_role(COORDINATOR).get("/desk/merchants?issue=dormant").get_data(as_text=True)
    assert "Không có hộ nào khớp" in text


def test_one_code_on_the_stalls_of_two_traders_is_worse_still(unit: Unit, now: datetime) -> None:
    zone = market(now, unit)
    shops = [merchant(now, unit, name, phone="0987654321") for name in ("Lê Một", "Trần Hai")]
    for number, shop in enumerate(shops):
        stall(now, shop, zone, f"A{number}")
        with unit_of_work():
            give_consent(LAN, now, shop, CONSENT)
            approve_account(BINH, now, account(now, shop).id)
    assert found(now) == {"shared_code": 2, "shared_account": 2}
    assert grave_count(LAN, now) == 4


def test_a_board_with_the_old_code_wants_a_new_one(unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit, phone="0987654321")
    point = stall(now, shop, market(now, unit))
    with unit_of_work():
        give_consent(LAN, now, shop, CONSENT)
        approve_account(BINH, now, account(now, shop, "1111111111").id)
    hung, changed = now + timedelta(days=1), now + timedelta(days=2)
    with unit_of_work():
        record_milestone(LAN, hung, shop, "installed", hung, point=point)
    with unit_of_work():
        approve_account(BINH, changed, account(changed, shop, "2222222222").id)
    assert found(changed) == {}
    assert found(changed + timedelta(days=1)) == {"stale_code": 1}
    later = changed + timedelta(days=2)
    with unit_of_work():
        record_milestone(LAN, later, shop, "installed", later, point=point)
    assert found(later) == {}


def test_a_consent_that_ends_is_asked_for_again_and_then_missing(unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit, phone="0987654321")
    stall(now, shop, market(now, unit))
    with unit_of_work():
        record_milestone(LAN, now, shop, "surveyed", now)
        give_consent(LAN, now, shop, NewConsent("register", "paper", "2026-11", expires_on=date(2027, 1, 31)))
    assert "consent_ends" not in found(now)
    assert "consent_ends" in found(now + timedelta(days=60))
    assert "no_consent" in found(now + timedelta(days=71))


def test_a_late_request_of_a_person_stands_first(
    as_role: Callable[..., FlaskClient], unit: Unit, now: datetime
) -> None:
    shop = merchant(now, unit, phone="0987654321")
    stall(now, shop, market(now, unit))
    with unit_of_work():
        asked = log_request(LAN, now, shop, "copy", date(2026, 11, 1))
    assert found(now) == {"late_request": 1}
    home = as_role(COORDINATOR).get("/desk/").get_data(as_text=True)
    assert "1 yêu cầu về dữ liệu cá nhân" in home
    assert "1 việc nặng cần xử lý" in home
    with unit_of_work():
        close_request(LAN, now, asked, "done")
    assert found(now) == {}
