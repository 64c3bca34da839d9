"""QR codes: one for each point, made of an approved account, never of anything else."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from app.actors import Actor
from app.approval.rules import APPROVED
from app.audit.actions import record
from app.db import db
from app.registry.actions.milestones import note_milestone
from app.registry.models import Merchant, PaymentAccount, Point, QrAsset, Tenancy
from app.registry.rules.accounts import code_payload, payload_digest
from app.registry.rules.entries import new_code
from app.registry.rules.resting import REST
from app.registry.rules.stages import QR_ISSUED

SERIAL_LETTERS = 8
LIVE = ("proposed", "active")


def issue_codes(actor: Actor, now: datetime, merchant: Merchant, waiting: Collection[int] = ()) -> list[QrAsset]:
    """A code of the merchant's newest approved account for every point they hold that has none yet.

    A point that another merchant held before, or that stands in `waiting` (its id: it came here by a merge), gets it as
    a proposal: a second person approves it (`approve_code`), and it rests a day like any change.
    """
    account = db.session.scalar(
        select(PaymentAccount)
        .where(PaymentAccount.merchant_id == merchant.id, PaymentAccount.state == APPROVED)
        .order_by(PaymentAccount.version.desc())
        .limit(1)
    )
    if account is None:
        return []
    payload = code_payload(account.bank_bin, account.account_number, account.payload)
    issued = [
        _issue(actor, now, account, point, payload, waits=point.id in waiting)
        for point in _points_of(merchant.id)
        if not _has_code(point.id, account.id)
    ]
    db.session.flush()
    for asset in issued:
        after = {"serial": asset.serial, "account_id": account.id, "state": asset.state, "sha256": asset.payload_sha256}
        record(actor, now, "qr.issue", ("point", asset.point_id), after=after)
        if asset.state == "active":
            note_milestone(
                actor, now, merchant.id, QR_ISSUED, now, point_id=asset.point_id, evidence=f"qr:{asset.serial}"
            )
    return issued


def _issue(
    actor: Actor, now: datetime, account: PaymentAccount, point: Point, payload: bytes, *, waits: bool
) -> QrAsset:
    changes_hands = waits or _changes_hands(point.id, account.merchant_id, payload_digest(payload), now)
    asset = QrAsset(
        serial=_free_serial(),
        kind="own" if account.payload is None else "provider",
        account_id=account.id,
        point_id=point.id,
        payload=payload,
        payload_sha256=payload_digest(payload),
        state="proposed" if changes_hands else "active",
        issued_at=now,
        issued_by_id=actor.id,
        issued_session=actor.session,
        print_from=None if changes_hands else account.print_from,
    )
    db.session.add(asset)
    return asset


def take_effect(actor: Actor, now: datetime, asset: QrAsset) -> None:
    """A second person agreed to this code at this point: printable after the rest."""
    asset.state, asset.decided_by_id, asset.print_from = "active", actor.id, now + REST
    db.session.flush()
    record(actor, now, "qr.approve", ("point", asset.point_id), after={"serial": asset.serial})
    account = db.session.get_one(PaymentAccount, asset.account_id)
    note_milestone(
        actor, now, account.merchant_id, QR_ISSUED, now, point_id=asset.point_id, evidence=f"qr:{asset.serial}"
    )


def _points_of(merchant_id: int) -> Sequence[Point]:
    held = select(Tenancy.point_id).where(Tenancy.merchant_id == merchant_id, Tenancy.valid_to.is_(None))
    return db.session.scalars(select(Point).where(Point.id.in_(held)).order_by(Point.id)).all()


def _has_code(point_id: int, account_id: int) -> bool:
    query = select(QrAsset.id).where(
        QrAsset.point_id == point_id, QrAsset.account_id == account_id, QrAsset.state.in_(LIVE)
    )
    return db.session.scalar(query.limit(1)) is not None


def _changes_hands(point_id: int, merchant_id: int, sha256: str, now: datetime) -> bool:
    """Whether this code would bring another account onto a point that somebody else held before.

    The code that hung there last decides: where it paid into the same account, nothing changes for whoever scans it.
    One that ended before it could be printed (a merge taken back, a change still at rest) never hung there.
    """
    last = select(QrAsset.payload_sha256).where(
        QrAsset.point_id == point_id,
        QrAsset.state.in_(("active", "replaced")),
        QrAsset.print_from <= now,
        or_(QrAsset.ended_at.is_(None), QrAsset.ended_at >= QrAsset.print_from),
    )
    if db.session.scalar(last.order_by(QrAsset.id.desc()).limit(1)) == sha256:
        return False
    others = select(Tenancy.id).where(Tenancy.point_id == point_id, Tenancy.merchant_id != merchant_id)
    foreign = (
        select(QrAsset.id)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .where(QrAsset.point_id == point_id, PaymentAccount.merchant_id != merchant_id)
    )
    return any(db.session.scalar(query.limit(1)) is not None for query in (others, foreign))


def _free_serial() -> str:
    while True:
        serial = new_code("", SERIAL_LETTERS)
        if db.session.scalar(select(QrAsset.id).where(QrAsset.serial == serial)) is None:
            return serial
