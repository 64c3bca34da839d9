"""Forgetting a person: personal fields overwritten, money kept under a pseudonym, the audit unreadable but whole.

Kept, and why: the record's code and dates (figures of closed months must not change; money rows point at the code),
the proof that consent was given and taken back (purpose, version, method, dates; art. 9 of Law 91/2025/QH15 wants
it provable), who of the staff acted when. Everything that says who the person was goes.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError
from app.registry.actions.accounts import end_account
from app.registry.actions.points import vacate_point
from app.registry.actions.sealing import forget_key
from app.registry.actions.states import refresh_states
from app.registry.models import (
    BulkChange,
    CodeLabel,
    Consent,
    DuplicatePair,
    ImportBatch,
    ImportRow,
    IssueRecord,
    Merchant,
    Merge,
    Milestone,
    PaymentAccount,
    PersonRequest,
    Point,
    QrAsset,
    Tenancy,
)
from app.registry.rules.labels import NAMES
from app.vn.dates import local_date

NOBODY = "Đã xoá theo yêu cầu"
REASON = "Xoá dữ liệu cá nhân theo yêu cầu."
#: Evidence kept as a file under its SHA-256: "photo:<hex>".
FILE_KINDS = ("photo", "signature", "file", "scan")
DIGEST_CHARS = 64


@dataclass(frozen=True, slots=True)
class Erased:
    """Whose records were erased, and the SHA-256 of files to remove once this is committed."""

    codes: tuple[str, ...]
    files: frozenset[str]


def erase_person(actor: Actor, now: datetime, merchant: Merchant, secret: str, reason: str = "") -> Erased:
    """Overwrites all that says who this merchant is, in their record and in those merged into it.

    `secret` keys the pseudonym of their accounts: equal accounts stay equal, nobody can guess them back.
    """
    if merchant.erased_at is not None:
        raise ConflictError("Dữ liệu của người này đã được xoá.", remedy="Hãy tải lại trang.")
    if merchant.merged_into_id is not None:
        raise ConflictError("Hồ sơ này đã được gộp.", remedy="Hãy xoá ở hồ sơ được giữ lại.")
    everybody = [merchant, *_merged_into(merchant)]
    files: set[str] = set()
    for each in everybody:
        files |= _erase(actor, now, each, secret)
        record(actor, now, "merchant.erase", ("merchant", each.id), reason=reason)
    refresh_states([each.id for each in everybody])
    return Erased(tuple(each.code for each in everybody), frozenset(files))


def _merged_into(merchant: Merchant) -> list[Merchant]:
    found = list(db.session.scalars(select(Merchant).where(Merchant.merged_into_id == merchant.id)))
    return found + [deeper for each in found for deeper in _merged_into(each)]


def _erase(actor: Actor, now: datetime, merchant: Merchant, secret: str) -> set[str]:
    _leave_points(actor, now, merchant)
    merchant.erased_at = merchant.updated_at = now
    db.session.flush()  # from here on the database lets their accounts, codes and labels be overwritten
    _forget_accounts(actor, now, merchant, secret)
    files = _forget_evidence(now, merchant) | _forget_lists(merchant)
    merchant.holder_name, merchant.shop_name, merchant.line_of_business, merchant.note = NOBODY, "", "", ""
    merchant.phone = merchant.tax_code = merchant.external_id = merchant.has_soundbox = None
    merchant.online_shops = []
    merchant.version += 1
    db.session.execute(
        delete(DuplicatePair).where((DuplicatePair.one_id == merchant.id) | (DuplicatePair.other_id == merchant.id))
    )
    db.session.execute(delete(BulkChange).where(BulkChange.merchant_id == merchant.id))
    db.session.execute(
        update(IssueRecord).where(IssueRecord.merchant_id == merchant.id).values(snooze_reason="", note="")
    )
    for merge in db.session.scalars(
        select(Merge).where((Merge.kept_id == merchant.id) | (Merge.gone_id == merchant.id))
    ):
        merge.moved, merge.reason = {**merge.moved, "filled": {}}, ""
    db.session.execute(update(PersonRequest).where(PersonRequest.merchant_id == merchant.id).values(note=""))
    forget_key(merchant.id)
    db.session.flush()
    return files


def _leave_points(actor: Actor, now: datetime, merchant: Merchant) -> None:
    """They hold nothing any more; where they stood is forgotten unless it is a market's own stall."""
    held = select(Tenancy.point_id).where(Tenancy.merchant_id == merchant.id, Tenancy.valid_to.is_(None))
    points = db.session.scalars(select(Point).where(Point.id.in_(held))).all()
    for point in points:
        vacate_point(actor, now, point, local_date(now), REASON)
        if point.stall_id is None:
            point.place, point.located_how = "", ""
            point.lat = point.lng = point.cell = point.accuracy_m = None


