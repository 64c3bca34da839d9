"""What stands beside a code today, what was approved to stand there, who changed it, and what looks like it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.approval import rules as approval
from app.db import db
from app.places.models import Stall, Zone
from app.registry.models import CodeLabel, Merchant, PaymentAccount, Point, QrAsset, Tenancy
from app.registry.rules.labels import APPROVED, Label, differences

CHUNK = 500
#: The stall as paper shows it: the floor plan's, else as the list writes it, else the point's own code.
STALL = func.coalesce(Stall.code, func.nullif(Point.stall_text, ""), Point.code)
#: Column of the records -> field of a label.
SHOWN: Final[Mapping[str, Any]] = {
    "holder_name": PaymentAccount.holder_name,
    "owner_name": Merchant.holder_name,
    "shop_name": Merchant.shop_name,
    "point_code": Point.code,
    "zone": func.coalesce(Zone.name, ""),
    "row": Point.row,
    "stall": STALL,
    "place": Point.place,
}


def labels_today(asset_ids: Collection[int]) -> dict[int, Label]:
    """What would be printed beside each of these codes now."""
    found: dict[int, Label] = {}
    for chunk in _chunks(asset_ids):
        query = _beside(select(QrAsset.id, *SHOWN.values())).where(QrAsset.id.in_(chunk))
        found |= {row[0]: Label(*row[1:]) for row in db.session.execute(query)}
    return found


def _beside(query: Select[Any]) -> Select[Any]:
    """The records behind a code, for a query that names `QrAsset`."""
    return (
        query.join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .join(Merchant, Merchant.id == PaymentAccount.merchant_id)
        .join(Point, Point.id == QrAsset.point_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .outerjoin(Stall, Stall.id == Point.stall_id)
    )


def label_at(account: PaymentAccount, point: Point) -> Label:
    """What a code of this account at this point would have beside it now."""
    merchant = db.session.get_one(Merchant, account.merchant_id)
    zone = db.session.get(Zone, point.zone_id) if point.zone_id else None
    stall = db.session.get(Stall, point.stall_id) if point.stall_id else None
    return Label(
        account.holder_name,
        merchant.holder_name,
        merchant.shop_name,
        point.code,
        zone.name if zone else "",
        point.row,
        (stall.code if stall else "") or point.stall_text or point.code,
        point.place,
    )


def decided_labels(asset_ids: Collection[int], state: str = APPROVED) -> dict[int, CodeLabel]:
    """The newest yes (or, with `state`, no) to the words beside each code."""
    found: dict[int, CodeLabel] = {}
    for chunk in _chunks(asset_ids):
        query = select(CodeLabel).where(CodeLabel.asset_id.in_(chunk), CodeLabel.state == state)
        found |= {row.asset_id: row for row in db.session.scalars(query.order_by(CodeLabel.id))}
    return found


def relabelled(condition: ColumnElement[bool], limit: int) -> list[tuple[QrAsset, Label, Label]]:
    """Codes in use beside which something else stands than was approved: (code, approved, today), by point.

    `condition` narrows the points or merchants. The database compares letter by letter, `differences` then forgives
    what is no change.
    """
    query = _relabelled(select(QrAsset, CodeLabel, *SHOWN.values())).where(condition)
    rows = db.session.execute(query.order_by(Point.id, PaymentAccount.version).limit(limit))
    found = [(row[0], row[1].label, Label(*row[2:])) for row in rows]
    return [each for each in found if differences(each[1], each[2])]


def relabelled_merchants() -> Select[int]:
    """Whose codes wait because something else stands beside them than was approved."""
    return _relabelled(select(PaymentAccount.merchant_id).select_from(QrAsset))


def _relabelled(query: Select[Any]) -> Select[Any]:
    kept = aliased(CodeLabel)
    newest = (
        select(func.max(kept.id))
        .where(kept.asset_id == QrAsset.id, kept.state == APPROVED)
        .correlate(QrAsset)
        .scalar_subquery()
    )
    other = or_(*(getattr(CodeLabel, name) != shown for name, shown in SHOWN.items()))
    return (
        _beside(query)
        .join(CodeLabel, CodeLabel.id == newest)
        .join(Tenancy, and_(Tenancy.point_id == Point.id, Tenancy.valid_to.is_(None)))
        .where(QrAsset.state == "active", PaymentAccount.state == approval.APPROVED)
        .where(Tenancy.merchant_id == PaymentAccount.merchant_id, other)
    )


def points_of(merchant_id: int) -> Sequence[Point]:
    """The points a merchant holds today."""
    held = select(Tenancy.point_id).where(Tenancy.merchant_id == merchant_id, Tenancy.valid_to.is_(None))
    return db.session.scalars(select(Point).where(Point.id.in_(held)).order_by(Point.id)).all()


def _chunks(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
