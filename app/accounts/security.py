"""Flask-Security as this house uses it: argon2id, the signed session, loading people. Its own pages stay closed.

Its views commit by themselves, hash before any throttle could speak, and speak no Vietnamese; so the blueprint is not
registered and our pages call the same mechanisms. A person is loaded only through a live row of `login_session`.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Request, session
from flask_login import UserMixin
from flask_security import Security, SQLAlchemyUserDatastore

from app.accounts.models import RoleGrant, User
from app.accounts.queries import live_session
from app.accounts.rules import idle_limit
from app.accounts.unwritten import is_unwritten, person_of
from app.db import db
from app.web.clock import moment

#: OWASP password storage cheat sheet: Argon2id, 19 MiB, 2 passes, 1 lane; a market laptop needs some 50 ms.
ARGON2: Mapping[str, int] = {"argon2__memory_cost": 19456, "argon2__time_cost": 2, "argon2__parallelism": 1}


def init_security(app: Flask) -> None:
    """Sets Flask-Security up without its pages, its tokens and its command line."""
    app.config.from_mapping(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a scheme
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        # One hash, not a keyed one inside: records restored on another machine must still open.
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS=dict(ARGON2),
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"user_name": {}}],
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SECURITY_DEFAULT_REMEMBER_ME=False,
        # A browser update changes its name; a session is bound to its row, not to a User-Agent.
        SESSION_PROTECTION=None,
    )
    people: Any = User  # Flask-Security types its models with plain attributes
    roles: Any = RoleGrant
    datastore = SQLAlchemyUserDatastore(db, people, roles)
    security = Security(app, datastore, register_blueprint=False)
    security.principal.skip_static = True
    security.login_manager.user_loader(_load)
    security.login_manager.request_loader(_load_from_nothing)


def _load(uniquifier: str) -> UserMixin | None:
    """The person of this signed session, while its row lives and it has not rested too long."""
    now = moment()
    session_id = session.get("sid", "")
    if is_unwritten(session_id):
        person = person_of(session_id, uniquifier, now)
    else:
        found = live_session(session_id, now)
        person = found.user if found is not None and found.user.fs_uniquifier == uniquifier else None
    rested = now.timestamp() - session.get("seen", 0)
    if person is None or rested > idle_limit(person.role_names).total_seconds():
        return None
    user: UserMixin = person
    return user


def _load_from_nothing(_request: Request) -> None:
    """Flask-Security would take a token from a query or a JSON body; ours come as bearer tokens alone (guard)."""
