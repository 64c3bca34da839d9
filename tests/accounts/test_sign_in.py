"""Signing in: right and wrong passwords, the throttle, the second factor, and how a session ends."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.accounts import actions, factors, passwords, queries, security, sessions
from app.accounts.actions import Grant
from app.accounts.models import LoginSession, SignInFailure, User
from app.accounts.rules import check_new_password
from app.accounts.sessions import Caller
from app.actors import ADMIN, PROVINCE, SYSTEM, VOLUNTEER
from app.db import db, unit_of_work
from app.errors import RefusedError
from app.factory import create_app
from app.settings import Settings

PASSWORD = "bún riêu cô Lượng"
NEW = "chè bưởi mười nghìn"


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found.group(1)


def sign_in(client: FlaskClient, identity: str, password: str = PASSWORD, target: str = "") -> TestResponse:
    page = client.get("/login")
    data = {"identity": identity, "password": password, "csrf_token": token(page), "next": target}
    return client.post("/login", data=data)


def count_hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches the slow hash; nothing matches."""
    reached: list[str] = []

    def note(text: str, _kept: str = "") -> str:
        reached.append(text)
        return ""

    monkeypatch.setattr(passwords, "hash_password", note)
    monkeypatch.setattr(passwords, "verify_password", note)
    return reached


@pytest.fixture
def person(app: Flask) -> Callable[..., User]:
    def make(name: str = "lan", *roles: str, sample: bool = False, phone: str = "") -> User:
        with unit_of_work():
            user, _ = actions.create_user(
                SYSTEM,
                datetime.now(UTC),
                name,
                "Trần Thị Lan",
                phone=phone,
                grants=[Grant(role) for role in roles],
                password=PASSWORD,
                must_change=False,
                sample=sample,
            )
        return user

    return make


@pytest.fixture
def lan(person: Callable[..., User]) -> User:
    return person("lan", PROVINCE, phone="0987 654 321")


@pytest.mark.parametrize("identity", ["lan", " LAN ", "0987654321", "+84 987 654 321", "0987.654.321"])
def test_name_or_phone_signs_in(lan: User, client: FlaskClient, identity: str) -> None:
    answer = sign_in(client, identity)
    assert (answer.status_code, answer.location) == (302, "/desk/")
    assert client.get("/desk/me/password").status_code == 200


def test_wrong_password_and_unknown_person_get_the_same_answer(lan: User, app: Flask) -> None:
    def answer(identity: str) -> tuple[int, str]:
        client = app.test_client()
        page = sign_in(client, identity, "sai mật khẩu")
        body = re.sub(r'value="[^"]*"', "", page.text)
        return page.status_code, body

    assert answer("lan") == answer("khong.ai.ca")
    assert answer("lan")[0] == 401


def test_nobody_costs_as_much_time_as_somebody(lan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = count_hashes(monkeypatch)
    now = datetime.now(UTC)
    for identity in ("lan", "khong.ai"):
        assert sessions.try_password(identity, "sai", Caller("10.0.0.1", ""), now).user is None
    assert len(hashes) == 2


def test_inactive_person_cannot_sign_in(lan: User, client: FlaskClient) -> None:
    with unit_of_work():
        actions.deactivate(SYSTEM, datetime.now(UTC), lan)
    assert sign_in(client, "lan").status_code == 401


@pytest.mark.parametrize("name", ["identity", "password"])
def test_empty_field_is_said(client: FlaskClient, name: str) -> None:
    data = {"identity": "lan", "password": "x" * 10, "csrf_token": token(client.get("/login")), name: ""}
    answer = client.post("/login", data=data)
    assert answer.status_code == 422
    assert "Hãy gõ tên đăng nhập" in answer.text


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("/desk/merchants?q=bún", "/desk/merchants?q=b%C3%BAn"),
        ("https://lua-dao.example/", "/desk/"),
        ("//lua-dao.example/", "/desk/"),
        ("/\\lua-dao.example", "/desk/"),
        ("/\t/lua-dao.example", "/desk/"),
        ("javascript:alert(1)", "/desk/"),
        ("desk", "/desk/"),
    ],
)
def test_next_stays_on_this_site(lan: User, client: FlaskClient, target: str, reached: str) -> None:
    assert sign_in(client, "lan", target=target).location == reached


