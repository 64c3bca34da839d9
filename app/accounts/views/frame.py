"""The one blueprint of accounts, and what all its pages use."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from app.accounts import queries, sessions, unwritten
from app.accounts.forms import KNOWN_COOKIE, KNOWN_MAX, caller, local_target
from app.accounts.models import User
from app.accounts.rules import FIELD_ROLES
from app.db import cannot_write, unit_of_work
from app.errors import DomainError, NotFoundError
from app.settings import Settings
from app.web.access import current_actor
from app.web.clock import moment

pages = Blueprint("accounts", __name__)

KNOWN_SECONDS = 365 * 24 * 3600
FIELD = "/field/"


def me() -> User:
    """The person signed in, as a record."""
    return queries.user(current_actor().id or 0)


def enter(user: User, target: str, *, confirmed: bool = False) -> Response:
    """Starts the session, remembers the browser, goes on."""
    visitor = caller(request)
    try:
        with unit_of_work():
            sessions.start(user, visitor, moment(), confirmed=confirmed)
    except DBAPIError as wrong:
        if not cannot_write(wrong):
            raise
        unwritten.start(user, moment())
        flash("Đĩa của máy chủ đang không ghi được: bạn xem được, chưa ghi được. Hãy báo người quản trị.", "warn")
    response = make_response(redirect(local_target(target) or home_of(user)))
    mark = sessions.known_mark(user)
    marks = [mark, *sorted(visitor.known - {mark, ""})][:KNOWN_MAX]
    settings: Settings = current_app.config["SETTINGS"]
    response.set_cookie(
        KNOWN_COOKIE,
        ".".join(marks),
        max_age=KNOWN_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.https,
        path="/login",
    )
    return response


def enter_or_ask(user: User, target: str) -> ResponseReturnValue:
    """The password is right: asks for the code of the second factor where there is one, else lets the person in."""
    if not sessions.wants_code(user):
        return enter(user, target, confirmed=True)
    sessions.keep_pending(user, target, moment())
    return redirect(url_for("accounts.code"))


def home_of(user: User) -> str:
    """Where a person lands after signing in: the phone app for people in the field, else the office."""
    roles = user.role_names
    in_field = bool(roles) and FIELD_ROLES.issuperset(roles)
    return FIELD if in_field and _has_page(FIELD) else "/desk/"


def done(back: str, message: str, act: Callable[[], object]) -> ResponseReturnValue:
    """Does one thing, says so, and goes back; a refusal is said in the same place, what does not exist is a 404."""
    try:
        with unit_of_work():
            act()
    except NotFoundError:
        raise
    except DomainError as error:
        flash(str(error), "bad")
    else:
        flash(message, "good")
    return redirect(back)


def _has_page(path: str) -> bool:
    return any(rule.rule == path for rule in current_app.url_map.iter_rules())
