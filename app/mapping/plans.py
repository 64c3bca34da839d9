"""The floor plan of a market as it stands today: every stall, who trades there, and how far each row is."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from app.db import db
from app.mapping.flags import stale_points
from app.mapping.queries import Wish, stale_ids
from app.mapping.rules import Coverage, coverage
from app.places.models import Stall, Zone
from app.registry.models import Merchant, Point, PointState

#: Under this width a stall's code would not be readable on a plan.
STALL_PIXELS = 50


@dataclass(frozen=True, slots=True)
class PlanStall:
    """A stall and who trades there: stage "" where nobody does; corners in metres, none where it is not drawn."""

    code: str
    row: str
    corners: tuple[tuple[float, float], ...]
    stage: str
    name: str
    merchant: str
    stale: bool = False
    """Whether a printed piece there must be replaced."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width, depth in metres of a drawn stall."""
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


@dataclass(frozen=True, slots=True)
class Plan:
    """A zone's plan: stalls in walking order, its size in metres (0 without a drawing), coverage by row and in all."""

    stalls: tuple[PlanStall, ...]
    width_m: float
    depth_m: float
    rows: dict[str, Coverage]
    whole: Coverage

    @property
    def drawn(self) -> list[PlanStall]:
        """Stalls with a place on the drawing."""
        return [stall for stall in self.stalls if stall.corners]

    @property
    def vacant(self) -> int:
        """Stalls where nobody trades; they count in no coverage."""
        return sum(not stall.stage for stall in self.stalls)

    @property
    def stale(self) -> int:
        """Stalls with a printed piece that must be replaced."""
        return sum(stall.stale for stall in self.stalls)

    @property
    def pixels_per_metre(self) -> float:
        """The scale at which the narrowest stall still shows its code."""
        narrowest = min((stall.box[2] for stall in self.drawn), default=1.0)
        return round(STALL_PIXELS / max(narrowest, 0.1), 1)


def plan_of(zone: Zone) -> Plan:
    """The plan of a zone today: its stalls, then points of the zone that stand on no stall."""
    holders = _holders(zone.id)
    query = select(Stall).where(Stall.zone_id == zone.id, Stall.valid_to.is_(None)).order_by(Stall.sort_key, Stall.id)
    stalls = [_stall(stall, holders.pop(stall.code, None)) for stall in db.session.scalars(query)]
    stalls += holders.values()
    rows = _by_row(stalls)
    return Plan(tuple(stalls), zone.width_m or 0.0, zone.depth_m or 0.0, rows, _together(rows.values()))


def _holders(zone_id: int) -> dict[str, PlanStall]:
    title = func.coalesce(func.nullif(Merchant.shop_name, ""), Merchant.holder_name)
    old = stale_ids(Wish(zone_ids=[zone_id], stale_points=stale_points()))
    query = (
        select(Point.code, Point.row, PointState.stage, title, Merchant.code, Point.id)
        .join(PointState, PointState.point_id == Point.id)
        .join(Merchant, Merchant.id == PointState.merchant_id)
        .where(Point.zone_id == zone_id)
        .order_by(Point.code)
    )
    return {
        code: PlanStall(code, row, (), stage, name, merchant, stale=point_id in old)
        for code, row, stage, name, merchant, point_id in db.session.execute(query)
    }


def _stall(stall: Stall, held: PlanStall | None) -> PlanStall:
    corners = tuple((corner[0], corner[1]) for corner in stall.polygon or ())
    if held is None:
        return PlanStall(stall.code, stall.row, corners, "", "", "")
    return PlanStall(stall.code, stall.row, corners, held.stage, held.name, held.merchant, held.stale)


def _by_row(stalls: Iterable[PlanStall]) -> dict[str, Coverage]:
    rows: dict[str, dict[str, int]] = {}
    for stall in stalls:
        if stall.stage:
            counts = rows.setdefault(stall.row, {})
            counts[stall.stage] = counts.get(stall.stage, 0) + 1
    return {row: coverage(counts) for row, counts in rows.items()}


def _together(parts: Iterable[Coverage]) -> Coverage:
    counts: dict[str, int] = {}
    for part in parts:
        for stage, number in part.counts.items():
            counts[stage] = counts.get(stage, 0) + number
    return coverage(counts)
