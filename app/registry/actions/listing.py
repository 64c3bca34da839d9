"""Many merchants at once, as a list brings them: places first, then merchants, points, tenancies, proposals."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.actors import Actor
from app.db import db, insert_rows
from app.places.actions import ZoneDetails, create_hamlet, create_zone
from app.places.models import Stall, Unit, Zone
from app.places.queries import commune_of, hamlets_of, units_below, zones
from app.registry.actions.states import refresh_states
from app.registry.models import ImportBatch, Merchant, PaymentAccount, Point, Tenancy
from app.registry.rules.cells import cell_of
from app.registry.rules.entries import POINT_CODE_MAX, new_code
from app.registry.rules.lists import HAMLET, ListLine
from app.registry.rules.words import CODE_PREFIXES
from app.vn.dates import local_date
from app.vn.stalls import stall_key

CHUNK = 1000
Line = tuple[ListLine, str]
ALIKE = "tổ dân phố"


@dataclass(frozen=True, slots=True)
class Listed:
    """What came in: merchants in the order of the lines, zones and hamlets that were made for them."""

    merchant_ids: list[int]
    zone_ids: list[int]
    unit_ids: list[int]


@dataclass(frozen=True, slots=True)
class _Places:
    """Zones and hamlets by what the list calls them."""

    commune: Unit
    zones: dict[str, Zone]
    hamlets: dict[str, Unit]

    def zone(self, line: ListLine) -> Zone | None:
        return self.zones.get(line.market.casefold())

    def unit(self, line: ListLine) -> Unit:
        return self.hamlets.get(_hamlet_key(line.hamlet)) or self.commune


def list_merchants(actor: Actor, now: datetime, batch: ImportBatch, unit: Unit, lines: Sequence[Line]) -> Listed:
    """Brings these lines in: (line, external id) each; the lists' stalls are linked to the floor plan's."""
    places, zone_ids, unit_ids = _places(actor, now, unit, [line for line, _ in lines])
    codes = _free_codes(len(lines))
    stalls = _stalls(places.zones.values())
    taken = _taken_codes(places.zones.values())
    ids: list[int] = []
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        merchants = [
            _merchant(actor, now, batch, places, line, number, code)
            for (line, number), code in zip(chunk, codes[start : start + CHUNK], strict=True)
        ]
        chunk_ids = _insert(Merchant, merchants)
        points = [_point(actor, now, batch, places, line, stalls, taken) for line, _ in chunk]
        point_ids = _insert(Point, points)
        tenancies = [
            {"point_id": point_id, "merchant_id": merchant_id, "valid_from": local_date(now), "valid_to": None}
            for point_id, merchant_id in zip(point_ids, chunk_ids, strict=True)
        ]
        insert_rows(Tenancy, tenancies)
        accounts = [
            _account(actor, now, batch, line, merchant_id)
            for (line, _), merchant_id in zip(chunk, chunk_ids, strict=True)
            if line.proposes_account
        ]
        if accounts:
            insert_rows(PaymentAccount, accounts)
        ids += chunk_ids
    refresh_states(ids)
    return Listed(ids, zone_ids, unit_ids)


def _insert(model: type[Merchant | Point], rows: list[dict[str, Any]]) -> list[int]:
    db.session.flush()
    made = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.connection().execute(made, rows).scalars())


def _places(actor: Actor, now: datetime, unit: Unit, lines: Sequence[ListLine]) -> tuple[_Places, list[int], list[int]]:
    commune = commune_of(unit)
    known_zones = {zone.name.casefold(): zone for zone in zones(units_below([commune.id]))}
    known_hamlets = {_hamlet_key(hamlet.title): hamlet for hamlet in hamlets_of(commune.id)}
    zone_ids, unit_ids = [], []
    for line in lines:
        if line.market and line.market.casefold() not in known_zones:
            details = ZoneDetails(unit_id=commune.id, kind=line.zone_kind, name=line.market)
            zone = create_zone(details, actor, now)
            known_zones[line.market.casefold()] = zone
            zone_ids.append(zone.id)
        key = _hamlet_key(line.hamlet)
        found = HAMLET.fullmatch(line.hamlet)
        if found and key not in known_hamlets:
            kind = ALIKE if found[1].lower() == "tdp" else found[1].lower()
            known_hamlets[key] = create_hamlet(commune, kind, found[2], actor, now)
            unit_ids.append(known_hamlets[key].id)
    default = unit if unit.level == "hamlet" else commune
    return _Places(default, known_zones, known_hamlets), zone_ids, unit_ids


def _hamlet_key(title: str) -> str:
    key = " ".join(title.casefold().replace(":", " ").split())
    return f"{ALIKE}{key.removeprefix('tdp')}" if key.startswith("tdp ") else key


def _free_codes(count: int) -> list[str]:
    """As many public codes as lines, none of them ever given."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        drawn = {new_code(CODE_PREFIXES["household"]) for _ in range(min(CHUNK, count - len(codes)))} - codes.keys()
        drawn -= set(db.session.scalars(select(Merchant.code).where(Merchant.code.in_(drawn))))
        codes.update(dict.fromkeys(drawn))
    return list(codes)


