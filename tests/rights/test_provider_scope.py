"""A provider's own people: every route they may open x own or another provider's merchant, reports, communes' records.

Who works for one bank alone sees who banks there and agreed that it is shared, and nothing else exists for them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from flask import Flask

from app.accounts.actions import Grant, create_user
from app.accounts.devices import issue_device
from app.accounts.rules import needs_second_factor
from app.actors import ADMIN, COORDINATOR, PROVIDER, SYSTEM, Scope
from app.audit.models import AuditEvent
from app.db import db, unit_of_work
from app.errors import RefusedError
from app.places.models import Unit
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.models import Merchant
from app.registry.rules.entries import NewConsent
from app.transactions.models import Report
from tests.conftest import Browser
from tests.registry.scene import LAN, MB, VCB, account, approved, commune, market, merchant, stall
from tests.rights.test_other_scope import RECORDS, SHARED, Door, doors, words_of
from tests.rights.two_communes import MARK, two_communes

As = Callable[..., Browser]
AT_VCB, AT_MB = Scope("provider", int(VCB)), Scope("provider", int(MB))


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def shared(now: datetime, shop: Merchant, *purposes: str, expires_on: date | None = None) -> None:
    with unit_of_work():
        for purpose in purposes or ("register", "provider"):
            give_consent(LAN, now, shop, NewConsent(purpose, "paper", "2026-11", expires_on=expires_on))


@pytest.fixture
def shops(unit: Unit, now: datetime) -> dict[str, Merchant]:
    """One merchant at each bank who agreed, and at the first bank two who did not."""
    zone = market(now, unit)
    found = {}
    numbers = {"own": "1234567890", "other": "2234567890", "silent": "3234567890", "halfway": "4234567890"}
    for at, (name, number) in enumerate(numbers.items()):
        shop = found[name] = merchant(now, unit, f"Lê Thị {name.title()}", phone=f"098765432{at}")
        stall(now, shop, zone, f"A01-0{at}")
        approved(now, shop, number, **({"bank_bin": MB} if name == "other" else {}))
    shared(now, found["own"])
    shared(now, found["other"])
    shared(now, found["halfway"], "register")
    return found


def listed(browser: Browser, **query: str) -> list[str]:
    return [each["code"] for each in browser.get("/api/v1/provider/merchants", query_string=query).get_json()["items"]]


def test_a_provider_sees_its_own_who_agreed(as_role: As, shops: dict[str, Merchant]) -> None:
    own, other = shops["own"], shops["other"]
    assert listed(as_role(PROVIDER, scope=AT_VCB)) == [own.code]
    assert listed(as_role(PROVIDER, scope=AT_MB)) == [other.code]
    assert set(listed(as_role(PROVIDER))) == {own.code, other.code}
    assert listed(as_role(PROVIDER, scope=Scope("unit", own.unit_id))) == []
    browser = as_role(PROVIDER, scope=AT_VCB)
    for address in ("/desk/provider", f"/desk/provider/{own.code}", f"/api/v1/provider/merchants/{own.code}"):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "•••• 7890" in answer.text
        for secret in ("1234567890", "098765432", "0987 654", "Other", "Silent", "Halfway"):
            assert secret not in answer.text, (address, secret)
    for hidden in ("other", "silent", "halfway"):
        for address in (f"/desk/provider/{shops[hidden].code}", f"/api/v1/provider/merchants/{shops[hidden].code}"):
            assert browser.get(address).status_code == 404, (hidden, address)


def test_what_was_agreed_ends_at_once(as_role: As, shops: dict[str, Merchant], now: datetime) -> None:
    browser = as_role(PROVIDER, scope=AT_VCB)
    with unit_of_work():
        withdraw_consent(LAN, now, shops["own"], "provider", "Không muốn nữa")
    assert listed(browser) == []
    assert browser.get(f"/desk/provider/{shops['own'].code}").status_code == 404
    assert "Chưa có hộ nào của đơn vị" in browser.get("/desk/provider").text
    shared(now, shops["own"], "provider", expires_on=(datetime.now(UTC) - timedelta(days=2)).date())
    assert listed(browser) == []


def test_another_banks_account_of_ones_own_merchant_stays_hidden(
    as_role: As, shops: dict[str, Merchant], now: datetime
) -> None:
    account(now, shops["own"], "99887766554433", bank_bin=MB)
    browser = as_role(PROVIDER, scope=AT_VCB)
    (each,) = browser.get("/api/v1/provider/merchants").get_json()["items"]
    assert [held["account_tail"] for held in each["accounts"]] == ["•••• 7890"]
    assert [point["code"] for point in each["points"]] == ["A01-00"]
    assert len(each["points"][0]["serials"]) == 1
    # What the office may search by is no question a bank may ask: numbers of other banks, phones.
    for asked in ("99887766554433", "4433", "0987654320", "654320"):
        assert listed(browser, q=asked) == [], asked
    for asked in ("le thi", "Own", shops["own"].code.lower(), "a01-00"):
        assert listed(browser, q=asked) == [shops["own"].code], asked
    assert listed(browser, state="proposed") == []
    assert listed(as_role(PROVIDER, scope=AT_MB), state="proposed") == [shops["own"].code]


def test_the_workbook_holds_what_the_page_shows_and_is_written_down(as_role: As, shops: dict[str, Merchant]) -> None:
    browser = as_role(PROVIDER, scope=AT_VCB)
    book = openpyxl.load_workbook(BytesIO(browser.get("/desk/provider/merchants.xlsx").get_data()))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [shops["own"].code]
    assert "1234567890" not in str(rows)
    assert browser.user.full_name in str(list(book.worksheets[1].values))
    event = db.session.query(AuditEvent).filter_by(action="merchant.export").one()
    assert (event.actor_id, (event.after or {})["rows"]) == (browser.user.id, 1)


def test_no_record_of_a_commune_exists_for_one_provider_alone(app: Flask, as_role: As, now: datetime) -> None:
    """Every route x method that a provider may open: a commune's report, run, policy, payout, merchant is not there."""
    communes = two_communes(app, now)
    browser = as_role(PROVIDER, scope=AT_VCB)
    with unit_of_work():
        token = issue_device(SYSTEM, datetime.now(UTC), browser.user, "api", "thử")[1]
    surprises: list[tuple[object, ...]] = []
    seen = 0
    for door in doors(app):
        if PROVIDER not in door.roles or door.endpoint == "accounts.logout":
            continue
        for its in communes if door.named else communes[:1]:
            answer = browser.open(address(app, door, its.rows), method=door.method, **request_of(browser, door, token))
            seen += 1
            if answer.status_code == 500 or (door.named and answer.status_code != 404):
                surprises.append((door.method, door.rule.rule, answer.status_code))
            if MARK in words_of(answer):
                surprises.append((door.method, door.rule.rule, "names another commune"))
    assert surprises == [], "\n".join(map(str, surprises))
    assert seen > 40


