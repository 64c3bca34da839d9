"""The administrator's pages, invitations, the field team's phones, and tokens."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts import actions, devices, queries
from app.accounts.actions import Grant
from app.accounts.models import DeviceToken, LoginSession, OneTimeLink, User
from app.actors import ADMIN, APPROVER, COORDINATOR, PROVINCE, SYSTEM, TEAM_LEAD, VOLUNTEER, Actor, Scope
from app.approval.queries import keys_to
from app.approval.rules import closure
from app.audit.queries import history_of
from app.db import db, unit_of_work
from app.errors import ConflictError, RefusedError
from app.places.models import Unit
from app.web.access import allow, current_actor, public

Open = Callable[..., Any]
CHOSEN = "chè bưởi mười nghìn"


def post(client: Any, address: str, **data: str) -> TestResponse:
    answer: TestResponse = client.post(address, data={**data, "csrf_token": client.form_token()})
    return answer


def new_person(name: str = "binh", *grants: Grant, sample: bool = False) -> User:
    with unit_of_work():
        user, _ = actions.create_user(SYSTEM, datetime.now(UTC), name, "Trần Văn Bình", grants=grants, sample=sample)
    return user


@pytest.fixture
def admin(as_role: Open) -> Any:
    return as_role(ADMIN)


@pytest.fixture
def communes(app: Flask) -> tuple[int, int]:
    with unit_of_work():
        province = Unit(
            level="province", code="37", kind="tỉnh", name="Mẫu", name_fold="mau", valid_from=date(2025, 7, 1)
        )
        db.session.add(province)
        db.session.flush()
        units = [
            Unit(
                level="commune",
                code=code,
                kind="xã",
                name=name,
                name_fold=name.lower(),
                parent_id=province.id,
                valid_from=date(2025, 7, 1),
            )
            for code, name in (("15001", "Xuan"), ("15002", "Ha"))
        ]
        db.session.add_all(units)
    return units[0].id, units[1].id


def test_list_finds_without_accents_by_phone_and_by_role(admin: Any) -> None:
    with unit_of_work():
        actions.create_user(
            SYSTEM, datetime.now(UTC), "huong", "Đặng Thị Hường", phone="0987 654 321", grants=[Grant(VOLUNTEER)]
        )
    for query in ("q=dang+thi", "q=0987654321", "q=654+321", "q=huong", "role=volunteer"):
        assert "Đặng Thị Hường" in admin.get(f"/desk/users?{query}").text, query
    for query in ("q=%25", "q=_", "role=admin", "q=khong+ai"):
        assert "Đặng Thị Hường" not in admin.get(f"/desk/users?{query}").text, query


def test_new_person_gets_a_password_shown_once(admin: Any, app: Flask) -> None:
    page = post(admin, "/desk/users/new", full_name="Lê Hoàng Phúc", user_name="phuc", role=COORDINATOR, scope="all:0")
    shown = re.findall(r"<code data-copy-value>([a-z0-9-]{14})</code>", page.text)
    assert len(shown) == 1
    user = queries.user_by_identity("phuc")
    assert user is not None
    assert user.must_change_password
    assert user.created_by_id == admin.user.id
    assert shown[0] not in admin.get(f"/desk/users/{user.id}").text
    assert [event.action for event in history_of("user", user.id)] == ["user.create", "user.grant"]
    assert shown[0] not in str([(event.before, event.after) for event in history_of("user", user.id)])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user_name": "Phúc Lê"}, "Tên đăng nhập"),
        ({"user_name": "phuc", "phone": "0987"}, "0987"),
        ({"user_name": "phuc", "full_name": "  "}, "Thiếu họ tên"),
        ({"user_name": "binh"}, "đã có người dùng"),
        ({"user_name": "phuc", "role": "king"}, "Không có vai trò"),
        ({"user_name": "phuc", "scope": "unit:99"}, "Chưa chọn phạm vi"),
    ],
)
def test_unusable_new_person_is_explained_and_kept_out(admin: Any, change: dict[str, str], words: str) -> None:
    new_person("binh")
    data = {"full_name": "Lê Hoàng Phúc", "user_name": "phuc", "role": COORDINATOR, "scope": "all:0", **change}
    answer = post(admin, "/desk/users/new", **data)
    assert answer.status_code == 422
    assert words in answer.text
    assert queries.user_by_identity("phuc") is None


def test_everything_wrong_with_a_new_person_is_told_at_once(admin: Any) -> None:
    new_person("binh")
    page = post(
        admin, "/desk/users/new", full_name=" ", user_name="", phone="0123", role=COORDINATOR, scope="all:0"
    ).text
    assert "Thiếu họ tên." in page
    assert "Thiếu tên đăng nhập." in page
    assert page.count('aria-invalid="true"') == 3
    page = post(admin, "/desk/users/new", full_name="", user_name="binh", role=COORDINATOR, scope="all:0").text
    assert "Thiếu họ tên." in page
    assert "đã có người dùng" in page


def test_invitation_works_once_and_for_a_week(admin: Any, app: Flask) -> None:
    page = post(
        admin, "/desk/users/new", full_name="Lê Phúc", user_name="phuc", role=VOLUNTEER, scope="all:0", way="invitation"
    )
    address = re.search(r"https://choso.xathu.vn(/invitation/moi_[\w-]+)", page.text)
    assert address is not None
    guest = app.test_client()
    assert "Chào Lê Phúc" in guest.get(address[1]).text
    assert "quá ngắn" in post(guest, address[1], new="ngắn", again="ngắn").text
    assert post(guest, address[1], new=CHOSEN, again=CHOSEN).location == "/desk/"
    assert guest.get("/desk/me").status_code == 200
    assert guest.get(address[1]).status_code == 404
    assert post(app.test_client(), address[1], new=CHOSEN, again=CHOSEN).status_code == 404


def test_invitation_that_is_over_opens_nothing(app: Flask) -> None:
    user = new_person("binh", Grant(VOLUNTEER))
    now = datetime.now(UTC)
    with unit_of_work():
        token = devices.issue_link(SYSTEM, now, user, "invitation")
        db.session.execute(update(OneTimeLink).values(expires_at=now))
    assert app.test_client().get(f"/invitation/{token}").status_code == 404


def test_invitation_does_not_pass_by_the_second_factor(app: Flask) -> None:
    user = new_person("binh", Grant(APPROVER))
    with unit_of_work():
        db.session.execute(update(User).where(User.id == user.id).values(totp_secret="{}"))
        token = devices.issue_link(SYSTEM, datetime.now(UTC), user, "invitation")
    guest = app.test_client()
    assert post(guest, f"/invitation/{token}", new=CHOSEN, again=CHOSEN).location == "/login/code"
    assert guest.get("/desk/me").status_code == 302


def test_roles_are_given_and_taken(admin: Any, communes: tuple[int, int], as_role: Open) -> None:
    other = as_role(VOLUNTEER)
    post(admin, f"/desk/users/{other.user.id}/roles", role=COORDINATOR, scope=f"unit:{communes[0]}")
    user = queries.user(other.user.id)
    db.session.refresh(user)
    assert [(grant.role, grant.scope) for grant in user.grants] == [
        (VOLUNTEER, Scope("all")),
        (COORDINATOR, Scope("unit", communes[0])),
    ]
    assert other.get("/desk/me").status_code == 302, "a new right begins with a new sign-in"
    post(admin, f"/desk/users/{user.id}/roles/{user.grants[1].id}/remove")
    db.session.refresh(user)
    assert user.role_names == {VOLUNTEER}


def test_the_last_administrator_stays(admin: Any) -> None:
    user = queries.user(admin.user.id)
    answer = post(admin, f"/desk/users/{user.id}/roles/{user.grants[0].id}/remove")
    assert "quản trị cuối cùng" in admin.get(answer.location).text
    post(admin, f"/desk/users/{user.id}/deactivate")
    db.session.refresh(user)
    assert user.active
    assert user.role_names == {ADMIN}


def test_two_administrators_may_let_one_go(admin: Any) -> None:
    second = new_person("hai", Grant(ADMIN))
    post(admin, f"/desk/users/{second.id}/deactivate", reason="Chuyển công tác")
    db.session.refresh(second)
    assert not second.active
    assert history_of("user", second.id)[-1].reason == "Chuyển công tác"
    post(admin, f"/desk/users/{second.id}/activate")
    db.session.refresh(second)
    assert second.active


@pytest.mark.parametrize("address", ["password", "second-factor", "deactivate", "sessions"])
def test_every_closing_act_ends_sessions(admin: Any, as_role: Open, address: str) -> None:
    other = as_role(VOLUNTEER)
    assert other.get("/desk/me").status_code == 200
    post(admin, f"/desk/users/{other.user.id}/{address}")
    assert other.get("/desk/me").status_code == 302
    alive = select(LoginSession).where(LoginSession.user_id == other.user.id, LoginSession.ended_at.is_(None))
    assert db.session.scalars(alive).all() == []


def test_profile_changes_only_what_is_its_own(admin: Any) -> None:
    user = new_person("binh")
    data = {"full_name": "Trần Bình", "phone": "0912345678", "active": "0", "sample": "1", "password": "x" * 12}
    before = user.password
    post(admin, f"/desk/users/{user.id}/profile", **data)
    db.session.refresh(user)
    assert (user.full_name, user.phone, user.active, user.sample) == ("Trần Bình", "+84912345678", True, False)
    assert user.password == before


def test_one_phone_belongs_to_one_person(app: Flask) -> None:
    now = datetime.now(UTC)
    with unit_of_work():
        actions.create_user(SYSTEM, now, "mot", "Một", phone="0987654321")
    with pytest.raises(ConflictError, match="Số điện thoại"), unit_of_work():
        actions.create_user(SYSTEM, now, "hai", "Hai", phone="+84 987 654 321")


def api_view(app: Flask) -> None:
    """A page of the API as other rooms have them."""
    app._got_first_request = False
    if "read" in app.view_functions:
        return  # an earlier test of this process put it there

    @app.get("/api/v1/thu")
    @allow(VOLUNTEER, APPROVER, ADMIN)
    def read() -> dict[str, object]:
        actor = current_actor()
        return {"name": actor.name, "via": actor.via, "roles": sorted(actor.roles)}

    @app.post("/api/v1/thu")
    @allow(VOLUNTEER)
    def write() -> dict[str, object]:
        return {"done": current_actor().name}

    @app.post("/api/v1/gop-y")
    @public
    def feedback() -> dict[str, object]:
        return {"by": current_actor().id}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_api_reads_with_a_session_and_writes_with_a_token(app: Flask, as_role: Open) -> None:
    api_view(app)
    client = as_role(VOLUNTEER)
    assert client.get("/api/v1/thu").get_json()["via"] == "web"
    refused = client.post("/api/v1/thu", headers={"X-CSRFToken": client.form_token()})
    assert refused.status_code == 403
    assert refused.mimetype == "application/problem+json"
    assert "chỉ đọc được" in refused.get_json()["detail"]
    with unit_of_work():
        _, token = devices.issue_device(SYSTEM, datetime.now(UTC), client.user, "phone", "Máy của Lan")
    stranger = app.test_client()
    assert stranger.post("/api/v1/thu", headers=bearer(token)).get_json() == {"done": "Nguyễn Văn Mẫu"}
    assert stranger.get("/api/v1/thu", headers=bearer(token)).get_json()["via"] == "phone"
    assert stranger.get("/desk/me", headers=bearer(token)).status_code == 302, "a token opens no pages"


def test_stranger_at_the_api(app: Flask) -> None:
    api_view(app)
    client = app.test_client()
    for answer in (
        client.get("/api/v1/thu"),
        client.post("/api/v1/thu"),
        client.get("/api/v1/thu", headers=bearer("x")),
    ):
        assert answer.status_code == 401
        assert answer.mimetype == "application/problem+json"
    assert client.post("/api/v1/gop-y").get_json() == {"by": None}


def test_public_writing_acts_for_nobody_even_with_a_session(app: Flask, as_role: Open) -> None:
    api_view(app)
    assert as_role(ADMIN).post("/api/v1/gop-y").get_json() == {"by": None}


def test_token_never_approves_or_administers(app: Flask, as_role: Open) -> None:
    api_view(app)
    client = as_role(VOLUNTEER, APPROVER, ADMIN)
    for kind, roles in (("phone", [VOLUNTEER]), ("api", [VOLUNTEER])):
        with unit_of_work():
            _, token = devices.issue_device(SYSTEM, datetime.now(UTC), client.user, kind, "Máy")
        assert app.test_client().get("/api/v1/thu", headers=bearer(token)).get_json()["roles"] == roles


@pytest.mark.parametrize("end", ["revoke", "expire", "deactivate", "reset"])
def test_token_ends(app: Flask, as_role: Open, end: str) -> None:
    api_view(app)
    client, now = as_role(VOLUNTEER), datetime.now(UTC)
    with unit_of_work():
        device, token = devices.issue_device(SYSTEM, now, client.user, "phone", "Máy")
    assert device.expires_at == now + timedelta(days=30)
    assert token not in device.token_hash
    assert app.test_client().get("/api/v1/thu", headers=bearer(token)).status_code == 200
    with unit_of_work():
        match end:
            case "revoke":
                devices.revoke_device(SYSTEM, now, client.user, device.id)
            case "expire":
                db.session.execute(update(DeviceToken).values(expires_at=now))
            case "deactivate":
                actions.deactivate(SYSTEM, now, client.user)
            case _:
                actions.reset_password(SYSTEM, now, client.user)
    assert app.test_client().get("/api/v1/thu", headers=bearer(token)).status_code == 401


def test_own_page_issues_and_revokes(app: Flask, as_role: Open) -> None:
    client = as_role(PROVINCE)
    page = post(client, "/desk/me/devices", name="Bảng tính của tỉnh")
    shown = re.search(r"<code data-copy-value>(cs_[\w-]+)</code>", page.text)
    assert shown is not None
    again = client.get("/desk/me").text
    assert shown[1] not in again
    assert "Bảng tính của tỉnh" in again
    device = queries.devices_of(client.user.id, datetime.now(UTC))[0]
    stranger = as_role(PROVINCE)
    post(stranger, f"/desk/me/devices/{device.id}/revoke")
    assert len(queries.devices_of(client.user.id, datetime.now(UTC))) == 1, "not somebody else's"
    post(client, f"/desk/me/devices/{device.id}/revoke")
    assert queries.devices_of(client.user.id, datetime.now(UTC)) == []
    assert post(client, "/desk/me/devices", name=" ").status_code == 422


def test_phone_app_gets_its_token_from_the_session(as_role: Open, app: Flask) -> None:
    api_view(app)
    client = as_role(VOLUNTEER)
    answer = post(client, "/desk/me/phone-token", name="Samsung A05").get_json()
    assert app.test_client().post("/api/v1/thu", headers=bearer(answer["token"])).status_code == 200
    assert client.post("/desk/me/phone-token").status_code == 400, "never without the form's token"


def test_coordinator_sets_up_a_volunteers_phone_by_a_code(as_role: Open, app: Flask, communes: tuple[int, int]) -> None:
    mine, other = (f"unit:{unit}" for unit in communes)
    client = as_role(COORDINATOR, scope=Scope("unit", communes[0]))
    assert post(client, "/desk/team", full_name="Đỗ Thị Mai", role=VOLUNTEER, scope=other).status_code == 422
    assert post(client, "/desk/team", full_name="Đỗ Thị Mai", role=ADMIN, scope=mine).status_code == 422
    page = post(client, "/desk/team", full_name="Đỗ Thị Mai", role=VOLUNTEER, scope=mine)
    assert "data:image/svg+xml;base64," in page.text
    address = re.search(r"https://choso.xathu.vn(/phone/may_[\w-]+)", page.text)
    assert address is not None
    phone = app.test_client()
    assert "Đỗ Thị Mai" in phone.get(address[1]).text
    assert post(phone, address[1]).status_code == 302
    assert "Đỗ Thị Mai" in phone.get("/desk/me").text
    assert post(app.test_client(), address[1]).status_code == 404, "used once"
    mai = queries.user_by_identity("do.thi.mai")
    assert mai is not None
    assert "Đỗ Thị Mai" in client.get("/desk/team").text
    post(client, f"/desk/team/{mai.id}/lost")
    assert phone.get("/desk/me").status_code == 302


def test_another_communes_team_does_not_exist_here(as_role: Open, communes: tuple[int, int]) -> None:
    there = new_person("kia", Grant(TEAM_LEAD, Scope("unit", communes[1])))
    client = as_role(COORDINATOR, scope=Scope("unit", communes[0]))
    assert "Trần Văn Bình" not in client.get("/desk/team").text
    assert post(client, f"/desk/team/{there.id}/phone").status_code == 404
    assert post(client, f"/desk/team/{there.id}/lost").status_code == 404


def test_no_code_signs_an_approver_in(app: Flask) -> None:
    user = new_person("duyet", Grant(VOLUNTEER), Grant(APPROVER))
    with pytest.raises(RefusedError, match="không cài bằng mã QR"), unit_of_work():
        devices.issue_link(SYSTEM, datetime.now(UTC), user, "phone")


def test_browser_of_a_stranger_sees_no_names(client: FlaskClient) -> None:
    assert client.get("/invitation/khong-co").status_code == 404
    assert client.get("/phone/khong-co").status_code == 404


def test_whose_accounts_somebody_held_the_key_of(app: Flask, as_role: Open) -> None:
    me, now = as_role(ADMIN).user, datetime.now(UTC)
    myself = Actor(me.id, me.full_name)
    others = [new_person(f"nguoi{number}", Grant(VOLUNTEER)) for number in range(4)]
    with unit_of_work():
        made, _ = actions.create_user(myself, now, "moi", "Người Mới", grants=[Grant(VOLUNTEER)])
        devices.issue_link(myself, now, others[0], "phone")
        devices.issue_link(myself, now, others[1], "invitation")
        actions.reset_password(myself, now, others[2])
        actions.change_profile(myself, now, others[3], "Tên Khác", "")
    keys = keys_to([made.id, *(user.id for user in others)])
    assert {key.holder_id for key in keys.keys if key.keeper_id == me.id} == {
        made.id,
        *(user.id for user in others[:3]),
    }
    assert all(closure(user.id, keys.keys) == {user.id, me.id} for user in (made, *others[:3]))
    assert closure(others[3].id, keys.keys) == {others[3].id}
