"""Which market or street a list means: "Sông Mây" is Chợ Sông Mây where that is the only one it can be. Pure."""

import re
from collections.abc import Iterable
from typing import Final

from app.vn.text import fold, fold_tone, tidy

_MARKET_WORDS: Final = re.compile(r"^(?:khu\s+vực\s+)?(?:chợ|khu\s+chợ)\s+", re.IGNORECASE)
_STREET_WORDS: Final = re.compile(r"^(?:tuyến\s+)?(?:đường|phố|tuyến)\s+", re.IGNORECASE)


class Markets:
    """The markets and streets of a commune by the ways people write them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        self._bare: dict[tuple[str, str], set[str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """One more, as a list or a person names it."""
        self._names.setdefault(fold_tone(tidy(name)), name)
        kind, bare = _parts(name)
        self._bare.setdefault((kind, bare), set()).add(name)

    def find(self, written: str) -> str:
        """The market that is meant, as it is called; "" where there is none or it may be several.

        >>> known = Markets(["Chợ Sông Mây", "Chợ Đầm", "Phố Đầm"])
        >>> known.find("Sông Mây"), known.find("CHỢ SÔNG MÂY"), known.find("cho song may"), known.find("Đầm")
        ('Chợ Sông Mây', 'Chợ Sông Mây', 'Chợ Sông Mây', '')
        >>> known.find("Phố Sông Mây"), known.find("Chợ Sóng Mây")
        ('', '')
        """
        exact = self._names.get(fold_tone(tidy(written)))
        if exact:
            return exact
        kind, bare = _parts(written)
        kinds = {kind, ""} if kind else {"market", "street", ""}
        found = {name for each in kinds for name in self._bare.get((each, bare), ())}
        if not found and fold(written) == tidy(written).casefold():  # typed without accents
            found = {name for name in self._names.values() if fold(name) in {fold(written), f"cho {fold(written)}"}}
        return found.pop() if len(found) == 1 else ""


def _parts(name: str) -> tuple[str, str]:
    """Market, street or "" where the name does not say, and the name without that word."""
    said = tidy(name)
    for kind, words in (("market", _MARKET_WORDS), ("street", _STREET_WORDS)):
        bare = words.sub("", said)
        if bare != said:
            return kind, fold_tone(bare)
    return "", fold_tone(said)
