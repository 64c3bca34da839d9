"""What the pages of places share: who may, what lies in a person's reach, one act and its answer."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.db import unit_of_work
from app.errors import DomainError
from app.places import queries

pages = Blueprint("places", __name__, url_prefix="/desk/places")


def unit_choices(actor: Actor) -> dict[int, str]:
    """Communes and hamlets this person may choose, by id, hamlets with their commune behind them."""
    found = queries.units_in_reach(actor)
    return {
        unit.id: unit.title if unit.level == "commune" or unit.parent is None else f"{unit.title}, {unit.parent.title}"
        for unit in found
    }


def done(target: str, words: str, act: Callable[[], object]) -> ResponseReturnValue:
    """Does one act and goes back; a refusal is told there."""
    try:
        with unit_of_work():
            act()
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(words, "success")
    return redirect(target)
