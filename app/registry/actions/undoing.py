"""Taking a list out again: only what nobody has touched since, and then every trace of it."""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.approval.rules import PROPOSED
from app.db import db
from app.places.models import Stall, Unit, Zone
from app.registry.models import (
    AccountApproval,
    Consent,
    ImportBatch,
    ImportRow,
    Merchant,
    MerchantState,
    Merge,
    Milestone,
    PaymentAccount,
    PersonRequest,
    Point,
    PointState,
    QrAsset,
    Tenancy,
)

CHUNK = 1000


def remove_untouched(batch: ImportBatch) -> int:
    """Removes the batch's merchants with their points and waiting proposals; how many."""
    ids = db.session.scalars(_untouched(batch)).all()
    for start in range(0, len(ids), CHUNK):
        _remove(batch, ids[start : start + CHUNK])
    return len(ids)


def remove_places(batch: ImportBatch) -> None:
    """Removes the zones and hamlets the batch made, as far as nothing else has come to stand in them."""
    for zone_id in batch.made.get("zones", []):
        if not _used(Point.zone_id == zone_id) and not _used(Stall.zone_id == zone_id):
            db.session.execute(delete(Zone).where(Zone.id == zone_id))
    for unit_id in batch.made.get("units", []):
        used = (
            Point.unit_id == unit_id,
            Merchant.unit_id == unit_id,
            Zone.unit_id == unit_id,
            Unit.parent_id == unit_id,
            ImportBatch.unit_id == unit_id,
        )
        if not any(_used(condition) for condition in used):
            db.session.execute(delete(Unit).where(Unit.id == unit_id))
    db.session.expire_all()


def _untouched(batch: ImportBatch) -> Select[int]:
    """Merchants of the batch as it left them: never changed, nothing decided, nothing happened."""
    mine = Merchant.id
    earlier = aliased(Tenancy)
    foreign_tenancy = (Tenancy.merchant_id == mine) & or_(
        Tenancy.valid_to.is_not(None),
        Tenancy.point_id.not_in(select(Point.id).where(Point.batch_id == batch.id)),
        exists().where(earlier.point_id == Tenancy.point_id, earlier.merchant_id != Tenancy.merchant_id),
    )
    return select(Merchant.id).where(
        Merchant.batch_id == batch.id,
        Merchant.version == 1,
        Merchant.merged_into_id.is_(None),
        ~exists().where(Milestone.merchant_id == mine),
        ~exists().where(Consent.merchant_id == mine),
        ~exists().where(PersonRequest.merchant_id == mine),
        ~exists().where(PaymentAccount.merchant_id == mine, PaymentAccount.state != PROPOSED),
        ~exists().where(AccountApproval.account_id == PaymentAccount.id, PaymentAccount.merchant_id == mine),
        ~exists().where(PaymentAccount.merchant_id == mine, PaymentAccount.batch_id.is_distinct_from(batch.id)),
        ~exists().where(foreign_tenancy),
        ~exists().where(or_(Merge.kept_id == mine, Merge.gone_id == mine)),
    )


def _remove(batch: ImportBatch, ids: Sequence[int]) -> None:
    points = db.session.scalars(
        select(Tenancy.point_id)
        .where(Tenancy.merchant_id.in_(ids))
        .where(Tenancy.point_id.not_in(select(QrAsset.point_id)))
    ).all()
    db.session.execute(
        update(ImportRow)
        .where(ImportRow.batch_id == batch.id, ImportRow.merchant_id.in_(ids))
        .values(state="undone", merchant_id=None)
    )
    # Lists that came again said something of them: their lines stand for nobody now.
    db.session.execute(update(ImportRow).where(ImportRow.merchant_id.in_(ids)).values(merchant_id=None))
    for column, values in _rows_of(ids, points):
        db.session.execute(delete(column.class_).where(column.in_(values)))


def _rows_of(ids: Sequence[int], points: Sequence[int]) -> Iterator[tuple[InstrumentedAttribute[int], Sequence[int]]]:
    """What hangs on merchants and points, children first."""
    yield PointState.point_id, points
    yield MerchantState.merchant_id, ids
    yield Tenancy.merchant_id, ids
    yield Point.id, points
    yield PaymentAccount.merchant_id, ids
    yield Merchant.id, ids


def _used(condition: ColumnElement[bool]) -> bool:
    return bool(db.session.scalar(select(exists().where(condition))))
