"""People through the API: oneself, and for the administrator everybody within reach, with roles and devices."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate

from app.accounts import actions, devices, queries
from app.accounts.actions import NAME_MAX, Grant
from app.accounts.models import DEVICE_KINDS, LINK_PURPOSES, DeviceToken, User
from app.accounts.repeats import repeatable
from app.accounts.scopes import World, world
from app.actors import ADMIN, ROLES, Actor, Scope
from app.db import unit_of_work
from app.errors import ForbiddenError
from app.vn.phones import mask_phone
from app.web.access import allow, current_actor, present, signed_in
from app.web.address import office_link
from app.web.clock import moment
from app.web.described import Done, Entry, PageQuery, Reason, Shown, cut_of, one_of, paged, shown_page, text_field
from app.web.paging import Page

api = Blueprint("accounts_api", __name__, url_prefix="/api/v1", description="Người dùng, vai trò, thiết bị")

SCOPE_WORDS = "phạm vi: all:0, unit:<số>, zone:<số>, provider:<số>"


class GrantOut(Shown):
    """A role within a part of the world."""

    id = fields.Integer(required=True)
    role = fields.String()
    role_name = fields.String()
    scope = fields.String()
    scope_name = fields.String()


class PersonOut(Shown):
    """Somebody with an account."""

    id = fields.Integer(required=True)
    user_name = fields.String(required=True)
    full_name = fields.String()
    phone_masked = fields.String()
    active = fields.Boolean()
    has_second_factor = fields.Boolean()
    must_change_password = fields.Boolean()
    created_at = fields.AwareDateTime()
    signed_in_at = fields.AwareDateTime(allow_none=True)
    grants = fields.List(fields.Nested(GrantOut))


class Me(PersonOut):
    """Who this token or session speaks for, and what it may."""

    via = fields.String()
    may = fields.List(fields.String(), metadata={"description": "vai trò mà mã hoặc phiên này được dùng"})


class PersonQuery(PageQuery):
    """Which people."""

    q = fields.String(load_default="", validate=validate.Length(max=80), metadata={"description": "tên, số điện thoại"})
    role = one_of(["", *ROLES], "vai trò", load_default="")


class GrantIn(Entry):
    """A role to be given, within one's own reach."""

    role = one_of(ROLES, "vai trò", required=True)
    scope = fields.String(required=True, validate=validate.Length(max=20), metadata={"description": SCOPE_WORDS})


class PersonIn(GrantIn):
    """Somebody to be added; they choose their password by the invitation."""

    user_name = fields.String(required=True, validate=validate.Length(min=2, max=32))
    full_name = fields.String(required=True, validate=validate.Length(min=1, max=NAME_MAX))
    phone = text_field("điện thoại", 40)


class PersonChange(Entry):
    """Name and phone; what is left out stays."""

    full_name = fields.String(validate=validate.Length(min=1, max=NAME_MAX))
    phone = fields.String(validate=validate.Length(max=40))


class LinkIn(Entry):
    """An invitation (7 days), or a phone's set-up (10 minutes, only people who work in the field)."""

    purpose = one_of(LINK_PURPOSES, "loại", required=True)


class LinkOut(Shown):
    """The address to hand over, shown once."""

    purpose = fields.String()
    address = fields.String()


class DeviceOut(Shown):
    """A phone or program that speaks for a person."""

    id = fields.Integer(required=True)
    kind = one_of(DEVICE_KINDS)
    name = fields.String()
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    used_at = fields.AwareDateTime(allow_none=True)


@api.get("/me")
@signed_in
@api.response(200, Me)
def who_am_i() -> dict[str, Any]:
    """Bạn là ai, với những quyền gì."""
    actor = current_actor()
    user = queries.user(actor.id or 0)
    return shown_person(user, world()) | {"via": actor.via, "may": sorted(actor.roles)}


@api.get("/people")
@allow(ADMIN)
@api.arguments(PersonQuery, location="query")
@api.response(200, paged(PersonOut))
def list_people(query: dict[str, Any]) -> dict[str, Any]:
    """Người dùng trong phạm vi quản trị của bạn, theo tên."""
    here, cut = world(), cut_of(query)
    within = queries.people_within(current_actor(), here)
    rows, total = queries.users_page(within, query["q"], query["role"], cut.offset, cut.per_page)
    return shown_page(Page(rows, cut.number, cut.per_page, total), lambda user: shown_person(user, here))


@api.post("/people")
@allow(ADMIN)
@present
@api.arguments(
    PersonIn,
    example={"user_name": "lan.camtan", "full_name": "Lê Thị Lan", "role": "coordinator", "scope": "unit:2"},
)
@api.response(201, PersonOut)
@repeatable("id", again=lambda kept: _again(kept["id"]))
def add_person(entry: dict[str, Any]) -> dict[str, Any]:
    """Thêm một người; sau đó tạo thư mời để họ tự chọn mật khẩu."""
    actor, here = current_actor(), world()
    grant = _grant(actor, here, entry)
    with unit_of_work():
        user, _ = actions.create_user(
            actor, moment(), entry["user_name"], entry["full_name"], phone=entry["phone"], grants=[grant]
        )
    return shown_person(user, here)


@api.get("/people/<int:user_id>")
@allow(ADMIN)
@api.response(200, PersonOut)
def one_person(user_id: int) -> dict[str, Any]:
    """Một người."""
    return shown_person(_person(user_id), world())


