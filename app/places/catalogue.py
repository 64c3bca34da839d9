"""The provinces and communes of 2025 and their old names, read from maintained packages when someone looks for one.

Nothing is imported into the records until a person picks a commune. Two packages are used, both as data files: names
and codes (vietnam-provinces), and the way from names before 1 July 2025 (vn-address-converter). They spell a few names
differently (dash, apostrophe, place of the tone), and code tables differ between sources: they are joined by province
and name, never by code.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.places.rules import titled
from app.vn.text import fold, nfc

CODES_PACKAGE = "vietnam_provinces"
OLD_NAMES_PACKAGE = "vn_address_converter"
#: The two-tier administration began on this day; the units before it ended the day before.
TWO_TIERS_FROM = date(2025, 7, 1)
LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)
KINDS = {
    "province": ("tỉnh", "thành phố"),
    "commune": ("xã", "phường", "đặc khu"),
    "district": ("huyện", "quận", "thị xã", "thành phố"),
    "old commune": ("xã", "phường", "thị trấn"),
}
FOUND_MAX = 12
_SCATTERED = 4
_ALL_KINDS = tuple(kind for kinds in KINDS.values() for kind in kinds)
_TYPOGRAPHY = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "-": " "})


@dataclass(frozen=True, slots=True)
class Province:
    """A province of today: two-digit code, kind (tỉnh, thành phố) and name without it."""

    code: str
    kind: str
    name: str

    @property
    def title(self) -> str:
        """Thành phố Hà Nội, Tỉnh Thanh Hóa."""
        return titled(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today: five-digit code, kind (xã, phường, đặc khu), name without it, province."""

    code: str
    kind: str
    name: str
    province: Province

    @property
    def title(self) -> str:
        """Xã Cẩm Tân, Tỉnh Thanh Hóa."""
        return f"{titled(self.kind, self.name)}, {self.province.title}"


@dataclass(frozen=True, slots=True)
class OldName:
    """A commune before 1 July 2025, with the district and province it had then. `district` is "" on an island."""

    kind: str
    name: str
    district: str
    province: str

    @property
    def title(self) -> str:
        """Xã Quang Kim, Huyện Bát Xát, Tỉnh Lào Cai."""
        return ", ".join(part for part in (titled(self.kind, self.name), self.district, self.province) if part)


@dataclass(frozen=True, slots=True)
class Found:
    """A commune that fits what was typed, and the old name that led there if it was one."""

    commune: Commune
    through: OldName | None = None


@cache
def communes() -> dict[str, Commune]:
    """Every commune of today by code."""
    found = {}
    for entry in _data(CODES_PACKAGE, "nested-divisions.json"):
        province = Province(f"{entry['code']:02d}", *_cut(nfc(entry["name"]), KINDS["province"], "tỉnh"))
        for ward in entry["wards"]:
            kind, name = _cut(nfc(ward["name"]), KINDS["commune"], ward["division_type"])
            code = f"{ward['code']:05d}"
            found[code] = Commune(code, kind, name, province)
    return found


def code_source() -> str:
    """Where the codes come from, to be kept beside them."""
    return f"vietnam-provinces {version('vietnam-provinces')}"


def commune(code: str) -> Commune | None:
    """The commune of today with this code, if the package knows it."""
    return communes().get(code.zfill(5))


def old_names_of(wanted: Commune) -> list[OldName]:
    """The communes before 1 July 2025 that became (part of) this one."""
    return [old for old, now in old_names() if now == wanted]


def district_words(title: str) -> tuple[str, str]:
    """Kind and name of a district's title.

    >>> district_words("Huyện Bát Xát")
    ('huyện', 'Bát Xát')
    """
    return _cut(title, KINDS["district"], "")


