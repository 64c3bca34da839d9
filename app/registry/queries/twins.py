"""Whose piece a new code could be taken for: the same stall in any writing, or names that are too much alike."""

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select

from app.approval import rules as approval
from app.db import db
from app.registry.models import CodeLabel, DuplicatePair, Merchant, PaymentAccount, Point, QrAsset
from app.registry.queries.labels import label_at
from app.registry.queries.likeness import commune_id_of
from app.registry.rules.accounts import code_payload, payload_digest
from app.registry.rules.labels import APPROVED, Label, name_key, stall_keys, twin_reasons
from app.registry.rules.likeness import POSSIBLE


def twins(account: PaymentAccount, points: Sequence[Point]) -> tuple[str, ...]:
    """Whose piece a code of this account could be taken for, and why, in words; nobody's where it pays the same.

    Compared with what was approved beside other codes in the commune, whatever their records say since, and with the
    records that look like this one.
    """
    merchant = db.session.get_one(Merchant, account.merchant_id)
    labels = [label_at(account, point) for point in points] or [_without_place(account, merchant)]
    units = {merchant.unit_id, *(point.unit_id for point in points)}
    digest = payload_digest(code_payload(account.bank_bin, account.account_number, account.payload))
    found = {
        reason
        for theirs in _labels_like(account, labels, {commune_id_of(unit) for unit in units}, points, digest)
        for mine in labels
        for reason in twin_reasons(mine, theirs)
    }
    return tuple(sorted(found | set(_records_like(account.merchant_id, digest))))


def _without_place(account: PaymentAccount, merchant: Merchant) -> Label:
    return Label(account.holder_name, merchant.holder_name, merchant.shop_name, "", "", "", "", "")


def _labels_like(
    account: PaymentAccount, labels: Sequence[Label], communes: set[int], points: Sequence[Point], digest: str
) -> Iterator[Label]:
    stalls = {key for label in labels for key in stall_keys(label)}
    names = {name_key(name) for label in labels for name in (label.holder_name, label.owner_name)} - {""}
    query = (
        select(CodeLabel)
        .join(QrAsset, QrAsset.id == CodeLabel.asset_id)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .where(CodeLabel.state == APPROVED, CodeLabel.commune_id.in_(communes))
        .where(or_(CodeLabel.code_key.in_(stalls), CodeLabel.stall_key.in_(stalls), CodeLabel.name_key.in_(names)))
        .where(QrAsset.state.in_(("active", "replaced")), QrAsset.payload_sha256 != digest)
        .where(QrAsset.point_id.not_in([point.id for point in points]))
        .where(PaymentAccount.merchant_id != account.merchant_id)
    )
    return (row.label for row in db.session.scalars(query))


def _records_like(merchant_id: int, digest: str) -> Iterator[str]:
    """Titles of records that look like this one and have an approved account of their own."""
    pairs = select(DuplicatePair.one_id, DuplicatePair.other_id).where(
        or_(DuplicatePair.one_id == merchant_id, DuplicatePair.other_id == merchant_id),
        DuplicatePair.score >= POSSIBLE,
    )
    others = {each for pair in db.session.execute(pairs) for each in pair} - {merchant_id}
    query = (
        select(PaymentAccount)
        .join(PaymentAccount.merchant)
        .where(PaymentAccount.merchant_id.in_(others), PaymentAccount.state == approval.APPROVED)
        .where(Merchant.merged_into_id.is_(None))
    )
    for theirs in db.session.scalars(query) if others else ():
        if payload_digest(code_payload(theirs.bank_bin, theirs.account_number, theirs.payload)) != digest:
            yield f"giống hồ sơ {theirs.merchant.title}"
