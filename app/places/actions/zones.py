"""Zones: markets, streets, centres, with phase, target and lead."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError
from app.places.actions.stalls import put_on_earth
from app.places.models import Zone
from app.places.queries import stalls_of
from app.places.rules import cleaned, slug_of
from app.vn.dates import local_date
from app.vn.text import fold


@dataclass(frozen=True, slots=True)
class ZoneDetails:
    """What a person says of a zone; lat and lng (WGS 84) both or neither."""

    unit_id: int
    kind: str
    name: str
    phase: int = 1
    planned_on: date | None = None
    target_percent: int = 100
    lead: str = ""
    partner: str = ""
    note: str = ""
    lat: float | None = None
    lng: float | None = None
    bearing_deg: float = 0.0


def create_zone(details: ZoneDetails, actor: Actor, now: datetime, *, is_sample: bool = False) -> Zone:
    """A market, street or centre. Its address (slug) is given now and stays, whatever the name becomes.

    Raises ConflictError when the unit has an open zone with exactly this name.
    """
    zone = Zone(slug=_free_slug(details), is_sample=is_sample)
    _fill(zone, details)
    _refuse_twin(zone)
    db.session.add(zone)
    db.session.flush()
    record(actor, now, "zone.create", ("zone", zone.id), after=_shown(details))
    return zone


def change_zone(zone: Zone, details: ZoneDetails, actor: Actor, now: datetime, reason: str = "") -> Zone:
    """Corrects a zone; the stalls follow when the plan's place on earth changes."""
    old = {name: _plain_value(getattr(zone, name)) for name in ZoneDetails.__dataclass_fields__}
    new = _shown(details)
    changed = {name for name in old if old[name] != new[name]}
    if not changed:
        return zone
    _fill(zone, details)
    _refuse_twin(zone)
    if changed & {"lat", "lng", "bearing_deg"}:
        put_on_earth(zone, stalls_of(zone.id))
    record(
        actor,
        now,
        "zone.change",
        ("zone", zone.id),
        before={name: old[name] for name in sorted(changed)},
        after={name: new[name] for name in sorted(changed)},
        reason=reason,
    )
    return zone


def close_zone(zone: Zone, actor: Actor, now: datetime, reason: str) -> None:
    """Ends a zone today."""
    zone.closed_on = local_date(now)
    record(actor, now, "zone.close", ("zone", zone.id), after={"closed_on": zone.closed_on.isoformat()}, reason=reason)


def draw_zone(zone: Zone, geometry: dict[str, Any] | None, actor: Actor, now: datetime) -> None:
    """Keeps a street's line or a zone's outline (checked GeoJSON geometry, or none)."""
    zone.geometry = geometry
    record(actor, now, "zone.draw", ("zone", zone.id), after={"has_geometry": geometry is not None})


def _fill(zone: Zone, details: ZoneDetails) -> None:
    for name, value in asdict(details).items():
        setattr(zone, name, value)
    zone.name = cleaned(details.name, "Tên khu vực", 120)
    zone.name_fold = fold(zone.name)


def _refuse_twin(zone: Zone) -> None:
    with db.session.no_autoflush:
        query = select(Zone).where(Zone.unit_id == zone.unit_id, Zone.closed_on.is_(None))
        others = [each for each in db.session.scalars(query) if each is not zone]
    if any(each.name.casefold() == zone.name.casefold() for each in others):
        raise ConflictError(f"Nơi này đã có khu vực tên {zone.name}.", remedy="Hãy dùng tên khác hoặc mở khu vực ấy.")


def _shown(details: ZoneDetails) -> dict[str, Any]:
    shown = {name: _plain_value(value) for name, value in asdict(details).items()}
    return {**shown, "name": cleaned(details.name, "Tên khu vực", 120)}


def _plain_value(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    return value.isoformat() if isinstance(value, date) else value


def _free_slug(details: ZoneDetails) -> str:
    wanted = slug_of(fold(cleaned(details.name, "Tên khu vực", 120))) or details.kind
    taken = set(db.session.scalars(select(Zone.slug).where(Zone.slug.startswith(wanted))))
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"