def test_ten_wrong_tries_of_a_thousand_reach_the_hash(lan: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = count_hashes(monkeypatch)
    now = datetime.now(UTC)
    for number in range(1000):
        outcome = sessions.try_password("lan", "sai", Caller(f"10.0.{number % 7}.{number % 200}", ""), now)
        assert outcome.user is None
    assert len(hashed) == 10
    assert outcome.wait_seconds > 800


def test_throttle_gives_way_with_time_and_spares_others(lan: User, person: Callable[..., User]) -> None:
    person("minh", VOLUNTEER)
    now, wifi = datetime.now(UTC), Caller("10.0.0.9", "")
    for _ in range(12):
        sessions.try_password("lan", "sai", wifi, now)
    assert sessions.try_password("lan", PASSWORD, wifi, now).wait_seconds > 0
    assert sessions.try_password("0987654321", PASSWORD, wifi, now).wait_seconds > 0, "the phone is no second door"
    assert sessions.try_password("minh", PASSWORD, wifi, now).user is not None
    assert sessions.try_password("lan", PASSWORD, wifi, now + timedelta(minutes=15, seconds=1)).user is not None


def test_address_is_paced_but_a_known_browser_passes(lan: User, person: Callable[..., User]) -> None:
    person("minh", VOLUNTEER)
    now = datetime.now(UTC)
    with unit_of_work():
        key = passwords.keyed_hash("address", "10.0.0.9")
        db.session.add_all(SignInFailure(at=now, account_key=f"{n:064}", address_key=key) for n in range(100))
    assert 0 < sessions.try_password("minh", PASSWORD, Caller("10.0.0.9", ""), now).wait_seconds <= 3
    assert sessions.try_password("minh", PASSWORD, Caller("10.0.0.8", ""), now).user is not None
    known = Caller("10.0.0.9", "", frozenset({sessions.known_mark(lan)}))
    assert sessions.try_password("minh", PASSWORD, known, now).wait_seconds > 0
    assert sessions.try_password("lan", PASSWORD, known, now).user is not None
    later = now + timedelta(seconds=3)
    assert sessions.try_password("minh", PASSWORD, Caller("10.0.0.9", ""), later).user is not None


def test_right_password_strikes_the_failures_out(lan: User) -> None:
    now = datetime.now(UTC)
    for _ in range(9):
        sessions.try_password("lan", "sai", Caller("10.0.0.1", ""), now)
    assert sessions.try_password("lan", PASSWORD, Caller("10.0.0.1", ""), now).user is not None
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_a_stranger_locks_no_owner_out(lan: User) -> None:
    now, owner = datetime.now(UTC), Caller("10.0.0.2", "", frozenset({sessions.known_mark(lan)}))
    for _ in range(11):
        stranger = sessions.try_password("lan", "sai", Caller("203.0.113.9", ""), now)
    assert stranger.wait_seconds > 800
    assert sessions.try_password("lan", PASSWORD, owner, now).user is not None
    again = sessions.try_password("lan", "sai", Caller("203.0.113.9", ""), now)
    assert again.wait_seconds > 800, "the owner's coming and going gives a stranger no further tries"
    for _ in range(11):
        known = sessions.try_password("lan", "sai", owner, now)
    assert known.wait_seconds > 800, "a stolen browser may not guess on"


@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(hours=2), timedelta(minutes=20)])
def test_a_clock_gone_wrong_locks_nobody(lan: User, ahead: timedelta) -> None:
    now, here = datetime.now(UTC), Caller("10.0.0.1", "")
    for _ in range(11):
        sessions.try_password("lan", "sai", here, now + ahead)
    assert sessions.try_password("lan", PASSWORD, here, now).user is not None


def test_a_wait_is_never_longer_than_its_window(lan: User) -> None:
    now, here = datetime.now(UTC), Caller("10.0.0.1", "")
    for _ in range(11):
        sessions.try_password("lan", "sai", here, now + timedelta(minutes=14))
    assert 0 < sessions.try_password("lan", PASSWORD, here, now).wait_seconds <= 15 * 60 + 1


