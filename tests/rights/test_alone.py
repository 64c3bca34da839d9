"""One person who holds many sign-ins, as stories: each way to a changed account ends in a sentence and an event."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts import queries
from app.accounts.devices import issue_device
from app.accounts.guard import actor_of
from app.accounts.models import LoginSession, User
from app.accounts.rules import token_roles
from app.actors import ADMIN, APPROVER, COORDINATOR, VOLUNTEER
from app.approval.actions import FourEyesError, record_proof
from app.audit.queries import history_of
from app.db import db, unit_of_work
from app.places.models import Unit
from app.registry.actions.accounts import approve_account, propose_account
from app.registry.models import Merchant, PaymentAccount
from app.registry.rules.entries import NewAccount
from tests.accounts.test_people import post
from tests.conftest import Browser, browser_for, browser_of
from tests.registry.scene import MB, account, commune, merchant, someone

PUPPET = {"phone": "", "scope": "all:0", "way": ""}
DAY = timedelta(days=1)


class Office:
    """A commune with one account on paper; M holds the administrator's sign-in and wants another account there."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app, self.now = app, now
        self.unit: Unit = commune(now)
        self.shop: Merchant = merchant(now, self.unit)
        with unit_of_work():
            proposal = account(now, self.shop, by=someone(9001, COORDINATOR))
            approve_account(someone(9002, APPROVER), now, proposal.id)
        self.m = browser_of(app, ADMIN, name="em")

    def made(self, by: Browser, name: str, role: str) -> User:
        """A sign-in that somebody makes on the page of people; their second factor is soon set up."""
        page = post(by, "/desk/users/new", user_name=name, full_name=name.title(), role=role, **PUPPET)
        assert page.status_code == 200, page.text
        user = queries.user_by_identity(name)
        assert user is not None
        with unit_of_work():
            user.must_change_password, user.totp_secret = False, "đã cài"
        return user

    def real(self, name: str, role: str) -> User:
        """Somebody whose sign-in was made at the machine."""
        return browser_of(self.app, role, name=name).user

    def key(self, user: User, what: str) -> None:
        """M gives somebody new means to sign in."""
        assert post(self.m, f"/desk/users/{user.id}/{what}").status_code in {200, 302}
        db.session.refresh(user)
        with unit_of_work():
            user.must_change_password, user.totp_secret = False, "đã cài"

    def proposed(self, by: User) -> PaymentAccount:
        """Another account for the shop, on its page."""
        fields = {"bank_bin": MB, "account_number": "6666666666", "holder_name": "KẺ GIAN"}
        answer = post(browser_for(self.app, by), f"/desk/merchants/{self.shop.code}/accounts", **fields)
        assert answer.status_code == 302, answer.text
        return db.session.query(PaymentAccount).order_by(PaymentAccount.id.desc()).first()  # type: ignore[return-value]


def siblings(office: Office) -> tuple[User, User]:
    return office.made(office.m, "roi.mot", COORDINATOR), office.made(office.m, "roi.hai", APPROVER)


def rekeyed(office: Office) -> tuple[User, User]:
    lan, mai = office.real("lan", COORDINATOR), office.real("mai", APPROVER)
    office.key(lan, "password")
    office.key(mai, "password")
    return lan, mai


def lost_factor(office: Office) -> tuple[User, User]:
    mai = office.real("mai", APPROVER)
    office.key(mai, "second-factor")
    return office.m.user, mai


def invited_anew(office: Office) -> tuple[User, User]:
    mai = office.real("mai", APPROVER)
    office.key(mai, "invitation")
    return office.m.user, mai


def chain(office: Office) -> tuple[User, User]:
    second = office.made(office.m, "nam", ADMIN)
    return office.m.user, office.made(browser_for(office.app, second), "phe", COORDINATOR)


def creature(office: Office) -> tuple[User, User]:
    return office.made(office.m, "roi", COORDINATOR), office.m.user


def role_given(office: Office) -> tuple[User, User]:
    puppet = office.made(office.m, "roi", VOLUNTEER)
    given = post(office.m, f"/desk/users/{puppet.id}/roles", role=APPROVER, scope="all:0")
    assert given.status_code == 302
    return office.m.user, puppet


