"""A trader's own card: what it tells, to whom it opens, and that the slip's code leads there."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR, Scope
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.queries import shipped
from app.db import db, unit_of_work
from app.printing.contents import content_of
from app.printing.design_files import load_design
from app.printing.ordering import numbered, rows_of
from app.printing.shelf import stock
from app.printing.themes import load_theme
from app.registry.actions.accounts import approve_account
from app.registry.actions.trader_links import links_for, open_link
from app.registry.models import Merchant, TraderLink
from tests.cashback.reports import COLUMNS
from tests.cashback.test_pages import adopted, post, send
from tests.mapping import scene
from tests.registry.scene import BINH, LAN, account, commune

As = Callable[..., FlaskClient]
NOW = datetime(2023, 8, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def trader(app: Flask, now: datetime) -> Merchant:
    return scene.trader(now, scene.market(now), 0, "Bún chả Hường")


def report(code: str, count: int = 12) -> str:
    lines = [
        f"T{at:02d},2023-08-{at:02d}T09:00:00,qr_payment,20000,09000000{at:02d},{code},bank,app,,success,"
        for at in range(1, count + 1)
    ]
    small = f"T99,2023-08-15T09:00:00,qr_payment,19999,0912345678,{code},bank,app,,success,"
    return "\n".join([",".join(COLUMNS), *lines, small]) + "\n"


def decided(as_role: As, trader: Merchant) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    send(author, report(trader.code))
    version = adopted(author, approver)
    post(author, f"/desk/cashback/policies/{version.id}/run")


def decided_also(as_role: As, document: str) -> None:
    """The same report under another programme."""
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    post(author, "/desk/cashback/policies/new", document=document, do="keep")
    version = db.session.scalars(db.select(PolicyVersion).order_by(PolicyVersion.id.desc())).first()
    assert version
    post(approver, f"/desk/cashback/policies/{version.id}/approve")
    post(author, f"/desk/cashback/policies/{version.id}/run")


def opened(now: datetime, trader: Merchant) -> str:
    with unit_of_work():
        return open_link(LAN, now, trader).token


def test_the_card_says_what_was_earned_and_what_is_left(
    as_role: As, client: FlaskClient, trader: Merchant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(as_role, trader)
    address = f"/c/{opened(now, trader)}"
    monkeypatch.setattr("app.public.cards.moment", lambda: NOW)
    page = client.get(address)
    text = page.text.replace("\xa0", " ")
    assert "Được thưởng tháng 8/2023" in text
    assert text.count("50.000 ₫") == 2, "this month and in all"
    assert "đã dùng hết 10 lượt" in text
    assert "lần thứ 11 trong tháng, tối đa 10" in text
    assert "thêm ít nhất 1 ₫" in text
    assert "0912345678" not in text, "a customer's number is nobody's business here"
    assert "09000000" not in text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    monkeypatch.setattr("app.public.cards.moment", lambda: datetime(2023, 9, 1, 3, 0, tzinfo=UTC))
    text = client.get(address).text.replace("\xa0", " ")
    assert "còn 10 trên 10 lượt" in text, "a new month opens the cap"
    assert text.count("50.000 ₫") == 1


def test_each_payment_stands_once_and_an_ended_programme_leaves_nothing(
    as_role: As, client: FlaskClient, trader: Merchant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(as_role, trader)
    document = next(each.document for each in shipped() if each.policy.policy_id == "qr-experience-point")
    short = (
        document.replace("policy: qr-experience-point", "policy: three-days")
        .replace("from: 2023-08-01", "from: 2023-08-10")
        .replace("until: 2023-12-31", "until: 2023-08-12")
    )
    decided_also(as_role, short)
    address = f"/c/{opened(now, trader)}"
    monkeypatch.setattr("app.public.cards.moment", lambda: NOW)
    text = client.get(address).text.replace("\xa0", " ")
    assert [text.count(f"Mã {reference}<") for reference in ("T01", "T10", "T11", "T99")] == [1, 1, 1, 1]
    assert "+10.000 ₫" in text, "T10, by both programmes"
    assert "lần thứ 11" not in text, "T11 is granted by the second"
    assert "chỉ áp dụng" not in text, "nobody is told first that another programme was over"
    assert text.count("trên 10 lượt") + text.count("hết 10 lượt") == 1, "the second is over"


def test_a_programme_whose_budget_is_spent_promises_nothing(
    as_role: As, client: FlaskClient, trader: Merchant, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many are left of a cap, and none will be granted: the card must not say that ten are left."""
    decided(as_role, trader)
    document = next(each.document for each in shipped() if each.policy.policy_id == "qr-experience-point")
    small = document.replace("policy: qr-experience-point", "policy: small").replace("_vnd: null", "_vnd: 20000")
    decided_also(as_role, small)
    address = f"/c/{opened(now, trader)}"
    for day, left in ((NOW, "đã dùng hết 10 lượt"), (datetime(2023, 9, 1, 3, 0, tzinfo=UTC), "còn 10 trên 10 lượt")):
        monkeypatch.setattr("app.public.cards.moment", lambda day=day: day)
        text = client.get(address).text.replace("\xa0", " ")
        assert text.count("Ngân sách của chương trình đã hết, không thưởng thêm.") == 1
        assert text.count(left) == 1, "the other programme goes on"
        assert text.count("ngân sách 20.000 ₫") == 2, "T11 and T12, each with the reason of both programmes"
    assert (
        "Ngân sách của chương trình đã hết" in as_role(COORDINATOR).get(f"/desk/cashback/explain?q={trader.code}").text
    )


