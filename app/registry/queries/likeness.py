"""Merchants as they are compared with each other, and who stands under the same keys."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, select, tuple_

from app.approval.rules import APPROVED, PROPOSED
from app.db import db
from app.places.models import Unit
from app.registry.models import Merchant, MerchantKey, PaymentAccount, Point, Tenancy
from app.registry.rules.accounts import payload_digest
from app.registry.rules.likeness import Likeness, Place, account_key

CHUNK = 400
#: A key that more merchants share tells nobody apart: a market office's telephone, the most common name of a town.
SHARED_MAX = 25


def likenesses(ids: Collection[int]) -> dict[int, Likeness]:
    """These merchants as they are compared; those merged into others or erased are left out."""
    found: dict[int, Likeness] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        found |= _likenesses(wanted[start : start + CHUNK])
    return found


def _likenesses(ids: Sequence[int]) -> dict[int, Likeness]:
    accounts, points = _accounts(ids), _points(ids)
    query = (
        select(
            Merchant.id,
            Merchant.holder_name,
            Merchant.shop_name,
            Merchant.phone,
            Merchant.tax_code,
            Unit.id,
            Unit.level,
            Unit.parent_id,
        )
        .join(Unit, Unit.id == Merchant.unit_id)
        .where(Merchant.id.in_(ids), Merchant.merged_into_id.is_(None), Merchant.erased_at.is_(None))
    )
    found = {}
    for key, holder, shop, phone, tax, unit_id, level, parent in db.session.execute(query):
        held = points[key]
        found[key] = Likeness(
            holder,
            shop,
            phone or "",
            tax or "",
            parent if level == "hamlet" and parent else unit_id,
            frozenset(accounts[key]),
            frozenset((zone, code) for zone, code, _, _ in held if zone is not None),
            tuple(Place(lat, lng) for _, _, lat, lng in held if lat is not None and lng is not None),
        )
    return found


def _accounts(ids: Sequence[int]) -> Mapping[int, set[str]]:
    query = select(
        PaymentAccount.merchant_id,
        PaymentAccount.kind,
        PaymentAccount.bank_bin,
        PaymentAccount.account_number,
        PaymentAccount.payload,
    ).where(PaymentAccount.merchant_id.in_(ids), PaymentAccount.state.in_((PROPOSED, APPROVED)))
    found: dict[int, set[str]] = defaultdict(set)
    for key, kind, bank, number, payload in db.session.execute(query):
        account = account_key(kind, bank, number, payload_digest(payload) if payload else "")
        if account:
            found[key].add(account)
    return found


def _points(ids: Sequence[int]) -> Mapping[int, list[tuple[int | None, str, float | None, float | None]]]:
    query = (
        select(Tenancy.merchant_id, Point.zone_id, Point.code, Point.lat, Point.lng)
        .join(Point, Point.id == Tenancy.point_id)
        .where(Tenancy.merchant_id.in_(ids), Tenancy.valid_to.is_(None))
    )
    found: dict[int, list[tuple[int | None, str, float | None, float | None]]] = defaultdict(list)
    for key, zone, code, lat, lng in db.session.execute(query):
        found[key].append((zone, code, lat, lng))
    return found


def holders_of(keys: Iterable[tuple[str, str]]) -> set[int]:
    """Who stands under any of these keys, without keys that too many share."""
    wanted = sorted(keys)
    found: set[int] = set()
    for start in range(0, len(wanted), CHUNK):
        pair = tuple_(MerchantKey.kind, MerchantKey.key)
        condition = pair.in_(wanted[start : start + CHUNK])
        rare = (
            select(MerchantKey.kind, MerchantKey.key)
            .where(condition)
            .group_by(MerchantKey.kind, MerchantKey.key)
            .having(func.count() <= SHARED_MAX)
            .subquery()
        )
        query = select(MerchantKey.merchant_id).join(
            rare, (rare.c.kind == MerchantKey.kind) & (rare.c.key == MerchantKey.key)
        )
        found |= set(db.session.scalars(query))
    return found


def begun_names(commune_id: int, folded: str, limit: int = 30) -> set[int]:
    """Whose folded full name begins like this: while somebody is still typing."""
    start = f"{commune_id}:{folded}"
    query = (
        select(MerchantKey.merchant_id)
        .where(MerchantKey.kind == "name", MerchantKey.key >= start, MerchantKey.key < start + "\uffff")
        .order_by(MerchantKey.key, MerchantKey.merchant_id)
        .limit(limit)
    )
    return set(db.session.scalars(query))


def commune_id_of(unit_id: int | None) -> int:
    """The commune a unit lies in (0: none), as keys name it."""
    unit = db.session.get(Unit, unit_id) if unit_id else None
    if unit is None:
        return 0
    return unit.parent_id if unit.level == "hamlet" and unit.parent_id else unit.id
