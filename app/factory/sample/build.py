"""Building the sample commune, and taking it away again without a trace but the audit chain's."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, select

from app.actors import SYSTEM, Actor
from app.audit.actions import record
from app.db import Model, db, unit_of_work
from app.errors import ConflictError
from app.factory.sample.commune import Places, Registrar, Standing, add_places
from app.factory.sample.notices import add_sample_notices, remove_sample_notices
from app.factory.sample.paper import hand_over_sample_lot, order_sample_lot, press_sample_lot, remove_sample_paper
from app.factory.sample.payments import add_payments, remove_payments
from app.factory.sample.people import add_people
from app.places.models import Unit
from app.registry.actions.states import states_refreshed_once
from app.settings import Settings

SEED = 20261122
#: Columns that mark a row as part of the sample.
MARKS = ("is_sample", "sample")
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Sample:
    """What was built."""

    places: Places
    people: Mapping[str, Actor]
    standings: list[Standing]
    lot_id: int


def sample_exists() -> bool:
    """Whether this instance holds the sample commune."""
    return db.session.scalar(select(Unit.id).where(Unit.is_sample).limit(1)) is not None


def build_sample(secret_key: str, now: datetime) -> Sample:
    """Fills an instance without places of its own. Raises ConflictError where real work has begun."""
    if db.session.scalar(select(func.count()).select_from(Unit)):
        raise ConflictError(
            "Nơi đây đã có địa bàn thật, không nạp xã mẫu vào chung.",
            remedy="Hãy dùng một thư mục dữ liệu khác, ví dụ CHOSO_INSTANCE=xa-mau.",
        )
    places = add_places(now)
    people = add_people(secret_key, places.commune, now)
    registrar = Registrar(people, places, random.Random(SEED), now)  # noqa: S311 - an invented commune, the same every time
    with states_refreshed_once():
        standings = [*registrar.market(), *registrar.streets(), *registrar.public_places()]
    lot_id = order_sample_lot(people, places, standings, now)
    record(SYSTEM, now, "sample.build", ("sample", 1), after={"merchants": len(standings)})
    return Sample(places, people, standings, lot_id)


def install_sample(settings: Settings, now: datetime) -> None:
    """The whole of it: records in one transaction, then what is made of them as the program itself makes it."""
    with unit_of_work():
        sample = build_sample(settings.secret_key, now)
    press_sample_lot(sample.lot_id, settings.lots_dir, now)
    with unit_of_work():
        hand_over_sample_lot(sample.lot_id, sample.people, now)
    add_sample_notices(sample.people, settings.lots_dir, now)
    with unit_of_work():
        add_payments(settings, sample.people, sample.standings, now)


def remove_sample(settings: Settings, now: datetime) -> int:
    """Takes away every marked row and all that hangs on one; returns how many rows went."""
    remove_sample_notices(settings.lots_dir)
    remove_sample_paper(settings.lots_dir)
    remove_payments(settings)
    doomed = _marked()
    grown = True
    while grown:
        grown = sum(_follow(table, doomed) for table in Model.metadata.sorted_tables) > 0
    removed = 0
    for table in reversed(Model.metadata.sorted_tables):
        keys = sorted(doomed[table.name])
        for start in range(0, len(keys), CHUNK):
            db.session.execute(delete(table).where(_key(table).in_(keys[start : start + CHUNK])))
        removed += len(keys)
    record(SYSTEM, now, "sample.remove", ("sample", 1), after={"rows": removed})
    return removed


def _marked() -> dict[str, set[int]]:
    doomed: dict[str, set[int]] = defaultdict(set)
    for table in Model.metadata.sorted_tables:
        for mark in MARKS:
            if mark in table.columns:
                doomed[table.name] |= set(db.session.scalars(select(_key(table)).where(table.columns[mark])))
    return doomed


def _follow(table: Table, doomed: dict[str, set[int]]) -> bool:
    """Adds the rows of a table that point at a doomed one; True when there were new ones."""
    before = len(doomed[table.name])
    for key in table.foreign_keys:
        parents = sorted(doomed[key.column.table.name])
        for start in range(0, len(parents), CHUNK):
            pointing = key.parent.in_(parents[start : start + CHUNK])
            doomed[table.name] |= set(db.session.scalars(select(_key(table)).where(pointing)))
    return len(doomed[table.name]) > before


def _key(table: Table) -> ColumnElement[int]:
    return next(iter(table.primary_key.columns))
