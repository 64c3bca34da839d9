"""Ways of looking at a list: kept without search words, one's own or the commune's, opened first, forgotten."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.actors import COORDINATOR, TEAM_LEAD, VOLUNTEER, Scope
from app.db import db
from app.places.models import Unit
from app.registry.models import SavedView
from app.registry.rules.views import LISTS, kept_query, query_values
from tests.registry.scene import commune, market, merchant, stall

AsRole = Callable[..., Any]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def keep(browser: Any, name: str, query: str = "stage=active&sort=new", **fields: str) -> Any:
    form = {"csrf_token": browser.form_token(), "name": name, "query": query, **fields}
    return browser.post("/desk/views/merchants", data=form)


def act(browser: Any, view: SavedView, what: str, **fields: str) -> Any:
    return browser.post(f"/desk/views/{view.id}/{what}", data={"csrf_token": browser.form_token(), **fields})


def only() -> SavedView:
    db.session.expire_all()
    return db.session.scalars(select(SavedView)).one()


@given(st.lists(st.tuples(st.sampled_from(["stage", "q", "page", "sort", "col", "x"]), st.text(max_size=12))))
def test_an_address_is_kept_in_one_order_and_comes_back(pairs: list[tuple[str, str]]) -> None:
    query = kept_query("merchants", pairs)
    assert kept_query("merchants", reversed(pairs)) == query
    back = [(key, value) for key, values in query_values(query).items() for value in values]
    assert kept_query("merchants", back) == query
    assert {key for key, _ in back} <= set(LISTS["merchants"].keys)


def test_a_view_is_kept_renewed_renamed_and_forgotten(as_role: AsRole, unit: Unit) -> None:
    browser = as_role(VOLUNTEER)
    answer = keep(browser, "  Đang   dùng ", "stage=active&q=Hường&page=3&sort=new")
    view = only()
    assert (view.name, view.query, view.is_shared) == ("Đang dùng", "stage=active&sort=new", False)
    assert answer.location == f"/desk/merchants?stage=active&sort=new&view={view.id}"
    page = browser.get(f"/desk/merchants?stage=dormant&view={view.id}").get_data(as_text=True)
    assert "Lưu bộ lọc hiện tại vào cách xem này" in page
    act(browser, view, "renew", query="stage=dormant")
    assert only().query == "stage=dormant"
    act(browser, view, "rename", name="Lâu không dùng")
    assert only().name == "Lâu không dùng"
    keep(browser, "Lâu không dùng", "sort=new")
    assert only().query == "sort=new", "the same name is the same view"
    act(browser, view, "forget")
    assert db.session.scalars(select(SavedView)).all() == []


def test_the_list_opens_with_the_chosen_view_until_it_is_gone(as_role: AsRole, unit: Unit) -> None:
    browser, other = as_role(COORDINATOR), as_role(COORDINATOR)
    keep(browser, "Chợ", first="1")
    view = only()
    assert browser.get("/desk/merchants").location.endswith(f"view={view.id}")
    assert browser.get("/desk/merchants?q=").status_code == 200, "an address that asks for something gets that"
    assert browser.get("/desk/merchants?view=all").status_code == 200
    assert other.get("/desk/merchants").status_code == 200, "for this person alone"
    act(browser, view, "first", first="0")
    assert browser.get("/desk/merchants").status_code == 200
    act(browser, view, "first")
    act(browser, view, "forget")
    assert browser.get("/desk/merchants").status_code == 200


def test_a_shared_view_is_the_communes(as_role: AsRole, unit: Unit, now: datetime) -> None:
    here, zone = Scope("unit", unit.id), market(now, unit)
    there = Scope("unit", (far_unit := commune(now, "98002", "Xa Thử")).id)
    stall(now, merchant(now, unit), zone)
    merchant(now, far_unit)
    lead = as_role(TEAM_LEAD, scope=here)
    keep(lead, "Cả đội xem", share="1")
    keep(lead, "Của riêng tôi")
    shared = db.session.scalars(select(SavedView).where(SavedView.is_shared)).one()
    assert shared.unit_id == unit.id
    near, market_only, far = (as_role(VOLUNTEER, scope=scope) for scope in (here, Scope("zone", zone.id), there))
    for browser, sees in ((near, True), (market_only, True), (far, False)):
        page = browser.get("/desk/merchants?view=all").get_data(as_text=True)
        assert ("Cả đội xem" in page) is sees
        assert "Của riêng tôi" not in page
    assert act(near, shared, "first").status_code == 302, "others may open their list with it"
    assert act(near, shared, "forget").status_code == 404, "and not take it away"
    assert act(far, shared, "first").status_code == 404


def test_who_may_not_share_is_told(as_role: AsRole, unit: Unit) -> None:
    browser = as_role(VOLUNTEER)
    page = browser.get(keep(browser, "Cho mọi người", share="1").location).get_data(as_text=True)
    assert "Chỉ đội trưởng" in page
    page = browser.get(keep(browser, "   ").location).get_data(as_text=True)
    assert "Cách xem chưa có tên" in page
    assert db.session.scalars(select(SavedView)).all() == []
    assert browser.post("/desk/views/gì-đó", data={"csrf_token": browser.form_token()}).status_code == 404


def test_a_view_that_takes_the_place_of_another_says_so(as_role: AsRole, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    assert "Đã lưu cách xem “Chợ”" in browser.get(keep(browser, "Chợ").location).get_data(as_text=True)
    again = keep(browser, " Chợ ", "stage=listed")
    assert "Đã thay cách xem “Chợ”" in browser.get(again.location).get_data(as_text=True)
    assert only().query == "stage=listed"


def test_columns_are_chosen_and_an_identity_number_stays_masked(as_role: AsRole, unit: Unit, now: datetime) -> None:
    merchant(now, unit, "Lê Thị Mẫu", tax_code="038182001234", online_shops=("https://shopee.vn/mau",))
    page = as_role(COORDINATOR).get("/desk/merchants?col=tax&col=online&col=lạ").get_data(as_text=True)
    assert "038•••••1234" in page
    assert "038182001234" not in page
    assert "1 trang" in page
    assert 'data-label="Điện thoại"' not in page
