"""Whoever approves, pays or hands out keys shows that it is them; a proof throws everybody else out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts import actions, factors, proving, queries
from app.accounts.actions import Grant, create_user
from app.accounts.cli import user as user_commands
from app.accounts.devices import issue_device, issue_link
from app.accounts.models import HandOverCode, LoginSession, OneTimeLink, User
from app.accounts.proving import Proving
from app.actors import ADMIN, APPROVER, COMMAND_LINE, COORDINATOR, SYSTEM, Actor
from app.approval.actions import FourEyesError
from app.approval.queries import unproved
from app.audit.models import AuditEvent
from app.audit.queries import history_of
from app.db import db, unit_of_work
from app.errors import ConflictError, RefusedError
from tests.accounts.test_people import post
from tests.conftest import Browser

Open = Callable[..., Any]
PASSWORD = "bún riêu cua đồng"


def app_code(secret: str) -> str:
    return str(factors.clockwork()._totp.from_source(secret).generate().token)


def made(by: Actor, name: str, role: str = APPROVER, **values: Any) -> User:
    with unit_of_work():
        user, _ = create_user(
            by, datetime.now(UTC), name, name.title(), grants=[Grant(role)], must_change=False, **values
        )
    return user


def grown_old(browser: Browser, age: timedelta = timedelta(minutes=11)) -> None:
    with unit_of_work():
        mine = LoginSession.user_id == browser.user.id
        db.session.execute(update(LoginSession).where(mine).values(confirmed_at=datetime.now(UTC) - age))


def acting(user: User) -> Actor:
    return Actor(user.id, user.full_name, frozenset(user.role_names), session=f"phiên {user.id}")


def actions_on(kind: str, key: object) -> list[str]:
    return [each.action for each in history_of(kind, key)]


def test_after_ten_minutes_the_form_is_kept_and_a_code_asked_for(as_role: Open, app: Flask) -> None:
    browser = as_role(ADMIN)
    with unit_of_work():
        browser.user.totp_secret = secret = factors.new_secret()
    grown_old(browser)
    form = {"full_name": "Lê Thị Ý", "user_name": "y.le", "phone": "", "role": APPROVER, "scope": "all:0", "way": ""}
    asked = post(browser, "/desk/users/new", **form)
    assert (asked.status_code, "Xác nhận là bạn" in asked.text) == (403, True)
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert {name: kept.get(name) for name in form} == form
    assert queries.user_by_identity("y.le") is None
    wrong = post(browser, "/desk/users/new", **form, confirm_code="000000")
    assert "Không đúng" in wrong.text
    assert queries.user_by_identity("y.le") is None
    done = post(browser, "/desk/users/new", **form, confirm_code=app_code(secret))
    assert (done.status_code, "Mật khẩu dùng một lần" in done.text) == (200, True)
    made = queries.user_by_identity("y.le")
    assert made is not None
    assert post(browser, f"/desk/users/{made.id}/password").status_code == 200, "fresh for ten minutes"
    grown_old(browser, timedelta(minutes=-5))
    assert post(browser, f"/desk/users/{made.id}/password").status_code == 403, "a clock that went back proves nothing"


def test_tries_in_an_open_session_are_counted(as_role: Open) -> None:
    browser = as_role(ADMIN)
    grown_old(browser)
    for _ in range(10):
        post(browser, "/desk/users/new", confirm_code="000000")
    assert "Thử sai quá nhiều lần" in post(browser, "/desk/users/new", confirm_code="000000").text
    answers = [post(browser, "/desk/me/password", old="x", new=PASSWORD, again=PASSWORD).text for _ in range(11)]
    assert "Mật khẩu hiện tại không đúng" in answers[9]
    assert "Sai mật khẩu quá nhiều lần" in answers[10]
    told = [(each.action, (each.after or {}).get("tries")) for each in history_of("user", browser.user.id)]
    assert told[1:] == [
        ("user.grant", None),
        *[("sign_in.wrong", None), ("sign_in.wrong", 10), ("sign_in.locked", None)],
    ]


def test_a_program_needs_a_token_just_made(as_role: Open, app: Flask) -> None:
    browser = as_role(ADMIN)
    body = {"user_name": "moi.toi", "full_name": "Mới", "role": APPROVER, "scope": "all:0"}
    for age, status in ((11, 403), (1, 201)):
        with unit_of_work():
            made_at = datetime.now(UTC) - timedelta(minutes=age)
            _, token = issue_device(acting(browser.user), made_at, browser.user, "desk", "bảng tính")
        answer = app.test_client().post("/api/v1/people", json=body, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status, answer.text
    grown_old(browser)
    for address in ("/desk/me/devices", "/desk/me/phone-token"):
        assert "Xác nhận là bạn" in post(browser, address, name="máy", kind="api").text


def test_a_person_proves_to_be_somebody(app: Flask, client: FlaskClient, as_role: Open) -> None:
    hung, now = as_role(ADMIN).user, datetime.now(UTC)
    lan = made(acting(hung), "lan", password=PASSWORD)
    third = as_role(APPROVER)
    with unit_of_work():
        link = issue_link(acting(hung), now, lan, "invitation")
        lan.totp_secret = factors.new_secret()
    assert "Lan" in third.get("/desk/confirmations").text
    shown = post(third, f"/desk/confirmations/{lan.id}")
    code = re.search(r'<code class="plain-code">(\d{4} \d{4})</code>', shown.text)
    assert code is not None
    secret = factors.new_secret()
    typed = Proving(code[1], "mưa rào tháng sáu", "mưa rào tháng sáu", secret, app_code(secret))
    own = Actor(lan.id, "Lan", session="x")
    wrong = Proving("1234 5678", typed.password, typed.again, secret, typed.app_code)
    with pytest.raises(RefusedError, match="Mã trao tay"), unit_of_work():
        proving.prove(own, now, lan, wrong)
    with pytest.raises(RefusedError, match="Mã trao tay"), unit_of_work():
        proving.prove(own, now + timedelta(minutes=31), lan, typed)
    with pytest.raises(RefusedError, match="Mã trao tay"), unit_of_work():
        proving.prove(acting(hung), now, hung, typed)  # a code is one person's
    before, stamp = lan.password, lan.fs_uniquifier
    with unit_of_work():
        codes = proving.prove(own, now, lan, typed)
    assert (len(codes), lan.totp_secret) == (10, secret)
    assert before != lan.password
    assert stamp != lan.fs_uniquifier
    assert client.get(f"/invitation/{link}").status_code == 404, "the keeper's link is worth nothing"
    assert db.session.scalars(select(OneTimeLink).where(OneTimeLink.used_at.is_(None))).all() == []
    assert unproved([lan.id]) == {}
    with pytest.raises(RefusedError), unit_of_work():
        proving.prove(own, now, lan, typed)
    assert {"user.hand_over", "user.confirm", "user.password"} <= set(actions_on("user", lan.id))
    with unit_of_work():
        actions.reset_password(acting(hung), now, lan)
    assert unproved([lan.id]) == {lan.id: {hung.id}}, "a key given later takes the proof back"


def test_who_may_not_confirm(app: Flask, as_role: Open) -> None:
    hung, now = as_role(ADMIN), datetime.now(UTC)
    lan, mai = (made(acting(hung.user), name) for name in ("lan", "mai"))
    for who in (hung.user, lan, mai):
        with pytest.raises(FourEyesError), unit_of_work():
            proving.issue_hand_over(acting(who), now, lan)
    assert actions_on("user", lan.id).count("approval.refused") == 3
    assert "do bạn cấp" in hung.get("/desk/confirmations").text
    refused = post(hung, f"/desk/confirmations/{lan.id}")
    assert (refused.status_code, "plain-code" in refused.text) == (403, False)
    careless = made(SYSTEM, "goc")
    with pytest.raises(RefusedError, match="xác thực hai lớp"), unit_of_work():
        proving.issue_hand_over(acting(careless), now, lan)
    with pytest.raises(ConflictError, match="không cần"), unit_of_work():
        proving.issue_hand_over(COMMAND_LINE, now, careless)
    with unit_of_work():
        assert len(proving.issue_hand_over(COMMAND_LINE, now, lan)) == 8
        proving.issue_hand_over(COMMAND_LINE, now, lan)
    live = select(HandOverCode).where(HandOverCode.user_id == lan.id, HandOverCode.used_at.is_(None))
    assert len(db.session.scalars(live).all()) == 1, "a new code ends the one before"


def test_the_page_takes_the_proof_in_one_step(app: Flask, as_role: Open) -> None:
    hung = as_role(ADMIN).user
    lan = as_role(APPROVER)
    with unit_of_work():
        issue_link(acting(hung), datetime.now(UTC), lan.user, "invitation")
    other = app.test_client()
    assert "Nguyễn Văn Mẫu" in lan.get("/desk/me/proof").text
    with lan.session_transaction() as kept:
        secret, sid = kept["proof"], kept["sid"]
    printed = app.test_cli_runner().invoke(user_commands, ["confirm", lan.user.user_name])
    code = printed.output.split()[-1]
    assert re.fullmatch(r"\d{8}", code), printed.output
    form = {"hand_over": code, "new": PASSWORD, "again": PASSWORD, "code": app_code(secret)}
    assert "không giống nhau" in post(lan, "/desk/me/proof", **{**form, "again": "khác"}).text
    done = post(lan, "/desk/me/proof", **form)
    assert "Bạn đã tự xác nhận" in done.text
    assert "Người riêng" in lan.get("/desk/me").text, "this browser is signed in anew"
    with other.session_transaction() as stolen:
        stolen.update(_user_id=lan.user.fs_uniquifier, sid=sid, seen=int(datetime.now(UTC).timestamp()))
    assert other.get("/desk/me").status_code == 302, "every session from before has ended"
    for _ in range(11):
        last = post(lan, "/desk/me/proof", **form)
    assert last.status_code == 429


def test_people_of_the_sample_stay_among_themselves(app: Flask, as_role: Open) -> None:
    sample, real = as_role(ADMIN, sample=True), as_role(COORDINATOR).user
    grown_old(sample)
    assert sample.get(f"/desk/users/{real.id}").status_code == 404
    assert post(sample, f"/desk/users/{real.id}/password").status_code == 404
    form = {"full_name": "Mới", "user_name": "moi.mau", "role": ADMIN, "scope": "all:0", "way": ""}
    assert post(sample, "/desk/users/new", **form).status_code == 200, "asked for no code"
    found = queries.user_by_identity("moi.mau")
    assert found is not None
    assert found.sample
    assert real.user_name not in sample.get("/desk/users").text
    assert queries.other_admins(real.id) == 0, "an administrator of the sample keeps nobody's commune"


def test_what_is_refused_is_told_without_a_flood(app: Flask, client: FlaskClient, as_role: Open) -> None:
    for number in range(12):
        post(client, "/login", identity=f"khong.ai{number}", password="sai")
    told = history_of("sign_in", "unknown")
    assert [(each.action, each.after) for each in told] == [("sign_in.wrong", None), ("sign_in.wrong", {"tries": 10})]
    browser = as_role(APPROVER)
    for _ in range(3):
        assert browser.get("/desk/users").status_code == 403
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "access.refused")).all()
    assert [(each.actor_id, each.subject_id) for each in events] == [(browser.user.id, "accounts.users")]