def address(app: Flask, door: Door, rows: object) -> str:
    values = {name: RECORDS[key](rows) for name, key in door.named.items()}  # type: ignore[arg-type]
    values |= {name: SHARED[name] for name in door.rule.arguments if name not in values}
    with app.test_request_context():
        built = door.rule.build(values)
    assert built is not None
    return built[1]


def request_of(browser: Browser, door: Door, token: str) -> dict[str, object]:
    if not door.writes:
        return {}
    if door.is_api:
        return {"json": {}, "headers": {"Authorization": f"Bearer {token}"}}
    return {"data": {"csrf_token": browser.form_token()}}


def test_reports_of_another_provider_are_not_there(as_role: As, now: datetime) -> None:
    sender, colleague = (as_role(PROVIDER, scope=AT_VCB) for _ in range(2))
    rival = as_role(PROVIDER, scope=AT_MB)
    report = Report(
        unit_id=None, file_name="vcb.csv", sha256="a" * 64, size_bytes=1, profile="chuan", profile_version=1,
        line_count=0, duplicate_count=0, refused_count=0, conflict_count=0, created_at=now,
        created_by_id=sender.user.id, created_by="Người của VCB",
    )  # fmt: skip
    with unit_of_work():
        db.session.add(report)
    for browser, sees in ((sender, True), (colleague, True), (rival, False)):
        assert ("vcb.csv" in browser.get("/desk/reports").text) is sees
        assert (browser.get("/api/v1/reports").get_json()["total"] == 1) is sees
    assert rival.get(f"/desk/reports/{report.id}").status_code == 404


def test_every_page_of_the_sidebar_opens_for_one_provider_alone(as_role: As) -> None:
    browser = as_role(PROVIDER, scope=AT_VCB)
    for address_ in ("/desk/", "/desk/provider", "/desk/reports", "/desk/cashback", "/desk/help"):
        assert browser.get(address_).status_code == 200, address_
    assert 'href="/desk/provider"' in browser.get("/desk/").text


def test_only_a_providers_role_is_given_for_a_bank(app: Flask, now: datetime) -> None:
    with pytest.raises(RefusedError, match="không ở một ngân hàng"), unit_of_work():
        create_user(SYSTEM, now, "lan.thu", "Lê Thị Lan", grants=[Grant(COORDINATOR, AT_VCB)])


def test_a_scope_is_given_for_a_bank_by_its_name(as_role: As) -> None:
    assert needs_second_factor([PROVIDER])
    page = as_role(ADMIN).get("/desk/users/new").text
    assert f'value="provider:{int(VCB)}"' in page
    assert "Đơn vị thanh toán" in page