def colleagues_roles(office: Office) -> tuple[User, User]:
    """A second administrator makes the puppet, M gives it the role: it is one with both."""
    nam = browser_of(office.app, ADMIN, name="nam")
    puppet = office.made(nam, "roi", VOLUNTEER)
    post(office.m, f"/desk/users/{puppet.id}/roles", role=APPROVER, scope="all:0")
    return office.m.user, puppet


def own(office: Office) -> tuple[User, User]:
    return office.m.user, office.m.user


STORIES: dict[Callable[[Office], tuple[User, User]], str] = {
    siblings: r"Bạn và người đề nghị \(Roi\.Mot\) đều được .* cấp tài khoản, nên tính là một người",
    rekeyed: r"Bạn và người đề nghị .* đều được .* cấp tài khoản, nên tính là một người",
    lost_factor: r"Tài khoản của bạn do người đề nghị .* cấp, nên hai người tính là một",
    invited_anew: r"Tài khoản của bạn do người đề nghị .* cấp, nên hai người tính là một",
    chain: r"Tài khoản của bạn do người đề nghị .* cấp \(qua Nam\)",
    creature: r"Tài khoản của người đề nghị \(Roi\) do bạn cấp",
    role_given: r"Tài khoản của bạn do người đề nghị .* cấp",
    colleagues_roles: r"Tài khoản của bạn do người đề nghị .* cấp",
    own: r"Bạn là người đề nghị nên không được tự duyệt",
}


@pytest.fixture
def office(app: Flask, now: datetime) -> Office:
    return Office(app, now)


