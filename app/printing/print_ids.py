"""The id on every piece, short enough to be read out over the phone: PV-A0106-1-85CC."""

import re
import unicodedata

CODE_MAX = 12
PARTS = 4
_DIGITS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def print_id(prefix: str, point_code: str, serial: int, crc: str) -> str:
    """Commune, point, number of the copy, and the payload's CRC: a piece whose account changed no longer matches.

    >>> print_id("PV", "A01-06", 1, "85CC")
    'PV-A0106-1-85CC'
    """
    return f"{prefix}-{_short(point_code)}-{serial}-{crc}"


def _short(point_code: str) -> str:
    plain = unicodedata.normalize("NFD", point_code.upper().replace("Đ", "D"))
    return re.sub(r"[^A-Z0-9]", "", plain)[:CODE_MAX] or "X"


def heard(text: str) -> str:
    """A print id as somebody read it out: any separator, small letters, O for 0 where only hex can stand.

    >>> heard("pv a0106 1 85cc"), heard("PV-A0106-1-8OCC"), heard("bún riêu")
    ('PV-A0106-1-85CC', 'PV-A0106-1-80CC', '')
    """
    parts = re.split(r"[\s.\-–—_/]+", text.strip().upper())
    if len(parts) < PARTS:
        return ""
    *stem, serial, check = parts
    serial, check = serial.translate(_DIGITS), check.translate(_DIGITS)
    if not (serial.isascii() and serial.isdigit() and re.fullmatch("[0-9A-F]{4}", check)):
        return ""
    prefix, code = stem[0], "".join(stem[1:])
    return f"{prefix}-{code}-{serial}-{check}"


def sounds_like(one: str, other: str) -> bool:
    """Whether two ids differ by no more than a slip of the ear or the finger: one sign, or two changed over."""
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return len(longer) - len(shorter) == 1 and any(
            longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
        )
    wrong = [at for at in range(len(one)) if one[at] != other[at]]
    swapped = len(wrong) == len("ab") and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
    return len(wrong) == 1 or swapped
