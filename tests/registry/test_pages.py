"""The registry's pages as people with their roles see them."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.actors import APPROVER, COORDINATOR, TEAM_LEAD, VOLUNTEER, Scope
from app.audit.models import AuditEvent
from app.db import db, unit_of_work
from app.factory.rooms import HANDLERS
from app.jobs.worker import run_next
from app.places.models import Unit, Zone
from app.registry.actions.accounts import approve_account
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.models import ImportBatch, Merchant, Milestone, PaymentAccount, Point
from app.registry.rules.entries import NewConsent
from tests.registry.scene import BINH, LAN, account, commune, market, merchant, stall
from tests.registry.test_lists import as_csv, rows

As = Callable[..., FlaskClient]
NUMBER = "0011001234567"


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit)


@pytest.fixture
def shop(unit: Unit, zone: Zone, now: datetime) -> Merchant:
    found = merchant(
        now, unit, "Đặng Thị Hường", shop_name="Bún chả Hường", phone="0987654321", tax_code="038182001234"
    )
    stall(now, found, zone, "A01-06", lat=19.8, lng=105.7)
    return found


def post(browser: FlaskClient, address: str, **fields: object) -> TestResponse:
    db.session.rollback()  # what the test read holds no lock while the request writes
    return browser.post(address, data={"csrf_token": browser.form_token(), **fields})  # type: ignore[attr-defined]


def page(browser: FlaskClient, address: str) -> str:
    db.session.rollback()
    answer = browser.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return answer.get_data(as_text=True)


@contextmanager
def queries(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield seen
    event.remove(db.engine, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("bun cha", True),
        ("ĐẶNG", True),
        ("dang thi huong", True),
        ("0987 654 321", True),
        ("a01-06", True),
        ("234567", True),
        ("038182001234", True),
        ("phở", False),
    ],
)
def test_a_merchant_is_found_by_what_people_type(
    as_role: As, shop: Merchant, now: datetime, q: str, found: bool
) -> None:
    account(now, shop, NUMBER)
    text = page(as_role(COORDINATOR), f"/desk/merchants?q={q}")
    assert ("Bún chả Hường" in text) is found


def test_people_stand_by_given_name_and_exact_accents_first(as_role: As, unit: Unit, now: datetime) -> None:
    for name in ("Trần Văn Ất", "Lê Thị Anh", "Đặng Thu An", "Bùi Thu Ân"):
        merchant(now, unit, name)
    text = page(as_role(COORDINATOR), "/desk/merchants")
    places = [text.index(name) for name in ("Đặng Thu An", "Lê Thị Anh", "Bùi Thu Ân", "Trần Văn Ất")]
    assert places == sorted(places)
    text = page(as_role(COORDINATOR), "/desk/merchants?q=Ân")
    assert text.index("Bùi Thu Ân") < text.index("Đặng Thu An")


def test_a_list_costs_the_same_whatever_its_length(
    app: Flask, as_role: As, unit: Unit, zone: Zone, now: datetime
) -> None:
    browser = as_role(COORDINATOR)
    counts = []
    for start, end in ((0, 2), (2, 30)):
        for number in range(start, end):
            stall(now, merchant(now, unit, f"Lê Thị Mẫu {number}"), zone, f"B{number}")
        page(browser, "/desk/merchants?per_page=50")
        with queries(app) as seen:
            page(browser, "/desk/merchants?per_page=50&q=le&sort=new")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] <= 20


def test_account_numbers_are_for_those_who_may_see_them(as_role: As, shop: Merchant, now: datetime) -> None:
    account(now, shop, NUMBER)
    for role in (COORDINATOR, APPROVER):
        for address in ("/desk/merchants", f"/desk/merchants/{shop.code}", "/desk/approvals"):
            assert f"data-account-number>{NUMBER}<" in page(as_role(role), address)
    for role in (VOLUNTEER, TEAM_LEAD):
        for address in ("/desk/merchants", f"/desk/merchants/{shop.code}"):
            text = page(as_role(role), address)
            assert NUMBER not in text
            assert "•••• 4567" in text


def test_looking_at_a_phone_is_written_down(as_role: As, shop: Merchant) -> None:
    browser = as_role(VOLUNTEER)
    assert "0987 654 321" not in page(browser, f"/desk/merchants/{shop.code}")
    answer = post(browser, f"/desk/merchants/{shop.code}/show", field="phone")
    assert "0987 654 321" in answer.get_data(as_text=True)
    assert db.session.scalar(select(AuditEvent).where(AuditEvent.action == "merchant.show_phone")) is not None
    assert post(browser, f"/desk/merchants/{shop.code}/show", field="tax_code").status_code == 403
    assert "038182001234" not in page(as_role(COORDINATOR), f"/desk/merchants/{shop.code}")


def test_another_communes_records_do_not_exist(as_role: As, shop: Merchant, unit: Unit, now: datetime) -> None:
    other = commune(now, "99002", "Nơi Khác")
    account(now, shop)
    here, there = (as_role(COORDINATOR, scope=Scope("unit", each.id)) for each in (unit, other))
    assert "Bún chả Hường" in page(here, "/desk/merchants")
    assert "Bún chả Hường" not in page(there, "/desk/merchants?q=huong")
    assert "Bún chả Hường" not in page(there, "/desk/approvals")
    proposal = db.session.scalars(select(PaymentAccount)).one()
    point = db.session.scalars(select(Point)).one()
    assert there.get(f"/desk/merchants/{shop.code}").status_code == 404
    for address in (
        f"/desk/merchants/{shop.code}/edit",
        f"/desk/merchants/{shop.code}/milestones",
        f"/desk/merchants/{shop.code}/accounts",
        f"/desk/merchants/{shop.code}/show",
        f"/desk/merchants/{shop.code}/points/{point.id}/vacate",
        f"/desk/approvals/{proposal.id}/approve",
    ):
        assert post(there, address, field="phone", kind="surveyed").status_code == 404, address
    text = page(there, "/desk/merchants")
    assert "Hường" not in text
    assert "Hường" not in there.get("/desk/merchants/export/csv").get_data(as_text=True)


def test_a_merchant_is_entered_with_their_stall_and_a_wrong_form_keeps_what_was_typed(
    as_role: As, unit: Unit, zone: Zone
) -> None:
    browser = as_role(COORDINATOR)
    fields = {
        "holder_name": "Lê Thị Mới",
        "shop_name": "Chè Mới",
        "kind": "household",
        "phone": "098765",
        "unit_id": unit.id,
        "point_kind": "stall",
        "zone_id": zone.id,
        "code": "c05",
    }
    wrong = post(browser, "/desk/merchants/new", **fields)
    assert wrong.status_code == 422
    text = wrong.get_data(as_text=True)
    assert "thiếu 4 chữ số" in text
    both = post(browser, "/desk/merchants/new", **{**fields, "unit_id": ""}).get_data(as_text=True)
    assert "thiếu 4 chữ số" in both
    assert "Chưa chọn xã, thôn" in both
    assert 'value="Chè Mới"' in text
    assert db.session.scalars(select(Merchant)).all() == []
    right = post(browser, "/desk/merchants/new", **{**fields, "phone": "0987654321"})
    assert right.status_code == 302
    text = page(browser, right.location)
    assert "Chè Mới" in text
    assert "C05" in text


def test_a_stale_form_is_told(as_role: As, shop: Merchant, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    address = f"/desk/merchants/{shop.code}/edit"
    fields = {"holder_name": "Đặng Thị Hường", "kind": "household", "unit_id": unit.id}
    assert post(browser, address, **fields, shop_name="Một", version="1").status_code == 302
    assert post(browser, address, **fields, shop_name="Hai", version="1").status_code == 409
    assert db.session.scalar(select(Merchant.shop_name)) == "Một"


def test_one_person_cannot_put_an_account_through_on_the_pages(as_role: As, shop: Merchant) -> None:
    lan, binh = as_role(COORDINATOR, APPROVER), as_role(APPROVER)
    fields = {"bank_bin": "970436", "account_number": NUMBER, "account_holder": "DANG THI HUONG"}
    assert post(lan, f"/desk/merchants/{shop.code}/accounts", **fields).status_code == 302
    proposal = db.session.scalars(select(PaymentAccount)).one()
    assert "không được tự duyệt" in page(lan, "/desk/approvals")
    assert post(lan, f"/desk/approvals/{proposal.id}/approve").status_code == 403
    assert "1 tài khoản chưa duyệt được" in _followed(lan, post(lan, "/desk/approvals", account=proposal.id))
    assert post(binh, f"/desk/approvals/{proposal.id}/approve").status_code == 302
    db.session.expire_all()
    assert proposal.state == "approved"
    text = page(lan, f"/desk/merchants/{shop.code}")
    assert "Chuyển khoản đến Vietcombank" in text
    serial = text.split("/qr/")[1].split(".svg")[0]
    picture = lan.get(f"/desk/merchants/{shop.code}/qr/{serial}.svg")
    assert picture.mimetype == "image/svg+xml"


def test_refusing_needs_a_reason(as_role: As, shop: Merchant, now: datetime) -> None:
    proposal = account(now, shop)
    browser = as_role(APPROVER)
    assert "Thiếu lý do" in _followed(browser, post(browser, f"/desk/approvals/{proposal.id}/refuse", reason=" "))
    post(browser, f"/desk/approvals/{proposal.id}/refuse", reason="Sai tên")
    assert "Sai tên" in page(browser, f"/desk/merchants/{shop.code}")


def test_the_public_page_is_linked_only_while_it_exists(as_role: As, shop: Merchant, now: datetime) -> None:
    browser, address = as_role(COORDINATOR), f"/m/{shop.code}"
    record = page(browser, f"/desk/merchants/{shop.code}")
    assert (f'href="{address}"' in record, "Chưa công khai" in record) == (False, True)
    assert browser.get(address).status_code == 404
    with unit_of_work():
        give_consent(LAN, now, shop, NewConsent("public_map", "paper", "1"))
    record = page(browser, f"/desk/merchants/{shop.code}")
    assert (f'href="{address}"' in record, "Chưa công khai" in record) == (True, False)
    assert browser.get(address).status_code == 200


def test_milestones_and_consents_from_the_page(as_role: As, shop: Merchant) -> None:
    browser = as_role(TEAM_LEAD)
    address = f"/desk/merchants/{shop.code}"
    assert post(browser, f"{address}/milestones", kind="surveyed").status_code == 302
    assert "Đã khảo sát" in page(browser, "/desk/merchants")
    assert "không phải ngày" in _followed(browser, post(browser, f"{address}/milestones", kind="trained", on="13/2026"))
    assert post(browser, f"{address}/milestones", kind="printed").status_code == 422
    text = page(browser, f"{address}/consent")
    assert 'name="purpose" value="public_map">' in text, "nothing is ticked beforehand"
    post(browser, f"{address}/consent", purpose=["register", "public_map"], method="paper")
    assert "ký trên giấy" in page(browser, address)
    post(browser, f"{address}/consent/withdraw", purpose="public_map")
    assert "rút lại" in page(browser, address)
    step = db.session.scalars(select(Milestone).where(Milestone.kind == "surveyed")).one()
    post(browser, f"{address}/milestones/{step.id}/revoke", reason="Nhầm hộ")
    assert "gạch bỏ" in page(browser, address)


def test_many_at_once(as_role: As, unit: Unit, now: datetime) -> None:
    shops = [merchant(now, unit, f"Lê Thị {name}") for name in ("Một", "Hai", "Ba")]
    browser = as_role(VOLUNTEER)
    answer = post(browser, "/desk/merchants/bulk?q=le", act="surveyed", merchant=[each.id for each in shops[:2]])
    assert "cho 2 hộ" in _followed(browser, answer)
    assert answer.location.endswith("q=le")


def test_a_list_goes_from_upload_to_undo(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    table = rows(4)
    table[1][3] = "0987"
    sent = post(browser, "/desk/imports", file=(io.BytesIO(as_csv(table)), "Danh sách chợ.csv"))
    assert sent.status_code == 302
    text = page(browser, sent.location)
    assert "Ghi 3 hộ vào sổ" in text
    assert "thiếu" in text
    assert db.session.scalars(select(Merchant)).all() == []
    workbook = openpyxl.load_workbook(io.BytesIO(browser.get(f"{sent.location}/refused.xlsx").data))
    assert [cell.value for cell in workbook.active[2]][1] == table[1][1]
    assert post(browser, f"{sent.location}/apply").status_code == 302
    assert len(db.session.scalars(select(Merchant)).all()) == 3
    assert post(browser, f"{sent.location}/apply").status_code == 409
    assert post(browser, f"{sent.location}/undo", reason="thử").status_code == 302
    assert db.session.scalars(select(Merchant)).all() == []
    assert "Đã hoàn tác" in page(browser, "/desk/imports")


def test_columns_can_be_chosen_by_hand(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    data = as_csv([["Lê Thị Một", "Bún Một", "0987654321"]], ["Họ tên", "Cột lạ", "Số điện thoại"])
    sent = post(browser, "/desk/imports", file=(io.BytesIO(data), "a.csv"))
    chosen = {"column-0": "holder_name", "column-1": "shop_name", "column-2": "phone"}
    wrong = post(browser, f"{sent.location}/columns", **{"column-2": "phone"})
    assert "họ tên" in page(browser, wrong.location)
    assert db.session.scalars(select(ImportBatch.state)).all() == ["validated"], "it waits on"
    again = post(browser, f"{sent.location}/columns", **chosen)
    assert "Bún Một" in page(browser, again.location)
    assert sorted(db.session.scalars(select(ImportBatch.state))) == ["dropped", "validated"]


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"khong,co,gi\n1,2,3\n"])
def test_a_file_that_is_no_list_is_told_on_the_page(as_role: As, unit: Unit, content: bytes) -> None:
    browser = as_role(COORDINATOR)
    answer = post(browser, "/desk/imports", file=(io.BytesIO(content), "la.csv"))
    assert "la.csv" in _followed(browser, answer)
    assert db.session.scalars(select(ImportBatch)).all() == []


def test_files_taken_out_are_marked_disarmed_and_hold_only_what_may_be_printed(
    as_role: As, shop: Merchant, unit: Unit, zone: Zone, now: datetime
) -> None:
    evil = merchant(now, unit, "=HYPERLINK(1)", shop_name="@SUM(1)")
    stall(now, evil, zone, "A02")
    waiting = account(now, evil, "9999999999")
    with unit_of_work():
        approve_account(BINH, now, account(now, shop, NUMBER).id)
    browser = as_role(COORDINATOR)
    text = browser.get("/desk/merchants/export/csv").get_data(as_text=True)
    found = {row["point_code"]: row for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    assert found["A01-06"]["account_number"] == NUMBER
    assert found["A01-06"]["payload"].startswith("000201")
    assert found["A02"]["account_number"] == ""
    assert waiting.account_number not in text
    assert found["A02"]["holder_name"].startswith("'=")
    assert found["A02"]["exported_by"] == "Nguyễn Văn Mẫu"
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/desk/merchants/export/xlsx").data))
    assert {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row} <= {"s", "n"}
    assert book.worksheets[0].max_row == 3
    layer = json.loads(browser.get("/desk/merchants/export/geojson").get_data(as_text=True))
    assert (layer["rows"], len(layer["features"])) == (2, 2)
    assert "<Placemark>" in browser.get("/desk/merchants/export/kml").get_data(as_text=True)
    assert browser.get("/desk/merchants/export/exe").status_code == 404
    assert as_role(VOLUNTEER).get("/desk/merchants/export/csv").status_code == 403


def test_withdrawn_consent_leaves_the_exports_at_once(as_role: As, shop: Merchant, now: datetime) -> None:
    browser = as_role(COORDINATOR)
    with unit_of_work():
        give_consent(LAN, now, shop, NewConsent("register", "paper", "2026-11"))
    assert "Hường" in browser.get("/desk/merchants/export/csv").get_data(as_text=True)
    with unit_of_work():
        withdraw_consent(LAN, now, shop, "register")
    assert "Hường" not in browser.get("/desk/merchants/export/csv").get_data(as_text=True)


def _followed(browser: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 302
    return page(browser, answer.location)


def test_the_first_accounts_of_a_list_are_approved_together(app: Flask, as_role: As, unit: Unit) -> None:
    lan, binh = as_role(COORDINATOR, APPROVER), as_role(APPROVER)
    table = rows(5)
    table[4][5] = table[3][5]  # two traders with one account: looked at one by one
    sent = post(lan, "/desk/imports", file=(io.BytesIO(as_csv(table)), "a.csv"))
    post(lan, f"{sent.location}/apply")
    batch = db.session.scalars(select(ImportBatch)).one()
    for browser, approved in ((lan, 0), (binh, 3)):
        begun = post(browser, f"/desk/approvals/lists/{batch.id}")
        job = begun.location.split("job=")[1]
        assert "Đang duyệt cả tệp" in page(browser, begun.location)
        db.session.rollback()
        assert run_next(app, HANDLERS)
        told = browser.get(f"/desk/approvals/jobs/{job}").get_json()
        assert (told["state"], told["percent"]) == ("done", 100)
        states = list(db.session.scalars(select(PaymentAccount.state)))
        assert states.count("approved") == approved
    assert lan.get(f"/desk/approvals/jobs/{job}").status_code == 404, "another person's job"