def test_a_new_password_of_the_administrator_opens_at_once(lan: User) -> None:
    now, here = datetime.now(UTC), Caller("10.0.0.1", "")
    for _ in range(11):
        sessions.try_password("lan", "sai", here, now)
    with unit_of_work():
        password = actions.reset_password(SYSTEM, now, lan)
    assert sessions.try_password("lan", password, here, now).user is not None


def test_guessing_in_an_open_session_is_throttled(lan: User, client: FlaskClient) -> None:
    sign_in(client, "lan")
    form = {"csrf_token": token(client.get("/desk/me/password")), "new": "một câu rất dài", "again": "một câu rất dài"}
    told = [client.post("/desk/me/password", data={**form, "old": f"doan {n}"}).text for n in range(12)]
    assert "không đúng" in told[0]
    assert "quá nhiều lần" in told[-1]


@pytest.mark.parametrize(
    "password",
    [
        "password1", "admin123", "123456789a", "12345678", "matkhau123", "Mậtkhẩu2026!", "anhyeuem1", "lan.camtan1",
        "Lan2026!", "camtan123456", "0987654321", "0987654321a", "19081990", "iloveyou", "qwerty123",
        "Vietnam2026", "TranThiLan99",
    ],
)  # fmt: skip
def test_a_password_that_is_easily_guessed(password: str) -> None:
    with pytest.raises(RefusedError):
        check_new_password(password, "lan.camtan", "Trần Thị Lan", "+84987654321")


@pytest.mark.parametrize("password", [PASSWORD, "mưa bay trên bến cũ", "k7m2-q9xw-r4tz", "lan thích đi chợ sớm"])
def test_a_password_that_will_do(password: str) -> None:
    check_new_password(password, "lan.camtan", "Trần Thị Lan", "+84987654321")


def test_throttled_page_says_when(lan: User, client: FlaskClient) -> None:
    for _ in range(10):
        sign_in(client, "lan", "sai")
    answer = sign_in(client, "lan")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 800
    assert "Hãy đợi khoảng 15 phút" in answer.text


def test_logout_ends_every_session_and_every_copy_of_the_cookie(lan: User, app: Flask) -> None:
    one, other = app.test_client(), app.test_client()
    sign_in(one, "lan")
    sign_in(other, "lan")
    copied = one.get_cookie("choso")
    assert copied is not None
    page = one.get("/desk/me/password")
    assert one.post("/logout", data={"csrf_token": token(page)}).status_code == 302
    one.set_cookie("choso", copied.value)
    for client in (one, other):
        assert client.get("/desk/me/password").location.startswith("/login")


def test_people_of_the_sample_share_their_account(person: Callable[..., User], app: Flask) -> None:
    person("admin", ADMIN, sample=True)
    one, other = app.test_client(), app.test_client()
    for client in (one, other):
        assert sign_in(client, "admin").location == "/desk/"
    page = one.get("/desk/me/password")
    copied = one.get_cookie("choso")
    assert copied is not None
    one.post("/logout", data={"csrf_token": token(page)})
    one.set_cookie("choso", copied.value)
    assert one.get("/desk/me/password").status_code == 302
    assert other.get("/desk/me/password").status_code == 200


