"""Which parts of the world a role may be given for: the units, zones and providers of the rooms beside accounts."""

from flask import Flask
from sqlalchemy import select

from app.accounts.scopes import ScopeChoice, World, init_scopes
from app.actors import Scope
from app.db import db
from app.places.models import Unit, Zone
from app.qr import banks


def init_scope_names(app: Flask) -> None:
    """Gives accounts the names of units and zones."""
    init_scopes(app, known_world)


def known_world() -> World:
    """Units that exist today with all above them, open zones, and banks and wallets under their BIN as a number."""
    units = db.session.scalars(
        select(Unit).where(Unit.valid_to.is_(None)).order_by(Unit.level.desc(), Unit.name_fold, Unit.id)
    ).all()
    by_id = {unit.id: unit for unit in units}
    zones = db.session.scalars(select(Zone).where(Zone.closed_on.is_(None)).order_by(Zone.name_fold, Zone.id)).all()
    choices = [ScopeChoice(Scope("unit", unit.id), _named(unit, by_id), "Địa bàn") for unit in units]
    choices += [ScopeChoice(Scope("zone", zone.id), zone.name, "Khu vực") for zone in zones]
    choices += [ScopeChoice(Scope("provider", int(bank.bin)), bank.short_name, "Đơn vị thanh toán") for bank in banks()]
    return World(choices, {unit.id: _above(unit, by_id) for unit in units}, {zone.id: zone.unit_id for zone in zones})


def _above(unit: Unit, by_id: dict[int, Unit]) -> tuple[int, ...]:
    above: list[int] = []
    parent = unit.parent_id
    while parent is not None and parent not in above:
        above.append(parent)
        parent = by_id[parent].parent_id if parent in by_id else None
    return tuple(above)


def _named(unit: Unit, by_id: dict[int, Unit]) -> str:
    parent = by_id.get(unit.parent_id or 0)
    return f"{unit.title}, {parent.title}" if parent is not None and unit.level == "hamlet" else unit.title
