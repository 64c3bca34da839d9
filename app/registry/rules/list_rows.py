"""Which rows of a list are people, and what the rows between them say of those below. Pure.

A row that only names a place ("I | CHỢ ĐẦM", "DÃY A:") heads the rows below it; a ditto mark repeats the cell above.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from app.tables import Cell, Headed, RawRow, text
from app.tables.labels import is_ditto
from app.vn.stalls import row_name
from app.vn.text import fold, tidy

#: Fields in which "as above" means the value above; anywhere else it says nothing that could be kept.
PLACES: Final = ("market", "row", "stall", "hamlet", "commune", "address", "bank", "line_of_business")
ROW_MAX: Final = 12
LABEL: Final = {
    "total": "Dòng tổng cộng.",
    "footer": "Chữ ký, nơi và ngày lập danh sách.",
    "section": "Tên {what}: dùng cho các dòng dưới.",
    "other": "Tên nhóm, không phải một hộ.",
}
_WHAT: Final = {"market": "chợ hoặc tuyến phố", "row": "dãy", "hamlet": "thôn, tổ", "line_of_business": "ngành hàng"}
_ORDINAL: Final = re.compile(r"[(\[]?(?:[IVXLC]{1,6}|[A-ZĐ]|[0-9]{1,3})(?:\.[0-9]{1,2})?[.)\]:]?")
_COUNTED: Final = re.compile(
    r"\s*[(:–-]?\s*(?:gồm|có|tổng số:?)?\s*[0-9]+\s*(?:hộ|quầy|sạp|người|tiểu thương|điểm)\b.*$", re.IGNORECASE
)
_PART: Final = re.compile(r"\s*(?:[,;|]|\s[–-]\s)\s*")
_STRONG: Final = (
    ("market", re.compile(r"(?:khu\s+vực\s+)?(?:chợ|trung\s+tâm\s+thương\s+mại|siêu\s+thị|tuyến\s+(?:phố|đường))\s.+")),
    ("row", re.compile(r"(?:dãy(?:\s+quầy|\s+số)?|nhà\s+lồng)\s*:?\s*.+")),
    ("hamlet", re.compile(r"(?:thôn|xóm|ấp|khóm|buôn|khu\s+phố|khối\s+phố|tổ\s+dân\s+phố|tdp)\s*:?\s+.+")),
    ("line_of_business", re.compile(r"(?:ngành(?:\s+hàng|\s+nghề)?|mặt\s+hàng|nhóm(?:\s+hàng)?)\s*:?\s+.+")),
    ("commune", re.compile(r"(?:xã|phường|thị\s+trấn)\s+.+")),
)
#: Words that also begin people's names (Lô, Hàng, Bản, Phố, Đường …): a place only where the row shows it.
_WEAK: Final = (
    ("row", re.compile(r"(?:lô|hàng|khu(?:\s+vực)?)\s*:?\s+.+")),
    ("market", re.compile(r"(?:đường|phố)\s+.+")),
    ("hamlet", re.compile(r"(?:bản|làng|tổ|khối)\s+.+")),
)
_NAMING: Final = re.compile(r"(?:ngành(?:\s+hàng|\s+nghề)?|mặt\s+hàng|nhóm(?:\s+hàng)?|tuyến)\s*:?\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a person's, with the places that rows above it named and what was mended; or a label, and what it is."""

    row: RawRow
    label: str = ""
    said_above: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def entries(headed: Headed) -> Iterator[Entry]:
    """Every row of a list in its order, labels too; totals and what stands below the list come last."""
    of_sheet = _of_sheets(headed)
    above: dict[str, str] = {}
    before: RawRow | None = None
    sheet: str | None = None
    is_numbered = sum(_first(row).isdigit() for row in headed.rows) * 2 > len(headed.rows)
    for row in headed.rows:
        if row.sheet != sheet:  # what one sheet says ends with it
            sheet, above, before = row.sheet, of_sheet.get(row.sheet, {}), None
        found = {} if row.fault else _section(row, is_numbered=is_numbered)
        if found:
            above = _below(above, found)
            what = ", ".join(_WHAT[name] for name in found if name in _WHAT)
            yield Entry(row, LABEL["section"].format(what=what) if what else LABEL["other"])
            continue
        entry = _without_dittos(headed, row, before)
        before = entry.row
        yield replace(entry, said_above=above) if above else entry
    yield from (Entry(row, LABEL["total"]) for row in headed.totals)
    yield from (Entry(row, LABEL["footer"]) for row in headed.footer)


