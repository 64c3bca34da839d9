"""Names of before 1 July 2025 in what people type: an address, a column of a list, a place; and what they are now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from app.places import catalogue
from app.places.catalogue import Commune, OldName
from app.vn.text import fold, nfc

TEXT_MAX = 300
SHORT = {"x": "xã", "p": "phường", "tt": "thị trấn", "h": "huyện", "q": "quận", "tx": "thị xã", "tp": "thành phố"}
_END = r"(?=\s*(?:$|[,;()\-–.]))"
_MENTION = re.compile(
    r"(?<!\w)(xã|phường|thị trấn|x\.|p\.|tt\.)\s*([^\d\W][^,;()\-–.]{0,39}?|\d{1,2})" + _END, re.IGNORECASE
)
_DISTRICT = re.compile(
    r"(?<!\w)(huyện|quận|thị xã|thành phố|h\.|q\.|tx\.|tp\.)\s*([^,;()\-–.]{1,40}?)" + _END, re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A commune as it was called before, and the one it belongs to today."""

    old: OldName
    now: Commune

    @property
    def note(self) -> str:
        """Xã Cẩm Long (Huyện Cẩm Thủy) nay thuộc Xã Cẩm Tân."""
        district = f" ({self.old.district})" if self.old.district else ""
        return f"{self.old.title.split(',')[0]}{district} nay thuộc {self.now.title.split(',')[0]}."


@lru_cache(maxsize=4096)
def renamed(text: str, province: str = "") -> Renamed | None:
    """The first old commune this text names, where only one of today can be meant; None for names that still stand.

    `province` (its name, or "") is where the writer is: it settles what a name alone would leave open.
    """
    text = nfc(text[:TEXT_MAX])
    districts = [fold(_whole(kind, name)) for kind, name in _DISTRICT.findall(text)]
    for kind, name in _MENTION.findall(text):
        found = _meant(_whole(kind, name), districts, fold(province))
        if found is not None:
            return found
    return None


def old_name_note(text: str, province: str = "") -> str:
    """What to tell the writer about it; "" where nothing was renamed."""
    found = renamed(text, province) if text else None
    return found.note if found is not None else ""


def _meant(typed: str, districts: list[str], province: str) -> Renamed | None:
    title = fold(typed)
    choices: Sequence[Renamed] = _old_by_title().get(title, ())
    for narrower in (
        [each for each in choices if f"{each.old.kind} {each.old.name}".casefold() == typed],  # accents as typed
        [each for each in choices if fold(each.old.district) in districts],
        [each for each in choices if province and fold(each.now.province.name) == province],
    ):
        choices = narrower or choices
    if not choices or len({each.now for each in choices}) > 1:
        return None
    found = choices[0]
    return None if (title, found.now.province.code) in _todays_titles() else found


@cache
def _old_by_title() -> dict[str, tuple[Renamed, ...]]:
    found: dict[str, list[Renamed]] = {}
    for old, now in catalogue.old_names():
        found.setdefault(fold(f"{old.kind} {old.name}"), []).append(Renamed(old, now))
    return {title: tuple(each) for title, each in found.items()}


@cache
def _todays_titles() -> frozenset[tuple[str, str]]:
    """Folded title and province of every commune of today."""
    return frozenset((fold(f"{each.kind} {each.name}"), each.province.code) for each in catalogue.communes().values())


def _whole(kind: str, name: str) -> str:
    """Kind in full and name, in small letters: x. Cẩm Long -> xã cẩm long."""
    short = kind.lower().removesuffix(".")
    return f"{SHORT.get(short, short)} {name}".casefold()
