"""What other rooms mark on the map: the factory says how it is found, for rooms beside this one are not known here."""

from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy import Select

StalePoints = Callable[[], Select[int]]
_KEY = "choso_stale_points"


def init_flags(app: Flask, stale_points: StalePoints) -> None:
    """`stale_points` selects the points where a printed piece no longer pays who it should."""
    app.extensions[_KEY] = stale_points


def stale_points() -> Select[int] | None:
    """Those points; None in a program without printing."""
    found: StalePoints | None = current_app.extensions.get(_KEY)
    return found() if found else None
