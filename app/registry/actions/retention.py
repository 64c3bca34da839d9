"""Nothing is kept longer than it is needed for: what is due today, and letting it go (Law 91/2025/QH15, art. 3, 14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Text, cast, func, select, update

from app.actors import Actor
from app.approval.rules import APPROVED, PROPOSED
from app.audit.actions import record
from app.db import db
from app.evidence import forget_file, kept_files
from app.registry.actions.erasing import erase_person
from app.registry.models import Consent, ImportBatch, ImportRow, Merchant, MerchantState, PaymentAccount
from app.registry.rules.stages import REFUSED, STOPPED

#: How long after its last use each kind of data is kept.
RAW_LISTS: Final = timedelta(days=730)
LEFT_LINES: Final = timedelta(days=90)
TAKEN_BACK: Final = timedelta(days=20)
SAID_NO: Final = timedelta(days=365)
GONE_AWAY: Final = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Due:
    """One rule: what is let go and why, how many there are now, in words for a person."""

    what: str
    why: str
    count: int


def due_now(now: datetime, evidence_dir: Path) -> list[Due]:
    """What the rules let go of today; nothing is changed."""
    return [
        Due("tệp gốc của danh sách đã nhập", "quá 24 tháng", len(_raw_lists(now, evidence_dir))),
        Due("dòng của danh sách bị từ chối, đã bỏ hoặc đã hoàn tác", "quá 90 ngày", _left_lines(now)),
        *(Due(f"hồ sơ {what}", why, len(_merchants(condition))) for what, why, condition in _reasons(now)),
    ]


def let_go(actor: Actor, now: datetime, evidence_dir: Path, secret: str) -> tuple[list[Due], frozenset[str]]:
    """Lets go of what is due; returns what went, and the files to remove once this is committed."""
    told = due_now(now, evidence_dir)
    files = set(_raw_lists(now, evidence_dir))
    db.session.execute(update(ImportRow).where(*_lines(now)).values(cells=[], values={}))
    for what, why, condition in _reasons(now):
        for merchant_id in _merchants(condition):
            merchant = db.session.get_one(Merchant, merchant_id)
            if merchant.erased_at is None:
                files |= erase_person(actor, now, merchant, secret, f"Hết thời hạn lưu: {what}, {why}.").files
    if any(each.count for each in told):
        record(actor, now, "retention.run", ("retention", 1), after={each.what: each.count for each in told})
    return told, frozenset(files)


def forget_files(evidence_dir: Path, files: Sequence[str]) -> int:
    """Removes these files; how many there were."""
    return sum(forget_file(evidence_dir, digest) for digest in files)


def _raw_lists(now: datetime, evidence_dir: Path) -> list[str]:
    """Files of lists, none of whose uses is younger than the period."""
    used = func.coalesce(ImportBatch.applied_at, ImportBatch.created_at)
    young = select(ImportBatch.sha256).where(used >= now - RAW_LISTS)
    query = select(ImportBatch.sha256).where(ImportBatch.sha256.not_in(young)).distinct()
    return kept_files(evidence_dir, db.session.scalars(query).all())


def _lines(now: datetime) -> tuple[ColumnElement[bool], ...]:
    left = select(ImportBatch.id).where(
        ImportBatch.state.in_(("undone", "dropped")), ImportBatch.created_at < now - LEFT_LINES
    )
    refused = select(ImportBatch.id).where(ImportBatch.created_at < now - LEFT_LINES)
    lines = ImportRow.batch_id.in_(left) | (
        ImportRow.state.in_(("refused", "label", "left")) & ImportRow.batch_id.in_(refused)
    )
    return (lines, cast(ImportRow.cells, Text) != "[]")


def _left_lines(now: datetime) -> int:
    return db.session.scalar(select(func.count()).select_from(ImportRow).where(*_lines(now))) or 0


def _reasons(now: datetime) -> tuple[tuple[str, str, ColumnElement[bool]], ...]:
    """Whose data has no purpose any more: (who, since when, condition on Merchant and MerchantState)."""
    register = Consent.purpose == "register"
    holds = select(Consent.merchant_id).where(register, Consent.withdrawn_at.is_(None))
    young = select(Consent.merchant_id).where(register, Consent.withdrawn_at >= now - TAKEN_BACK)
    said_no = select(Consent.merchant_id).where(register, Consent.withdrawn_at < now - TAKEN_BACK)
    live = select(PaymentAccount.merchant_id).where(PaymentAccount.state.in_((PROPOSED, APPROVED)))
    taken_back = Merchant.id.in_(said_no) & Merchant.id.not_in(holds) & Merchant.id.not_in(young)
    refused = (MerchantState.stage == REFUSED) & (MerchantState.since < now - SAID_NO) & Merchant.id.not_in(live)
    stopped = (MerchantState.stage == STOPPED) & (MerchantState.since < now - GONE_AWAY)
    return (
        ("đã rút đồng ý ghi sổ", "quá 20 ngày", taken_back),
        ("từ chối tham gia", "quá 12 tháng", refused),
        ("đã dừng", "quá 24 tháng", stopped),
    )


def _merchants(condition: ColumnElement[bool]) -> Sequence[int]:
    query = select(Merchant.id).join(MerchantState, MerchantState.merchant_id == Merchant.id).where(condition)
    return db.session.scalars(query.where(Merchant.kind != "public_body").order_by(Merchant.id)).all()
