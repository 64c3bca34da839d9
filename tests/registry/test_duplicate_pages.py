"""Pages of records that may be one."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.actors import COORDINATOR, VOLUNTEER, Scope
from app.db import db
from app.places.models import Unit
from app.registry.models import DuplicatePair, Merchant, Merge
from tests.registry.scene import commune, market, merchant, stall

AsRole = Callable[..., Any]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def two(unit: Unit, now: datetime) -> tuple[Merchant, Merchant]:
    zone = market(now, unit)
    one = merchant(now, unit, "Nguyễn Thị Hoà", phone="0168 123 4567", shop_name="Bún chả cô Ba")
    other = merchant(now, unit, "NGUYEN THI HOA", phone="0381234567", shop_name="Cô Ba bún chả")
    stall(now, one, zone, "A01-06")
    return one, other


def test_while_typing_the_likes_are_told_with_reasons(two: tuple[Merchant, Merchant], as_role: AsRole) -> None:
    page = as_role(VOLUNTEER).get(
        "/desk/merchants/similar",
        query_string={"holder_name": "nguyễn thị hòa", "phone": "0168.123.4567", "unit_id": two[0].unit_id},
    )
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    for words in ("Cùng họ tên", "Cùng số điện thoại", "Cùng họ tên khi bỏ dấu", "A01-06"):
        assert words in text
    assert "0381" not in text


@pytest.mark.parametrize(
    "typed",
    [{}, {"phone": "09"}, {"lat": "nan", "lng": "1e400"}, {"lat": "91", "lng": "0"}, {"unit_id": "99999"},
     {"zone_id": "1", "code": "'; --"}, {"holder_name": "%_\\" * 50}],
)  # fmt: skip
def test_half_a_form_says_nothing(two: tuple[Merchant, Merchant], as_role: AsRole, typed: dict[str, str]) -> None:
    page = as_role(VOLUNTEER).get("/desk/merchants/similar", query_string=typed)
    assert (page.status_code, page.get_data(as_text=True).strip()) == (200, "")


def test_what_another_commune_has_is_not_told(two: tuple[Merchant, Merchant], as_role: AsRole, now: datetime) -> None:
    far = commune(now, "98002", "Xa Thử")
    typed = {"holder_name": "Nguyễn Thị Hoà", "phone": "0381234567", "unit_id": str(two[0].unit_id)}
    browser = as_role(VOLUNTEER, scope=Scope("unit", far.id))
    assert browser.get("/desk/merchants/similar", query_string=typed).get_data(as_text=True).strip() == ""
    pair = db.session.scalars(select(DuplicatePair)).one()
    stranger = as_role(COORDINATOR, scope=Scope("unit", far.id))
    assert stranger.get(f"/desk/duplicates/{pair.id}").status_code == 404
    assert two[0].code not in stranger.get("/desk/duplicates").get_data(as_text=True)
    for act in ("merge", "apart", "again"):
        answer = stranger.post(f"/desk/duplicates/{pair.id}/{act}", data={"csrf_token": stranger.form_token()})
        assert answer.status_code == 404


def test_the_commune_need_not_be_chosen_yet(two: tuple[Merchant, Merchant], as_role: AsRole) -> None:
    page = as_role(VOLUNTEER).get("/desk/merchants/similar", query_string={"holder_name": "Nguyễn Thị H"})
    assert page.get_data(as_text=True).strip() == ""
    page = as_role(VOLUNTEER).get("/desk/merchants/similar", query_string={"holder_name": "Nguyễn Thị Hòa"})
    assert "Bún chả cô Ba" in page.get_data(as_text=True)


def test_merged_on_the_page_and_taken_apart(two: tuple[Merchant, Merchant], as_role: AsRole) -> None:
    browser = as_role(COORDINATOR)
    token = browser.form_token()
    pair = db.session.scalars(select(DuplicatePair)).one()
    assert "Cùng số điện thoại" in browser.get("/desk/duplicates").get_data(as_text=True)
    assert "Giữ hồ sơ này" in browser.get(f"/desk/duplicates/{pair.id}").get_data(as_text=True)
    browser.post(f"/desk/duplicates/{pair.id}/merge", data={"csrf_token": token, "kept": two[0].id})
    done = db.session.scalars(select(Merge)).one()
    assert (done.kept_id, done.gone_id) == (two[0].id, two[1].id)
    merged = browser.get("/desk/duplicates?state=merged").get_data(as_text=True)
    assert "Tách lại" in merged
    assert two[1].code in merged
    old = browser.get(f"/desk/merchants/{two[1].code}")
    assert (old.status_code, old.location) == (302, f"/desk/merchants/{two[0].code}")
    answer = browser.post(f"/desk/merges/{done.id}/undo", data={"csrf_token": token})
    assert answer.location.endswith(two[1].code)
    assert "Giữ hồ sơ này" in browser.get(f"/desk/duplicates/{pair.id}").get_data(as_text=True)


def test_the_list_stands_under_the_merchants_in_the_sidebar(unit: Unit, as_role: AsRole) -> None:
    page = as_role(COORDINATOR).get("/desk/duplicates").get_data(as_text=True)
    lit = re.findall(r'<a[^>]*href="([^"]+)"[^>]*aria-current="page"', page)
    assert "/desk/merchants" in lit


def test_not_the_same_goes_to_its_own_list(two: tuple[Merchant, Merchant], as_role: AsRole) -> None:
    browser = as_role(COORDINATOR)
    token = browser.form_token()
    pair = db.session.scalars(select(DuplicatePair)).one()
    browser.post(f"/desk/duplicates/{pair.id}/apart", data={"csrf_token": token, "note": "Hai chị em"})
    assert "Không còn cặp nào" in browser.get("/desk/duplicates").get_data(as_text=True)
    assert "Hai chị em" in browser.get("/desk/duplicates?state=apart").get_data(as_text=True)
    browser.post(f"/desk/duplicates/{pair.id}/again", data={"csrf_token": token})
    assert two[0].code in browser.get("/desk/duplicates").get_data(as_text=True)


def test_any_two_may_be_put_side_by_side(unit: Unit, as_role: AsRole, now: datetime) -> None:
    one, other = merchant(now, unit, "Lê Một"), merchant(now, unit, "Trần Hai")
    browser = as_role(COORDINATOR)
    form = {"csrf_token": browser.form_token(), "a": one.code.lower(), "b": other.code}
    answer = browser.post("/desk/duplicates", data=form)
    assert "Trần Hai" in browser.get(answer.location).get_data(as_text=True)


def test_the_list_asks_the_database_a_fixed_number_of_times(unit: Unit, as_role: AsRole, now: datetime) -> None:
    browser = as_role(COORDINATOR)
    counts = []
    for group in ("Lan", "Huệ", "Cúc"):
        for _ in range(3):
            merchant(now, unit, f"Nguyễn Thị {group}", phone="0987654321")
        counts.append(_queries(lambda: browser.get("/desk/duplicates")))
    assert counts[0] == counts[2]


def _queries(act: Callable[[], object]) -> int:
    seen: list[str] = []
    listen = ("before_cursor_execute", lambda *args: seen.append(args[2]))
    event.listen(db.engine, *listen)
    act()
    event.remove(db.engine, *listen)
    return len(seen)


def test_pairs_are_narrowed_by_why_and_how_much(as_role: AsRole, unit: Unit, now: datetime) -> None:
    merchant(now, unit, "Lê Thị Điện Thoại", phone="0987654321")
    merchant(now, unit, "Trần Văn Khác", phone="0987654321")
    for _ in range(2):
        merchant(now, unit, "Đỗ Thị Trùng Tên", phone="0912345678", tax_code="0100109106")
    browser = as_role(COORDINATOR)
    both = browser.get("/desk/duplicates").get_data(as_text=True)
    assert "Đỗ Thị Trùng Tên" in both
    strong = browser.get("/desk/duplicates?score=likely").get_data(as_text=True)
    assert "Đỗ Thị Trùng Tên" in strong
    assert "Trần Văn Khác" not in strong
    assert "Đỗ Thị Trùng Tên" in browser.get("/desk/duplicates?why=tax").get_data(as_text=True)
    none = browser.get("/desk/duplicates?why=stall").get_data(as_text=True)
    assert "Không có cặp nào khớp" in none
    assert browser.get("/desk/duplicates?why=x&score=y&state=z").status_code == 200
