"""Reading the points of a map from a file: good rows as spots, the others by line with a reason. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.mapping.marks import stage_named
from app.tables import Headed, RawRow, Table, find_heading
from app.vn.text import tidy

#: CONTRACT "Data files", and the headings that communes use.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "point_code": ("point_code", "Mã điểm", "Mã quầy"),
    "zone": ("zone", "Khu vực", "Chợ", "Tuyến phố"),
    "row": ("row", "Dãy"),
    "stall": ("stall", "Số quầy", "Quầy"),
    "shop_name": ("shop_name", "Tên cửa hàng", "Tên quầy"),
    "holder_name": ("holder_name", "Họ tên", "Họ và tên", "Chủ hộ"),
    "lat": ("lat", "latitude", "Vĩ độ"),
    "lng": ("lng", "lon", "longitude", "Kinh độ"),
    "stage": ("stage", "Giai đoạn", "Tình trạng"),
}
REQUIRED: Final = ("point_code", "lat", "lng")
SEEN: Final = {
    "point_code": "mã điểm",
    "row": "dãy",
    "stall": "số quầy",
    "zone": "chợ",
    "shop_name": "tên cửa hàng",
    "holder_name": "tên chủ",
}
"""Fields read as a person sees them, and what a message calls them."""
LAT_MAX: Final = 90.0
LNG_MAX: Final = 180.0
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]{1,20})?")
_SHOWN_MAX = 30


@dataclass(frozen=True, slots=True)
class Spot:
    """One point on the map: WGS 84 degrees, and the words that people see. `stage` is a key or the file's own word."""

    line: int
    code: str
    name: str
    holder: str
    zone: str
    row: str
    stall: str
    lat: float
    lng: float
    stage: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that can't be drawn: its line as a person counts, and a Vietnamese sentence."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Spots:
    """What a file holds: points, lines without coordinates, lines refused."""

    spots: tuple[Spot, ...]
    without_place: tuple[int, ...]
    refused: tuple[Refusal, ...]


def spots_of(table: Table) -> Spots:
    """Every row of a table as a spot, a line without coordinates, or a refusal. Raises TableError without a heading."""
    headed = find_heading(table, FIELDS, REQUIRED)
    spots: list[Spot] = []
    without_place: list[int] = []
    refused: list[Refusal] = []
    for row in headed.rows:
        found = _spot(headed, row)
        if isinstance(found, Spot):
            spots.append(found)
        elif isinstance(found, Refusal):
            refused.append(found)
        else:
            without_place.append(row.line)
    return Spots(tuple(spots), tuple(without_place), tuple(refused))


def _spot(headed: Headed, row: RawRow) -> Spot | Refusal | None:
    if row.fault:
        return Refusal(row.line, row.fault)
    cells = {name: tidy(headed.text(row, name)) for name in FIELDS}
    for name, label in SEEN.items():
        read = headed.code_seen(row, name) if name in {"point_code", "row", "stall"} else headed.seen(row, name)
        if read.is_lost:
            return Refusal(row.line, f"{label}: {read.why_not}.")
        cells[name] = tidy(read.text)
    if not cells["point_code"]:
        return Refusal(row.line, "thiếu mã điểm (point_code). Hãy điền mã.")
    if not cells["lat"] and not cells["lng"]:
        return None
    lat, lng = degrees(cells["lat"], LAT_MAX), degrees(cells["lng"], LNG_MAX)
    fault = _fault(cells["lat"], cells["lng"], lat, lng)
    if fault or lat is None or lng is None:
        return Refusal(row.line, fault)
    return Spot(
        line=row.line,
        code=cells["point_code"],
        name=cells["shop_name"] or cells["holder_name"] or cells["point_code"],
        holder=cells["holder_name"],
        zone=cells["zone"],
        row=cells["row"],
        stall=cells["stall"],
        lat=lat,
        lng=lng,
        stage=stage_named(cells["stage"]),
    )


def degrees(written: str, most: float) -> float | None:
    """Degrees as people write them, with a point or a comma; None when it is no number or beyond `most`.

    >>> degrees("20,0512", 90), degrees("105.8", 90), degrees("20.05.12", 90), degrees("nan", 90)
    (20.0512, None, None, None)
    """
    if not _DEGREES.fullmatch(written):
        return None
    value = float(written.replace(",", "."))
    return value if math.isfinite(value) and abs(value) <= most else None


def _fault(written_lat: str, written_lng: str, lat: float | None, lng: float | None) -> str:
    """What is wrong with a pair of coordinates, in one sentence with the remedy; "" when nothing is."""
    if not written_lat or not written_lng:
        return (
            f"thiếu {'vĩ độ (lat)' if not written_lat else 'kinh độ (lng)'}. Hãy điền đủ hai số hoặc để trống cả hai."
        )
    if lat is None and lng is not None and degrees(written_lat, LNG_MAX) is not None:
        return f"vĩ độ {_shown(written_lat)} ngoài khoảng -90 đến 90. Có thể vĩ độ và kinh độ đổi chỗ; hãy sửa."
    if lat is None:
        return f"vĩ độ {_shown(written_lat)} không phải số độ từ -90 đến 90. Hãy ghi như 20.0512."
    if lng is None:
        return f"kinh độ {_shown(written_lng)} không phải số độ từ -180 đến 180. Hãy ghi như 105.6034."
    if lat == 0 and lng == 0:
        return "toạ độ 0, 0 là máy chưa định vị được. Hãy đo lại hoặc để trống cả hai."
    return ""


def _shown(written: str) -> str:
    return f"“{written[:_SHOWN_MAX]}{'…' if len(written) > _SHOWN_MAX else ''}”"
