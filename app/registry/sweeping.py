"""When the worklist is looked through again: before the page where that is quick, else once the page has gone out."""

from datetime import datetime, timedelta
from functools import partial

from flask import Flask, Response, after_this_request, current_app
from sqlalchemy import select

from app.db import db, unit_of_work
from app.registry.actions.issues import REST, sweep_due, sweep_if_due
from app.registry.models import IssueSweep

#: A look that takes longer is not waited for: a hundred thousand merchants take half a second.
QUICK = timedelta(milliseconds=150)


def look_again(now: datetime) -> None:
    """Notes what is new and closes what is over, if that is due; a large registry shows it at the next page."""
    if not sweep_due(now):
        return
    if _is_quick():
        _sweep(now)
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - the app outlives its proxy

    @after_this_request
    def later(response: Response) -> Response:
        response.call_on_close(partial(_sweep_in, app, now))
        return response


def _is_quick() -> bool:
    """By the last look, which noted its rest: REST times what it took. The first one of all is waited for."""
    last = db.session.execute(select(IssueSweep.swept_at, IssueSweep.next_at)).one_or_none()
    if last is None or last.swept_at is None or last.next_at is None:
        return True
    rest: timedelta = last.next_at - last.swept_at
    return rest < QUICK * REST


def _sweep(now: datetime) -> None:
    with unit_of_work():
        sweep_if_due(now)


def _sweep_in(app: Flask, now: datetime) -> None:
    with app.app_context():
        _sweep(now)
