"""The coordinator's field team: adding a volunteer, and setting a phone up by a QR on this screen."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import actions, devices, queries
from app.accounts.actions import Grant
from app.accounts.forms import text
from app.accounts.models import User
from app.accounts.scopes import ScopeChoice, World, world
from app.accounts.views.frame import done, pages
from app.actors import ADMIN, COORDINATOR, ROLES, TEAM_LEAD, VOLUNTEER
from app.db import unit_of_work
from app.errors import DomainError, ForbiddenError, NotFoundError
from app.web.access import allow, current_actor, present
from app.web.address import is_here_only, office_link
from app.web.clock import moment
from app.web.qr_picture import svg_data

FIELD = {role: ROLES[role] for role in (VOLUNTEER, TEAM_LEAD)}


@pages.get("/desk/team")
@allow(COORDINATOR, ADMIN)
def team() -> ResponseReturnValue:
    """The volunteers and team leads within my reach."""
    return _team_page("")


@pages.post("/desk/team")
@allow(COORDINATOR, ADMIN)
@present
def team_add() -> ResponseReturnValue:
    """Adds a volunteer and shows the QR for their phone."""
    try:
        with unit_of_work():
            grant = _field_grant()
            user, _ = actions.create_field_user(
                current_actor(), moment(), text(request, "full_name"), text(request, "phone"), grant
            )
            token = devices.issue_link(current_actor(), moment(), user, "phone")
    except DomainError as error:
        return _team_page(str(error)), 422
    return _phone_page(user, token)


@pages.post("/desk/team/<int:user_id>/phone")
@allow(COORDINATOR, ADMIN)
@present
def team_phone(user_id: int) -> ResponseReturnValue:
    """A QR that signs this volunteer's phone in, once, within ten minutes."""
    user = _mine(user_id)
    with unit_of_work():
        token = devices.issue_link(current_actor(), moment(), user, "phone")
    return _phone_page(user, token)


@pages.post("/desk/team/<int:user_id>/lost")
@allow(COORDINATOR, ADMIN)
def team_lost(user_id: int) -> ResponseReturnValue:
    """The phone is lost: its sessions and tokens end at once."""
    user = _mine(user_id)
    return done(
        url_for("accounts.team"),
        f"Đã ngắt mọi điện thoại của {user.full_name}.",
        lambda: actions.end_everything(current_actor(), moment(), user),
    )


def _mine(user_id: int) -> User:
    """A field worker within my reach; anybody else does not exist here."""
    return next((user for user in _members(world()) if user.id == user_id), None) or _nobody()


def _nobody() -> User:
    raise NotFoundError("Không có người này trong đội.", remedy="Hãy chọn lại từ danh sách đội.")


def _members(here: World) -> list[User]:
    reached = here.reached(current_actor(), COORDINATOR, ADMIN)
    sample = queries.is_sample(current_actor())
    members = [user for user in queries.field_users() if user.sample or not sample]
    return [user for user in members if all(here.within(reached, grant.scope) for grant in user.grants)]


def _choices(here: World) -> list[ScopeChoice]:
    return list(here.offered(here.reached(current_actor(), COORDINATOR, ADMIN)))


def _field_grant() -> Grant:
    here = world()
    scope, role = here.parsed(text(request, "scope")), text(request, "role") or VOLUNTEER
    if role not in FIELD or not here.within(here.reached(current_actor(), COORDINATOR, ADMIN), scope):
        raise ForbiddenError("Bạn không trao được vai trò này ở đây.", remedy="Hãy chọn phạm vi trong địa bàn của bạn.")
    return Grant(role, scope)


def _team_page(error: str) -> str:
    here, now = world(), moment()
    members = _members(here)
    return render_template(
        "accounts/team.html",
        members=members,
        phones={user.id: len(queries.devices_of(user.id, now)) for user in members},
        choices=_choices(here),
        roles=FIELD,
        world=here,
        error=error,
        typed=request.form,
    )


def _phone_page(user: User, token: str) -> str:
    address = office_link("accounts.phone", token=token)
    return render_template(
        "accounts/phone_setup.html",
        user=user,
        address=address,
        picture=svg_data(address),
        here_only=is_here_only(address),
    )
