"""Which rooms have pages, jobs and hooks: one line each."""

from collections.abc import Callable

from flask import Blueprint, Flask

from app.jobs.actions import Handler
from app.places.views import pages as places_pages

#: Pages and API of every room, in the order of the house.
BLUEPRINTS: tuple[Blueprint, ...] = (places_pages,)

#: What a room sets up on the app itself: guards, template filters, contexts.
HOOKS: tuple[Callable[[Flask], None], ...] = ()

#: Background work by kind (app.jobs).
HANDLERS: dict[str, Handler] = {}
