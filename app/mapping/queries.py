"""Reading the map: points or clusters of a part of the world, and how far each place is."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, Select, func, literal_column, select

from app.db import db
from app.mapping.rules import SINGLE_MAX, TAKES_QR, TRADERS, WORLD, Box, Coverage, cluster_shift, coverage
from app.places.models import Unit, Zone
from app.registry.models import Merchant, MerchantState, Point, PointState
from app.registry.rules.search import search_words

#: Points that residents look for although they are no trader: they stand on the public map at any stage.
PUBLIC_SERVICES = ("one_stop", "school", "health_station", "electricity", "service_point", "amenity")

_Group = tuple[int, str, int, int, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which points: each given condition narrows. `public_on` keeps what residents may see on that day.

    `stale_points` are those where a printed piece no longer pays who it should: they are marked, or shown alone.
    """

    box: Box = WORLD
    zone_ids: Collection[int] | None = None
    unit_ids: Collection[int] | None = None
    stages: Collection[str] | None = None
    kinds: Collection[str] | None = None
    words: str = ""
    public_on: date | None = None
    reach: ColumnElement[bool] | None = field(default=None, compare=False)
    stale_points: Select[int] | None = field(default=None, compare=False)
    only_stale: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """Points near each other: how many, their middle and extent, how many of each stage or kind, and one of them.

    `stale` of them have a printed piece that must be replaced.
    """

    n: int
    lat: float
    lng: float
    extent: Box
    counts: Mapping[str, int]
    point_id: int
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Spot:
    """One point on the map, with who holds it today."""

    point_id: int
    code: str
    kind: str
    stage: str
    name: str
    holder: str
    zone: str
    place: str
    merchant: str
    lat: float
    lng: float
    stale: bool = False


def extent(found: Sequence[Cluster]) -> tuple[int, Box | None]:
    """How many points these clusters hold, and the box around them; None without any."""
    if not found:
        return 0, None
    boxes = [cluster.extent for cluster in found]
    west, south = min(box.west for box in boxes), min(box.south for box in boxes)
    east, north = max(box.east for box in boxes), max(box.north for box in boxes)
    return sum(cluster.n for cluster in found), Box(west, south, east, north)


def clusters(wish: Wish, zoom: int, by: str = "stage") -> list[Cluster]:
    """The points of a box as clusters of about 64 screen pixels, counted by stage or kind."""
    # Written into the text, not bound: PostgreSQL must see that selected and grouped are the same.
    cell = PointState.cell.op(">>")(literal_column(str(cluster_shift(zoom))))
    key = PointState.kind if by == "kind" else PointState.stage
    lat, lng = PointState.lat, PointState.lng
    columns = (func.sum(lat), func.sum(lng), func.min(lat), func.min(lng), func.max(lat), func.max(lng))
    query = (
        select(cell, key, func.count(), func.min(PointState.point_id), *columns)
        .where(*_located(wish))
        .group_by(cell, key)
    )
    groups: dict[int, list[_Group]] = defaultdict(list)
    for row in db.session.execute(query):
        groups[row[0]].append(cast("_Group", tuple(row)))
    stale = _stale_cells(wish, cell)
    return [_cluster(rows, stale.get(key, 0)) for key, rows in groups.items()]


def _stale_cells(wish: Wish, cell: ColumnElement[int]) -> dict[int, int]:
    """How many points of each cluster have a piece to be replaced."""
    if wish.stale_points is None:
        return {}
    marked = PointState.point_id.in_(wish.stale_points)
    query = select(cell, func.count()).where(*_located(wish), marked).group_by(cell)
    return {row[0]: row[1] for row in db.session.execute(query)}


def stale_ids(wish: Wish) -> set[int]:
    """The points of this wish that have a piece to be replaced, on the map or not."""
    if wish.stale_points is None:
        return set()
    query = select(PointState.point_id).where(*_narrowed(wish), PointState.point_id.in_(wish.stale_points))
    return set(db.session.scalars(query))


