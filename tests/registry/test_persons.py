"""Consent on paper, copies, requests with their clocks, and being forgotten."""

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.actors import ADMIN, COORDINATOR, SYSTEM, VOLUNTEER, Scope
from app.audit.queries import chain_break
from app.db import Model, db, unit_of_work
from app.evidence import keep_file
from app.places.models import Unit, Zone
from app.registry.actions.accounts import approve_account
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.actions.merchants import change_merchant
from app.registry.actions.merging import merge_merchants
from app.registry.actions.milestones import record_milestone
from app.registry.actions.retention import due_now, let_go
from app.registry.actions.states import rebuild_states
from app.registry.models import Merchant, PersonRequest, PointState
from app.registry.queries.persons import consenting, personal_data
from app.registry.receipts import receipt_pdf
from app.registry.rules.entries import NewConsent, NewMerchant
from app.registry.rules.requests import KINDS, clocks, working_days_after
from app.registry.rules.texts import CONSENT_VERSION, consent_versions
from app.registry.rules.words import PURPOSES
from app.settings import Settings
from tests.registry.scene import BINH, LAN, account, commune, market, merchant, stall

AsRole = Callable[..., Any]
#: Words once read out are never changed: a new word is a new version.
DIGESTS = {"2026-11": "b602992c9003eb75", "2026-11b": "6068efb99a61af41"}


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit)


@pytest.fixture
def shop(unit: Unit, zone: Zone, now: datetime) -> Merchant:
    found = merchant(
        now, unit, "Đặng Thị Hường", phone="0987654321", tax_code="038182001234", shop_name="Bún chả Hường"
    )
    stall(now, found, zone, "A01-06", lat=19.8, lng=105.7, place="Cổng nhà bà Hường")
    with unit_of_work():
        for purpose in PURPOSES:
            give_consent(LAN, now, found, NewConsent(purpose, "spoken", CONSENT_VERSION, witness="Lê Chứng Kiến"))
    return found


def pdf_text(data: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.split())


def test_words_once_read_out_are_never_changed() -> None:
    found = {
        text.version: hashlib.sha256(repr((text.opening, dict(text.purposes), text.rights)).encode()).hexdigest()[:16]
        for text in consent_versions()
    }
    assert found == DIGESTS
    assert all(set(text.purposes) == set(PURPOSES) for text in consent_versions())
    assert all("không phải cơ quan thuế" in text.opening for text in consent_versions())


@given(st.dates(date(2026, 1, 1), date(2030, 1, 1)), st.sampled_from(sorted(KINDS)), st.booleans())
def test_clocks_run_as_the_law_says(received: date, kind: str, third_party: bool) -> None:
    running = clocks(kind, received, third_party=third_party)
    assert running.answer_by.weekday() < 5
    assert 2 <= (running.answer_by - received).days <= 4
    assert (running.due_on - received).days in {10, 15, 20}
    assert running.answer_by <= running.due_on
    assert working_days_after(received, 0) == received


@pytest.mark.parametrize("name", ["Lê A", "Nguyễn Hoàng Phương Nghiêm Thị Bích Thuỷ Tiên " * 2, "<b>&amp; Ngã</b>"])
def test_the_receipt_holds_every_word_and_cuts_none(unit: Unit, now: datetime, name: str) -> None:
    found = merchant(now, unit, name.strip())
    with unit_of_work():
        given_now = give_consent(LAN, now, found, NewConsent("register", "paper", CONSENT_VERSION))
    data = receipt_pdf(found, [given_now], "Uỷ ban nhân dân xã Cẩm Thử", date(2026, 11, 22))
    text, words = pdf_text(data), consent_versions()[-1]
    for wanted in (name.strip(), found.code, words.opening, *words.purposes.values(), words.rights, "22/11/2026"):
        assert "".join(wanted.split()) in "".join(text.split())
    assert "Đồng ý: Ghi vào sổ" in text
    assert "Không đồng ý: Hiện trên bản đồ" in text
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    for page in document:
        width, height = page.get_size()
        for box in (item.get_bounds() for item in page.get_objects() if item.type == 1):
            assert 0 <= box[0] <= box[2] <= width
            assert 0 <= box[1] <= box[3] <= height
    document.close()


