"""Finding people, sessions and devices."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import DeviceToken, LoginSession, OneTimeLink, RoleGrant, User
from app.accounts.rules import FIELD_ROLES, identity_key, phone_of
from app.accounts.scopes import World
from app.actors import ADMIN, OFFICE, PROVIDER, Actor
from app.approval.people import Known
from app.audit.models import AuditEvent
from app.db import db
from app.errors import NotFoundError
from app.vn.text import fold


def user(user_id: int) -> User:
    """The person with this id. Raises NotFoundError."""
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFoundError("Không có người dùng này.", remedy="Hãy chọn lại từ danh sách người dùng.")
    return found


def user_by_identity(text: str) -> User | None:
    """Whoever signs in with this user name or phone."""
    key = identity_key(text)
    column = User.phone if key.startswith("+") else User.user_name
    return db.session.scalar(select(User).where(column == key).options(selectinload(User.grants)))


def user_by_uniquifier(uniquifier: str) -> User | None:
    """The person whose sessions carry this mark at present."""
    return db.session.scalar(select(User).where(User.fs_uniquifier == uniquifier).options(selectinload(User.grants)))


def people_within(actor: Actor, here: World, *roles: str) -> ColumnElement[bool]:
    """Condition on User: people whose every role lies within what this administrator's own role (or `roles`) reaches.

    Somebody who may still do nothing is seen by whoever made their account; oneself one always sees. People of the
    sample, whose passwords everybody knows, see one another alone.
    """
    reached = here.reached(actor, *(roles or (ADMIN,)))
    known: ColumnElement[bool] = User.sample.is_(True) if is_sample(actor) else true()
    if reached.everything:
        return known
    zones = reached.zones | {zone for zone, unit in here.zone_units.items() if unit in reached.units}
    parts = {"unit": reached.units, "zone": zones, "provider": reached.providers}
    within = or_(*((RoleGrant.scope_kind == kind) & RoleGrant.scope_id.in_(ids) for kind, ids in parts.items()))
    theirs = User.grants.any() & ~User.grants.any(~within)
    idle = ~User.grants.any() & (User.created_by_id == actor.id)
    return and_(known, or_(theirs, idle, User.id == actor.id))


def is_sample(actor: Actor) -> bool:
    """Whether who acts belongs to the sample commune."""
    found = db.session.get(User, actor.id) if actor.id is not None else None
    return found is not None and found.sample


def office_people(within: ColumnElement[bool]) -> Sequence[User]:
    """Active people of these who work at a desk, by name."""
    query = select(User).where(within, User.active, User.grants.any(RoleGrant.role.in_(OFFICE)))
    return db.session.scalars(query.options(selectinload(User.grants)).order_by(User.name_fold, User.id)).all()


def colleagues_at(actor: Actor) -> Select[int]:
    """Ids of those who work for the same payment providers as this person; nobody where they work for none."""
    providers = [scope.id for scope in actor.scopes_of(PROVIDER) if scope.kind == "provider"]
    return select(RoleGrant.user_id).where(
        RoleGrant.role == PROVIDER, RoleGrant.scope_kind == "provider", RoleGrant.scope_id.in_(providers)
    )


def acts_within(actor: Actor, here: World) -> ColumnElement[bool] | None:
    """Condition on AuditEvent: what people of this administrator's reach did; None where they read everything."""
    if here.reached(actor, ADMIN).everything and not is_sample(actor):
        return None
    return AuditEvent.actor_id.in_(select(User.id).where(people_within(actor, here)))


def person_within(actor: Actor, here: World, user_id: int, *roles: str) -> User:
    """The person with this id, or NotFoundError where there is none or they are not this administrator's."""
    found = db.session.scalar(select(User).where(User.id == user_id, people_within(actor, here, *roles)))
    if found is None:
        raise NotFoundError("Không có người dùng này.", remedy="Hãy chọn lại từ danh sách người dùng.")
    return found


