"""The id on every piece, short enough to be read out over the phone: PV-A0106-1-85CC."""

import re
import unicodedata

CODE_MAX = 12


def print_id(prefix: str, point_code: str, serial: int, crc: str) -> str:
    """Commune, point, number of the copy, and the payload's CRC: a piece whose account changed no longer matches.

    >>> print_id("PV", "A01-06", 1, "85CC")
    'PV-A0106-1-85CC'
    """
    return f"{prefix}-{_short(point_code)}-{serial}-{crc}"


def _short(point_code: str) -> str:
    plain = unicodedata.normalize("NFD", point_code.upper().replace("Đ", "D"))
    return re.sub(r"[^A-Z0-9]", "", plain)[:CODE_MAX] or "X"
