"""A floor plan made of what the lists say: the rows and stalls of a market's traders, drawn, linked, taken back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.actors import Actor
from app.db import db
from app.errors import ConflictError
from app.places.actions import draw_rows
from app.places.models import Stall, Zone
from app.places.rules import FloorPlan, Layout, rows_plan
from app.registry.actions.points import put_on_stall
from app.registry.actions.states import refresh_states
from app.registry.models import Point, Tenancy
from app.vn.sorting import stall_sort_key
from app.vn.stalls import own_code, stall_key

ROW_MAX = 12


@dataclass(frozen=True, slots=True)
class ListedRows:
    """The stalls that a market's traders name and its plan has not: by row, in walking order; and how many points."""

    rows: tuple[tuple[str, tuple[str, ...]], ...]
    points: int

    @property
    def stalls(self) -> int:
        """How many would be drawn."""
        return sum(len(codes) for _, codes in self.rows)

    def plan(self, below_m: float = 0.0) -> FloorPlan | None:
        """As it would be drawn; None where there is nothing to draw."""
        return rows_plan(self.rows, Layout(len(self.rows), 1), below_m) if self.rows else None


def listed_rows(zone: Zone) -> ListedRows:
    """What the traders of a market say of its stalls, without those that the plan has."""
    given = {stall_key(code) for code in db.session.scalars(select(Stall.code).where(Stall.zone_id == zone.id))}
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    points = _unplanned(zone)
    for point in points:
        code = own_code(point.code)
        if stall_key(code) not in given:
            rows[(point.row or code.rpartition("-")[0])[:ROW_MAX]].setdefault(stall_key(code), code)
    ordered = sorted(rows, key=stall_sort_key)
    return ListedRows(
        tuple((row, tuple(sorted(rows[row].values(), key=stall_sort_key))) for row in ordered), len(points)
    )


def draw_listed(actor: Actor, now: datetime, zone: Zone) -> tuple[int, int]:
    """Draws those stalls and puts the traders on them; how many stalls were drawn, how many points found theirs."""
    found = listed_rows(zone)
    points = _unplanned(zone)
    if not points:
        raise ConflictError("Mọi quầy trong danh sách đã có trên sơ đồ.", remedy="Hãy xem sơ đồ của chợ.")
    if found.rows:
        draw_rows(zone, found.rows, Layout(len(found.rows), 1), actor, now)
    stalls = {
        stall_key(stall.code): stall
        for stall in db.session.scalars(select(Stall).where(Stall.zone_id == zone.id, Stall.valid_to.is_(None)))
    }
    linked = [point for point in points if stall_key(point.code) in stalls]
    for point in linked:
        put_on_stall(actor, now, point, stalls[stall_key(point.code)])
    _refresh(linked)
    return found.stalls, len(linked)


def release_stalls(actor: Actor, now: datetime, stalls: Sequence[Stall]) -> None:
    """Points on stalls whose drawing is taken back stay what they are, off the plan."""
    points = db.session.scalars(select(Point).where(Point.stall_id.in_([stall.id for stall in stalls]))).all()
    for point in points:
        put_on_stall(actor, now, point, None)
    _refresh(points)


def _unplanned(zone: Zone) -> Sequence[Point]:
    query = select(Point).where(Point.zone_id == zone.id, Point.stall_id.is_(None), Point.kind == "stall")
    return db.session.scalars(query.order_by(Point.id)).all()


def _refresh(points: Sequence[Point]) -> None:
    held = select(Tenancy.merchant_id).where(Tenancy.point_id.in_([point.id for point in points]))
    refresh_states(db.session.scalars(held).all())
