"""What the pages of the registry send, as entries the actions take; what was typed stays for showing it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from werkzeug.datastructures import MultiDict

from app.actors import Actor
from app.places.queries import commune_of, stall_by_code, units_in_reach, zones_in_reach
from app.registry.queries.merchants import SORTS, MerchantFilter
from app.registry.rules.entries import Fault, NewAccount, NewMerchant, NewPoint
from app.registry.rules.merchants import LINE_MAX
from app.registry.rules.stages import STAGES
from app.vn.dates import DateError, local_date, parse_date, start_of_day
from app.vn.stalls import clean_code
from app.web.row_ids import row_id

Form = Mapping[str, str]
MIDDAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as it is shown: what stands in each field, and what is wrong with it."""

    values: Mapping[str, str]
    faults: tuple[Fault, ...] = ()

    def get(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return " ".join(fault.message for fault in self.faults if fault.field == name)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every fault with the field it leads to."""
        return [(fault.field, fault.message) for fault in self.faults]


def typed(form: "MultiDict[str, str]") -> dict[str, str]:
    """A form as it was typed, for showing it again; what may be ticked several times is joined by commas."""
    return {**form.to_dict(), "services": ",".join(form.getlist("services"))}


def merchant_filter(args: "MultiDict[str, str]", now: datetime) -> MerchantFilter:
    """What a list is narrowed to by its address; nonsense narrows nothing."""
    sort = args.get("sort", "name")
    return MerchantFilter(
        q=args.get("q", "").strip()[:100],
        stages=tuple(stage for stage in args.getlist("stage") if stage in STAGES),
        zone_id=row_id(args.get("zone", "")),
        unit_id=row_id(args.get("unit", "")),
        point_kind=args.get("kind", ""),
        waiting=args.get("waiting") == "1",
        issue=args.get("issue", ""),
        line=args.get("line", "").strip()[:LINE_MAX],
        chosen=row_id(args.get("chosen", "")),
        now=now,
        sort=sort if sort in SORTS else "name",
    )


def merchant_entry(form: Form) -> NewMerchant:
    """A merchant as the form brings it."""
    soundbox = form.get("has_soundbox", "")
    return NewMerchant(
        holder_name=form.get("holder_name", ""),
        shop_name=form.get("shop_name", ""),
        kind=form.get("kind", "household"),
        unit_id=row_id(form.get("unit_id", "")),
        phone=form.get("phone", "").strip(),
        tax_code=form.get("tax_code", "").strip(),
        line_of_business=form.get("line_of_business", ""),
        online_shops=tuple(form.get("online_shops", "").splitlines()),
        has_soundbox={"yes": True, "no": False}.get(soundbox),
        refusal=form.get("refusal", ""),
        note=form.get("note", ""),
    )


def point_entry(form: "MultiDict[str, str]") -> NewPoint:
    """A point as the form brings it; a code on the zone's floor plan links it to its stall."""
    zone_id = row_id(form.get("zone_id", ""))
    code = clean_code(form.get("code", ""))
    stall = stall_by_code(zone_id, code) if zone_id and code else None
    lat, lng = _degrees(form.get("lat", "")), _degrees(form.get("lng", ""))
    return NewPoint(
        kind=form.get("point_kind", "stall"),
        code=code,
        unit_id=row_id(form.get("point_unit_id", "")),
        zone_id=zone_id,
        stall_id=stall.id if stall is not None and stall.valid_to is None else None,
        row=form.get("row", ""),
        stall_text=code,
        place=form.get("place", ""),
        lat=lat,
        lng=lng,
        located_how="pin" if lat is not None and lng is not None else "",
        services=tuple(form.getlist("services")),
        opening_hours=form.get("opening_hours", ""),
        detail=form.get("detail", ""),
    )


def account_entry(form: Form) -> NewAccount:
    """A bank account as the form brings it."""
    return NewAccount(
        bank_bin=form.get("bank_bin", ""),
        account_number=form.get("account_number", ""),
        holder_name=form.get("account_holder", ""),
        reason=form.get("reason", "").strip()[:500],
    )


def happened_at(text: str, now: datetime) -> datetime:
    """When something happened: now for today, midday of an earlier day. Raises DateError."""
    if not text.strip():
        return now
    day = parse_date(text)
    return now if day == local_date(now) else start_of_day(day) + MIDDAY


def day_or_none(text: str) -> date | None:
    """A day, or None where the field is empty or no day."""
    try:
        return parse_date(text) if text.strip() else None
    except DateError:
        return None


def unit_options(actor: Actor) -> list[tuple[str, str]]:
    """Communes and hamlets of this person to choose from; a zone of theirs opens the unit it lies in."""
    own = {scope.id for scope in actor.scopes if scope.kind == "zone"}
    units = {unit.id: unit for unit in units_in_reach(actor)}
    units |= {zone.unit_id: zone.unit for zone in zones_in_reach(actor) if zone.id in own}
    return [
        (str(unit.id), unit.title if unit.level == "commune" else f"{commune_of(unit).title} · {unit.title}")
        for unit in units.values()
    ]


def zone_options(actor: Actor) -> list[tuple[str, str]]:
    """Zones of this person to choose from, with their commune where there are several."""
    found = zones_in_reach(actor)
    several = len({commune_of(zone.unit).id for zone in found}) > 1
    return [(str(zone.id), f"{zone.name} ({commune_of(zone.unit).title})" if several else zone.name) for zone in found]


def _degrees(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ".")) if text.strip() else None
    except ValueError:
        return float("nan")
