"""The chain through the API: who did what, and whether it is whole."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import ColumnElement

from app.actors import ADMIN
from app.audit.models import AuditEvent
from app.audit.queries import Filter, chain_break, chain_head, event, events_page
from app.audit.words import act_words
from app.vn.dates import start_of_day
from app.web.access import allow, current_actor
from app.web.described import EventOut, PageQuery, Shown, cut_of, paged

api = Blueprint("audit_api", __name__, url_prefix="/api/v1/audit", description="Nhật ký")


class EventQuery(PageQuery):
    """Which acts."""

    q = fields.String(load_default="", validate=validate.Length(max=80), metadata={"description": "người, việc, mã"})
    action = fields.String(load_default="", validate=validate.Length(max=80), metadata={"description": "một việc"})
    since = fields.Date(load_default=None, metadata={"description": "từ ngày"})
    until = fields.Date(load_default=None, metadata={"description": "trước ngày"})


class ChainOut(Shown):
    """Whether the chain is whole."""

    whole = fields.Boolean(required=True)
    events = fields.Integer()
    head = fields.String(metadata={"description": "mã băm của sự kiện cuối: ghi lại ở nơi khác để sau này đối chiếu"})
    broken_at = fields.Integer(allow_none=True)
    message = fields.String()


@api.get("/events")
@allow(ADMIN)
@api.arguments(EventQuery, location="query")
@api.response(200, paged(EventOut))
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """Ai đã làm gì, mới nhất trước."""
    wanted = Filter(
        query["q"],
        query["action"],
        start_of_day(query["since"]) if query["since"] else None,
        start_of_day(query["until"]) if query["until"] else None,
    )
    cut = cut_of(query)
    rows, total = events_page(wanted, cut.offset, cut.per_page, _seen())
    return {"items": [_shown(row) for row in rows], "total": total}


@api.get("/events/<int:event_id>")
@allow(ADMIN)
@api.response(200, EventOut)
def one_event(event_id: int) -> dict[str, Any]:
    """Một việc, với trước và sau."""
    return _shown(event(event_id, _seen()))


@api.get("/chain")
@allow(ADMIN)
@api.response(200, ChainOut)
def chain() -> dict[str, Any]:
    """Kiểm tra chuỗi nhật ký từ đầu đến cuối."""
    events, broken = chain_break()
    return {
        "whole": broken is None,
        "events": events,
        "head": chain_head().hash,
        "broken_at": broken.event_id if broken else None,
        "message": broken.message if broken else "",
    }


def _seen() -> ColumnElement[bool] | None:
    reach = current_app.extensions.get("choso_audit_reach")
    seen: ColumnElement[bool] | None = reach(current_actor()) if reach else None
    return seen


def _shown(row: AuditEvent) -> dict[str, Any]:
    same = ("id", "at", "via", "action", "subject_kind", "subject_id", "reason", "before", "after")
    shown = {name: getattr(row, name) for name in same}
    return shown | {"actor": row.actor_name, "action_name": act_words(row.action)}
