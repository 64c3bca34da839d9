"""Requests of people about their own data: written down, prolonged once, closed."""

from datetime import date, datetime

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError
from app.registry.models import Merchant, PersonRequest
from app.registry.rules.requests import KINDS, STATES, clocks, prolonged
from app.vn.dates import local_date

NOTE_MAX = 500


def log_request(
    actor: Actor, now: datetime, merchant: Merchant, kind: str, received: date, *, third_party: bool = False
) -> PersonRequest:
    """A request that came in on this day, with its clocks running. Raises RefusedError."""
    if kind not in KINDS:
        raise RefusedError("Chưa chọn loại yêu cầu.")
    if received > local_date(now):
        raise RefusedError("Ngày nhận ở tương lai.", remedy="Hãy ghi ngày nhận yêu cầu.")
    running = clocks(kind, received, third_party=third_party)
    request = PersonRequest(
        merchant_id=merchant.id,
        kind=kind,
        received_on=received,
        answer_by=running.answer_by,
        due_on=running.due_on,
        recorded_at=now,
        recorded_by_id=actor.id,
        recorded_by=actor.name,
    )
    db.session.add(request)
    db.session.flush()
    after = {"kind": kind, "received_on": received.isoformat(), "due_on": running.due_on.isoformat()}
    record(actor, now, "person.request", ("merchant", merchant.id), after=after)
    return request


def prolong_request(actor: Actor, now: datetime, request: PersonRequest, reason: str) -> None:
    """More time, once, with the reason that the person is told."""
    _refuse_closed(request)
    if request.prolonged_on is not None:
        raise ConflictError("Yêu cầu này đã gia hạn một lần.", remedy="Luật không cho gia hạn lần nữa.")
    if not reason.strip():
        raise RefusedError("Thiếu lý do gia hạn.", remedy="Hãy ghi một câu để báo cho người bán.")
    before = request.due_on
    request.due_on, request.prolonged_on = prolonged(request.kind, request.due_on), local_date(now)
    record(
        actor,
        now,
        "person.prolong",
        ("merchant", request.merchant_id),
        before={"due_on": before.isoformat()},
        after={"due_on": request.due_on.isoformat()},
        reason=reason.strip()[:NOTE_MAX],
    )


def close_request(actor: Actor, now: datetime, request: PersonRequest, state: str, note: str = "") -> None:
    """Done, or declined with the reason that the person is told."""
    _refuse_closed(request)
    if state not in {"done", "declined"}:
        raise RefusedError("Chưa chọn kết quả.")
    if state == "declined" and not note.strip():
        raise RefusedError("Thiếu lý do không làm được.", remedy="Hãy ghi một câu để báo cho người bán.")
    request.state, request.closed_at, request.note = state, now, note.strip()[:NOTE_MAX]
    record(
        actor,
        now,
        "person.close",
        ("merchant", request.merchant_id),
        after={"kind": request.kind, "state": STATES[state]},
        reason=request.note,
    )


def _refuse_closed(request: PersonRequest) -> None:
    if request.state != "open":
        raise ConflictError("Yêu cầu này đã đóng.", remedy="Hãy tải lại trang.")
