"""Words, codes and geometry of places. Pure."""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from geopy.distance import geodesic

from app.errors import DomainError
from app.vn.sorting import stall_sort_key
from app.vn.stalls import is_same_stall, row_name, stall_number
from app.vn.text import tidy

Position = tuple[float, float]

ROWS_MAX = 99
ROW_NAME_MAX = 12
STALLS_PER_ROW_MAX = 99
SIDE_M = (0.5, 30.0)
AISLE_M = (0.0, 30.0)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_ROW = re.compile(r"([A-ZĐ]*)[\s._-]*(\d*)")
_STALL = re.compile(r"(\d+)\s*([A-Za-z]?)")


class PlaceError(DomainError):
    """A place can't be recorded as asked."""

    code = "dia-ban"


def cleaned(text: str, what: str, longest: int) -> str:
    """A name as it is stored: NFC, single spaces, nothing invisible. Raises PlaceError when empty or too long."""
    words = tidy(text)
    if not words:
        raise PlaceError(f"{what} còn trống.", remedy="Hãy điền rồi lưu lại.")
    if len(words) > longest:
        raise PlaceError(f"{what} dài quá {longest} ký tự.", remedy="Hãy rút gọn.")
    return words


def titled(kind: str, name: str) -> str:
    """Kind and name as people write them.

    >>> titled("tổ dân phố", "3")
    'Tổ dân phố 3'
    """
    return f"{kind[:1].upper()}{kind[1:]} {name}".strip()


def slug_of(folded: str) -> str:
    """The tail of a web address for a folded name.

    >>> slug_of("cho dau moi (khu a)")
    'cho-dau-moi-khu-a'
    """
    return _NOT_SLUG.sub("-", folded).strip("-")[:60].strip("-")


def code_sort_key(code: str) -> str:
    """Orders stall codes as a person does: A2-01 before A10-01, A01-06 before A01-06a; as long as the column."""
    return stall_sort_key(code)[:80]


def next_letter(rows: Collection[str]) -> str:
    """The first letter that begins no row yet, for the next hall; A when all are used.

    >>> next_letter(["A01", "A02", "B01"])
    'C'
    """
    used = {row[:1] for row in rows}
    return next((letter for letter in "ABCDEFGHIKLMNPQRSTUVXY" if letter not in used), "A")


def split_code(code: str, taken: Collection[str]) -> str:
    """The code of the part split off: the stall's own code and the first letter that was never used there.

    >>> split_code("A01-06", ["A01-06a"])
    'A01-06b'
    """
    for letter in "abcdefghijklmnopqrstuvwxyz":
        if f"{code}{letter}" not in taken:
            return f"{code}{letter}"
    raise ValueError(f"quầy {code} đã bị tách 26 lần")


def stall_code(row: str, number: str) -> tuple[str, str]:
    """Row and code as painted on the wall, from what a list says; the whole code may stand in either column.

    >>> stall_code("Dãy a1", "quầy 6"), stall_code("B", "12a"), stall_code("", "A01-06")
    (('A01', 'A01-06'), ('B', 'B-12a'), ('A01', 'A01-06'))
    >>> stall_code("12", "12"), stall_code("A1", "A1-06"), stall_code("A", "A5")
    (('12', '12-12'), ('A01', 'A01-06'), ('A', 'A-05'))
    """
    row, number = row_name(row), stall_number(number)
    head, mark, last = number.rpartition("-")
    if mark and (not row or is_same_stall(head, row)):
        row, number = head, last
    shape = _ROW.fullmatch(row.upper())
    row = f"{shape[1]}{shape[2].zfill(2) if shape[2] else ''}" if shape else row[:12]
    if row[-1:].isalpha():
        number = number.upper().removeprefix(row).lstrip(" -")
    found = _STALL.fullmatch(number)
    tail = f"{found[1].zfill(2)}{found[2].lower()}" if found else number
    return row[:12], (f"{row}-{tail}" if row and tail else row or tail)[:24]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a market hall is laid out: straight rows of equal stalls, in pairs back to back, an aisle before each pair.

    Lengths in metres. `letter` and `first_row` name the rows (A01, A02 ...), or `row_names` does (A, B, CÁ); stalls
    count from 1 in each row, written with at least so many `digits` (A-1 or A-01).
    """

    rows: int
    stalls_per_row: int
    stall_width_m: float = 2.0
    stall_depth_m: float = 2.0
    aisle_m: float = 2.5
    back_to_back: bool = True
    letter: str = "A"
    first_row: int = 1
    cross_aisle_after: int = 0  #: a gap of one aisle after this many stalls; 0: none
    row_names: tuple[str, ...] = ()  #: where given, they are the rows, whatever `rows` says
    digits: int = 2

    @property
    def named_rows(self) -> list[tuple[str, list[str]]]:
        """Each row's name with the codes of its stalls, in their order."""
        names = self.row_names or tuple(f"{self.letter.upper()}{self.first_row + row:02d}" for row in range(self.rows))
        numbers = [f"{stall:0{self.digits}d}" for stall in range(1, self.stalls_per_row + 1)]
        return [(name, [f"{name}-{number}" for number in numbers]) for name in names]