def test_new_password_ends_the_other_sessions(lan: User, app: Flask) -> None:
    one, other = app.test_client(), app.test_client()
    sign_in(one, "lan")
    sign_in(other, "lan")
    page = one.get("/desk/me/password")
    data = {"old": PASSWORD, "new": NEW, "again": NEW, "csrf_token": token(page)}
    assert one.post("/desk/me/password", data=data).status_code == 302
    assert one.get("/desk/me/password").status_code == 200
    assert other.get("/desk/me/password").status_code == 302
    assert sign_in(app.test_client(), "lan").status_code == 401
    assert sign_in(app.test_client(), "lan", NEW).status_code == 302


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"old": "sai"}, "Mật khẩu hiện tại không đúng"),
        ({"again": "khác hẳn"}, "không giống nhau"),
        ({"new": "ngắn", "again": "ngắn"}, "quá ngắn"),
        ({"new": "12345678", "again": "12345678"}, "quá dễ đoán"),
        ({"new": "Trần Thị Lan", "again": "Trần Thị Lan"}, "tên hoặc số điện thoại của bạn"),
        ({"new": PASSWORD, "again": PASSWORD}, "trùng mật khẩu cũ"),
    ],
)
def test_unusable_new_password_is_explained(lan: User, client: FlaskClient, change: dict[str, str], words: str) -> None:
    sign_in(client, "lan")
    page = client.get("/desk/me/password")
    data = {"old": PASSWORD, "new": NEW, "again": NEW, "csrf_token": token(page), **change}
    answer = client.post("/desk/me/password", data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert sign_in(client.application.test_client(), "lan").status_code == 302


def test_deactivating_ends_sessions_at_once(lan: User, client: FlaskClient) -> None:
    sign_in(client, "lan")
    with unit_of_work():
        actions.deactivate(SYSTEM, datetime.now(UTC), queries.user(lan.id))
    assert client.get("/desk/me/password").status_code == 302


@pytest.mark.parametrize(("role", "minutes"), [(PROVINCE, 30), (VOLUNTEER, 8 * 60)])
def test_idle_session_ends(
    person: Callable[..., User], client: FlaskClient, monkeypatch: pytest.MonkeyPatch, role: str, minutes: int
) -> None:
    person("hoa", role)
    sign_in(client, "hoa")
    start = datetime.now(UTC)
    for passed, status in ((minutes - 1, 200), (2 * minutes - 2, 200), (3 * minutes, 302)):
        with monkeypatch.context() as patch:
            patch.setattr("app.accounts.guard.moment", lambda later=start + timedelta(minutes=passed): later)
            patch.setattr("app.accounts.security.moment", lambda later=start + timedelta(minutes=passed): later)
            assert client.get("/desk/me/password").status_code == status


def test_session_ends_after_a_day_whatever_happens(lan: User, client: FlaskClient) -> None:
    sign_in(client, "lan")
    with unit_of_work():
        db.session.execute(update(LoginSession).values(expires_at=datetime.now(UTC)))
    assert client.get("/desk/me/password").status_code == 302


def test_signing_in_makes_a_new_session_and_token(lan: User, client: FlaskClient) -> None:
    before = client.get("/login")
    old_cookie, old_token = client.get_cookie("choso"), token(before)
    sign_in(client, "lan")
    assert client.get_cookie("choso") != old_cookie
    stale = client.post("/logout", data={"csrf_token": old_token})
    assert stale.status_code == 400
    assert "Phiên làm việc đã cũ" in stale.text


def code_at(secret: str, when: datetime) -> str:
    key = factors.clockwork().get_totp_b32_key(secret)
    return str(TOTP(key=key).generate(time=when.timestamp()).token)


def test_administrator_is_led_to_the_second_factor(person: Callable[..., User], client: FlaskClient) -> None:
    person("quanly", ADMIN)
    assert sign_in(client, "quanly").location == "/desk/"
    led = client.get("/desk/me/password")
    assert led.location == "/desk/me/second-factor"
    page = client.get(led.location)
    with client.session_transaction() as kept:
        secret = kept["factor"]
    wrong = client.post(led.location, data={"code": "000000", "csrf_token": token(page)})
    assert wrong.status_code == 422
    data = {"code": code_at(secret, datetime.now(UTC)), "csrf_token": token(page)}
    done = client.post(led.location, data=data)
    codes = re.findall(r"<code[^>]*>([a-z0-9-]{14})</code>", done.text)
    assert len(codes) == 10
    assert client.get("/desk/me/password").status_code == 200

    again = client.application.test_client()
    assert sign_in(again, "quanly").location == "/login/code"
    assert again.get("/desk/me/password").status_code == 302, "half a sign-in opens nothing"
    page = again.get("/login/code")
    used = again.post("/login/code", data={"code": data["code"], "csrf_token": token(page)})
    assert used.status_code == 401, "no code works twice"
    assert again.post("/login/code", data={"code": codes[0], "csrf_token": token(page)}).location == "/desk/"

    third = client.application.test_client()
    sign_in(third, "quanly")
    page = third.get("/login/code")
    assert third.post("/login/code", data={"code": codes[0], "csrf_token": token(page)}).status_code == 401
    later = code_at(secret, datetime.now(UTC) + timedelta(seconds=30))
    assert third.post("/login/code", data={"code": later, "csrf_token": token(page)}).location == "/desk/"


def test_what_was_signed_in_before_does_not_outlive_the_second_factor(
    person: Callable[..., User], client: FlaskClient
) -> None:
    person("quanly", ADMIN)
    other = client.application.test_client()
    for browser in (client, other):
        assert sign_in(browser, "quanly").location == "/desk/"
    address = "/desk/me/second-factor"
    page = client.get(address)
    with client.session_transaction() as kept:
        secret = kept["factor"]
    wrong = client.post(address, data={"code": "000000", "csrf_token": token(page)})
    assert wrong.status_code == 422
    assert other.get(address).status_code == 200, "nothing has changed yet"
    done = client.post(address, data={"code": code_at(secret, datetime.now(UTC)), "csrf_token": token(page)})
    assert done.status_code == 200
    assert other.get(address).status_code == 302
    assert other.get(address).location.startswith("/login")
    assert client.get("/desk/me/password").status_code == 200, "whoever set it up goes on"


def test_codes_are_throttled(person: Callable[..., User]) -> None:
    user = person("quanly", ADMIN)
    now = datetime.now(UTC)
    with unit_of_work():
        secret = factors.new_secret()
        assert factors.set_up(user, secret, code_at(secret, now), now) is not None
    for number in range(10):
        assert sessions.try_code(user, f"{number:06}", Caller("10.0.0.1", ""), now).user is None
    right = code_at(secret, now + timedelta(seconds=30))
    assert sessions.try_code(user, right, Caller("10.0.0.1", ""), now).wait_seconds > 0


def test_one_time_password_must_be_changed(client: FlaskClient, app: Flask) -> None:
    with unit_of_work():
        first = actions.create_first_admin(datetime.now(UTC))
    assert first is not None
    with unit_of_work():
        assert actions.create_first_admin(datetime.now(UTC)) is None
    sign_in(client, *first)
    assert client.get("/desk/me/second-factor").location == "/desk/me/password"
    page = client.get("/desk/me/password")
    data = {"old": first[1], "new": NEW, "again": NEW, "csrf_token": token(page)}
    client.post("/desk/me/password", data=data)
    assert client.get("/desk/me/password").location == "/desk/me/second-factor"


def test_command_line_adds_a_person_once(app: Flask) -> None:
    with pytest.raises(RefusedError, match="Tên đăng nhập"), unit_of_work():
        actions.create_user(SYSTEM, datetime.now(UTC), "Lan Anh", "Lan Anh")


def test_tries_at_the_same_time_do_not_slip_through(lan: User, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = count_hashes(monkeypatch)
    now = datetime.now(UTC)
    db.session.rollback()

    def attack(thread: int) -> None:
        for number in range(5):
            with app.app_context():
                sessions.try_password("lan", "sai", Caller(f"10.1.{thread}.{number}", ""), now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attack, range(8)))
    assert len(hashed) == 10


def test_cookies_over_https_are_bound_to_this_host(lan: User, settings: Settings) -> None:
    web = create_app(replace(settings, https=True))
    client = web.test_client()
    page = client.get("/login", base_url="https://choso.xathu.vn")
    data = {"identity": "lan", "password": PASSWORD, "csrf_token": token(page)}
    headers = {"Referer": "https://choso.xathu.vn/login"}
    answer = client.post("/login", base_url="https://choso.xathu.vn", data=data, headers=headers)
    assert answer.status_code == 302
    cookies = {cookie.split("=")[0]: cookie for cookie in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"__Host-choso", "choso-known"}
    for cookie in cookies.values():
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert "Path=/;" in cookies["__Host-choso"] + ";"
    assert "Domain" not in cookies["__Host-choso"]
    with web.app_context():
        db.engine.dispose()


def test_real_cost_of_a_hash_follows_the_cheat_sheet() -> None:
    source = Path(security.__file__).read_text(encoding="utf-8")
    assert '{"argon2__memory_cost": 19456, "argon2__time_cost": 2, "argon2__parallelism": 1}' in source
