"""Points of every kind by page, successive holders of one stall, and the whole past of a merchant in one line."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.actors import COORDINATOR, SYSTEM
from app.db import db, unit_of_work
from app.errors import ConflictError
from app.places.actions import close_stall, lay_out_market, merge_stalls, rename_stall
from app.places.models import Unit
from app.places.queries import stalls_of
from app.places.rules import Layout
from app.registry.actions.accounts import refuse_account
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import open_point, vacate_point
from app.registry.models import Merchant, Point
from app.registry.queries.timeline import moments_of
from app.registry.rules.entries import NewConsent, NewPoint
from app.registry.rules.texts import CONSENT_VERSION
from app.registry.rules.words import POINT_KINDS
from app.vn.dates import local_date
from tests.registry.scene import BINH, LAN, account, commune, market, merchant, stall

As = Callable[..., Any]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def test_everything_dated_stands_in_one_line_of_time(as_role: As, unit: Unit, now: datetime) -> None:
    zone = market(now, unit)
    shop = merchant(now, unit, "Lê Thị Mẫu", phone="0987654321")
    before = merchant(now, unit, "Trần Văn Trước")
    point = stall(now, before, zone)
    with unit_of_work():
        vacate_point(LAN, now, point, local_date(now))
    days = [now + timedelta(days=number) for number in range(1, 6)]
    again = stall(days[0], shop, zone)
    assert again.id == point.id, "an empty stall is taken over with its past"
    with unit_of_work():
        record_milestone(LAN, days[1], shop, "surveyed", days[1])
        give_consent(LAN, days[2], shop, NewConsent("register", "paper", CONSENT_VERSION))
        give_consent(LAN, days[2], shop, NewConsent("photo", "paper", CONSENT_VERSION))
        withdraw_consent(LAN, days[3], shop, "photo", "Đổi ý")
    refuse = account(days[3], shop, "0011001237465")
    with unit_of_work():
        refuse_account(BINH, days[4], refuse.id, "Sai tên chủ")
    moments = moments_of(shop)
    assert [each.at for each in moments] == sorted((each.at for each in moments), reverse=True)
    assert {each.title for each in moments} == {
        "Từ chối tài khoản",
        "Đề nghị tài khoản",
        "Rút đồng ý: dùng ảnh chụp quầy",
        "Đồng ý: dùng ảnh chụp quầy",
        "Đồng ý: ghi vào sổ của chương trình",
        "Đồng ý tham gia",
        "Khảo sát",
        "Bắt đầu bán",
    }
    page = as_role(COORDINATOR).get(f"/desk/merchants/{shop.code}").get_data(as_text=True)
    assert "Sai tên chủ" in page
    assert "Ai từng bán ở đây (1)" in page
    assert "Trần Văn Trước" in page
    assert "0011001237465" not in page.partition("Đã làm gì")[2].partition("Người bán đồng ý")[0]


def test_an_old_number_is_written_anew_and_told(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    db.session.rollback()
    form = {"csrf_token": browser.form_token(), "holder_name": "Lê Thị Mẫu", "unit_id": unit.id, "kind": "household"}
    answer = browser.post("/desk/merchants/new", data={**form, "phone": "0168 123 4567", "point_kind": "stall"})
    page = browser.get(answer.location).get_data(as_text=True)
    assert "Đã đổi đầu số cũ 0168 thành 038." in page
    assert db.session.scalars(select(Merchant.phone)).one() == "+84381234567"


@pytest.mark.parametrize("kind", list(POINT_KINDS))
def test_every_kind_of_point_is_made_moved_and_closed_by_page(
    as_role: As, unit: Unit, now: datetime, kind: str
) -> None:
    browser, zone = as_role(COORDINATOR), market(now, unit)
    token = {"csrf_token": browser.form_token()}
    opened = browser.get(f"/desk/merchants/new?point_kind={kind}").get_data(as_text=True)
    assert f'value="{kind}" selected' in opened
    db.session.rollback()
    form = {**token, "holder_name": "Trường Mầm non Mẫu", "unit_id": unit.id, "kind": "public_body", "point_kind": kind}
    form |= {"services": ["cash_in", "wifi"], "opening_hours": "7:00–17:00", "place": "Cạnh đình"}
    answer = browser.post("/desk/merchants/new", data=form)
    assert answer.status_code == 302, answer.get_data(as_text=True)[-800:]
    page = browser.get(answer.location).get_data(as_text=True)
    assert POINT_KINDS[kind] in page
    assert "7:00–17:00" in page
    point = db.session.scalars(select(Point)).one()
    assert (point.kind, point.services) == (kind, ["cash_in", "wifi"])
    db.session.rollback()
    moved = {**token, "point_kind": kind, "code": "X9", "zone_id": zone.id, "place": "Trong chợ"}
    assert browser.post(f"{answer.location.partition('#')[0]}/points/{point.id}/edit", data=moved).status_code == 302
    db.session.expire_all()
    assert (point.zone_id, point.code, point.services) == (zone.id, "X9", [])
    db.session.rollback()
    browser.post(f"{answer.location.partition('#')[0]}/points/{point.id}/vacate", data=token)
    assert "Đã rời" in browser.get(answer.location).get_data(as_text=True)


def test_points_go_with_a_stall_that_became_another(unit: Unit, now: datetime) -> None:
    zone = market(now, unit)
    with unit_of_work():
        lay_out_market(zone, Layout(rows=1, stalls_per_row=3), SYSTEM, now)
    one, two, three = stalls_of(zone.id)
    points = []
    for number, plan in enumerate((one, two, three)):
        with unit_of_work():
            entry = NewPoint(code=plan.code, zone_id=zone.id, stall_id=plan.id)
            points.append(open_point(LAN, now, merchant(now, unit, f"Lê Thị {number}"), entry))
    with unit_of_work():
        merge_stalls(one, two, LAN, now)
        new = rename_stall(three, "A01-09", LAN, now)
    db.session.expire_all()
    assert (points[1].stall_id, points[1].code) == (one.id, "A01-02"), "A01-01 is taken: its own code stays printed"
    assert (points[2].stall_id, points[2].code) == (new.id, "A01-09")


def test_a_stall_where_somebody_sells_is_not_closed(unit: Unit, now: datetime, as_role: As) -> None:
    zone = market(now, unit)
    with unit_of_work():
        lay_out_market(zone, Layout(rows=1, stalls_per_row=2), SYSTEM, now)
    linked, written = stalls_of(zone.id)
    shops = [merchant(now, unit, name) for name in ("Lê Thị Một", "Lê Thị Hai")]
    points = [stall(now, shops[0], zone, linked.code, stall_id=linked.id), stall(now, shops[1], zone, written.code)]
    for plan, shop in zip((linked, written), shops, strict=True):
        with unit_of_work(), pytest.raises(ConflictError, match=f"{shop.holder_name} .{shop.code}.*rời quầy"):
            close_stall(plan, LAN, now, "dẹp")
    browser, base = as_role(COORDINATOR), f"/desk/places/zones/{zone.slug}/stalls/{linked.id}"
    told = browser.post(f"{base}/close", data={"csrf_token": browser.form_token()}, follow_redirects=True)
    assert "đang có người bán: Lê Thị Một" in told.get_data(as_text=True)
    db.session.expire_all()
    assert (linked.valid_to, written.valid_to) == (None, None)
    with unit_of_work():
        vacate_point(LAN, now, points[0], local_date(now))
        close_stall(linked, LAN, now, "dẹp")
    assert linked.valid_to == local_date(now)


def test_lines_of_business_are_suggested_from_the_start(as_role: As, unit: Unit, now: datetime) -> None:
    merchant(now, unit, "Lê Thị Mẫu", line_of_business="Rau củ Đà Lạt")
    merchant(now, unit, "Lê Thị Hai", line_of_business="tạp hoá")
    page = as_role(COORDINATOR).get("/desk/merchants/new").get_data(as_text=True)
    suggested = re.findall(r'<option value="([^"]+)"></option>', page)
    assert suggested[:2] == ["Rau củ Đà Lạt", "tạp hoá"]
    assert "Trái cây" in suggested
    assert "Tạp hoá" not in suggested, "the commune's own writing wins"


def test_an_address_with_an_old_commune_is_told_its_name_of_today(as_role: As, unit: Unit, now: datetime) -> None:
    shop, browser = merchant(now, unit), as_role(COORDINATOR)
    form = {"point_kind": "shop", "point_unit_id": unit.id, "place": "Thôn 3, xã Cẩm Long, huyện Cẩm Thủy"}
    token = {"csrf_token": browser.form_token()}
    answer = browser.post(f"/desk/merchants/{shop.code}/points/new", data={**form, **token})
    assert answer.status_code == 302
    assert "Xã Cẩm Long (Huyện Cẩm Thủy) nay thuộc Xã Cẩm Tân." in browser.get(answer.location).text