@dataclass(frozen=True, slots=True)
class PlannedStall:
    """One stall of a layout: row A01, code A01-06, corners clockwise from the upper left, metres (x right, y down)."""

    row: str
    code: str
    polygon: tuple[Position, Position, Position, Position]


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """A hall of `width_m` x `depth_m` metres, aisle all round, and its stalls row by row from the top."""

    width_m: float
    depth_m: float
    stalls: tuple[PlannedStall, ...]


def layout_faults(layout: Layout) -> dict[str, str]:
    """What is wrong with a layout: field and Vietnamese sentence, nothing when it can be drawn."""
    limits = {
        "rows": (layout.rows, 1, ROWS_MAX, "Số dãy"),
        "stalls_per_row": (layout.stalls_per_row, 1, STALLS_PER_ROW_MAX, "Số quầy mỗi dãy"),
        "stall_width_m": (layout.stall_width_m, *SIDE_M, "Bề ngang quầy (m)"),
        "stall_depth_m": (layout.stall_depth_m, *SIDE_M, "Chiều sâu quầy (m)"),
        "aisle_m": (layout.aisle_m, *AISLE_M, "Lối đi (m)"),
        "first_row": (layout.first_row, 1, ROWS_MAX, "Dãy bắt đầu"),
        "cross_aisle_after": (layout.cross_aisle_after, 0, STALLS_PER_ROW_MAX, "Lối ngang sau"),
    }
    faults = {
        name: f"{words} phải từ {low:g} đến {high:g}."
        for name, (value, low, high, words) in limits.items()
        if not low <= value <= high
    }
    if len(layout.row_names) > ROWS_MAX or len(set(layout.row_names)) < len(layout.row_names):
        faults["row_names"] = f"Tên các dãy phải khác nhau, nhiều nhất {ROWS_MAX} dãy."
    elif any(not 0 < len(name) <= ROW_NAME_MAX for name in layout.row_names):
        faults["row_names"] = f"Tên dãy dài nhất {ROW_NAME_MAX} ký tự, ví dụ A hoặc CÁ."
    if not layout.row_names and not _LETTERS.fullmatch(layout.letter):
        faults["letter"] = "Chữ đầu của dãy là 1 đến 3 chữ cái không dấu, ví dụ A."
    return faults


def floor_plan(layout: Layout, below_m: float = 0.0) -> FloorPlan:
    """The stalls of a layout, `below_m` metres under the upper edge; row 1 at the top, stall 1 at the left."""
    return rows_plan(layout.named_rows, layout, below_m)


def rows_plan(rows: Sequence[tuple[str, Sequence[str]]], layout: Layout, below_m: float = 0.0) -> FloorPlan:
    """These rows of stalls (name, codes), as long as each is, with the measures of a layout."""
    longest = max(len(codes) for _, codes in rows)
    gaps = (longest - 1) // layout.cross_aisle_after if layout.cross_aisle_after else 0
    width = 2 * layout.aisle_m + longest * layout.stall_width_m + gaps * layout.aisle_m
    tops = [below_m + top for top in _row_tops(layout, len(rows))]
    stalls = tuple(
        PlannedStall(name, code, _corners(layout, place, top))
        for (name, codes), top in zip(rows, tops, strict=True)
        for place, code in enumerate(codes)
    )
    return FloorPlan(round(width, 2), round(tops[-1] + layout.stall_depth_m + layout.aisle_m, 2), stalls)


