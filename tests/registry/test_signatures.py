"""A signature on the screen: checked strokes, kept as proof, drawn on the receipt, gone with the person."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.actors import COORDINATOR, VOLUNTEER, Scope
from app.db import db, unit_of_work
from app.errors import RefusedError
from app.evidence import kept_file
from app.places.models import Unit
from app.registry.actions.consents import give_consent
from app.registry.models import Consent, Merchant
from app.registry.receipts import receipt_pdf
from app.registry.rules.entries import EntryError, NewConsent
from app.registry.rules.signatures import drawn_signature, read_signature
from app.registry.rules.texts import CONSENT_VERSION
from app.settings import Settings
from tests.registry.scene import LAN, commune, merchant

AsRole = Callable[..., Any]
DRAWN = "[[100,100,300,300,500,120,700,320],[720,200]]"


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def shop(unit: Unit, now: datetime) -> Merchant:
    return merchant(now, unit, "Đặng Thị <Hường> & con", phone="0987654321")


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 400)), min_size=1, max_size=40), min_size=1, max_size=20
    )
)
def test_what_is_drawn_comes_back(strokes: list[list[tuple[int, int]]]) -> None:
    line = [(0, 0), (1000, 400)]  # ink enough
    sent = json.dumps([[part for pair in stroke for part in pair] for stroke in [*strokes, line]])
    signature = read_signature(sent)
    again = drawn_signature(signature.svg("HK-1 <b> & 27/11/2026"))
    doubled = [tuple(stroke if len(stroke) > 1 else stroke * 2) for stroke in [*strokes, line]]
    assert again.strokes == tuple(doubled)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "   ",
        "[]",
        "không phải JSON",
        "[[1,2,3]]",
        "[[0,0,1001,400]]",
        "[[0,0,-1,400]]",
        "[[0,0,true,1]]",
        "[[0,0,1.5,1]]",
        '[["0",0,1000,400]]',
        "[[5,5]]",
        "{}",
        "[" * 5000,
        json.dumps([[0, 0, 1000, 400]] * 200),
        json.dumps([[0, 0] * 20_000]),
        "<svg onload=alert(1)>",
    ],
)
def test_what_is_no_signature_is_told(sent: str) -> None:
    with pytest.raises(EntryError, match=r"[Kk]ý"):
        read_signature(sent)


def test_signed_on_the_screen_needs_a_signature(shop: Merchant, now: datetime) -> None:
    for evidence in ("", "signature:", "photo:" + "0" * 64):
        with unit_of_work(), pytest.raises(RefusedError, match="cần chữ ký"):
            give_consent(LAN, now, shop, NewConsent("register", "signature", CONSENT_VERSION, evidence=evidence))


def agree(browser: Any, shop: Merchant, **fields: object) -> Any:
    form = {"csrf_token": browser.form_token(), "purpose": ["register", "public_map"], "method": "signature", **fields}
    return browser.post(f"/desk/merchants/{shop.code}/consent", data=form)


def test_a_signature_is_kept_shown_and_printed(shop: Merchant, as_role: AsRole, settings: Settings) -> None:
    browser = as_role(VOLUNTEER)
    assert agree(browser, shop, signature=DRAWN).status_code == 302
    first, second = db.session.scalars(select(Consent).order_by(Consent.id)).all()
    assert first.evidence == second.evidence
    drawing = kept_file(settings.evidence_dir, first.signature_digest)
    assert shop.code.encode() in drawing, "bound to this record"
    page = browser.get(f"/desk/merchants/{shop.code}/consent").get_data(as_text=True)
    address = f"/desk/merchants/{shop.code}/consent/{first.id}/signature.svg"
    assert address in page
    shown = browser.get(address)
    assert (shown.mimetype, shown.data) == ("image/svg+xml", drawing)
    assert browser.get(f"/desk/merchants/{shop.code}/consent/999/signature.svg").status_code == 404
    paper = browser.get(f"/desk/merchants/{shop.code}/consent/receipt.pdf").data
    assert len(lines_of(paper)) == 1 + 2, "the rule under the title and two strokes"


def test_the_copy_of_a_person_holds_their_signature(shop: Merchant, as_role: AsRole) -> None:
    browser = as_role(COORDINATOR)
    agree(browser, shop, signature=DRAWN)
    made = browser.post(f"/desk/merchants/{shop.code}/data/json", data=_token(browser))
    (drawing,) = json.loads(made.data)["signatures"].values()
    assert len(drawn_signature(drawing.encode()).strokes) == 2


def test_a_refused_form_stands_as_it_was(shop: Merchant, as_role: AsRole, settings: Settings) -> None:
    browser = as_role(VOLUNTEER)
    answer = agree(browser, shop, signature="[[1,1,2,2]]")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "ký lại cho rõ" in page
    assert page.count(" checked") == 3, "two purposes and the way stay chosen"
    assert agree(browser, shop, signature=DRAWN, expires_on="01/01/2020").status_code == 422
    assert not list(settings.evidence_dir.rglob("*")) if settings.evidence_dir.exists() else True
    assert db.session.scalars(select(Consent)).all() == []


def test_an_erased_persons_signature_is_gone(shop: Merchant, as_role: AsRole, settings: Settings) -> None:
    browser = as_role(COORDINATOR)
    agree(browser, shop, signature=DRAWN)
    digest = db.session.scalars(select(Consent)).first().signature_digest  # type: ignore[union-attr]
    form = {**_token(browser), "code": shop.code}
    assert browser.post(f"/desk/merchants/{shop.code}/erase", data=form).status_code == 302
    assert not list(settings.evidence_dir.rglob(digest))


def test_another_commune_sees_no_signature(shop: Merchant, as_role: AsRole, now: datetime) -> None:
    agree(as_role(VOLUNTEER), shop, signature=DRAWN)
    number = db.session.scalars(select(Consent.id)).first()
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Xa Thử").id))
    assert stranger.get(f"/desk/merchants/{shop.code}/consent/{number}/signature.svg").status_code == 404


def test_the_paper_without_a_signature_has_none(shop: Merchant, now: datetime) -> None:
    with unit_of_work():
        one = give_consent(LAN, now, shop, NewConsent("register", "paper", CONSENT_VERSION))
    assert len(lines_of(receipt_pdf(shop, [one], "Uỷ ban nhân dân xã Cẩm Thử", date(2026, 11, 22)))) == 1


def lines_of(data: bytes) -> list[object]:
    document = pypdfium2.PdfDocument(data)
    found = [item for page in document for item in page.get_objects() if item.type == 2]  # FPDF_PAGEOBJ_PATH
    document.close()
    return found


def _token(browser: Any) -> dict[str, str]:
    return {"csrf_token": browser.form_token()}


def test_all_that_is_missing_is_told_in_one_round(shop: Merchant, as_role: AsRole) -> None:
    answer = agree(as_role(VOLUNTEER), shop, purpose=[], signature="", expires_on="12/31/2027")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for told in ("Chưa chọn mục đích nào", "Chưa có chữ ký", "không có tháng 31"):
        assert told in page
    assert "cần chữ ký" not in page, "one fault, told once"
    assert 'aria-invalid="true"' in page
