"""Entering and changing merchants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError
from app.registry.actions.sealing import sealed
from app.registry.actions.states import refresh_states
from app.registry.models import Merchant
from app.registry.queries.reach import merchant_in_reach
from app.registry.rules.entries import Faults, NewMerchant, check_text, new_code
from app.registry.rules.merchants import LINE_MAX, checked_merchant
from app.registry.rules.words import CODE_PREFIXES

#: Fields of a merchant that people change, as the audit writes them.
FIELDS = (
    "kind",
    "unit_id",
    "holder_name",
    "shop_name",
    "phone",
    "tax_code",
    "line_of_business",
    "online_shops",
    "has_soundbox",
    "refusal",
    "note",
)


def register_merchant(actor: Actor, now: datetime, entry: NewMerchant, unit_id: int) -> Merchant:
    """A new merchant in this unit (or the one the entry names). Raises RefusedError with every reason."""
    faults = Faults()
    values = checked_merchant(entry, faults)
    faults.refuse()
    if bool(entry.source) != bool(entry.external_id):
        raise RefusedError("Nguồn và số của nguồn phải đi cùng nhau.", remedy="Hãy ghi cả hai, hoặc để trống cả hai.")
    if entry.source and entry.external_id:
        _refuse_known(entry.source, entry.external_id)
    merchant = Merchant(
        **values,
        code=free_code(CODE_PREFIXES[entry.kind]),
        unit_id=entry.unit_id or unit_id,
        source=entry.source or None,
        external_id=entry.external_id or None,
        is_sample=entry.is_sample,
        created_at=now,
        created_by_id=actor.id,
        updated_at=now,
    )
    db.session.add(merchant)
    db.session.flush()
    record(actor, now, "merchant.register", ("merchant", merchant.id), after=sealed(merchant.id, _told(merchant)))
    refresh_states([merchant.id])
    return merchant


def known_merchant(actor: Actor, entry: NewMerchant) -> Merchant | None:
    """The record that this very entry of this source made before; None where it is new.

    Raises ConflictError where the source's number stands for something else, or for a record this person may not see.
    """
    if not (entry.source and entry.external_id):
        return None
    query = select(Merchant).where(Merchant.source == entry.source, Merchant.external_id == entry.external_id)
    known = db.session.scalar(query)
    if known is None:
        return None
    values = checked_merchant(entry, Faults())
    same = all(getattr(known, name) == value for name, value in values.items()) and known.unit_id == entry.unit_id
    if not same:
        raise ConflictError(
            f"Số {entry.external_id} của “{entry.source}” đã có với nội dung khác.", remedy="Hãy sửa hồ sơ ấy."
        )
    return merchant_in_reach(actor, known.id)


def change_merchant(actor: Actor, now: datetime, merchant: Merchant, entry: NewMerchant, version: int) -> Merchant:
    """New values; `version` is what the form was filled in on, and ConflictError says that somebody was faster."""
    if merchant.version != version:
        raise ConflictError(
            "Người khác vừa sửa hồ sơ này.", remedy="Hãy tải lại trang, xem thay đổi của họ rồi sửa tiếp."
        )
    faults = Faults()
    values = checked_merchant(entry, faults)
    faults.refuse()
    if entry.unit_id:
        values["unit_id"] = entry.unit_id
    return _kept(actor, now, merchant, values)


def change_field(actor: Actor, now: datetime, merchant: Merchant, name: str, value: str | int) -> Merchant:
    """One field of a merchant, the others as they are: a line of business, the unit. Raises RefusedError."""
    faults = Faults()
    if name == "line_of_business":
        value = check_text(name, str(value), "Ngành hàng", LINE_MAX, faults)
    faults.refuse()
    return _kept(actor, now, merchant, {name: value})


def _kept(actor: Actor, now: datetime, merchant: Merchant, values: Mapping[str, Any]) -> Merchant:
    before = _told(merchant)
    for name, value in values.items():
        setattr(merchant, name, value)
    after = _told(merchant)
    changed = [name for name in FIELDS if before[name] != after[name]]
    if not changed:
        return merchant
    merchant.version += 1
    merchant.updated_at = now
    record(
        actor,
        now,
        "merchant.change",
        ("merchant", merchant.id),
        before=sealed(merchant.id, {name: before[name] for name in changed}),
        after=sealed(merchant.id, {name: after[name] for name in changed}),
    )
    refresh_states([merchant.id])
    return merchant


def free_code(prefix: str) -> str:
    """A public code that no merchant ever had."""
    while True:
        code = new_code(prefix)
        if db.session.scalar(select(Merchant.id).where(Merchant.code == code)) is None:
            return code


def _refuse_known(source: str, external_id: str) -> None:
    known = db.session.scalar(
        select(Merchant.code).where(Merchant.source == source, Merchant.external_id == external_id)
    )
    if known is not None:
        raise ConflictError(f"Hồ sơ số {external_id} của “{source}” đã có: {known}.")


def _told(merchant: Merchant) -> dict[str, Any]:
    return {name: getattr(merchant, name) for name in FIELDS}