def _row_tops(layout: Layout, rows: int) -> Iterator[float]:
    place = layout.aisle_m
    for number in range(rows):
        yield place
        paired = layout.back_to_back and number % 2 == 0
        place += layout.stall_depth_m + (0.0 if paired else layout.aisle_m)


def _corners(layout: Layout, stall: int, top: float) -> tuple[Position, Position, Position, Position]:
    gaps = stall // layout.cross_aisle_after if layout.cross_aisle_after else 0
    left = round(layout.aisle_m + stall * layout.stall_width_m + gaps * layout.aisle_m, 2)
    right, bottom, top = round(left + layout.stall_width_m, 2), round(top + layout.stall_depth_m, 2), round(top, 2)
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def row_names(written: str) -> tuple[str, ...]:
    """The rows that a person names in one field: "A, B, C", "A-D", "1-12", "Hàng cá, Hàng thịt".

    >>> row_names("A-D"), row_names("dãy 1 - 3; hàng cá"), row_names("")
    (('A', 'B', 'C', 'D'), ('1', '2', '3', 'CÁ'), ())
    """
    names: list[str] = []
    for part in re.split(r"[,;\n]", written):
        first, _, last = (row_name(each) for each in re.sub(r"\s*[-–]\s*", "-", tidy(part)).partition("-"))
        if first.isdigit() and last.isdigit() and int(first) <= int(last) < int(first) + ROWS_MAX:
            names += [str(number) for number in range(int(first), int(last) + 1)]
        elif len(first) == len(last) == 1 and "A" <= first <= last <= "Z":
            names += [chr(letter) for letter in range(ord(first), ord(last) + 1)]
        elif first:
            names.append(f"{first}-{last}" if last else first)
    return tuple(names)


def middle(polygon: Sequence[Sequence[float]]) -> Position:
    """Middle of a polygon's corners."""
    return (
        round(sum(x for x, _ in polygon) / len(polygon), 3),
        round(sum(y for _, y in polygon) / len(polygon), 3),
    )


def box_of(corners: Sequence[Sequence[float]]) -> list[Position]:
    """The smallest upright rectangle around these corners, clockwise from the upper left.

    >>> box_of([(0, 0), (2, 0), (2, 2), (4, 2)])
    [(0, 0), (4, 0), (4, 2), (0, 2)]
    """
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def split_polygon(polygon: Sequence[Position]) -> tuple[list[Position], list[Position]]:
    """A four-cornered stall cut in half across its longer side: the part that keeps the code, the part split off."""
    a, b, c, d = polygon
    if math.dist(a, b) >= math.dist(b, c):
        low, high = _between(a, b), _between(d, c)
        return [a, low, high, d], [low, b, c, high]
    right, left = _between(b, c), _between(a, d)
    return [a, b, right, left], [left, right, c, d]


def _between(one: Position, other: Position) -> Position:
    return (round((one[0] + other[0]) / 2, 2), round((one[1] + other[1]) / 2, 2))


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where on earth a plan lies: its middle (WGS 84), and the direction its upper edge faces (0 north, clockwise)."""

    lat: float
    lng: float
    bearing_deg: float
    width_m: float
    depth_m: float

    def on_earth(self, x_m: float, y_m: float) -> Position:
        """Latitude and longitude of a place on the plan: so many metres from its middle, on the WGS 84 ellipsoid."""
        right, up = x_m - self.width_m / 2, self.depth_m / 2 - y_m
        away = geodesic(meters=math.hypot(right, up))
        there = away.destination((self.lat, self.lng), self.bearing_deg + math.degrees(math.atan2(right, up)))
        return (round(there.latitude, 7), round(there.longitude, 7))
