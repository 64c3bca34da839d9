"""Reading places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.models import Stall, Unit, UnitAlias, Zone
from app.vn.sorting import stall_sort_key


def unit(unit_id: int) -> Unit:
    """The unit with this id. Raises NotFoundError."""
    found = db.session.get(Unit, unit_id)
    if found is None:
        raise NotFoundError("Không có đơn vị này.", remedy="Hãy chọn lại từ danh sách địa bàn.")
    return found


def unit_by_code(level: str, code: str) -> Unit | None:
    """The unit of this level and code that exists today."""
    return db.session.scalar(select(Unit).where(Unit.level == level, Unit.code == code, Unit.valid_to.is_(None)))


def communes() -> Sequence[Unit]:
    """The communes that work with this instance, by name."""
    query = select(Unit).where(Unit.level == "commune", Unit.valid_to.is_(None))
    return db.session.scalars(query.order_by(Unit.name_fold, Unit.id)).all()


def communes_in_reach(actor: Actor, *roles: str) -> list[Unit]:
    """The communes of today that this person (with these of their roles) works with as a whole, by name."""
    scopes = actor.scopes_of(*roles)
    everyone = communes()
    if any(scope.kind == "all" for scope in scopes):
        return list(everyone)
    reached = units_below({scope.id for scope in scopes if scope.kind == "unit"})
    return [each for each in everyone if each.id in reached]


def own_commune_id(actor: Actor, *roles: str) -> int | None:
    """Whose a file from this person is: the one commune they reach, or None where that is not one."""
    reached = communes_in_reach(actor, *roles)
    return reached[0].id if len(reached) == 1 else None


def commune_seen(unit_id: InstrumentedAttribute[int | None], actor: Actor, *roles: str) -> ColumnElement[bool]:
    """Condition on what belongs to a commune, or (None) to the whole system: this person may see it."""
    scopes = actor.scopes_of(*roles)
    if any(scope.kind == "all" for scope in scopes):
        return true()
    if scopes and all(scope.kind == "provider" for scope in scopes):
        return false()  # who works for one provider alone belongs to no commune: what is everybody's may be another's
    reached = units_below({scope.id for scope in scopes if scope.kind == "unit"})
    return or_(unit_id.is_(None), unit_id.in_(reached))


def units_seen(unit_id: InstrumentedAttribute[int | None], actor: Actor, *roles: str) -> ColumnElement[bool]:
    """Condition on what belongs to a unit: it lies within what these of this person's roles reach."""
    scopes = actor.scopes_of(*roles)
    if any(scope.kind == "all" for scope in scopes):
        return true()
    return unit_id.in_(units_below({scope.id for scope in scopes if scope.kind == "unit"}))


def hamlets_of(commune_id: int, on: date | None = None) -> Sequence[Unit]:
    """The hamlets of a commune, in the order of their codes; those of that day, or today's."""
    query = select(Unit).where(Unit.parent_id == commune_id, Unit.level == "hamlet", _unit_exists(on))
    return db.session.scalars(query.order_by(Unit.code)).all()


def units_below(unit_ids: Iterable[int]) -> frozenset[int]:
    """These units and everything under them, over all time: what a scope on a unit reaches."""
    wanted = list(unit_ids)
    tree = select(Unit.id).where(Unit.id.in_(wanted)).cte("tree", recursive=True)
    child = aliased(Unit)
    tree = tree.union_all(select(child.id).where(child.parent_id == tree.c.id))
    return frozenset(db.session.scalars(select(tree.c.id)))


def units_around(actor: Actor) -> frozenset[int] | None:
    """The units this person works in, all below them, and those above: the commune of a volunteer's market too.

    None for who works everywhere.
    """
    if any(scope.kind == "all" for scope in actor.scopes):
        return None
    zones = {scope.id for scope in actor.scopes if scope.kind == "zone"}
    own = {scope.id for scope in actor.scopes if scope.kind == "unit"}
    own |= set(db.session.scalars(select(Zone.unit_id).where(Zone.id.in_(zones)))) if zones else set()
    above = db.session.scalars(select(Unit.parent_id).where(Unit.id.in_(own), Unit.level == "hamlet"))
    return units_below(own) | {found for found in above if found is not None}


