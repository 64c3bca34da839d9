"""The audit's pages: who did what, newest first, and whether the chain is whole."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.actors import ADMIN, Actor
from app.audit.anchors import noted_anchors
from app.audit.models import AuditEvent
from app.audit.queries import Filter, chain_break, chain_head, event, events_page, history_of
from app.audit.rules import changes
from app.audit.words import act_words, all_acts, field_words, subject_words, via_words
from app.settings import Settings
from app.vn.dates import DateError, parse_date, start_of_day
from app.web.access import allow, current_actor
from app.web.paging import requested_cut

pages = Blueprint("audit", __name__, url_prefix="/desk/audit")

TEXT_MAX = 80
Reach = Callable[[Actor], ColumnElement[bool] | None]
Reveal = Callable[[str, str, Mapping[str, Any] | None], Mapping[str, Any] | None]


@pages.get("")
@allow(ADMIN)
def events() -> ResponseReturnValue:
    """Everything that was done."""
    faults: dict[str, str] = {}
    cut, chosen = requested_cut(), _filter(faults)
    rows, total = events_page(chosen, cut.offset, cut.per_page, _seen())
    settings: Settings = current_app.config["SETTINGS"]
    verified = chain_break(noted_anchors(settings.instance)) if request.args.get("verify") else None
    return render_template(
        "audit/events.html",
        page=cut.page(rows, total),
        args=request.args,
        faults=faults,
        acts=all_acts(),
        verified=verified,
        head=chain_head() if verified else None,
    )


@pages.get("/<int:event_id>")
@allow(ADMIN)
def event_page(event_id: int) -> ResponseReturnValue:
    """One act with what was before and after, and what else happened to the same record."""
    seen = _seen()
    found = event(event_id, seen)
    return render_template(
        "audit/event.html",
        event=found,
        changes=changes(*(_revealed(found, values) for values in (found.before, found.after))),
        events=history_of(found.subject_kind, found.subject_id, seen)[-50:],
    )


@pages.app_template_filter("act")
def act(action: str) -> str:
    """What an act is called."""
    return act_words(action)


@pages.app_template_filter("subject")
def subject(kind: str) -> str:
    """What a kind of record is called."""
    return subject_words(kind)


@pages.app_template_filter("field")
def field(name: str) -> str:
    """What a field is called."""
    return field_words(name)


@pages.app_template_filter("via")
def via(way: str) -> str:
    """By which way somebody acted."""
    return via_words(way)


def _revealed(found: AuditEvent, values: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What a room above sealed in the chain, opened for the administrator where it still can be."""
    reveal: Reveal | None = current_app.extensions.get("choso_reveal")
    return reveal(found.subject_kind, found.subject_id, values) if reveal else values


def _seen() -> ColumnElement[bool] | None:
    """Whose acts this administrator may read, as the room above says; None: everybody's."""
    reach: Reach | None = current_app.extensions.get("choso_audit_reach")
    return reach(current_actor()) if reach else None


def _filter(faults: dict[str, str]) -> Filter:
    first, last = _day("from", faults), _day("to", faults)
    return Filter(
        text=request.args.get("q", "")[:TEXT_MAX],
        action=request.args.get("action", "")[:TEXT_MAX],
        since=start_of_day(first) if first else None,
        until=start_of_day(last + timedelta(days=1)) if last else None,
    )


def _day(name: str, faults: dict[str, str]) -> date | None:
    """A day of the filter; what is no day filters nothing, and is told."""
    text = request.args.get(name, "").strip()
    try:
        return parse_date(text) if text else None
    except DateError as wrong:
        faults[name] = str(wrong)
        return None