def spots(wish: Wish, point_ids: Collection[int] | None = None) -> list[Spot]:
    """The points of a box one by one, at most SINGLE_MAX; only these, and all of them, where ids are given."""
    if point_ids is not None and not point_ids:
        return []
    chosen = [] if point_ids is None else [Point.id.in_(list(point_ids))]
    query = (
        select(Point, PointState, Merchant.code, Merchant.shop_name, Merchant.holder_name, Zone.name)
        .join(PointState, PointState.point_id == Point.id)
        .outerjoin(Merchant, Merchant.id == PointState.merchant_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(*_located(wish), *chosen)
        .order_by(Point.id)
        .limit(SINGLE_MAX if point_ids is None else len(point_ids))
    )
    stale = stale_ids(wish)
    return [
        Spot(
            point_id=point.id,
            code=point.code,
            kind=state.kind,
            stage=state.stage,
            name=shop or holder or point.place or point.code,
            holder=holder or "",
            zone=zone or "",
            place=point.place,
            merchant=merchant or "",
            lat=state.lat or 0.0,
            lng=state.lng or 0.0,
            stale=point.id in stale,
        )
        for point, state, merchant, shop, holder, zone in db.session.execute(query)
    ]


def coverage_of(wish: Wish) -> Coverage:
    """Coverage of all traders wished for, placed on the map or not."""
    query = select(PointState.stage, func.count()).where(*_traders(wish)).group_by(PointState.stage)
    return coverage({row[0]: row[1] for row in db.session.execute(query)})


def stage_counts(wish: Wish) -> dict[str, int]:
    """How many points stand at each stage, public services too."""
    query = select(PointState.stage, func.count()).where(*_narrowed(wish)).group_by(PointState.stage)
    return {row[0]: row[1] for row in db.session.execute(query)}


def kind_counts(wish: Wish) -> dict[str, int]:
    """How many points there are of each kind."""
    query = select(PointState.kind, func.count()).where(*_narrowed(wish)).group_by(PointState.kind)
    return {row[0]: row[1] for row in db.session.execute(query)}


def coverage_by_zone(wish: Wish) -> dict[int, Coverage]:
    """Coverage of each zone that has traders."""
    query = select(PointState.zone_id, PointState.stage, func.count()).where(*_traders(wish))
    rows = db.session.execute(query.group_by(PointState.zone_id, PointState.stage))
    return _by_place([(row[0], row[1], row[2]) for row in rows])


def coverage_by_unit(wish: Wish) -> dict[int, Coverage]:
    """Coverage of each hamlet (of the commune, where the hamlet is not known) that has traders."""
    query = select(PointState.unit_id, PointState.stage, func.count()).where(*_traders(wish))
    rows = db.session.execute(query.group_by(PointState.unit_id, PointState.stage))
    return _by_place([(row[0], row[1], row[2]) for row in rows])


def hamlets_with_boundary() -> Sequence[Unit]:
    """Hamlets of today whose outline was drawn or uploaded."""
    query = select(Unit).where(Unit.level == "hamlet", Unit.valid_to.is_(None), Unit.boundary.is_not(None))
    return [unit for unit in db.session.scalars(query.order_by(Unit.id)) if unit.boundary]


def zones_on_map(wish: Wish) -> list[tuple[Zone, Box]]:
    """Open zones that have points on the map, each with the box around them."""
    lat, lng = PointState.lat, PointState.lng
    query = select(PointState.zone_id, func.min(lng), func.min(lat), func.max(lng), func.max(lat))
    rows = db.session.execute(query.where(*_located(wish)).group_by(PointState.zone_id)).all()
    boxes = {row[0]: Box(*(edge or 0.0 for edge in row[1:])) for row in rows}
    zones = db.session.scalars(select(Zone).where(Zone.closed_on.is_(None), Zone.id.in_(boxes)).order_by(Zone.id))
    return [(zone, boxes[zone.id]) for zone in zones]


def _located(wish: Wish) -> list[ColumnElement[bool]]:
    """Only points with coordinates inside the box; the range of cells is what the index serves."""
    box = wish.box
    return [
        PointState.cell.between(*box.cells),
        PointState.lat.between(box.south, box.north),
        PointState.lng.between(box.west, box.east),
        *_narrowed(wish),
    ]


def _traders(wish: Wish) -> list[ColumnElement[bool]]:
    kinds = TRADERS if wish.kinds is None else [kind for kind in wish.kinds if kind in TRADERS]
    return [PointState.merchant_id.is_not(None), *_narrowed(replace(wish, kinds=kinds))]


def _narrowed(wish: Wish) -> list[ColumnElement[bool]]:
    wanted = (
        (PointState.zone_id, wish.zone_ids),
        (PointState.unit_id, wish.unit_ids),
        (PointState.stage, wish.stages),
        (PointState.kind, wish.kinds),
    )
    conditions: list[ColumnElement[bool]] = [
        column.in_(list(values)) for column, values in wanted if values is not None
    ]
    for word in search_words(wish.words):
        found = select(MerchantState.merchant_id).where(MerchantState.search.contains(word, autoescape=True))
        conditions.append(PointState.merchant_id.in_(found))
    if wish.public_on is not None:
        takes = PointState.stage.in_(TAKES_QR) | PointState.kind.in_(PUBLIC_SERVICES)
        conditions += [PointState.public_until >= wish.public_on, takes]
    if wish.reach is not None:
        conditions.append(wish.reach)
    if wish.only_stale and wish.stale_points is not None:
        conditions.append(PointState.point_id.in_(wish.stale_points))
    return conditions


def _by_place(rows: Sequence[tuple[int | None, str, int]]) -> dict[int, Coverage]:
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for place, stage, number in rows:
        if place is not None:
            counts[place][stage] = number
    return {place: coverage(found) for place, found in counts.items()}


def _cluster(rows: Sequence[_Group], stale: int) -> Cluster:
    number = sum(row[2] for row in rows)
    west, south = min(row[7] for row in rows), min(row[6] for row in rows)
    east, north = max(row[9] for row in rows), max(row[8] for row in rows)
    lat, lng = sum(row[4] for row in rows) / number, sum(row[5] for row in rows) / number
    counts = {row[1]: row[2] for row in rows}
    return Cluster(number, lat, lng, Box(west, south, east, north), counts, min(row[3] for row in rows), stale)
