"""The administrator's list of people: who may do what where, and what is closed at once."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import actions, devices, queries
from app.accounts.actions import Grant
from app.accounts.forms import text
from app.accounts.models import User
from app.accounts.scopes import world
from app.accounts.views.confirming import keepers_in_words
from app.accounts.views.frame import done, pages
from app.actors import ADMIN, ROLES
from app.approval.queries import unproved
from app.audit.queries import history_of
from app.db import unit_of_work
from app.errors import DomainError, ForbiddenError
from app.web.access import allow, current_actor, present
from app.web.address import office_link
from app.web.clock import moment
from app.web.paging import requested_cut


@pages.get("/desk/users")
@allow(ADMIN)
def users() -> ResponseReturnValue:
    """Everybody with an account."""
    cut, typed, role = requested_cut(), request.args.get("q", "")[:80], request.args.get("role", "")
    here = world()
    rows, total = queries.users_page(
        queries.people_within(current_actor(), here), typed, role, cut.offset, cut.per_page
    )
    page = cut.page(rows, total)
    return render_template(
        "accounts/users.html",
        page=page,
        keepers=unproved([user.id for user in rows if not user.sample]),
        sole_admin=queries.other_admins(current_actor().id or 0) == 0,
        q=typed,
        role=role,
        roles=ROLES,
        world=here,
    )


@pages.route("/desk/users/new", methods=["GET", "POST"])
@allow(ADMIN)
@present
def user_new() -> ResponseReturnValue:
    """Adds a person: with a password shown once, or by an invitation."""
    if request.method == "GET":
        return _new_page("")
    user_name, full_name, phone = (text(request, name) for name in ("user_name", "full_name", "phone"))
    faults = actions.person_faults(user_name, full_name, phone)
    if faults:
        return _new_page("", faults), 422
    try:
        with unit_of_work():
            user, password = actions.create_user(
                current_actor(),
                moment(),
                user_name,
                full_name,
                phone=phone,
                grants=[_grant()],
            )
            invite = text(request, "way") == "invitation"
            token = devices.issue_link(current_actor(), moment(), user, "invitation") if invite else ""
    except DomainError as error:
        return _new_page(str(error)), 422
    return _user_page(user, password="" if invite else password, token=token)


@pages.get("/desk/users/<int:user_id>")
@allow(ADMIN)
def user_page(user_id: int) -> ResponseReturnValue:
    """One person: roles, devices, sessions, history."""
    return _user_page(_mine(user_id))


@pages.post("/desk/users/<int:user_id>/profile")
@allow(ADMIN)
@present
def user_profile(user_id: int) -> ResponseReturnValue:
    """Corrects name and phone."""
    user = _mine(user_id)
    names = (text(request, "full_name"), text(request, "phone"))
    return done(_back(user), "Đã lưu.", lambda: actions.change_profile(current_actor(), moment(), user, *names))


@pages.post("/desk/users/<int:user_id>/roles")
@allow(ADMIN)
@present
def user_grant(user_id: int) -> ResponseReturnValue:
    """Gives a role."""
    user = _mine(user_id)
    return done(_back(user), "Đã trao vai trò.", lambda: actions.grant_role(current_actor(), moment(), user, _grant()))


@pages.post("/desk/users/<int:user_id>/roles/<int:grant_id>/remove")
@allow(ADMIN)
@present
def user_revoke(user_id: int, grant_id: int) -> ResponseReturnValue:
    """Takes a role away."""
    user = _mine(user_id)
    return done(_back(user), "Đã gỡ vai trò.", lambda: actions.revoke_role(current_actor(), moment(), user, grant_id))


@pages.post("/desk/users/<int:user_id>/deactivate")
@allow(ADMIN)
@present
def user_deactivate(user_id: int) -> ResponseReturnValue:
    """Closes the account."""
    user = _mine(user_id)
    return done(
        _back(user),
        "Đã khoá tài khoản; mọi phiên và thiết bị đã dừng.",
        lambda: actions.deactivate(current_actor(), moment(), user, text(request, "reason")),
    )


@pages.post("/desk/users/<int:user_id>/activate")
@allow(ADMIN)
@present
def user_activate(user_id: int) -> ResponseReturnValue:
    """Opens the account again."""
    user = _mine(user_id)
    return done(_back(user), "Đã mở lại tài khoản.", lambda: actions.activate(current_actor(), moment(), user))


@pages.post("/desk/users/<int:user_id>/password")
@allow(ADMIN)
@present
def user_reset_password(user_id: int) -> ResponseReturnValue:
    """A new one-time password, shown on this answer alone."""
    user = _mine(user_id)
    with unit_of_work():
        password = actions.reset_password(current_actor(), moment(), user)
    return _user_page(user, password=password)


@pages.post("/desk/users/<int:user_id>/invitation")
@allow(ADMIN)
@present
def user_invite(user_id: int) -> ResponseReturnValue:
    """An invitation's address, shown on this answer alone."""
    user = _mine(user_id)
    with unit_of_work():
        token = devices.issue_link(current_actor(), moment(), user, "invitation")
    return _user_page(user, token=token)