def units_in_reach(actor: Actor) -> Sequence[Unit]:
    """Communes and hamlets of today that this person works with: communes by name, each before its hamlets."""
    query = select(Unit).where(Unit.level != "province", Unit.valid_to.is_(None))
    if not any(scope.kind == "all" for scope in actor.scopes):
        query = query.where(Unit.id.in_(units_below(scope.id for scope in actor.scopes if scope.kind == "unit")))
    found = db.session.scalars(query.order_by(Unit.code)).all()
    top = {unit.id: unit for unit in found if unit.level == "commune"}
    return sorted(found, key=lambda unit: _in_tree(unit, top.get(unit.parent_id or 0)))


def unit_in_reach(actor: Actor, unit_id: int) -> Unit:
    """The unit, or NotFoundError where there is none or it is not this person's."""
    found = next((unit for unit in units_in_reach(actor) if unit.id == unit_id), None)
    if found is None:
        raise NotFoundError("Không có địa bàn này.", remedy="Hãy chọn lại từ danh sách địa bàn.")
    return found


def _in_tree(unit: Unit, commune: Unit | None) -> tuple[str, int, bool, str]:
    above = unit if unit.level == "commune" or commune is None else commune
    return above.name_fold, above.id, unit.level == "hamlet", stall_sort_key(unit.name)


def aliases_of(unit_id: int) -> Sequence[UnitAlias]:
    """Former names of a unit, districts last."""
    query = select(UnitAlias).where(UnitAlias.unit_id == unit_id)
    return db.session.scalars(
        query.order_by(UnitAlias.kind.in_(("huyện", "quận", "thị xã")), UnitAlias.name_fold)
    ).all()


def commune_of(place: Unit) -> Unit:
    """The commune a hamlet lies in; a commune is its own, so is a province."""
    return place.parent if place.level == "hamlet" and place.parent is not None else place


def is_real(unit_id: int | None) -> bool:
    """Whether this unit is none of the sample's; of the whole system (None): whether there is a real commune."""
    if unit_id is None:
        return any(not each.is_sample for each in communes())
    place = db.session.get(Unit, unit_id)
    return place is None or not commune_of(place).is_sample


def province_name(place: Unit) -> str:
    """The name of the province around a unit, without its kind; "" where it is not known."""
    above: Unit | None = place
    while above is not None and above.level != "province":
        above = above.parent
    return above.name if above is not None else ""


def zone(zone_id: int) -> Zone:
    """The zone with this id. Raises NotFoundError."""
    found = db.session.get(Zone, zone_id)
    if found is None:
        raise NotFoundError("Không có khu vực này.", remedy="Hãy chọn lại từ danh sách khu vực.")
    return found


def zone_by_slug(slug: str) -> Zone:
    """The zone at this address. Raises NotFoundError."""
    found = db.session.scalar(select(Zone).where(Zone.slug == slug))
    if found is None:
        raise NotFoundError("Không có khu vực này.", remedy="Địa chỉ có thể đã gõ nhầm.")
    return found


def zone_in_reach(actor: Actor, slug: str) -> Zone:
    """The zone at this address, or NotFoundError where there is none or it is not this person's."""
    found = zone_by_slug(slug)
    own = {("all", 0), ("zone", found.id)} & {(scope.kind, scope.id) for scope in actor.scopes}
    if not own and found.unit_id not in units_below(scope.id for scope in actor.scopes if scope.kind == "unit"):
        raise NotFoundError("Không có khu vực này.", remedy="Địa chỉ có thể đã gõ nhầm.")
    return found


