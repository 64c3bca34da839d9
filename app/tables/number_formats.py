"""Number formats of spreadsheets, as far as they show a code: zeros in front, words around the digits."""

import re
from dataclasses import dataclass
from typing import Final

_PARTS: Final = re.compile(
    r'"([^"]*)"|\\(.)|\[([^\]]*)\]|_.|\*.|(General)|([0#?])|(.)', re.IGNORECASE | re.DOTALL
)  # quoted, escaped, in brackets, placeholders, anything else (ECMA-376 part 1, 18.8.31)
_CALCULATES: Final = re.compile(r"[.,%edmyhs/@]", re.IGNORECASE)
_ZEROS_MIN: Final = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """A number as its format shows it; `keeps_zeros`: the format shows every zero in front that such a number has."""

    text: str
    keeps_zeros: bool


def shown_by(code: str, number: int) -> Shown | None:
    """How this number format shows a whole number that is not negative.

    None where the format calculates (decimals, thousands, dates), has conditions or shows nothing but the digits.

    >>> shown_by("0000000000000", 11001234567), shown_by('"A01-"00', 7)
    (Shown(text='0011001234567', keeps_zeros=True), Shown(text='A01-07', keeps_zeros=True))
    >>> shown_by("#,##0", 7), shown_by("0", 7), shown_by("dd/mm", 7)
    (None, None, None)
    """
    parts = _parts(code)
    zeros = sum(part == ("0", "") for part in parts)
    keeps_zeros = zeros >= _ZEROS_MIN and len(str(number)) <= zeros
    if number < 0 or not any(place for place, _ in parts):
        return None
    shown = _filled(parts, str(number))
    return Shown(shown, keeps_zeros) if keeps_zeros or shown != str(number) else None


def _parts(code: str) -> list[tuple[str, str]]:
    """Placeholders ("0", "") and words ("", "A-") in their order; none where the format is of another kind."""
    parts: list[tuple[str, str]] = []
    for quoted, escaped, bracket, general, place, other in _PARTS.findall(code.partition(";")[0]):
        if (bracket and bracket[0].lower() in "<>=$hms") or (other and _CALCULATES.match(other)):
            return []
        if general or place:
            parts.append(("#" if general else place, ""))
        elif quoted or escaped or other:
            parts.append(("", quoted or escaped or other))
    return parts


def _filled(parts: list[tuple[str, str]], digits: str) -> str:
    """The digits from the right into the placeholders; what is left over stands at the first one."""
    shown, left = "", sum(bool(place) for place, _ in parts)
    for place, words in reversed(parts):
        if not place:
            shown = words + shown
            continue
        left -= 1
        taken = digits if not left else digits[-1:]
        digits = digits[: len(digits) - len(taken)]
        shown = (taken or {"0": "0", "?": " "}.get(place, "")) + shown
    return shown.strip()