def test_one_click_takes_everything_back_at_once(shop: Merchant, as_role: AsRole, now: datetime) -> None:
    browser = as_role(VOLUNTEER)
    assert consenting([shop.id], "provider", date(2026, 11, 22)) == {shop.id}
    browser.post(f"/desk/merchants/{shop.code}/consent/withdraw", data={"csrf_token": browser.form_token()})
    assert [consenting([shop.id], purpose, date(2026, 11, 22)) for purpose in PURPOSES] == [set()] * 4
    assert db.session.scalar(select(PointState.public_until)) is None
    assert db.session.scalars(select(PersonRequest.state)).all() == ["done"]
    export = as_role(COORDINATOR).get("/desk/merchants/export/csv").get_data(as_text=True)
    assert shop.code not in export


def test_nothing_is_ticked_beforehand(shop: Merchant, as_role: AsRole) -> None:
    browser = as_role(VOLUNTEER)
    page = browser.get(f"/desk/merchants/{shop.code}/consent").get_data(as_text=True)
    assert "không phải cơ quan thuế" in page
    assert "checked" not in page
    answer = browser.post(f"/desk/merchants/{shop.code}/consent", data={"csrf_token": browser.form_token()})
    assert answer.status_code == 422
    assert browser.get(f"/desk/merchants/{shop.code}/consent/receipt.pdf").data.startswith(b"%PDF")


def test_a_copy_holds_every_row_about_the_person(shop: Merchant, as_role: AsRole, now: datetime) -> None:
    account(now, shop, "7777777777")
    browser = as_role(COORDINATOR)
    token = browser.form_token()
    made = json.loads(browser.post(f"/desk/merchants/{shop.code}/data/json", data={"csrf_token": token}).data)
    assert made["tables"]["merchant"][0]["phone"] == "+84987654321"
    assert made["tables"]["payment_account"][0]["account_number"] == "7777777777"
    assert len(made["tables"]["consent"]) == 4
    pointing = {
        table.name
        for table in Model.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "merchant"
        and db.session.execute(select(table).where(key.parent == shop.id)).first() is not None
    }
    derived = {"merchant_state", "point_state", "merchant_key", "duplicate_pair", "merchant"}
    assert pointing - derived <= set(personal_data(shop))
    paper = browser.post(f"/desk/merchants/{shop.code}/data/pdf", data={"csrf_token": token}).data
    assert "Đặng Thị Hường" in pdf_text(paper)


def test_a_request_is_prolonged_once_and_closed(shop: Merchant, as_role: AsRole) -> None:
    browser = as_role(COORDINATOR)
    token = browser.form_token()
    address = f"/desk/merchants/{shop.code}/requests"
    browser.post(address, data={"csrf_token": token, "kind": "erase", "received_on": "20/11/2026"})
    asked = db.session.scalars(select(PersonRequest)).one()
    assert (asked.answer_by, asked.due_on) == (date(2026, 11, 24), date(2026, 12, 10))
    assert "10/12/2026" in browser.get("/desk/requests").get_data(as_text=True)
    for status in (302, 409):
        form = {"csrf_token": token, "act": "prolong", "note": "Chờ đơn vị thanh toán"}
        assert browser.post(f"{address}/{asked.id}", data=form).status_code == status
    assert asked.due_on == date(2026, 12, 30)
    browser.post(f"{address}/{asked.id}", data={"csrf_token": token, "act": "done"})
    assert asked.state == "done"


def test_another_commune_sees_nothing_of_it(shop: Merchant, as_role: AsRole, now: datetime) -> None:
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Xa Thử").id))
    base, token = f"/desk/merchants/{shop.code}", {"csrf_token": stranger.form_token()}
    assert stranger.get(f"{base}/consent").status_code == 404
    assert stranger.get(f"{base}/consent/receipt.pdf").status_code == 404
    for act in ("consent", "consent/withdraw", "data/json", "requests", "requests/1", "erase"):
        assert stranger.post(f"{base}/{act}", data=token).status_code == 404


