"""The guard at the door: who is calling, may they, and is the form really ours. Nothing opens without its declaration.

Three ways in: a signed session for pages (and for reading the API), a bearer token for the API, and none for what is
public. A view that declares nothing (app.web.access) is closed to everybody.
"""

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Unauthorized

from app.accounts import presence
from app.accounts.models import DeviceToken, User
from app.accounts.once import answered_before, init_once
from app.accounts.passwords import token_hash
from app.accounts.queries import acts_within, live_device
from app.accounts.rules import token_roles
from app.accounts.scopes import world
from app.accounts.security import init_security
from app.accounts.sessions import wants_setup
from app.accounts.unwritten import is_unwritten, refuse_writing
from app.actors import Actor
from app.errors import ForbiddenError
from app.settings import Settings
from app.web.access import PUBLIC, STRANGER, admits, asks_presence, declared
from app.web.clock import moment

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
#: Answered without asking who is there: no person, no query.
UNWATCHED = frozenset({"static", "healthz"})
#: What someone may do who still has to choose a password or set a second factor up.
PASSWORD_STEP = frozenset({"accounts.own_password", "accounts.logout"})
FACTOR_STEP = frozenset({"accounts.own_factor", "accounts.logout"})
SEEN_SECONDS = 60


def init_guard(app: Flask) -> None:
    """Puts the guard before every request; CSRF is checked here, since a bearer token needs none."""
    init_security(app)
    init_once(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.before_request(keep_watch)
    app.extensions["choso_audit_reach"] = lambda actor: acts_within(actor, world())


def keep_watch() -> ResponseReturnValue | None:
    """Lets the request pass (None), or says where to go instead."""
    g.actor = STRANGER
    if request.endpoint in UNWATCHED:
        return None
    device = _device()
    g.actor = _device_actor(device) if device else _session_actor()
    if request.endpoint is None:
        return None  # no such page: the answer is the same for everybody
    roles = declared(current_app, request.endpoint)
    if roles is None:
        abort(403)
    if device is None and request.path.startswith(API) and request.method not in SAFE_METHODS:
        _without_token(roles)
        return None
    refusal = _refusal(roles)
    if refusal is not None or request.method in SAFE_METHODS:
        return refusal
    if device is None:
        current_app.extensions["csrf"].protect()
        if is_unwritten(session.get("sid", "")) and roles != PUBLIC and request.endpoint != "accounts.logout":
            refuse_writing()
    asked = _presence(request.endpoint, device)
    return answered_before() if asked is None and device is None else asked


def _presence(endpoint: str, device: DeviceToken | None) -> ResponseReturnValue | None:
    """Asks whoever is at the page for a fresh code where the view wants one; a program must have a fresh token."""
    if not asks_presence(current_app, endpoint):
        return None
    if device is None:
        return presence.ask()
    presence.check_token(device, moment())
    return None


def _refusal(roles: frozenset[str]) -> ResponseReturnValue | None:
    if roles == PUBLIC:
        return None
    actor: Actor = g.actor
    if actor.id is None:
        return _sign_in_first()
    step = _step(actor)
    if step is not None:
        return step
    if not admits(roles, actor):
        abort(403)
    return None


def _step(actor: Actor) -> ResponseReturnValue | None:
    """The page a person has to see before any other, unless they are on it."""
    unfinished: str | None = g.get("unfinished")
    if unfinished is None:
        return None
    allowed = PASSWORD_STEP if unfinished == "accounts.own_password" else FACTOR_STEP
    if request.endpoint in allowed:
        return None
    if request.path.startswith(API) or request.method not in SAFE_METHODS or actor.id is None:
        raise ForbiddenError("Tài khoản chưa sẵn sàng.", remedy="Hãy đăng nhập trên trang web và làm theo hướng dẫn.")
    return redirect(url_for(unfinished))


def _without_token(roles: frozenset[str]) -> None:
    """Writing through the API without a bearer token: public operations act for nobody, all others are refused."""
    if roles == PUBLIC:
        g.actor = STRANGER
        return
    if g.actor.id is None:
        raise Unauthorized
    raise ForbiddenError(
        "Ghi qua API cần mã thiết bị, phiên đăng nhập chỉ đọc được.",
        remedy="Hãy tạo mã ở trang Tài khoản của tôi và gửi nó trong Authorization: Bearer.",
    )


def _sign_in_first() -> ResponseReturnValue:
    if request.path.startswith(API):
        raise Unauthorized
    target = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("accounts.login", next=target))


def _session_actor() -> Actor:
    if "_user_id" not in session:
        return STRANGER
    user = current_user
    if not user.is_authenticated:
        session.clear()  # ended, over or rested too long: the cookie is worth nothing any more
        return STRANGER
    now = int(moment().timestamp())
    if now - session.get("seen", 0) > SEEN_SECONDS:
        session["seen"] = now
    return _actor(user, _unfinished(user))


def _unfinished(user: User) -> str | None:
    settings: Settings = current_app.config["SETTINGS"]
    if user.must_change_password:
        return "accounts.own_password"
    return "accounts.own_factor" if settings.second_factor and wants_setup(user) else None


def _actor(user: User, unfinished: str | None) -> Actor:
    g.unfinished = unfinished
    if unfinished is not None:
        return Actor(user.id, user.full_name, session=session["sid"])
    return actor_of(user, "web", session["sid"])


def actor_of(user: User, via: str, session_id: str, roles: frozenset[str] | None = None) -> Actor:
    """The person with the rights they have at this moment; `roles` limits them to these."""
    grants = frozenset((grant.role, grant.scope) for grant in user.grants if roles is None or grant.role in roles)
    return Actor(
        user.id,
        user.full_name,
        roles=frozenset(role for role, _ in grants),
        scopes=frozenset(scope for _, scope in grants),
        via=via,
        session=session_id,
        grants=grants,
    )


def _device() -> DeviceToken | None:
    """The device that a bearer token under /api/ belongs to; a wrong one is refused, not ignored."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not request.path.startswith(API):
        return None
    device = live_device(token_hash(token.strip()), moment())
    if device is None:
        raise Unauthorized
    return device


def _device_actor(device: DeviceToken) -> Actor:
    via = "phone" if device.kind == "phone" else "api"
    return actor_of(device.user, via, f"device {device.id}", token_roles(device.kind))