def zones(unit_ids: Iterable[int] | None = None, *, closed: bool = False) -> Sequence[Zone]:
    """Zones in these units (None: all), by phase and name; closed ones only when asked for."""
    query = select(Zone)
    if unit_ids is not None:
        query = query.where(Zone.unit_id.in_(list(unit_ids)))
    if not closed:
        query = query.where(Zone.closed_on.is_(None))
    return db.session.scalars(query.order_by(Zone.phase, Zone.name_fold, Zone.id)).all()


def zones_in_reach(actor: Actor) -> Sequence[Zone]:
    """Open zones of this person: in their units, in the commune around their hamlets, or theirs by themselves."""
    if any(scope.kind == "all" for scope in actor.scopes):
        return zones()
    units = units_below(scope.id for scope in actor.scopes if scope.kind == "unit")
    around = select(Unit.parent_id).where(Unit.id.in_(units), Unit.level == "hamlet")
    own = {scope.id for scope in actor.scopes if scope.kind == "zone"}
    mine = or_(Zone.unit_id.in_(units), Zone.unit_id.in_(around), Zone.id.in_(own))
    query = select(Zone).where(mine, Zone.closed_on.is_(None))
    return db.session.scalars(query.order_by(Zone.phase, Zone.name_fold, Zone.id)).all()


def zones_named(name: str, unit_ids: Iterable[int]) -> Sequence[Zone]:
    """Open zones in these units with exactly this name (NFC), whatever the capitals."""
    wanted = name.casefold()
    return [found for found in zones(unit_ids) if found.name.casefold() == wanted]


def stalls_of(zone_id: int, on: date | None = None) -> Sequence[Stall]:
    """The stalls of a zone in walking order; those of that day, or today's."""
    query = select(Stall).where(Stall.zone_id == zone_id, _stall_exists(on))
    return db.session.scalars(query.order_by(Stall.sort_key, Stall.id)).all()


def stall_by_code(zone_id: int, code: str) -> Stall | None:
    """The stall with this code, also one that was closed (a code is never given twice)."""
    return db.session.scalar(select(Stall).where(Stall.zone_id == zone_id, Stall.code == code))


@dataclass(frozen=True, slots=True)
class Relatives:
    """What a stall came from and became: all by its past, since no code is given twice."""

    split_from: Stall | None
    parts: Sequence[Stall]  #: split off it
    became: Stall | None
    was: Sequence[Stall]  #: merged into it, or its codes of before


def relatives_of(stall: Stall) -> Relatives:
    """The stalls before and after this one."""

    def one(stall_id: int | None) -> Stall | None:
        return db.session.get(Stall, stall_id) if stall_id is not None else None

    def many(condition: ColumnElement[bool]) -> Sequence[Stall]:
        return db.session.scalars(select(Stall).where(condition).order_by(Stall.sort_key)).all()

    return Relatives(
        one(stall.split_from_id), many(Stall.split_from_id == stall.id),
        one(stall.became_id), many(Stall.became_id == stall.id),
    )  # fmt: skip


def closed_stalls(zone_id: int) -> Sequence[Stall]:
    """The stalls of a zone that ended, the last first."""
    query = select(Stall).where(Stall.zone_id == zone_id, Stall.valid_to.is_not(None))
    return db.session.scalars(query.order_by(Stall.valid_to.desc(), Stall.sort_key)).all()


def stall_counts() -> dict[int, int]:
    """Open stalls of each zone that has any."""
    query = select(Stall.zone_id, func.count()).where(Stall.valid_to.is_(None)).group_by(Stall.zone_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _unit_exists(on: date | None) -> ColumnElement[bool]:
    if on is None:
        return Unit.valid_to.is_(None)
    return (Unit.valid_from <= on) & or_(Unit.valid_to.is_(None), Unit.valid_to >= on)


def _stall_exists(on: date | None) -> ColumnElement[bool]:
    if on is None:
        return Stall.valid_to.is_(None)
    return (Stall.valid_from <= on) & or_(Stall.valid_to.is_(None), Stall.valid_to >= on)