@api.patch("/people/<int:user_id>")
@allow(ADMIN)
@present
@api.arguments(PersonChange, example={"full_name": "Lê Thị Lan Anh"})
@api.response(200, PersonOut)
def amend_person(entry: dict[str, Any], user_id: int) -> dict[str, Any]:
    """Sửa tên, số điện thoại."""
    user = _person(user_id)
    names = entry.get("full_name", user.full_name), entry.get("phone", user.phone or "")
    with unit_of_work():
        actions.change_profile(current_actor(), moment(), user, *names)
    return shown_person(user, world())


@api.post("/people/<int:user_id>/roles")
@allow(ADMIN)
@present
@api.arguments(GrantIn, example={"role": "approver", "scope": "unit:2"})
@api.response(201, PersonOut)
def give_role(entry: dict[str, Any], user_id: int) -> dict[str, Any]:
    """Trao vai trò trong một phạm vi, không rộng hơn phạm vi của bạn."""
    actor, here, user = current_actor(), world(), _person(user_id)
    with unit_of_work():
        actions.grant_role(actor, moment(), user, _grant(actor, here, entry))
    return shown_person(user, here)


@api.delete("/people/<int:user_id>/roles/<int:grant_id>")
@allow(ADMIN)
@present
@api.response(200, PersonOut)
def take_role(user_id: int, grant_id: int) -> dict[str, Any]:
    """Gỡ vai trò, có hiệu lực ngay."""
    user = _person(user_id)
    with unit_of_work():
        actions.revoke_role(current_actor(), moment(), user, grant_id)
    return shown_person(user, world())


@api.post("/people/<int:user_id>/links")
@allow(ADMIN)
@present
@api.arguments(LinkIn, example={"purpose": "invitation"})
@api.response(201, LinkOut)
def make_link(entry: dict[str, Any], user_id: int) -> dict[str, Any]:
    """Thư mời chọn mật khẩu, hoặc địa chỉ cài điện thoại; hiện một lần."""
    user, purpose = _person(user_id), entry["purpose"]
    with unit_of_work():
        token = devices.issue_link(current_actor(), moment(), user, purpose)
    page = "accounts.invitation" if purpose == "invitation" else "accounts.phone"
    return {"purpose": purpose, "address": office_link(page, token=token)}


@api.post("/people/<int:user_id>/deactivate")
@allow(ADMIN)
@present
@api.arguments(Reason, example={"reason": "Nghỉ việc"})
@api.response(200, PersonOut)
def shut(entry: dict[str, Any], user_id: int) -> dict[str, Any]:
    """Khoá tài khoản; mọi phiên và thiết bị dừng ngay."""
    user = _person(user_id)
    with unit_of_work():
        actions.deactivate(current_actor(), moment(), user, entry["reason"])
    return shown_person(user, world())


@api.post("/people/<int:user_id>/activate")
@allow(ADMIN)
@present
@api.response(200, PersonOut)
def reopen(user_id: int) -> dict[str, Any]:
    """Mở lại tài khoản đã khoá."""
    user = _person(user_id)
    with unit_of_work():
        actions.activate(current_actor(), moment(), user)
    return shown_person(user, world())


@api.get("/people/<int:user_id>/devices")
@allow(ADMIN)
@api.response(200, paged(DeviceOut))
def devices_of(user_id: int) -> dict[str, Any]:
    """Thiết bị và chương trình còn hiệu lực của một người."""
    rows = queries.devices_of(_person(user_id).id, moment())
    return {"items": [_device(row) for row in rows], "total": len(rows)}


@api.delete("/people/<int:user_id>/devices/<int:device_id>")
@allow(ADMIN)
@api.response(200, Done, example={"state": "revoked"})
def revoke(user_id: int, device_id: int) -> dict[str, Any]:
    """Thu hồi một thiết bị, có hiệu lực ngay."""
    user = _person(user_id)
    with unit_of_work():
        devices.revoke_device(current_actor(), moment(), user, device_id)
    return {"state": "revoked"}


def shown_person(user: User, here: World) -> dict[str, Any]:
    """Somebody as the API shows them; the phone by its ends."""
    same = ("id", "user_name", "full_name", "active", "must_change_password", "created_at", "signed_in_at")
    return {name: getattr(user, name) for name in same} | {
        "phone_masked": mask_phone(user.phone) if user.phone else "",
        "has_second_factor": user.totp_secret is not None,
        "grants": [
            {
                "id": grant.id,
                "role": grant.role,
                "role_name": ROLES[grant.role],
                "scope": _value(grant.scope),
                "scope_name": here.label(grant.scope),
            }
            for grant in user.grants
        ],
    }


def _again(user_id: int) -> dict[str, Any]:
    return shown_person(_person(user_id), world())


def _person(user_id: int) -> User:
    return queries.person_within(current_actor(), world(), user_id)


def _grant(actor: Actor, here: World, entry: dict[str, Any]) -> Grant:
    scope = here.parsed(entry["scope"])
    if not here.within(here.reached(actor, ADMIN), scope):
        raise ForbiddenError("Bạn không trao vai trò được ở phạm vi này.", remedy="Hãy chọn trong phạm vi của bạn.")
    return Grant(entry["role"], scope)


def _value(scope: Scope) -> str:
    return f"{scope.kind}:{scope.id}"


def _device(row: DeviceToken) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DeviceOut().fields}
