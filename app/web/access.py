"""Who may open a page: declared on every view, refused where nothing is declared."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, g
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.actors import ROLES, Actor

View = TypeVar("View", bound=Callable[..., object])

PUBLIC = frozenset({"*"})
SIGNED_IN = frozenset(ROLES)
_MARK = "choso_access"
_PRESENT = "choso_present"


def allow(*roles: str) -> Callable[[View], View]:
    """Only people with one of these roles; everybody else gets 403 (or the sign-in page)."""
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"unknown or missing roles: {unknown}")
    return lambda view: _marked(view, frozenset(roles))


def public(view: View) -> View:
    """Open to strangers."""
    return _marked(view, PUBLIC)


def signed_in(view: View) -> View:
    """Open to everyone with an account, whatever the role."""
    return _marked(view, SIGNED_IN)


def present(view: View) -> View:
    """Asks whoever is signed in to show once more that it is them, unless they did within ten minutes."""
    setattr(getattr(view, "__func__", view), _PRESENT, True)
    return view


def asks_presence(app: Flask, endpoint: str) -> bool:
    """Whether a view declared so."""
    return bool(getattr(app.view_functions.get(endpoint), _PRESENT, False))


def declared(app: Flask, endpoint: str) -> frozenset[str] | None:
    """What a view declared, or None: then nobody may open it."""
    mark: frozenset[str] | None = getattr(app.view_functions.get(endpoint), _MARK, None)
    return mark


def declare(app: Flask, endpoint: str, roles: frozenset[str]) -> None:
    """Declares for a view that a library brought."""
    _marked(app.view_functions[endpoint], roles)


def current_actor() -> Actor:
    """Who is signed in (an Actor without id and roles for a stranger)."""
    actor: Actor = g.get("actor", STRANGER)
    return actor


STRANGER = Actor(None, "Khách")


def admits(roles: frozenset[str] | None, actor: Actor) -> bool:
    """Whether a declaration lets this person in; what declares nothing lets nobody in."""
    if roles is None or (roles != PUBLIC and actor.id is None):
        return False
    return roles in (PUBLIC, SIGNED_IN) or actor.has(*roles)


def may_open(address: str) -> bool:
    """Whether whoever is signed in may open the page at this address: links lead only where nobody is refused."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(address.partition("?")[0], method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return admits(declared(current_app, endpoint), current_actor())


def _marked(view: View, roles: frozenset[str]) -> View:
    target = getattr(view, "__func__", view)
    setattr(target, _MARK, roles)
    return view
