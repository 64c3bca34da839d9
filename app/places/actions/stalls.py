"""Stalls of a floor plan: laying out, adding from a list, splitting, ending."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime

from flask import Flask, current_app
from sqlalchemy import or_, select

from app.actors import Actor
from app.audit.actions import record
from app.audit.models import AuditEvent
from app.audit.queries import history_of
from app.db import db
from app.errors import ConflictError
from app.places.models import Stall, Zone
from app.places.queries import stalls_of
from app.places.rules import (
    Anchor,
    Layout,
    PlaceError,
    PlannedStall,
    box_of,
    code_sort_key,
    layout_faults,
    middle,
    rows_plan,
    split_code,
    split_polygon,
    stall_code,
)
from app.vn.dates import local_date
from app.vn.stalls import stall_key

Follower = Callable[[Actor, datetime, Stall, Stall], None]
Objector = Callable[[Stall], None]
Releaser = Callable[[Actor, datetime, Sequence[Stall]], None]
DRAWING, UNDONE = "zone.lay_out", "zone.undo_lay_out"
_RELEASERS = "choso_stall_releasers"
_FOLLOWERS = "choso_stall_followers"
_OBJECTORS = "choso_stall_objectors"


def lay_out_market(zone: Zone, layout: Layout, actor: Actor, now: datetime) -> list[Stall]:
    """Draws a hall of stalls under what the plan holds already and gives each its code.

    Raises PlaceError for an impossible layout, ConflictError when a code was ever given in this zone.
    """
    faults = layout_faults(layout)
    if faults:
        raise PlaceError(" ".join(faults.values()))
    return draw_rows(zone, layout.named_rows, layout, actor, now)


def draw_rows(
    zone: Zone, rows: Sequence[tuple[str, Sequence[str]]], layout: Layout, actor: Actor, now: datetime
) -> list[Stall]:
    """Draws rows of stalls (name, codes) under what the plan holds. Raises ConflictError on a code ever given."""
    plan = rows_plan(rows, layout, below_m=zone.depth_m or 0.0)
    given = {stall_key(code) for code in _codes_of(zone)}
    taken = {planned.code for planned in plan.stalls if stall_key(planned.code) in given}
    if taken:
        few = ", ".join(sorted(taken, key=code_sort_key)[:3])
        raise ConflictError(
            f"Sơ đồ đã có quầy {few}{' …' if len(taken) > 3 else ''}.",  # noqa: PLR2004 - three examples
            remedy="Hãy đổi tên dãy, chữ đầu hoặc số dãy bắt đầu.",
        )
    before = {"width_m": zone.width_m, "depth_m": zone.depth_m}
    zone.width_m, zone.depth_m = max(zone.width_m or 0.0, plan.width_m), plan.depth_m
    stalls = [_planned_stall(zone, planned, local_date(now)) for planned in plan.stalls]
    put_on_earth(zone, [*stalls_of(zone.id), *stalls])
    db.session.add_all(stalls)
    db.session.flush()
    ids = [stall.id for stall in stalls]
    after = {**asdict(layout), "stalls": len(stalls), "stall_ids": ids}
    record(actor, now, DRAWING, ("zone", zone.id), before=before, after=after)
    return stalls


def last_drawing(zone: Zone) -> AuditEvent | None:
    """The last hall drawn into this plan that is still there; None where none can be taken back."""
    events = history_of("zone", zone.id)
    undone = {(event.after or {}).get("event") for event in events if event.action == UNDONE}
    left = [event for event in events if event.action == DRAWING and event.id not in undone]
    return left[-1] if left and (left[-1].after or {}).get("stall_ids") else None


def undo_drawing(zone: Zone, actor: Actor, now: datetime) -> int:
    """Takes the last hall drawn out of the plan again; how many stalls. Their codes were never on a wall.

    Raises ConflictError where its stalls were split, merged, renamed or closed since.
    """
    event = last_drawing(zone)
    if event is None:
        raise ConflictError("Không có lần vẽ nào để hoàn tác.", remedy="Hãy đóng từng quầy không còn dùng.")
    ids = list((event.after or {})["stall_ids"])
    stalls = db.session.scalars(select(Stall).where(Stall.id.in_(ids))).all()
    touching = or_(Stall.split_from_id.in_(ids), Stall.became_id.in_(ids))
    changed = db.session.scalars(
        select(Stall.code).where(or_(touching, Stall.id.in_(ids) & Stall.valid_to.is_not(None)))
    )
    if codes := sorted(changed, key=code_sort_key):
        raise ConflictError(
            f"Sơ đồ đã được sửa sau khi vẽ (quầy {codes[0]}).", remedy="Hãy đóng từng quầy không còn dùng."
        )
    releasers: Sequence[Releaser] = current_app.extensions.get(_RELEASERS, ())
    for release in releasers:
        release(actor, now, stalls)
    for stall in stalls:
        db.session.delete(stall)
    before = event.before or {}
    zone.width_m, zone.depth_m = before.get("width_m"), before.get("depth_m")
    db.session.flush()
    put_on_earth(zone, stalls_of(zone.id))
    record(actor, now, UNDONE, ("zone", zone.id), after={"event": event.id, "stalls": len(stalls)})
    return len(stalls)


def init_stall_releasers(app: Flask, *releasers: Releaser) -> None:
    """Who lets go of stalls before a drawing is taken back: the rooms above, which put points on them."""
    app.extensions[_RELEASERS] = releasers


def add_stalls(zone: Zone, codes: Iterable[tuple[str, str]], actor: Actor, now: datetime) -> dict[str, Stall]:
    """Stalls by code for these (row, code) pairs, without a place on the plan; those that exist are returned as is."""
    existing = {stall.code: stall for stall in db.session.scalars(select(Stall).where(Stall.zone_id == zone.id))}
    wanted = {code: row for row, code in codes}
    new = [
        Stall(zone_id=zone.id, row=row, code=code, sort_key=code_sort_key(code), valid_from=local_date(now))
        for code, row in wanted.items()
        if code not in existing
    ]
    if new:
        db.session.add_all(new)
        db.session.flush()
        record(actor, now, "zone.add_stalls", ("zone", zone.id), after={"codes": [stall.code for stall in new]})
    return {code: stall for code, stall in {**existing, **{s.code: s for s in new}}.items() if code in wanted}


def split_stall(stall: Stall, actor: Actor, now: datetime, reason: str = "") -> Stall:
    """Cuts a stall in two: the old code stays with the part that keeps its standee, the new part gets a letter."""
    _refuse_closed(stall)
    codes = _codes_of(db.session.get_one(Zone, stall.zone_id))
    code = split_code(stall.code, codes)
    part = Stall(zone_id=stall.zone_id, row=stall.row, code=code, sort_key=code_sort_key(code))
    part.valid_from, part.split_from_id = local_date(now), stall.id
    before = {"polygon": stall.polygon}
    if stall.polygon is not None and len(stall.polygon) == 4:  # noqa: PLR2004 - a rectangle's corners
        kept, given = split_polygon([(x, y) for x, y in stall.polygon])
        for each, corners in ((stall, kept), (part, given)):
            each.polygon = [list(corner) for corner in corners]
            each.x_m, each.y_m = middle(corners)
        put_on_earth(db.session.get_one(Zone, stall.zone_id), [stall, part])
    db.session.add(part)
    db.session.flush()
    after = {"polygon": stall.polygon, "part": part.code}
    record(actor, now, "stall.split", ("stall", stall.id), before=before, after=after, reason=reason)
    return part


def merge_stalls(kept: Stall, gone: Stall, actor: Actor, now: datetime, reason: str = "") -> None:
    """Two stalls become one: the kept code stays on the wall, the other ends today and says what it became."""
    if kept.id == gone.id or kept.zone_id != gone.zone_id:
        raise PlaceError("Hai quầy phải khác nhau và cùng một khu vực.", remedy="Hãy chọn lại quầy gộp vào.")
    for stall in (kept, gone):
        _refuse_closed(stall)
    before = {"polygon": kept.polygon, "gone": gone.code}
    if kept.polygon is not None and gone.polygon is not None:
        corners = box_of([*kept.polygon, *gone.polygon])
        kept.polygon = [list(corner) for corner in corners]
        kept.x_m, kept.y_m = middle(corners)
        put_on_earth(db.session.get_one(Zone, kept.zone_id), [kept])
    _succeed(gone, kept, now)
    record(
        actor, now, "stall.merge", ("stall", kept.id), before=before,
        after={"polygon": kept.polygon, "gone_id": gone.id}, reason=reason,
    )  # fmt: skip
    _tell_followers(actor, now, gone, kept)


def rename_stall(stall: Stall, code: str, actor: Actor, now: datetime, reason: str = "") -> Stall:
    """The stall under its new code from today on; the old code ends, leads there, and is never given again."""
    _refuse_closed(stall)
    wanted = code.strip()
    row, code = stall_code(*(("", wanted) if "-" in wanted else (stall.row, wanted)))
    if not wanted or code == stall.code:
        raise PlaceError("Mã mới còn trống hoặc giống mã cũ.", remedy="Hãy ghi mã mới, ví dụ A01-07.")
    if code in _codes_of(db.session.get_one(Zone, stall.zone_id)):
        raise ConflictError(f"Mã {code} đã từng dùng trong khu vực này.", remedy="Mỗi mã chỉ dùng cho một quầy.")
    new = Stall(zone_id=stall.zone_id, row=row or stall.row, code=code, sort_key=code_sort_key(code))
    for name in ("polygon", "x_m", "y_m", "lat", "lng"):
        setattr(new, name, getattr(stall, name))
    new.valid_from = local_date(now)
    db.session.add(new)
    db.session.flush()
    _succeed(stall, new, now)
    record(
        actor, now, "stall.rename", ("stall", stall.id), before={"code": stall.code},
        after={"code": code, "new_id": new.id}, reason=reason,
    )  # fmt: skip
    _tell_followers(actor, now, stall, new)
    return new


def init_stall_followers(app: Flask, *followers: Follower) -> None:
    """Who else must know that a stall became another: the rooms above, which put points on stalls."""
    app.extensions[_FOLLOWERS] = followers


def init_stall_objectors(app: Flask, *objectors: Objector) -> None:
    """Who is asked before a stall ends with nothing in its place: the rooms above, which know who sells there."""
    app.extensions[_OBJECTORS] = objectors


def _tell_followers(actor: Actor, now: datetime, gone: Stall, kept: Stall) -> None:
    followers: Sequence[Follower] = current_app.extensions.get(_FOLLOWERS, ())
    for follow in followers:
        follow(actor, now, gone, kept)


def _succeed(gone: Stall, kept: Stall, now: datetime) -> None:
    gone.valid_to, gone.became_id = max(gone.valid_from, local_date(now)), kept.id
    db.session.flush()


def _refuse_closed(stall: Stall) -> None:
    if stall.valid_to is not None:
        raise ConflictError(f"Quầy {stall.code} đã đóng.", remedy="Hãy chọn quầy đang dùng.")


def close_stall(stall: Stall, actor: Actor, now: datetime, reason: str) -> None:
    """Ends a stall today; its code is never given again. Raises ConflictError while somebody sells there."""
    objectors: Sequence[Objector] = current_app.extensions.get(_OBJECTORS, ())
    for object_to in objectors:
        object_to(stall)
    stall.valid_to = max(stall.valid_from, local_date(now))
    record(
        actor, now, "stall.close", ("stall", stall.id), after={"valid_to": stall.valid_to.isoformat()}, reason=reason
    )


def _codes_of(zone: Zone) -> set[str]:
    return set(db.session.scalars(select(Stall.code).where(Stall.zone_id == zone.id)))


def _planned_stall(zone: Zone, planned: PlannedStall, today: date) -> Stall:
    stall = Stall(zone_id=zone.id, row=planned.row, code=planned.code, sort_key=code_sort_key(planned.code))
    stall.polygon = [list(corner) for corner in planned.polygon]
    stall.x_m, stall.y_m = middle(planned.polygon)
    stall.valid_from = today
    return stall


def put_on_earth(zone: Zone, stalls: Iterable[Stall]) -> None:
    """Coordinates of each planned stall from the plan's place on earth; none without it."""
    anchor = _anchor(zone)
    for stall in stalls:
        if stall.x_m is None or stall.y_m is None:
            continue
        stall.lat, stall.lng = anchor.on_earth(stall.x_m, stall.y_m) if anchor else (None, None)


def _anchor(zone: Zone) -> Anchor | None:
    if zone.lat is None or zone.lng is None or zone.width_m is None or zone.depth_m is None:
        return None
    return Anchor(zone.lat, zone.lng, zone.bearing_deg, zone.width_m, zone.depth_m)
