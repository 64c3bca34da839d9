"""What a one-time link opens: choosing a password, or setting a phone up."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import actions, devices, queries
from app.accounts.forms import text
from app.accounts.models import User
from app.accounts.passwords import token_hash
from app.accounts.views.frame import enter, enter_or_ask, pages
from app.actors import Actor
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError
from app.web.access import public
from app.web.clock import moment


@pages.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    """Somebody invited chooses a password and is in."""
    user = _person_of(token, "invitation")
    if user is None:
        return _over()
    if request.method == "GET":
        return render_template("security/invitation.html", user=user, error="")
    try:
        with unit_of_work():
            user = devices.use_link(token, "invitation", moment())
            chosen = [text(request, name) for name in ("new", "again")]
            actions.choose_first_password(_actor(user), moment(), user, *chosen)
    except NotFoundError:
        return _over()
    except DomainError as error:
        return render_template("security/invitation.html", user=user, error=str(error)), 422
    return enter_or_ask(user, "")


@pages.route("/phone/<token>", methods=["GET", "POST"])
@public
def phone(token: str) -> ResponseReturnValue:
    """A phone that scanned the coordinator's screen signs in; opening the page alone uses nothing up."""
    user = _person_of(token, "phone")
    if user is None:
        return _over()
    if request.method == "GET":
        return render_template("security/phone.html", user=user)
    try:
        with unit_of_work():
            user = devices.use_link(token, "phone", moment())
    except NotFoundError:
        return _over()
    return enter(user, "", confirmed=True)


def _person_of(token: str, purpose: str) -> User | None:
    link = queries.live_link(token_hash(token), purpose, moment())
    return link.user if link is not None else None


def _actor(user: User) -> Actor:
    return Actor(user.id, user.full_name)


def _over() -> ResponseReturnValue:
    current_app.logger.info("a one-time link was tried that is used, over or unknown")
    return render_template("security/link_over.html"), 404
