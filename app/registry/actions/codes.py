"""QR codes: one for each point, made of an approved account, never of anything else."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from app.actors import Actor
from app.approval.rules import APPROVED
from app.audit.actions import record
from app.db import db
from app.registry.actions.labels import keep_label, same_as_approved
from app.registry.actions.milestones import note_milestone
from app.registry.models import Merchant, PaymentAccount, Point, QrAsset, Tenancy
from app.registry.queries.labels import label_at, points_of
from app.registry.queries.twins import twins
from app.registry.rules.accounts import code_payload, payload_digest
from app.registry.rules.entries import new_code
from app.registry.rules.resting import print_from
from app.registry.rules.stages import QR_ISSUED

SERIAL_LETTERS = 8
LIVE = ("proposed", "active")


def issue_codes(
    actor: Actor, now: datetime, merchant: Merchant, waiting: Collection[int] = (), *, agreed: int | None = None
) -> list[QrAsset]:
    """A code of the merchant's newest approved account for every point they hold that has none yet.

    `agreed`: the account that a second person approves at this moment, who saw the points it is for. At any other point
    the code is a proposal, for nobody but who brought it has agreed that this account is paid there; so it is where
    another merchant was before, or that stands in `waiting` (its id: it came here by a merge), and there it rests a day
    like any change once it is approved (`approve_code`).
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
        _issue(actor, now, account, point, payload, waits=point.id in waiting, agreed=agreed == account.id)
        for point in points_of(merchant.id)
        if not _has_code(point.id, account.id)
    ]
    db.session.flush()
    for asset in issued:
        after = {"serial": asset.serial, "account_id": account.id, "state": asset.state, "sha256": asset.payload_sha256}
        if asset.state == "active":
            after |= keep_label(actor, now, asset, label_at(account, asset.point), print_from=asset.print_from)
        record(actor, now, "qr.issue", ("point", asset.point_id), after=after)
        if asset.state == "active":
            note_milestone(
                actor, now, merchant.id, QR_ISSUED, now, point_id=asset.point_id, evidence=f"qr:{asset.serial}"
            )
    return issued


def _issue(
    actor: Actor, now: datetime, account: PaymentAccount, point: Point, payload: bytes, *, waits: bool, agreed: bool
) -> QrAsset:
    last = _hung_last(point.id, now)
    changes_hands = waits or _changes_hands(last, point.id, account.merchant_id, payload_digest(payload))
    returns = last is not None and last.payload == payload and same_as_approved(last, account, point)
    active = not changes_hands and (agreed or returns)
    asset = QrAsset(
        serial=_free_serial(),
        kind="own" if account.payload is None else "provider",
        account_id=account.id,
        point_id=point.id,
        payload=payload,
        payload_sha256=payload_digest(payload),
        state="active" if active else "proposed",
        is_change=changes_hands or (last is not None and last.payload != payload),
        issued_at=now,
        issued_by_id=actor.id,
        issued_session=actor.session,
        print_from=account.print_from if active else None,
    )
    asset.account, asset.point = account, point
    db.session.add(asset)
    return asset


def take_effect(actor: Actor, now: datetime, asset: QrAsset) -> None:
    """A second person agreed to this code at this point: printable after the rest where it changes what hung there."""
    account, point = db.session.get_one(PaymentAccount, asset.account_id), db.session.get_one(Point, asset.point_id)
    rests = asset.is_change or asset.issued_by_id is None or bool(twins(account, [point]))
    asset.state, asset.decided_by_id, asset.print_from = "active", actor.id, print_from(now, is_change=rests)
    db.session.flush()
    after = keep_label(actor, now, asset, label_at(account, point), print_from=asset.print_from)
    record(actor, now, "qr.approve", ("point", asset.point_id), after=after)
    note_milestone(
        actor, now, account.merchant_id, QR_ISSUED, now, point_id=asset.point_id, evidence=f"qr:{asset.serial}"
    )


def _has_code(point_id: int, account_id: int) -> bool:
    query = select(QrAsset.id).where(
        QrAsset.point_id == point_id, QrAsset.account_id == account_id, QrAsset.state.in_(LIVE)
    )
    return db.session.scalar(query.limit(1)) is not None


def _hung_last(point_id: int, now: datetime) -> QrAsset | None:
    """The code that hung at this point last; one that ended before it could be printed never hung there."""
    last = select(QrAsset).where(
        QrAsset.point_id == point_id,
        QrAsset.state.in_(("active", "replaced")),
        QrAsset.print_from <= now,
        or_(QrAsset.ended_at.is_(None), QrAsset.ended_at >= QrAsset.print_from),
    )
    return db.session.scalar(last.order_by(QrAsset.id.desc()).limit(1))


def _changes_hands(last: QrAsset | None, point_id: int, merchant_id: int, sha256: str) -> bool:
    """Whether this code would bring another account onto a point that somebody else held before.

    The code that hung there last decides: where it paid into the same account, nothing changes for whoever scans it.
    """
    if last is not None and last.payload_sha256 == sha256:
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