def test_a_run_under_a_draft_is_not_told_to_traders(
    as_role: As, client: FlaskClient, trader: Merchant, now: datetime
) -> None:
    author = as_role(COORDINATOR)
    send(author, report(trader.code))
    document = next(each.document for each in shipped() if each.policy.policy_id == "qr-experience-point")
    post(author, "/desk/cashback/policies/new", document=document, do="keep")
    version = db.session.scalars(db.select(PolicyVersion)).one()
    post(author, f"/desk/cashback/policies/{version.id}/run")
    assert db.session.scalars(db.select(CashbackRun)).one().paid_vnd > 0
    assert "Chưa có khoản nào" in client.get(f"/c/{opened(now, trader)}").text


def test_an_old_address_opens_nothing(as_role: As, client: FlaskClient, trader: Merchant) -> None:
    browser = as_role(COORDINATOR)
    page = f"/desk/merchants/{trader.code}/card"
    assert "Chưa có thẻ hoàn tiền" in browser.get(page).text
    post(browser, page, act="open")
    first = db.session.scalars(db.select(TraderLink)).one().token
    assert client.get(f"/c/{first}").status_code == 200
    assert "Chưa ghi lý do" in post(browser, page, act="renew", reason=" ").text
    assert client.get(f"/c/{first}").status_code == 200
    post(browser, page, act="renew", reason="lộ đường dẫn")
    second = db.session.scalars(db.select(TraderLink.token).where(TraderLink.revoked_at.is_(None))).one()
    assert [client.get(f"/c/{token}").status_code for token in (first, second)] == [404, 200]
    assert "lộ đường dẫn" in browser.get(page).text
    post(browser, page, act="close", reason="nghỉ bán")
    assert client.get(f"/c/{second}").status_code == 404
    assert client.get("/c/" + "x" * 500).status_code == 404


def test_strangers_to_the_commune_cannot_open_a_card(as_role: As, trader: Merchant, now: datetime) -> None:
    elsewhere = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Hai").id))
    page = f"/desk/merchants/{trader.code}/card"
    assert elsewhere.get(page).status_code == 404
    assert post(elsewhere, page, act="open").status_code == 404
    assert db.session.scalars(db.select(TraderLink)).all() == []


def test_the_slip_leads_to_the_card_and_keeps_its_address(app: Flask, trader: Merchant, now: datetime) -> None:
    proposed = account(now, trader)
    with unit_of_work():
        approve_account(BINH, now, proposed.id)
    shelf = stock()
    design, theme = load_design(shelf.designs, "receipt-slip"), load_theme(shelf.themes, "default")
    point_id = trader.tenancies[0].point_id
    rows, _ = rows_of([point_id], now)
    assert design.shows_card
    with unit_of_work():
        cards = links_for(LAN, now, [trader.id])
        assert links_for(LAN, now, [trader.id]) == cards, "printed again, the address stays"
    (point,) = numbered(rows, cards)
    said = content_of(point, design, theme)
    assert said.codes[0].endswith(f"/c/{cards[trader.id]}")
    assert "Thẻ hoàn tiền" in said.values["card_title"]
    (plain,) = numbered(rows)
    assert "/m/" in content_of(plain, design, theme).codes[0]


def test_a_list_without_reports_has_a_whole_card(client: FlaskClient, trader: Merchant, now: datetime) -> None:
    page = client.get(f"/c/{opened(now, trader)}")
    assert page.status_code == 200
    assert "0 ₫" in page.text.replace("\xa0", " ")