def refusals(proposal: PaymentAccount) -> list[str]:
    return [each.reason for each in history_of("payment_account", proposal.id) if each.action == "approval.refused"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_way_ends_in_a_sentence_and_an_event(office: Office, story: Callable[[Office], tuple[User, User]]) -> None:
    proposer, approver = story(office)
    proposal = office.proposed(proposer)
    browser = browser_for(office.app, approver)
    shown = browser.get("/desk/approvals").text
    assert re.search(STORIES[story], shown), "the page says it before anybody clicks"
    answer = post(browser, f"/desk/approvals/{proposal.id}/approve")
    assert answer.status_code == 403
    assert re.search(STORIES[story], answer.text)
    post(browser, "/desk/approvals", account=str(proposal.id))  # in bulk no better
    eight_days_later = office.now + 8 * DAY
    with pytest.raises(FourEyesError), unit_of_work():
        approve_account(actor_of(approver, "web", "khác"), eight_days_later, proposal.id)
    db.session.refresh(proposal)
    assert proposal.state == "proposed"
    (told,) = refusals(proposal)[:1]
    assert re.search(STORIES[story], told)


def test_a_volunteer_one_set_up_oneself_brings_no_account_not_even_a_first(office: Office) -> None:
    chief = browser_of(office.app, COORDINATOR, name="cuc")
    scope = f"unit:{office.unit.id}"
    page = post(chief, "/desk/team", full_name="Vũ Thị Ma", role=VOLUNTEER, scope=scope)
    assert page.status_code == 200
    puppet = queries.user_by_identity("vu.thi.ma")
    assert puppet is not None
    with unit_of_work():
        _, token = issue_device(actor_of(puppet, "web", "x"), datetime.now(UTC), puppet, "phone", "Máy")
    fresh = merchant(office.now, office.unit, "Trần Văn Nạn")
    answer = office.app.test_client().post(
        f"/api/v1/merchants/{fresh.code}/accounts",
        json={"bank_bin": MB, "account_number": "6666666666", "holder_name": "KẺ GIAN"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201, answer.text
    refused = post(chief, f"/desk/approvals/{answer.get_json()['id']}/approve")
    assert (refused.status_code, "do bạn cấp" in refused.text) == (403, True)


@pytest.mark.parametrize("kind", ["phone", "api", "desk"])
def test_no_token_approves(office: Office, kind: str) -> None:
    proposal = office.proposed(office.m.user)
    mai = browser_of(office.app, COORDINATOR, APPROVER, name="mai").user
    with unit_of_work():
        _, token = issue_device(actor_of(mai, "web", "x"), datetime.now(UTC), mai, kind, "Máy")
    answer = office.app.test_client().post(
        f"/api/v1/accounts/{proposal.id}/approve", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "bon-mat")
    assert refusals(proposal) == ["Mã thiết bị không duyệt được: duyệt là việc của người đang có mặt."]
    via = "phone" if kind == "phone" else "api"
    with pytest.raises(FourEyesError), unit_of_work():
        approve_account(actor_of(mai, via, "device 1", token_roles(kind)), office.now, proposal.id)


def test_one_session_is_one_person(office: Office) -> None:
    lan, mai = (actor_of(office.real(*who), "web", "một máy") for who in (("lan", COORDINATOR), ("mai", APPROVER)))
    with unit_of_work():
        proposal = propose_account(lan, office.now, office.shop, NewAccount(bank_bin=MB, account_number="6666666666"))
    with pytest.raises(FourEyesError, match="ngay trên phiên làm việc này"), unit_of_work():
        approve_account(mai, office.now, proposal.id)
    with unit_of_work():
        assert approve_account(replace(mai, session="máy khác"), office.now, proposal.id).state == "approved"


def test_no_puppet_confirms_another(office: Office) -> None:
    one, other = siblings(office)
    for who in (office.m, browser_for(office.app, other)):
        answer = post(who, f"/desk/confirmations/{one.id}")
        assert (answer.status_code, "plain-code" in answer.text) == (403, False)
    assert [each.action for each in history_of("user", one.id)].count("approval.refused") == 2


def test_a_proof_does_not_launder_what_was_proposed_before(office: Office) -> None:
    puppet = office.made(office.m, "roi", COORDINATOR)
    proposal = office.proposed(puppet)
    with unit_of_work():
        record_proof(datetime.now(UTC), puppet.id, None)
    answer = post(office.m, f"/desk/approvals/{proposal.id}/approve")
    assert (answer.status_code, "vì lúc ấy chưa tự xác nhận" in answer.text) == (403, True)


def test_an_open_laptop_approves_nothing(office: Office) -> None:
    """Somebody sits down at an approver's session that was left open for a quarter of an hour."""
    proposal = office.proposed(office.m.user)
    mai = browser_of(office.app, APPROVER, name="mai")
    with unit_of_work():
        old = datetime.now(UTC) - timedelta(minutes=15)
        db.session.execute(update(LoginSession).where(LoginSession.user_id == mai.user.id).values(confirmed_at=old))
    answer = post(mai, f"/desk/approvals/{proposal.id}/approve")
    assert (answer.status_code, "Xác nhận là bạn" in answer.text) == (403, True)
    db.session.refresh(proposal)
    assert proposal.state == "proposed"


def test_two_honest_people_need_no_more_than_six_clicks(office: Office) -> None:
    lan, mai = browser_of(office.app, COORDINATOR, name="lan"), browser_of(office.app, APPROVER, name="mai")
    clicks = [
        lan.get(f"/desk/merchants/{office.shop.code}"),
        post(lan, f"/desk/merchants/{office.shop.code}/accounts", bank_bin=MB, account_number="6666666666"),
        mai.get("/desk/approvals"),
    ]
    proposal = db.session.query(PaymentAccount).order_by(PaymentAccount.id.desc()).first()
    assert proposal is not None
    clicks.append(post(mai, f"/desk/approvals/{proposal.id}/approve"))
    assert [each.status_code for each in clicks] == [200, 302, 200, 302]
    db.session.refresh(proposal)
    assert (proposal.state, proposal.is_change) == ("approved", True)
    assert len(clicks) <= 6


def test_what_one_keepers_people_do_together_is_told(office: Office) -> None:
    """Proved persons are two; that one person let both in is told, to the province too."""
    one, other = siblings(office)
    with unit_of_work():
        for each in (one, other):
            record_proof(office.now - DAY, each.id, None)
    proposal = office.proposed(one)
    assert post(browser_for(office.app, other), f"/desk/approvals/{proposal.id}/approve").status_code == 302
    note = f"cả hai do {office.m.user.full_name} cấp tài khoản"
    (event,) = [each for each in history_of("payment_account", proposal.id) if each.action == "account.approve"]
    assert event.after is not None
    assert event.after["keeping"] == note
    assert note in office.m.get("/desk/approvals").text
    assert note in browser_of(office.app, "province", name="tinh").get("/desk/").text
