"""What the pages of places send: read once, with a sentence for each field that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from app.places.actions import ZoneDetails
from app.places.models import ZONE_KINDS, Zone
from app.places.rules import Layout, layout_faults, row_names
from app.vn.dates import DateError, format_date, parse_date
from app.web.row_ids import row_id

ZONE_WORDS = {"market": "Chợ", "street": "Tuyến phố", "centre": "Trung tâm xã"}
HAMLET_KINDS = ("thôn", "xóm", "bản", "ấp", "khóm", "làng", "buôn", "tổ dân phố", "khu phố", "tiểu khu")
PHASE_MAX = 20
#: What stands in the form before anybody typed: stalls of two by two metres, an aisle for two people with baskets.
LAYOUT_USUAL = {
    "row_names": "",
    "digits": "2",
    "letter": "A",
    "first_row": "1",
    "rows": "4",
    "stalls_per_row": "10",
    "stall_width_m": "2",
    "stall_depth_m": "2",
    "aisle_m": "2,5",
    "cross_aisle_after": "0",
    "back_to_back": "1",
}
LAYOUT_FIELDS = tuple(LAYOUT_USUAL)
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as it is shown: what stands in each field, and what is wrong with it."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return self.errors.get(name, "")

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every fault with the field it leads to."""
        return list(self.errors.items())


def shown_zone(zone: Zone) -> Shown:
    """A zone as it stands, for changing it."""
    values = {
        "name": zone.name,
        "kind": zone.kind,
        "unit_id": str(zone.unit_id),
        "phase": str(zone.phase),
        "planned_on": format_date(zone.planned_on) if zone.planned_on else "",
        "target_percent": str(zone.target_percent),
        "lead": zone.lead,
        "partner": zone.partner,
        "note": zone.note,
        "lat": f"{zone.lat:g}" if zone.lat is not None else "",
        "lng": f"{zone.lng:g}" if zone.lng is not None else "",
        "bearing_deg": f"{zone.bearing_deg:g}",
    }
    return Shown(values)


def zone_details(form: Form, units: Mapping[int, str]) -> tuple[ZoneDetails | None, Shown]:
    """The details of a zone and the form as typed; None where a field is wrong. `units` may be chosen."""
    errors: dict[str, str] = {}
    unit_id = row_id(form.get("unit_id", "")) or 0
    if unit_id not in units:
        errors["unit_id"] = "Hãy chọn xã hoặc thôn."
    if form.get("kind") not in ZONE_KINDS:
        errors["kind"] = "Hãy chọn loại khu vực."
    if not form.get("name", "").strip():
        errors["name"] = "Tên khu vực còn trống."
    lat, lng = _degrees(form, "lat", 90, errors), _degrees(form, "lng", 180, errors)
    if (lat is None) != (lng is None) and not {"lat", "lng"} & errors.keys():
        errors["lat"] = "Vĩ độ và kinh độ phải có đủ cả hai, hoặc để trống cả hai."
    details = ZoneDetails(
        unit_id=unit_id,
        kind=form.get("kind", ""),
        name=form.get("name", ""),
        phase=_whole(form, "phase", 1, PHASE_MAX, 1, errors),
        planned_on=_day(form, "planned_on", errors),
        target_percent=_whole(form, "target_percent", 0, 100, 100, errors),
        lead=form.get("lead", "").strip()[:120],
        partner=form.get("partner", "").strip()[:200],
        note=form.get("note", "").strip()[:2000],
        lat=lat,
        lng=lng,
        bearing_deg=_number(form, "bearing_deg", 0.0, errors),
    )
    return (None if errors else details), Shown(form, errors)


def layout_of(form: Form) -> tuple[Layout, Shown]:
    """A layout as typed; nonsense in a field falls back to what is usual and is told."""
    errors: dict[str, str] = {}
    layout = Layout(
        rows=_whole(form, "rows", 1, 99, 4, errors),
        stalls_per_row=_whole(form, "stalls_per_row", 1, 99, 10, errors),
        stall_width_m=_number(form, "stall_width_m", 2.0, errors),
        stall_depth_m=_number(form, "stall_depth_m", 2.0, errors),
        aisle_m=_number(form, "aisle_m", 2.5, errors),
        back_to_back=form.get("back_to_back", "1") == "1",
        letter=form.get("letter", "A").strip() or "A",
        first_row=_whole(form, "first_row", 1, 99, 1, errors),
        cross_aisle_after=_whole(form, "cross_aisle_after", 0, 99, 0, errors),
        row_names=(names := row_names(form.get("row_names", "")[:600])),
        digits=_whole(form, "digits", 1, 3, 2, errors),
    )
    if names:
        layout = replace(layout, rows=len(names))
    return layout, Shown(form, {**layout_faults(layout), **errors})


def _whole(form: Form, name: str, low: int, high: int, usual: int, errors: dict[str, str]) -> int:
    text = form.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
        errors[name] = f"Hãy ghi một số từ {low} đến {high}."
        return usual
    return int(text)


def _number(form: Form, name: str, usual: float, errors: dict[str, str]) -> float:
    text = form.get(name, "").strip().replace(",", ".")
    if not text:
        return usual
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -1000 < value < 1000:  # noqa: PLR2004 - metres of a hall, degrees of a compass; NaN is refused too
        errors[name] = "Hãy ghi một số, ví dụ 2,5."
        return usual
    return value


def _degrees(form: Form, name: str, most: float, errors: dict[str, str]) -> float | None:
    if not form.get(name, "").strip():
        return None
    value = _number(form, name, 0.0, errors)
    if abs(value) > most:
        errors[name] = f"Hãy ghi số độ từ -{most:g} đến {most:g}."
    return value


def _day(form: Form, name: str, errors: dict[str, str]) -> date | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    try:
        return parse_date(text)
    except DateError as error:
        errors[name] = str(error)
        return None
