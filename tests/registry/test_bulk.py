"""One thing done to many: each judged by itself, counted, asked where it is many, and taken back."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.actors import COORDINATOR, TEAM_LEAD, VOLUNTEER, Scope
from app.db import db, unit_of_work
from app.factory.rooms import HANDLERS
from app.jobs.worker import run_next
from app.places.actions import create_hamlet
from app.places.models import Unit
from app.registry.actions.accounts import approve_account
from app.registry.actions.merchants import change_field
from app.registry.models import BulkAct, Merchant, MerchantState, Milestone, Point
from app.registry.rules.bulk import AT_ONCE_MAX
from tests.registry.scene import BINH, LAN, account, commune, market, merchant, stall

AsRole = Callable[..., Any]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def shops(unit: Unit, now: datetime) -> list[Merchant]:
    return [merchant(now, unit, f"Lê Thị {name}") for name in ("Một", "Hai", "Ba")]


def post(browser: Any, address: str, **fields: object) -> TestResponse:
    db.session.rollback()
    answer: TestResponse = browser.post(address, data={"csrf_token": browser.form_token(), **fields})
    return answer


def lines(shops: list[Merchant]) -> list[str]:
    db.session.expire_all()
    return [shop.line_of_business for shop in shops]


def test_a_value_is_asked_for_and_the_whole_filter_is_counted(as_role: AsRole, shops: list[Merchant]) -> None:
    browser = as_role(COORDINATOR)
    question = post(browser, "/desk/merchants/bulk?q=le", act="line", all="1").get_data(as_text=True)
    assert "Đặt ngành hàng cho 3 hộ?" in question
    assert lines(shops) == ["", "", ""], "nothing before the answer"
    post(browser, "/desk/merchants/bulk?q=le", act="line", all="1", sure="3", value="  Rau   sạch ")
    assert lines(shops) == ["Rau sạch"] * 3


def test_a_list_that_grew_is_asked_about_again(
    as_role: AsRole, shops: list[Merchant], unit: Unit, now: datetime
) -> None:
    browser = as_role(COORDINATOR)
    merchant(now, unit, "Lê Thị Bốn")
    answer = post(browser, "/desk/merchants/bulk?q=le", act="line", all="1", sure="3", value="Cá").get_data(
        as_text=True
    )
    assert "Lúc nãy có 3 hộ, bây giờ có 4 hộ" in answer
    assert lines(shops) == ["", "", ""]


def test_what_one_may_not_is_told_and_the_others_go_on(
    as_role: AsRole, shops: list[Merchant], unit: Unit, now: datetime
) -> None:
    zones = [market(now, unit, name) for name in ("Chợ Một", "Chợ Hai")]
    points = [stall(now, shop, zones[0], "A01", place="x") for shop in shops[:1]]
    stall(now, shops[1], zones[1], "A01")
    stall(now, shops[1], zones[0], "A02")
    browser = as_role(COORDINATOR)
    chosen = [shop.id for shop in shops]
    answer = post(browser, "/desk/merchants/bulk", act="zone", merchant=chosen, sure="3", value=str(zones[1].id))
    made = db.session.scalars(select(BulkAct)).one()
    assert (made.asked, made.done) == (3, 1), "A01 is taken there; the third holds no point"
    told = browser.get(answer.location).get_data(as_text=True)
    assert "Mã quầy A01 đã có trong khu vực này" in told
    assert points[0].zone_id == zones[0].id


def test_zones_units_and_reasons_are_taken_back(
    as_role: AsRole, shops: list[Merchant], unit: Unit, now: datetime
) -> None:
    one, other = market(now, unit, "Chợ Một"), market(now, unit, "Chợ Hai")
    point = stall(now, shops[0], one, "B01")
    with unit_of_work():
        hamlet = create_hamlet(unit, "thôn", "1", LAN, now)
    browser = as_role(COORDINATOR)
    chosen = [shops[0].id]
    for act, value in (("zone", other.id), ("unit", hamlet.id), ("stopped", "fee"), ("line", "Cá")):
        post(browser, "/desk/merchants/bulk", act=act, merchant=chosen, sure="1", value=str(value))
    db.session.expire_all()
    state = db.session.get_one(MerchantState, shops[0].id)
    assert (point.zone_id, shops[0].unit_id, shops[0].refusal, state.stage) == (other.id, hamlet.id, "fee", "stopped")
    for made in db.session.scalars(select(BulkAct).order_by(BulkAct.id.desc())).all():
        post(browser, f"/desk/merchants/bulk/{made.id}/undo")
    db.session.expire_all()
    state = db.session.get_one(MerchantState, shops[0].id)
    assert (point.zone_id, shops[0].unit_id, shops[0].refusal, state.stage) == (one.id, unit.id, "", "listed")
    assert shops[0].line_of_business == ""
    assert post(browser, f"/desk/merchants/bulk/{made.id}/undo").status_code == 409


def test_what_was_changed_since_stays(as_role: AsRole, shops: list[Merchant], now: datetime) -> None:
    browser = as_role(COORDINATOR)
    chosen = [shop.id for shop in shops[:2]]
    post(browser, "/desk/merchants/bulk", act="line", merchant=chosen, sure="2", value="Cá")
    with unit_of_work():
        change_field(LAN, now, shops[0], "line_of_business", "Cá biển")
    made = db.session.scalars(select(BulkAct)).one()
    page = browser.get(post(browser, f"/desk/merchants/bulk/{made.id}/undo").location).get_data(as_text=True)
    assert "Đã hoàn tác cho 1 hộ. 1 hộ đã được sửa sau đó nên để nguyên." in page
    assert lines(shops) == ["Cá biển", "", ""]


def test_a_milestone_goes_at_once_and_the_list_offers_it_back(as_role: AsRole, shops: list[Merchant]) -> None:
    browser = as_role(VOLUNTEER)
    answer = post(browser, "/desk/merchants/bulk?q=le", act="checked", merchant=[shop.id for shop in shops])
    page = browser.get(answer.location).get_data(as_text=True)
    assert "Đã ghi mốc “Kiểm tra tại chỗ” cho 3 hộ." in page
    (undo,) = re.findall(r"/desk/merchants/bulk/\d+/undo", page)
    post(browser, undo)
    assert {row.revoke_reason for row in db.session.scalars(select(Milestone))} == {"Hoàn tác việc làm cho nhiều hộ."}
    assert "Đã ghi mốc" not in as_role(VOLUNTEER).get("/desk/merchants").get_data(as_text=True), "only to who did it"


def test_many_are_done_in_the_background_and_taken_back_there(
    app: Flask, as_role: AsRole, unit: Unit, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.registry.bulk_work.AT_ONCE_MAX", 2)
    monkeypatch.setattr("app.registry.jobs.BULK_CHUNK", 2)
    assert AT_ONCE_MAX > 2
    shops = [merchant(now, unit, f"Trần Văn {number}") for number in range(5)]
    browser = as_role(COORDINATOR)
    answer = post(browser, "/desk/merchants/bulk", act="line", all="1", sure="5", value="Vải")
    assert browser.get(f"{answer.location}/progress").get_json()["state"] == "running"
    assert post(browser, f"{answer.location}/undo").status_code == 409, "not while it is being done"
    assert run_next(app, HANDLERS)
    assert lines(shops) == ["Vải"] * 5
    assert browser.get(f"{answer.location}/progress").get_json()["state"] == "done"
    assert "cho <b>5</b> trên 5 hộ" in browser.get(answer.location).get_data(as_text=True)
    post(browser, f"{answer.location}/undo")
    assert run_next(app, HANDLERS)
    assert lines(shops) == [""] * 5


def test_chosen_merchants_go_into_a_file_and_to_the_printer(as_role: AsRole, shops: list[Merchant]) -> None:
    browser = as_role(COORDINATOR)
    chosen = [shops[0].id, shops[2].id]
    answer = post(browser, "/desk/merchants/bulk", act="export", merchant=chosen)
    number = answer.location.rpartition("=")[2]
    assert "/export/xlsx?chosen=" in answer.location
    stranger = as_role(COORDINATOR)
    for someone, codes in ((browser, [shops[0].code, shops[2].code]), (stranger, [])):
        page = someone.get(f"/desk/merchants?chosen={number}").get_data(as_text=True)
        assert [shop.code for shop in shops if f"/desk/merchants/{shop.code}" in page] == codes
    assert "/desk/prints/new" in post(browser, "/desk/merchants/bulk", act="print", merchant=chosen).location


def test_another_communes_merchants_are_left_alone(as_role: AsRole, shops: list[Merchant], now: datetime) -> None:
    there = commune(now, "98002", "Xa Thử")
    zone = market(now, there, "Chợ Xa")
    stranger = as_role(COORDINATOR, scope=Scope("unit", there.id))
    chosen = [shop.id for shop in shops]
    post(stranger, "/desk/merchants/bulk", act="checked", merchant=chosen)
    assert db.session.scalars(select(Milestone)).all() == []
    near = as_role(TEAM_LEAD, scope=Scope("unit", shops[0].unit_id))
    answer = post(near, "/desk/merchants/bulk", act="zone", merchant=chosen, sure="3", value=str(zone.id))
    assert answer.status_code == 404
    made = db.session.scalars(select(BulkAct.id)).first()
    assert near.get(f"/desk/merchants/bulk/{made}").status_code == 404
    assert post(near, f"/desk/merchants/bulk/{made}/undo").status_code == 404
    assert db.session.scalars(select(Point).where(Point.zone_id == zone.id)).all() == []


def test_who_may_not_is_refused(as_role: AsRole, shops: list[Merchant]) -> None:
    browser = as_role(VOLUNTEER)
    for act in ("line", "stopped", "export", "print", "gì đó", ""):
        post(browser, "/desk/merchants/bulk", act=act, merchant=[shops[0].id], sure="1", value="fee")
    assert db.session.scalars(select(BulkAct)).all() == []
    for nonsense in ({"merchant": "x"}, {"merchant": "99999999999"}, {"act": "checked"}):
        assert post(browser, "/desk/merchants/bulk", **{"act": "checked", **nonsense}).status_code in {302, 200}


def test_no_board_hangs_where_there_is_no_code(
    as_role: AsRole, shops: list[Merchant], unit: Unit, now: datetime
) -> None:
    waits, homeless, hung = shops
    account(now, waits)
    stall(now, hung, market(now, unit), "A01")
    for number, shop in enumerate((homeless, hung)):
        row = account(now, shop, f"001100123700{number}")
        with unit_of_work():
            approve_account(BINH, now, row.id)
    browser = as_role(COORDINATOR)
    chosen = [shop.id for shop in shops]
    answer = post(browser, "/desk/merchants/bulk", act="installed", merchant=chosen, sure="3")
    told = browser.get(answer.location).get_data(as_text=True)
    assert "Chưa có tài khoản được duyệt" in told
    assert "Chưa có mã QR" in told
    single = post(browser, f"/desk/merchants/{waits.code}/milestones", kind="installed")
    assert "Chưa có tài khoản được duyệt" in browser.get(single.location).get_data(as_text=True)
    held = db.session.scalars(select(Milestone.merchant_id).where(Milestone.kind == "installed")).all()
    assert held == [hung.id]