def _stalls(known: Iterable[Zone]) -> dict[tuple[int, str], Stall]:
    query = select(Stall).where(Stall.zone_id.in_([zone.id for zone in known]), Stall.valid_to.is_(None))
    return {(stall.zone_id, stall_key(stall.code)): stall for stall in db.session.scalars(query)}


def _taken_codes(known: Iterable[Zone]) -> dict[int, set[str]]:
    query = select(Point.zone_id, Point.code).where(Point.zone_id.in_([zone.id for zone in known]))
    taken: dict[int, set[str]] = defaultdict(set)
    for zone_id, code in db.session.execute(query):
        if zone_id is not None:
            taken[zone_id] |= {code, stall_key(code)}
    return taken


def _merchant(
    actor: Actor, now: datetime, batch: ImportBatch, places: _Places, line: ListLine, number: str, code: str
) -> dict[str, Any]:
    return {
        "code": code,
        "kind": "household",
        "unit_id": places.unit(line).id,
        "holder_name": line.holder_name,
        "shop_name": line.shop_name,
        "phone": line.phone,
        "tax_code": line.tax_code,
        "line_of_business": line.line_of_business,
        "online_shops": [],
        "has_soundbox": None,
        "refusal": "",
        "note": line.note,
        "source": batch.source,
        "external_id": number,
        "batch_id": batch.id,
        "is_sample": False,
        "version": 1,
        "created_at": now,
        "created_by_id": actor.id,
        "updated_at": now,
    }


def _point(
    actor: Actor,
    now: datetime,
    batch: ImportBatch,
    places: _Places,
    line: ListLine,
    stalls: dict[tuple[int, str], Stall],
    taken: dict[int, set[str]],
) -> dict[str, Any]:
    zone = places.zone(line)
    stall = stalls.get((zone.id, stall_key(line.code))) if zone and line.code else None
    lat, lng, how = line.lat, line.lng, "file" if line.lat is not None else ""
    if stall is not None and stall.lat is not None and stall.lng is not None:
        lat, lng, how = stall.lat, stall.lng, "plan"
    wanted = stall.code if stall else line.code
    return {
        "code": _free_code(wanted, taken[zone.id]) if zone else wanted or new_code("", 5),
        "kind": "stall" if line.code else "shop",
        "unit_id": places.unit(line).id,
        "zone_id": zone.id if zone else None,
        "stall_id": stall.id if stall else None,
        "row": stall.row if stall else line.row,
        "stall_text": line.stall,
        "place": line.address,
        "lat": lat,
        "lng": lng,
        "cell": cell_of(lat, lng) if lat is not None and lng is not None else None,
        "accuracy_m": None,
        "located_how": how,
        "services": [],
        "opening_hours": "",
        "detail": "",
        "batch_id": batch.id,
        "is_sample": False,
        "created_at": now,
        "created_by_id": actor.id,
        "updated_at": now,
    }


def _free_code(wanted: str, taken: set[str]) -> str:
    """The stall's code; where two traders share a stall the second gets "/2", for a point has one holder at a time."""
    code, number = wanted or new_code("", 5), 1
    is_taken = stall_key(code) in taken  # A01-6 is A01-06
    while is_taken:
        number += 1
        tail = f"/{number}"
        code = f"{wanted[: POINT_CODE_MAX - len(tail)]}{tail}"
        is_taken = code in taken
    taken |= {code, stall_key(code)}
    return code


def _account(actor: Actor, now: datetime, batch: ImportBatch, line: ListLine, merchant_id: int) -> dict[str, Any]:
    return {
        "merchant_id": merchant_id,
        "version": 1,
        "kind": "bank",
        "bank_bin": line.bank_bin,
        "account_number": line.account_number,
        "holder_name": line.account_holder or line.holder_name,
        "provider": "",
        "payload": None,
        "state": "proposed",
        "is_change": False,
        "proposed_by_id": actor.id,
        "proposed_by": actor.name,
        "proposed_session": actor.session,
        "proposed_via": actor.via,
        "proposed_at": now,
        "reason": "",
        "decided_by": "",
        "decision_reason": "",
        "batch_id": batch.id,
    }