def _of_sheets(headed: Headed) -> dict[str, dict[str, str]]:
    """What the names of sheets say of their rows, in a workbook with a sheet for each market or row of stalls."""
    if len(headed.sheets.read) > 1:
        return {name: place_label(name, stands_out=False) for name in headed.sheets.read}
    alone = headed.sheets.read[0] if headed.sheets.read and headed.sheets.alike else ""
    return {"": place_label(alone, stands_out=False)} if alone else {}


def _first(row: RawRow) -> str:
    return text(row.cells[0]) if row.cells else ""


def _below(above: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """What holds below a new label: a market ends the rows and hamlets of the one before."""
    kept = {} if "market" in found else dict(above)
    return {**kept, **found}


def _section(row: RawRow, *, is_numbered: bool) -> dict[str, str]:
    """The places a row names where it names nothing else (and no person): field -> name."""
    filled = [value for cell in row.cells if (value := tidy(text(cell)))]
    ordinal = filled[0] if len(filled) > 1 and _ORDINAL.fullmatch(filled[0]) else ""
    named = set(filled[1:] if ordinal else filled)
    if len(named) != 1:
        return {}
    label = named.pop()
    stands_out = not ordinal.isdigit() and (bool(ordinal) or is_numbered or label.endswith(":"))
    return place_label(label, stands_out=stands_out)


def place_label(label: str, *, stands_out: bool) -> dict[str, str]:
    """The places that a label names, each part one; {} where a part is none. `stands_out`: the row is no person's.

    >>> place_label("CHỢ ĐẦM", stands_out=False), place_label("II. Chợ Xép - Dãy B (12 hộ)", stands_out=False)
    ({'market': 'CHỢ ĐẦM'}, {'market': 'Chợ Xép', 'row': 'B'})
    >>> place_label("Lô Văn Bảy", stands_out=False), place_label("LÔ 3", stands_out=False)
    ({}, {'row': '3'})
    """
    bare = re.sub(r"\s*\([^)]*\)$", "", _COUNTED.sub("", label)).strip(" :.-–")
    is_counted = bare != label
    bare = re.sub(r"^(?:[IVXLC]{1,6}|[A-ZĐ]|[0-9]{1,2})[.)]\s*", "", bare)
    found: dict[str, str] = {}
    for part in _PART.split(bare):
        named = _place(part, stands_out=stands_out or is_counted)
        if named is None:
            return {}
        found.update([named])
    return found


def _place(part: str, *, stands_out: bool) -> tuple[str, str] | None:
    lower = part.lower()
    kind = next((name for name, shape in _STRONG if shape.fullmatch(lower)), "")
    if not kind:
        rest = row_name(part)
        is_short = len(rest.split()) == 1 and (len(rest) <= len("A01") or rest.isdigit())
        kind = next((name for name, shape in _WEAK if shape.fullmatch(lower) and (stands_out or is_short)), "")
    if not kind:
        return None
    if kind == "row":
        name = row_name(part)
        return (kind, name) if len(name) <= ROW_MAX else ("other", part)
    return kind, _NAMING.sub("", part) if kind == "line_of_business" else part


def _without_dittos(headed: Headed, row: RawRow, before: RawRow | None) -> Entry:
    """The row with what its ditto marks mean: the place above; a person, a number or an account is never repeated."""
    cells: list[Cell] = list(row.cells)
    notes: list[str] = []
    for name, index in headed.columns.items():
        if index >= len(cells) or not is_ditto(mark := text(cells[index])):
            continue
        is_place = name in PLACES and before is not None and index < len(before.cells)
        cells[index] = before.cells[index] if is_place and before is not None else ""
        if not is_place:
            notes.append(f"{headed.headings.get(name, name)} ghi “{mark}” (như trên): bỏ trống.")
    if not notes and tuple(cells) == row.cells:
        return Entry(row)
    return Entry(replace(row, cells=tuple(cells)), notes=tuple(notes))


def is_running_number(heading: str) -> bool:
    """Tell whether a column only counts the lines: it says nothing about anybody.

    >>> is_running_number("STT"), is_running_number("Số thứ tự"), is_running_number("Số")
    (True, True, False)
    """
    return fold(heading).strip(" .:") in {"stt", "tt", "so tt", "so thu tu", "thu tu", "no", "#", "s.t.t"}