@pages.post("/desk/users/<int:user_id>/second-factor")
@allow(ADMIN)
@present
def user_reset_factor(user_id: int) -> ResponseReturnValue:
    """Lets a lost phone go."""
    user = _mine(user_id)
    return done(
        _back(user),
        "Đã bỏ xác thực hai lớp; lần đăng nhập tới sẽ cài lại.",
        lambda: actions.reset_second_factor(current_actor(), moment(), user),
    )


@pages.post("/desk/users/<int:user_id>/sessions")
@allow(ADMIN)
def user_end_sessions(user_id: int) -> ResponseReturnValue:
    """Signs the person out everywhere."""
    user = _mine(user_id)
    return done(_back(user), "Đã đăng xuất mọi nơi.", lambda: actions.end_sessions(current_actor(), moment(), user))


@pages.post("/desk/users/<int:user_id>/devices/<int:device_id>/revoke")
@allow(ADMIN)
def user_revoke_device(user_id: int, device_id: int) -> ResponseReturnValue:
    """The lost-phone button."""
    user = _mine(user_id)
    return done(
        _back(user),
        "Đã thu hồi thiết bị.",
        lambda: devices.revoke_device(current_actor(), moment(), user, device_id),
    )


def _mine(user_id: int) -> User:
    """The person, where they work within this administrator's reach; anybody else does not exist here."""
    return queries.person_within(current_actor(), world(), user_id)


def _grant() -> Grant:
    """The role and part that were chosen; nobody gives more than they reach themselves."""
    here = world()
    scope = here.parsed(text(request, "scope") or "all:0")
    if not here.within(here.reached(current_actor(), ADMIN), scope):
        raise ForbiddenError(
            "Bạn không trao vai trò được ở phạm vi này.", remedy="Hãy chọn phạm vi trong địa bàn của bạn."
        )
    return Grant(text(request, "role"), scope)


def _back(user: User) -> str:
    return url_for("accounts.user_page", user_id=user.id)


def _new_page(error: str, faults: Mapping[str, str] = MappingProxyType({})) -> str:
    return render_template(
        "accounts/user_new.html", error=error, faults=faults, typed=request.form, roles=ROLES, **_parts()
    )


def _parts() -> dict[str, object]:
    """What the forms offer as parts of the world: those within this administrator's reach."""
    here = world()
    reached = here.reached(current_actor(), ADMIN)
    return {"world": here, "choices": here.offered(reached), "everywhere": reached.everything}


def _user_page(user: User, *, password: str = "", token: str = "") -> str:
    now = moment()
    link = office_link("accounts.invitation", token=token) if token else ""
    return render_template(
        "accounts/user.html",
        user=user,
        keepers=keepers_in_words(user),
        roles=ROLES,
        **_parts(),
        devices=queries.devices_of(user.id, now),
        sessions=queries.sessions_of(user.id, now),
        history=history_of("user", user.id)[-30:],
        password=password,
        link=link,
    )
