"""Units of administration: adopting, making, renaming, ending."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError
from app.places import catalogue
from app.places.models import Unit, UnitAlias
from app.places.queries import unit_by_code
from app.places.rules import PlaceError, cleaned, titled
from app.vn.dates import local_date
from app.vn.text import fold, nfc

ALIASES_MAX = 60


def adopt_commune(code: str, actor: Actor, now: datetime, *, is_sample: bool = False) -> Unit:
    """Takes a commune of the 2025 catalogue into the records, with its province and its old names; once.

    Raises PlaceError when the catalogue does not know the code.
    """
    entry = catalogue.commune(code)
    if entry is None:
        raise PlaceError(f"Danh mục không có xã, phường mã {code}.", remedy="Hãy tìm theo tên rồi chọn.")
    existing = unit_by_code("commune", entry.code)
    if existing is not None:
        return existing
    source = catalogue.code_source()
    province = unit_by_code("province", entry.province.code) or _add_unit(
        _unit("province", entry.province.code, entry.province.kind, entry.province.name, code_source=source), actor, now
    )
    found = _add_unit(
        _unit(
            "commune",
            entry.code,
            entry.kind,
            entry.name,
            parent_id=province.id,
            code_source=source,
            is_sample=is_sample,
        ),
        actor,
        now,
    )
    for old in catalogue.old_names_of(entry)[:ALIASES_MAX]:
        _add_old_name(found, old)
    db.session.flush()
    return found


def create_commune(
    province: Unit, code: str, kind: str, name: str, actor: Actor, now: datetime, *, is_sample: bool = False
) -> Unit:
    """A commune that stands in no catalogue: newly merged, or invented for the sample."""
    if unit_by_code("commune", code) is not None:
        raise ConflictError(f"Đã có xã, phường mã {code}.")
    row = _unit("commune", code, kind, name, parent_id=province.id, is_sample=is_sample)
    row.valid_from = local_date(now)
    return _add_unit(row, actor, now)


def create_province(code: str, kind: str, name: str, actor: Actor, now: datetime, *, is_sample: bool = False) -> Unit:
    """A province that stands in no catalogue (the sample commune lies in an invented one)."""
    if unit_by_code("province", code) is not None:
        raise ConflictError(f"Đã có tỉnh mã {code}.")
    row = _unit("province", code, kind, name, is_sample=is_sample)
    row.valid_from = local_date(now)
    return _add_unit(row, actor, now)


def create_hamlet(commune: Unit, kind: str, name: str, actor: Actor, now: datetime, *, is_sample: bool = False) -> Unit:
    """A hamlet of this commune (thôn, xóm, tổ dân phố ...); its code is the commune's and a number, never given twice.

    Raises ConflictError when a hamlet with this kind and name exists today.
    """
    name = cleaned(name, "Tên thôn, tổ", 80)
    if _named_hamlet(commune.id, kind, name) is not None:
        raise ConflictError(f"{commune.title} đã có {titled(kind, name)}.")
    number = 1 + (db.session.scalar(select(func.count()).where(Unit.parent_id == commune.id)) or 0)
    row = _unit("hamlet", f"{commune.code}-{number:03d}", kind, name, parent_id=commune.id, is_sample=is_sample)
    row.valid_from = local_date(now)
    return _add_unit(row, actor, now)


def rename_unit(unit: Unit, kind: str, name: str, actor: Actor, now: datetime, reason: str = "") -> Unit:
    """Gives a unit its new name from today on; the old one is kept as a dated alias and still found."""
    name = cleaned(name, "Tên", 80)
    if (kind, name) == (unit.kind, unit.name):
        return unit
    twin = _named_hamlet(unit.parent_id, kind, name) if unit.level == "hamlet" else None
    if twin is not None and twin.id != unit.id:
        raise ConflictError(f"Đã có {titled(kind, name)}.")
    before = {"kind": unit.kind, "name": unit.name}
    yesterday = max(unit.valid_from, local_date(now) - timedelta(days=1))
    add_alias(unit, unit.kind, unit.name, valid_from=unit.valid_from, valid_to=yesterday)
    unit.kind, unit.name, unit.name_fold = kind, name, fold(name)
    record(
        actor, now, "unit.rename", ("unit", unit.id), before=before, after={"kind": kind, "name": name}, reason=reason
    )
    return unit


def add_alias(
    unit: Unit,
    kind: str,
    name: str,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    source: str = "",
) -> UnitAlias:
    """Another name under which a unit is found; adding it again changes nothing."""
    name = nfc(name.strip())[:80]
    query = select(UnitAlias).where(UnitAlias.unit_id == unit.id, UnitAlias.kind == kind, UnitAlias.name == name)
    alias = db.session.scalar(query)
    if alias is None:
        alias = UnitAlias(unit_id=unit.id, kind=kind, name=name, name_fold=fold(name))
        alias.valid_from, alias.valid_to, alias.source = valid_from, valid_to, source
        db.session.add(alias)
    return alias


def draw_unit(
    unit: Unit,
    boundary: dict[str, Any] | None,
    middle_at: tuple[float, float] | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Keeps the outline of a unit (checked GeoJSON geometry, or none) and its middle (lat, lng)."""
    unit.boundary = boundary
    unit.lat, unit.lng = middle_at or (None, None)
    record(actor, now, "unit.draw", ("unit", unit.id), after={"has_boundary": boundary is not None})


def close_unit(unit: Unit, actor: Actor, now: datetime, reason: str) -> None:
    """Ends a unit today; what happened in it stays."""
    unit.valid_to = max(unit.valid_from, local_date(now))
    record(actor, now, "unit.close", ("unit", unit.id), after={"valid_to": unit.valid_to.isoformat()}, reason=reason)


def _unit(
    level: str,
    code: str,
    kind: str,
    name: str,
    *,
    parent_id: int | None = None,
    code_source: str = "",
    is_sample: bool = False,
) -> Unit:
    name = cleaned(name, "Tên", 80)
    return Unit(
        level=level,
        code=code,
        code_source=code_source,
        kind=kind,
        name=name,
        name_fold=fold(name),
        parent_id=parent_id,
        valid_from=catalogue.TWO_TIERS_FROM,
        is_sample=is_sample,
    )


def _add_unit(row: Unit, actor: Actor, now: datetime) -> Unit:
    db.session.add(row)
    db.session.flush()
    after = {"level": row.level, "code": row.code, "kind": row.kind, "name": row.name}
    record(actor, now, "unit.create", ("unit", row.id), after=after)
    return row


def _add_old_name(unit: Unit, old: catalogue.OldName) -> None:
    where = ", ".join(part for part in (old.district, old.province) if part)
    add_alias(unit, old.kind, old.name, valid_to=catalogue.LAST_DAY_OF_DISTRICTS, source=where[:120])
    if old.district:
        kind, name = catalogue.district_words(old.district)
        add_alias(unit, kind, name, valid_to=catalogue.LAST_DAY_OF_DISTRICTS, source=old.province[:120])


def _named_hamlet(commune_id: int | None, kind: str, name: str) -> Unit | None:
    query = select(Unit).where(Unit.parent_id == commune_id, Unit.level == "hamlet", Unit.valid_to.is_(None))
    same = db.session.scalars(query.where(Unit.name_fold == fold(name)))
    return next((unit for unit in same if (unit.kind, unit.name.casefold()) == (kind, name.casefold())), None)
