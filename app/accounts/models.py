"""Who works here: people, their roles, sessions, devices and one-time links."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import flask_security
from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.actors import ROLES, Scope
from app.db import Model, UtcDateTime

SCOPE_KINDS = ("all", "unit", "zone", "provider")
DEVICE_KINDS = ("phone", "api", "desk")
LINK_PURPOSES = ("invitation", "phone")

if TYPE_CHECKING:
    # Flask-Security types its mixin with plain attributes, which strict mypy holds against mapped ones.
    class UserMixin:
        """What Flask-Security and Flask-Login need of a person."""
else:
    UserMixin = flask_security.UserMixin


class User(Model, UserMixin):
    """A person with an account. `fs_uniquifier` stands in the signed session: a new one ends every session at once."""

    __tablename__ = "app_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(String(32), unique=True)
    phone: Mapped[str | None] = mapped_column(String(16), unique=True)  #: E.164
    full_name: Mapped[str] = mapped_column(String(120))
    name_fold: Mapped[str] = mapped_column(String(120))  #: without accents, for search
    password: Mapped[str] = mapped_column(String(255))  #: argon2id
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    sample: Mapped[bool] = mapped_column(default=False)  #: of the sample commune: password alone, no second factor
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    totp_secret: Mapped[str | None] = mapped_column(Text)  #: encrypted JSON; None: not set up
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)  #: last time step used, so that no code works twice
    recovery_codes: Mapped[list[str]] = mapped_column(JSON, default=list)  #: keyed hashes
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]  #: no foreign key: removing the sample must not take those its people added
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    grants: Mapped[list["RoleGrant"]] = relationship(
        foreign_keys="RoleGrant.user_id", back_populates="user", order_by="RoleGrant.id", cascade="all, delete-orphan"
    )

    @property
    def role_names(self) -> frozenset[str]:
        """The roles this person has, wherever."""
        return frozenset(grant.role for grant in self.grants)


class RoleGrant(Model):
    """One role of a person within one part of the world."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "scope_kind", "scope_id"),
        CheckConstraint(f"role IN {tuple(ROLES)}", name="role"),
        CheckConstraint(f"scope_kind IN {SCOPE_KINDS}", name="scope_kind"),
        CheckConstraint("(scope_kind = 'all') = (scope_id = 0)", name="scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(16))
    scope_kind: Mapped[str] = mapped_column(String(8), default="all")
    scope_id: Mapped[int] = mapped_column(default=0)
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    granted_by_id: Mapped[int | None]

    user: Mapped[User] = relationship(foreign_keys=[user_id], back_populates="grants")

    @property
    def scope(self) -> Scope:
        """The part of the world."""
        return Scope(self.scope_kind, self.scope_id)


class LoginSession(Model):
    """One sign-in in one browser. Its id stands in the signed cookie; ended here means ended everywhere."""

    __tablename__ = "login_session"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    browser: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: when a code was last typed in it

    user: Mapped[User] = relationship()


class DeviceToken(Model):
    """A phone (or another program) that may speak for a person; only the hash of its token is kept."""

    __tablename__ = "device_token"
    __table_args__ = (
        CheckConstraint(f"kind IN {DEVICE_KINDS}", name="kind"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class OneTimeLink(Model):
    """An invitation, or a phone's set-up shown as a QR: works once, for a while; only its hash is kept."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        CheckConstraint(f"purpose IN {LINK_PURPOSES}", name="purpose"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class HandOverCode(Model):
    """Eight digits that a third person, or the machine, gives somebody who proves to be there; only a hash is kept."""

    __tablename__ = "hand_over_code"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))  #: keyed, for this person alone
    issued_by_id: Mapped[int | None]  #: None: at the machine
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeptAnswer(Model):
    """What an operation of the API answered to somebody's key: sent again, it is answered again and done once."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    request_sha256: Mapped[str] = mapped_column(String(64))  #: method, address and body: another request is refused
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)  #: codes, numbers and states only, nothing about a person
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormPost(Model):
    """A form of a page that was posted and did its work: posted again, it is answered again and does nothing."""

    __tablename__ = "form_post"
    __table_args__ = (Index(None, "at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  #: SHA-256 of form, person, address and fields
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    done: Mapped[bool] = mapped_column(default=False)  #: whether its answer is known
    location: Mapped[str] = mapped_column(Text)  #: where the answer led; "": it was a page


class SignInFailure(Model):
    """One try that did not succeed; rows older than the windows are swept."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index(None, "account_key", "at"),
        Index(None, "address_key", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_key: Mapped[str] = mapped_column(String(64))  #: keyed hash: no phone or address is kept
    address_key: Mapped[str] = mapped_column(String(64))