def test_an_erased_person_is_found_nowhere(
    shop: Merchant, unit: Unit, as_role: AsRole, now: datetime, settings: Settings, tmp_path: Path
) -> None:
    """Every table and every file is searched for what said who they were; the chain stays whole."""
    twin = merchant(now, unit, "DANG THI HUONG", phone="0912345678")
    with unit_of_work():
        approve_account(BINH, now, account(now, shop, "7777777777").id)
        merge_merchants(LAN, now, shop, twin, "Một người")
        kept = keep_file(settings.evidence_dir, "chữ ký của bà Hường".encode())
        record_milestone(LAN, now, shop, "surveyed", now, evidence=f"signature:{kept}", note="Nhà bà Hường")
        entry = NewMerchant(holder_name="Đặng Thị Hường", phone="0987654322", tax_code="038182001234")
        change_merchant(LAN, now, shop, entry, shop.version)
    browser = as_role(ADMIN)
    form = {"csrf_token": browser.form_token(), "code": "HK-SAI"}
    assert browser.post(f"/desk/merchants/{shop.code}/erase", data=form).status_code == 422
    assert browser.post(f"/desk/merchants/{shop.code}/erase", data={**form, "code": shop.code}).status_code == 302
    db.session.expire_all()
    everything = "\n".join(
        str(tuple(row)) for table in Model.metadata.sorted_tables for row in db.session.execute(select(table))
    ).casefold()
    for word in ("hường", "huong", "98765432", "91234567", "038182001234", "7777777777", "chứng kiến"):
        assert word not in everything, word
    assert not list(settings.evidence_dir.rglob(kept))
    assert chain_break()[1] is None
    page = browser.get("/desk/audit").get_data(as_text=True)
    assert "Xoá dữ liệu cá nhân" in page
    rebuild_states()
    assert shop.code not in browser.get("/desk/merchants").get_data(as_text=True)


def test_the_audit_shows_what_it_sealed_until_then(shop: Merchant, as_role: AsRole) -> None:
    browser = as_role(ADMIN)
    event = db.session.execute(
        select(Model.metadata.tables["audit_event"].c.id).where(
            Model.metadata.tables["audit_event"].c.action == "merchant.register"
        )
    ).scalar_one()
    assert "Đặng Thị Hường" in browser.get(f"/desk/audit/{event}").get_data(as_text=True)


def test_what_is_kept_long_enough_goes_and_the_dry_run_only_tells(
    shop: Merchant, unit: Unit, zone: Zone, now: datetime, settings: Settings
) -> None:
    """A machine of time: nobody goes a day early, and everybody once it is time."""
    others = [merchant(now, unit, name) for name in ("Từ Chối", "Đã Dừng", "Cơ Quan")]
    with unit_of_work():
        record_milestone(LAN, now, others[0], "refused", now, reason="tax")
        record_milestone(LAN, now, others[1], "stopped", now, reason="closed")
        withdraw_consent(LAN, now, shop, "register")
    codes = []
    for days in (0, 20, 21, 365, 366, 730, 731):
        moment = now + timedelta(days=days)
        told = [each.count for each in due_now(moment, settings.evidence_dir)][2:]
        before = set(_erased())
        with unit_of_work():
            let_go(SYSTEM, moment, settings.evidence_dir, settings.secret_key)
        codes.append((days, told, sorted(set(_erased()) - before)))
    assert codes == [
        (0, [0, 0, 0], []),
        (20, [0, 0, 0], []),
        (21, [1, 0, 0], [shop.id]),
        (365, [0, 0, 0], []),
        (366, [0, 1, 0], [others[0].id]),
        (730, [0, 0, 0], []),
        (731, [0, 0, 1], [others[1].id]),
    ]
    assert chain_break()[1] is None


def _erased() -> Sequence[int]:
    return db.session.scalars(select(Merchant.id).where(Merchant.erased_at.is_not(None))).all()


def test_the_form_shows_no_tax_code_and_keeps_it(shop: Merchant, as_role: AsRole) -> None:
    """Twelve digits are an identity number: seen by a click that is written down, not by opening a form."""
    browser = as_role(COORDINATOR)
    address = f"/desk/merchants/{shop.code}/edit"
    page = browser.get(address).get_data(as_text=True)
    assert "038182001234" not in page
    assert "038•••••1234" in page
    form = {"csrf_token": browser.form_token(), "version": "1", "kind": "household", "phone": "0987654321"}
    answer = browser.post(address, data={**form, "holder_name": "Đặng Thị Hường", "tax_code": "038•••••1234"})
    assert answer.status_code == 302
    db.session.expire_all()
    assert (shop.tax_code, shop.shop_name) == ("038182001234", "")
