"""What stands beside a code and is approved with it: whose account, whose shop, which stall, where. Pure.

A piece tells people whom they pay by these words; whoever changes them after approval redirects the money as surely as
whoever changes the account (docs/security.md).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

from app.registry.rules.likeness import POSSIBLE, Likeness, compare
from app.vn.stalls import stall_key
from app.vn.text import fold, tidy

APPROVED: Final = "approved"
REFUSED: Final = "refused"
STATES: Final = (APPROVED, REFUSED)
KEY_MAX: Final = 200
SEEN_CHARS: Final = 16

#: Field -> what people call it.
WORDS: Final = {
    "holder_name": "Chủ tài khoản",
    "owner_name": "Chủ hộ",
    "shop_name": "Tên cửa hàng",
    "point_code": "Mã điểm",
    "zone": "Khu vực",
    "row": "Dãy",
    "stall": "Quầy",
    "place": "Chỗ bán",
}


@dataclass(frozen=True, slots=True)
class Label:
    """The words beside one code; `holder_name` is the account's, `owner_name` the record's."""

    holder_name: str
    owner_name: str
    shop_name: str
    point_code: str
    zone: str
    row: str
    stall: str
    place: str

    @property
    def values(self) -> dict[str, str]:
        """Field -> text, NFC and with single spaces, as labels are kept and compared."""
        return {name: tidy(value) for name, value in asdict(self).items()}

    @property
    def shown_stall(self) -> str:
        """The stall as a piece shows it: row and number where the number stands alone."""
        alone = self.stall.isdecimal() and self.row and self.row.casefold() not in self.stall.casefold()
        return f"{self.row}-{self.stall}" if alone else self.stall


NAMES: Final = tuple(field.name for field in fields(Label))


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not what was approved."""

    name: str
    words: str
    before: str
    after: str


def differences(approved: Label, today: Label) -> tuple[Difference, ...]:
    """What changed since; the same text in another Unicode form or with other blanks is no change."""
    before, after = approved.values, today.values
    return tuple(
        Difference(name, words, before[name], after[name])
        for name, words in WORDS.items()
        if before[name] != after[name]
    )


def fingerprint(labels: Sequence[Label]) -> str:
    """A few letters that are others as soon as one of these words is another."""
    told = json.dumps([label.values for label in labels], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:SEEN_CHARS]


def stall_keys(label: Label) -> frozenset[str]:
    """The stall however it is written: its code, and what the piece shows."""
    return frozenset(stall_key(code)[:KEY_MAX] for code in (label.point_code, label.shown_stall) if code)


def name_key(name: str) -> str:
    """A person's name as it is looked up: small letters without accents."""
    return fold(tidy(name))[:KEY_MAX]


def twin_reasons(mine: Label, theirs: Label) -> Iterator[str]:
    """Why a piece with `mine` could be taken for one with `theirs`, both in one commune; nothing where it could not.

    The same stall in any writing (in the same zone, or where one of the two names none), or names above the threshold
    from which two records are shown as possible duplicates.
    """
    zones = {fold(mine.zone), fold(theirs.zone)}
    if stall_keys(mine) & stall_keys(theirs) and (len(zones) == 1 or "" in zones):
        yield f"cùng quầy {theirs.shown_stall or theirs.point_code}"
    other = Likeness(theirs.holder_name, theirs.shop_name)
    names = {mine.holder_name, mine.owner_name}
    if any(compare(Likeness(name, mine.shop_name), other).score >= POSSIBLE for name in names):
        yield f"giống tên {theirs.shop_name or theirs.holder_name}"