def users_page(
    within: ColumnElement[bool], text: str, role: str, offset: int, limit: int
) -> tuple[Sequence[User], int]:
    """One page of these people by name, and how many there are; `text` matches name, user name, phone."""
    query = select(User).where(within)
    if text.strip():
        like = f"%{_escaped(fold(text))}%"
        conditions = [User.name_fold.like(like, escape="\\"), User.user_name.like(like, escape="\\")]
        digits = phone_of(text) or "".join(letter for letter in text if letter.isdigit()).removeprefix("0")
        if digits:
            conditions.append(User.phone.like(f"%{digits}%"))
        query = query.where(or_(*conditions))
    if role:
        query = query.where(User.grants.any(RoleGrant.role == role))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.options(selectinload(User.grants)).order_by(User.active.desc(), User.name_fold, User.id)
    return db.session.scalars(query.offset(offset).limit(limit)).all(), total


def field_users() -> Sequence[User]:
    """Active people who only work in the field, by name."""
    query = select(User).where(User.active, User.grants.any(), ~User.grants.any(RoleGrant.role.not_in(FIELD_ROLES)))
    return db.session.scalars(query.options(selectinload(User.grants)).order_by(User.name_fold, User.id)).all()


def known_people(ids: Collection[int]) -> dict[int, Known]:
    """Names for the sentences of four eyes (app.approval.people)."""
    query = select(User.id, User.full_name, User.sample).where(User.id.in_(ids))
    return {row.id: Known(row.full_name, row.sample) for row in db.session.execute(query)}


def admin_exists() -> bool:
    """Whether anybody can administer this instance (people of the sample commune don't count)."""
    query = select(User.id).where(User.active, ~User.sample, User.grants.any(RoleGrant.role == ADMIN))
    return db.session.scalar(query.limit(1)) is not None


def other_admins(user_id: int) -> int:
    """How many active administrators there are besides this person."""
    mine = db.session.get(User, user_id)
    alike = true() if mine is None or mine.sample else ~User.sample
    query = select(func.count()).select_from(User).where(User.active, User.id != user_id, alike)
    return db.session.scalar(query.where(User.grants.any(RoleGrant.role == ADMIN))) or 0


def live_session(session_id: str, now: datetime) -> LoginSession | None:
    """The session with this id while it is neither ended nor over and its person active; with person and roles."""
    query = select(LoginSession).where(LoginSession.id == session_id).options(_WITH_USER)
    found = db.session.scalars(query).unique().one_or_none()
    if found is None or found.ended_at is not None or found.expires_at <= now or not found.user.active:
        return None
    return found


def sessions_of(user_id: int, now: datetime) -> Sequence[LoginSession]:
    """Live sessions of a person, newest first."""
    query = select(LoginSession).where(
        LoginSession.user_id == user_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now
    )
    return db.session.scalars(query.order_by(LoginSession.started_at.desc())).all()


def live_device(token_hash: str, now: datetime) -> DeviceToken | None:
    """The device with this token while it is neither revoked nor over and its person active."""
    query = select(DeviceToken).where(DeviceToken.token_hash == token_hash).options(_WITH_DEVICE_USER)
    found = db.session.scalars(query).unique().one_or_none()
    if found is None or found.revoked_at is not None or found.expires_at <= now or not found.user.active:
        return None
    return found


def devices_of(user_id: int, now: datetime) -> Sequence[DeviceToken]:
    """Devices of a person that still work, newest first."""
    query = select(DeviceToken).where(
        DeviceToken.user_id == user_id, DeviceToken.revoked_at.is_(None), DeviceToken.expires_at > now
    )
    return db.session.scalars(query.order_by(DeviceToken.id.desc())).all()


def live_link(token_hash: str, purpose: str, now: datetime) -> OneTimeLink | None:
    """The one-time link with this token while it is unused and not over and its person active."""
    found = db.session.scalar(
        select(OneTimeLink).where(OneTimeLink.token_hash == token_hash, OneTimeLink.purpose == purpose)
    )
    if found is None or found.used_at is not None or found.expires_at <= now or not found.user.active:
        return None
    return found


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_WITH_USER = joinedload(LoginSession.user).joinedload(User.grants)
_WITH_DEVICE_USER = joinedload(DeviceToken.user).joinedload(User.grants)