def _forget_accounts(actor: Actor, now: datetime, merchant: Merchant, secret: str) -> None:
    for account in db.session.scalars(select(PaymentAccount).where(PaymentAccount.merchant_id == merchant.id)):
        pseudonym = _pseudonym(secret, account)
        end_account(actor, now, account, REASON)
        for asset in db.session.scalars(select(QrAsset).where(QrAsset.account_id == account.id)):
            asset.payload, asset.payload_sha256 = b"", hashlib.sha256(pseudonym.encode()).hexdigest()
            if asset.state in {"proposed", "active"}:
                asset.state, asset.ended_at = "void", now
            _forget_labels(asset)
        account.account_number, account.holder_name, account.reason = pseudonym, "", ""
        account.payload = b"" if account.payload is not None else None


def _forget_labels(asset: QrAsset) -> None:
    nothing = dict.fromkeys((*NAMES, "code_key", "stall_key", "name_key", "reason"), "")
    db.session.execute(update(CodeLabel).where(CodeLabel.asset_id == asset.id).values(nothing))


def _pseudonym(secret: str, account: PaymentAccount) -> str:
    """ẩn-…: the same for the same account, of use to nobody without the instance's secret."""
    told = f"{account.bank_bin}:{account.account_number}".encode() + (account.payload or b"")
    return "an-" + hmac.new(secret.encode(), b"account " + told, hashlib.sha256).hexdigest()[:24]


def _forget_evidence(now: datetime, merchant: Merchant) -> set[str]:
    """Signatures, photos and notes; what was agreed to, how and when stays as proof, taken back from today."""
    files: set[str] = set()
    for consent in db.session.scalars(select(Consent).where(Consent.merchant_id == merchant.id)):
        files |= _digests([consent.evidence])
        consent.witness, consent.evidence, consent.withdraw_reason = "", "", ""
        consent.withdrawn_at = consent.withdrawn_at or now
    for milestone in db.session.scalars(select(Milestone).where(Milestone.merchant_id == merchant.id)):
        found = _digests([milestone.evidence])
        milestone.note, milestone.revoke_reason = "", ""
        milestone.evidence = "" if found else milestone.evidence
        files |= found
    return files


def _forget_lists(merchant: Merchant) -> set[str]:
    """Their line of each list; the raw file goes too, since a line cannot be cut out of a file kept as proof."""
    batches = set(db.session.scalars(select(ImportRow.batch_id).where(ImportRow.merchant_id == merchant.id)))
    blank = update(ImportRow).where(ImportRow.merchant_id == merchant.id).values(cells=[], values={}, message="")
    db.session.execute(blank)
    return set(db.session.scalars(select(ImportBatch.sha256).where(ImportBatch.id.in_(batches))))


def _digests(evidence: Sequence[str]) -> set[str]:
    parts = [each.partition(":") for each in evidence]
    return {rest for kind, _, rest in parts if kind in FILE_KINDS and len(rest) == DIGEST_CHARS}
