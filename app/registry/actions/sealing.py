"""Names and numbers inside the audit, sealed with a key of each merchant's own.

The chain can never be changed, and a person may ask to be forgotten: so what the chain holds about them can only be
read with their key (AES-256-GCM), and erasing them destroys that key. The chain stays whole to the last hash.
"""

import base64
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.registry.models import PaymentAccount, PersonKey, Tenancy
from app.registry.queries.sealed import GONE, SEAL, opened

#: Fields of merchants, accounts and points that say who somebody is, or where.
WHO: Final = ("holder_name", "owner_name", "shop_name", "phone", "tax_code", "note", "account_tail", "online_shops")
PERSONAL: Final = frozenset((*WHO, "line_of_business", "place", "lat", "lng"))
NONCE_BYTES: Final = 12
HELD: Final = "person_keys"
EMPTY: Final[tuple[object, ...]] = (None, "", [])


def sealed(merchant_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, those that say who it is readable only with this merchant's key."""
    secret = [name for name, value in values.items() if name in PERSONAL and value not in EMPTY]
    if not secret:
        return dict(values)
    cipher = AESGCM(_key(merchant_id))
    return {name: _seal(cipher, value) if name in secret else value for name, value in values.items()}


def forget_key(merchant_id: int) -> None:
    """Nothing sealed for this merchant can be read any more, by anybody."""
    kept = db.session.get(PersonKey, merchant_id)
    if kept is not None:
        db.session.delete(kept)
        db.session.flush()


def init_sealing(app: Flask) -> None:
    """Lets the audit's page show what was sealed, to who may open it."""
    app.extensions["choso_reveal"] = _reveal


def _reveal(kind: str, key: str, values: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if kind == "merchant" and key.isdigit():
        return opened(int(key), values)
    if kind == "payment_account" and key.isdigit():
        account = db.session.get(PaymentAccount, int(key))
        return opened(account.merchant_id, values) if account is not None else values
    if kind == "point" and key.isdigit():
        for holder in db.session.scalars(select(Tenancy.merchant_id).where(Tenancy.point_id == int(key)).distinct()):
            found = opened(holder, values)
            if found is None or GONE not in found.values():
                return found
    return values


def _key(merchant_id: int) -> bytes:
    kept = db.session.get(PersonKey, merchant_id)
    if kept is None:
        kept = PersonKey(merchant_id=merchant_id, key=AESGCM.generate_key(bit_length=256))
        db.session.add(kept)
        db.session.flush()
    # The session lets go of what nobody holds, and one act seals for one merchant several times.
    db.session.info.setdefault(HELD, set()).add(kept)
    return kept.key


def _seal(cipher: AESGCM, value: object) -> str:
    nonce = os.urandom(NONCE_BYTES)
    text = json.dumps(value, ensure_ascii=False).encode()
    return SEAL + base64.b64encode(nonce + cipher.encrypt(nonce, text, None)).decode("ascii")
