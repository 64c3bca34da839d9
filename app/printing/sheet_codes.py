"""The code in a sheet's margin: an address of ours that marks the sheet's pieces printed when scanned.

Capitals and digits alone, so that the symbol stays small enough for a margin. The last eight signs are a seal only
this installation can make: who holds the sheet may mark it, and nobody can guess another sheet's.
"""

import base64
import hmac
import re
from urllib.parse import urlsplit

SEAL_CHARS = 8
_CODE = re.compile(r"([1-9][0-9]{0,9})\.([1-9][0-9]{0,5})\.([A-Z2-7]{8})")


def sheet_address(site: str, secret: str, lot_id: int, sheet: int) -> str:
    """The address on a sheet.

    >>> sheet_address("https://cam-tan.example", "x" * 32, 7, 3)
    'HTTPS://CAM-TAN.EXAMPLE/T/7.3.VKUU5BB5'
    """
    path = f"/T/{lot_id}.{sheet}.{_seal(secret, lot_id, sheet)}"
    base = site.rstrip("/")
    # Scheme and host mean the same in capitals; a folder of somebody's web server may not.
    return (base if urlsplit(base).path else base.upper()) + path


def sheet_of(code: str, secret: str) -> tuple[int, int] | None:
    """Lot and sheet behind the last part of an address; None when it is not one of ours."""
    match = _CODE.fullmatch(code)
    if match is None:
        return None
    lot_id, sheet = int(match[1]), int(match[2])
    return (lot_id, sheet) if hmac.compare_digest(match[3], _seal(secret, lot_id, sheet)) else None


def _seal(secret: str, lot_id: int, sheet: int) -> str:
    digest = hmac.digest(secret.encode(), f"sheet {lot_id} {sheet}".encode(), "sha256")
    return base64.b32encode(digest)[:SEAL_CHARS].decode()
