"""One thing done to many merchants: each judged by itself, all of it written down so that it can be taken back."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.actors import Actor
from app.db import db
from app.errors import ConflictError, DomainError, RefusedError
from app.registry.actions.merchants import change_field
from app.registry.actions.milestones import record_milestone, revoke_milestone
from app.registry.actions.points import move_to_zone
from app.registry.models import BulkAct, BulkChange, Merchant, Milestone, Point, PointState
from app.registry.queries.reach import merchant_in_reach, require_unit, require_zone
from app.registry.rules.bulk import ACTS, MARKS, REFUSED_TOLD
from app.registry.rules.entries import clean
from app.registry.rules.merchants import LINE_MAX
from app.registry.rules.rights import EDITORS
from app.registry.rules.stages import STOPPED
from app.registry.rules.words import REFUSAL_REASONS
from app.web.row_ids import row_id

UNDO_REASON = "Hoàn tác việc làm cho nhiều hộ."
Before = dict[str, Any]


def begin_bulk(actor: Actor, now: datetime, kind: str, value: str, asked: int) -> BulkAct:
    """Writes down what is to be done, after looking whether it may be. Raises RefusedError, NotFoundError."""
    act = ACTS.get(kind)
    if act is None or not actor.has(*act.roles):
        raise RefusedError("Việc này không làm cho nhiều hộ được.", remedy="Hãy chọn việc trong danh sách.")
    if not asked:
        raise RefusedError("Chưa chọn hộ nào.", remedy="Hãy đánh dấu các hộ trong danh sách.")
    if kind == "line" and not 0 < len(clean(value)) <= LINE_MAX:
        raise RefusedError("Ngành hàng còn trống hoặc quá dài.", remedy="Hãy ghi vài chữ, ví dụ: Rau sạch.")
    if kind == "unit":
        require_unit(actor, row_id(value), *EDITORS)
    if kind == "zone":
        require_zone(actor, row_id(value), *EDITORS)
    if kind == STOPPED and value not in REFUSAL_REASONS:
        raise RefusedError("Chưa chọn lý do dừng.", remedy="Hãy chọn lý do; nó đi vào báo cáo.")
    bulk = BulkAct(kind=kind, value=clean(value), asked=asked)
    bulk.made_at, bulk.made_by_id, bulk.made_by = now, actor.id, actor.name
    db.session.add(bulk)
    db.session.flush()
    return bulk


def do_bulk(actor: Actor, now: datetime, bulk: BulkAct, merchant_ids: Sequence[int]) -> None:
    """Does it to these merchants; what may not be done to one leaves the others alone and is told."""
    roles, told = ACTS[bulk.kind].roles, list(bulk.refused)
    for merchant_id in merchant_ids:
        try:
            with db.session.begin_nested():
                merchant = merchant_in_reach(actor, merchant_id, *roles)
                before = _act_of(bulk.kind)(actor, now, merchant, bulk.value)
                db.session.add(BulkChange(bulk_id=bulk.id, merchant_id=merchant.id, before=before))
            bulk.done += 1
        except DomainError as wrong:
            told.append([_code(merchant_id), str(wrong)])
    bulk.refused = told[:REFUSED_TOLD]
    db.session.flush()


def changes_of(bulk: BulkAct) -> list[BulkChange]:
    """What this act did, newest first: the order of taking it back."""
    query = select(BulkChange).where(BulkChange.bulk_id == bulk.id).order_by(BulkChange.id.desc())
    return list(db.session.scalars(query))


def begin_undo(actor: Actor, now: datetime, bulk: BulkAct) -> None:
    """From here on it counts as taken back. Raises ConflictError where it already does, or changed nothing."""
    if bulk.undone_at is not None or ACTS[bulk.kind].leads_away:
        raise ConflictError("Việc này đã được hoàn tác.", remedy="Hãy tải lại trang.")
    bulk.undone_at, bulk.undone_by = now, actor.name
    db.session.flush()


def undo_changes(actor: Actor, now: datetime, bulk: BulkAct, changes: Sequence[BulkChange]) -> int:
    """Takes back what still stands as this act left it; for how many merchants that was so."""
    undone = 0
    for change in changes:
        with suppress(DomainError), db.session.begin_nested():
            merchant = merchant_in_reach(actor, change.merchant_id, *ACTS[bulk.kind].roles)
            undone += _undo_one(actor, now, bulk, merchant, change.before)
    return undone


def _act_of(kind: str) -> Callable[[Actor, datetime, Merchant, str], Before]:
    return {"line": _set_line, "unit": _set_unit, "zone": _set_zone, "print": _choose, "export": _choose}.get(
        kind, _mark(kind)
    )


def _mark(kind: str) -> Callable[[Actor, datetime, Merchant, str], Before]:
    def mark(actor: Actor, now: datetime, merchant: Merchant, value: str) -> Before:
        refusal = merchant.refusal
        reason = value if kind == STOPPED else ""
        milestone = record_milestone(actor, now, merchant, kind, now, reason=reason)
        return {"milestone": milestone.id, "refusal": refusal}

    return mark


def _set_line(actor: Actor, now: datetime, merchant: Merchant, value: str) -> Before:
    before = merchant.line_of_business
    change_field(actor, now, merchant, "line_of_business", value)
    return {"line_of_business": before}


def _set_unit(actor: Actor, now: datetime, merchant: Merchant, value: str) -> Before:
    before = merchant.unit_id
    change_field(actor, now, merchant, "unit_id", int(value))
    return {"unit_id": before}


def _set_zone(actor: Actor, now: datetime, merchant: Merchant, value: str) -> Before:
    zone_id, moved = int(value), {}
    for point in _points(merchant):
        if point.zone_id != zone_id and point.stall_id is None:
            moved[str(point.id)] = point.zone_id
            move_to_zone(actor, now, point, zone_id)
    if not moved:
        raise ConflictError("Không có điểm bán nào cần chuyển: đã ở khu vực ấy, hoặc là quầy trên sơ đồ.")
    return {"points": moved}


def _choose(actor: Actor, now: datetime, merchant: Merchant, value: str) -> Before:
    """Only remembers who was chosen: the file or the print order reads it."""
    del actor, now, merchant, value
    return {}


def _undo_one(actor: Actor, now: datetime, bulk: BulkAct, merchant: Merchant, before: Before) -> bool:
    if bulk.kind in MARKS:
        milestone = db.session.get(Milestone, before["milestone"])
        if milestone is None or milestone.revoked_at is not None:
            return False
        revoke_milestone(actor, now, milestone.id, UNDO_REASON)
        merchant.refusal = before["refusal"]
        return True
    if bulk.kind == "line" and merchant.line_of_business == bulk.value:
        change_field(actor, now, merchant, "line_of_business", before["line_of_business"])
        return True
    if bulk.kind == "unit" and str(merchant.unit_id) == bulk.value:
        change_field(actor, now, merchant, "unit_id", before["unit_id"])
        return True
    if bulk.kind == "zone":
        there = [point for point in _points(merchant) if str(point.zone_id) == bulk.value]
        back = [point for point in there if str(point.id) in before["points"]]
        for point in back:
            move_to_zone(actor, now, point, before["points"][str(point.id)])
        return bool(back)
    return False


def _points(merchant: Merchant) -> list[Point]:
    held = select(Point).join(PointState, PointState.point_id == Point.id).where(PointState.merchant_id == merchant.id)
    return list(db.session.scalars(held.order_by(Point.id)))


def _code(merchant_id: int) -> str:
    return db.session.scalar(select(Merchant.code).where(Merchant.id == merchant_id)) or str(merchant_id)
