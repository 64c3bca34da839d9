"""What the audit holds sealed of a merchant (actions.sealing), readable again as long as their key is there."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from app.db import db
from app.registry.models import PersonKey

SEAL: Final = "niêm:"
GONE: Final = "(đã xoá theo yêu cầu)"
NONCE_BYTES: Final = 12


def keys_at_hand(merchant_ids: Collection[int]) -> Sequence[PersonKey]:
    """The keys of many merchants in one look-up; `opened` asks nobody as long as the caller holds on to them."""
    return db.session.scalars(select(PersonKey).where(PersonKey.merchant_id.in_(merchant_ids))).all()


def opened(merchant_id: int, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What was sealed, readable again; a dash of words where the person was erased."""
    if values is None:
        return None
    kept = db.session.get(PersonKey, merchant_id)
    cipher = AESGCM(kept.key) if kept is not None else None
    return {name: _open(cipher, value) for name, value in values.items()}


def _open(cipher: AESGCM | None, value: object) -> object:
    if not isinstance(value, str) or not value.startswith(SEAL):
        return value
    raw = base64.b64decode(value.removeprefix(SEAL))
    try:
        return json.loads(cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)) if cipher else GONE
    except InvalidTag:
        return GONE