def search(typed: str, most: int = FOUND_MAX) -> list[Found]:
    """Communes for what was typed, in any spelling: today's names first, then those that an old name leads to.

    Exactly the accents typed come first; parts after a comma (district, province) only narrow the choice.
    """
    words = _plain(typed).replace(",", " ").split()
    if not words:
        return []
    head = nfc(typed.split(",", maxsplit=1)[0]).casefold().strip()
    ranked = [(_rank(head, each.title), Found(each)) for each in communes().values() if _fits(words, each.title)]
    reached = {found.commune.code for _, found in ranked}
    for old, each in old_names():
        if each.code not in reached and _fits(words, old.title):
            ranked.append((_rank(head, old.title), Found(each, old)))
            reached.add(each.code)
    ranked.sort(key=lambda item: (item[0], item[1].through is not None, item[1].commune.code))
    scattered = ranked and ranked[0][0] < _SCATTERED
    return [found for rank, found in ranked if rank < _SCATTERED or not scattered][:most]


def _fits(words: list[str], title: str) -> bool:
    """Each word typed begins a word of the title."""
    parts = _plain(title).replace(",", " ").split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _rank(head: str, title: str) -> int:
    """How well a name fits: 0 with its accents, 1 without, 2 begins so, 3 somewhere in one piece, 4 scattered."""
    places = [part for place in title.split(", ") for part in (place, _cut(place, _ALL_KINDS, "")[1])]
    if head in [place.casefold() for place in places]:
        return 0
    bare, plain = _plain(head), [_plain(place) for place in places]
    if bare in plain:
        return 1
    if any(place.startswith(bare) for place in plain):
        return 2
    return 3 if any(f" {bare}" in f" {place}" for place in plain) else _SCATTERED


@cache
def _plain(text: str) -> str:
    return " ".join(fold(text.translate(_TYPOGRAPHY)).replace("'", "").split())


@cache
def old_names() -> tuple[tuple[OldName, Commune], ...]:
    """Every old commune with the one of today; a name that no source of today knows is left out."""
    if find_spec(OLD_NAMES_PACKAGE) is None:
        return ()
    exact = {(fold(_bare(c.province.title)), titled(c.kind, c.name).casefold()): c for c in communes().values()}
    plain: dict[tuple[str, str], list[Commune]] = {}
    for (province, _), each in exact.items():
        plain.setdefault((province, _plain(titled(each.kind, each.name))), []).append(each)
    pairs = []
    for old, province, ward in _conversions(_data(OLD_NAMES_PACKAGE, "ward_mapping.json")):
        key = fold(_bare(province))
        found = exact.get((key, ward.casefold()))
        alike = plain.get((key, _plain(ward)), [])
        if found or len(alike) == 1:
            pairs.append((old, found or alike[0]))
    return tuple(pairs)


def _conversions(data: dict[str, Any]) -> Iterator[tuple[OldName, str, str]]:
    for province, districts in data.items():
        for district, wards in districts.items():
            if not isinstance(wards, dict) or district.startswith("legacy_"):
                continue
            for ward, target in wards.items():
                if isinstance(target, dict) and "new_ward_name" in target:
                    kind, name = _cut(nfc(ward), KINDS["old commune"], "xã")
                    old = OldName(kind, name, nfc(district), nfc(province))
                    yield old, nfc(target["new_provine_name"]), nfc(target["new_ward_name"])


def _bare(province: str) -> str:
    return _cut(nfc(province), KINDS["province"], "")[1]


def _cut(title: str, kinds: tuple[str, ...], default: str) -> tuple[str, str]:
    """Kind and name of a title such as Phường Hoàn Kiếm."""
    for kind in kinds:
        if title.casefold().startswith(f"{kind} "):
            return kind, title[len(kind) + 1 :].strip()
    return default, title


def _data(package: str, file: str) -> Any:  # noqa: ANN401 - JSON
    """A data file of an installed package, without running the package."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"thiếu gói {package}; hãy cài lại Chợ Số")
    return json.loads((Path(spec.submodule_search_locations[0]) / "data" / file).read_text("utf-8"))
