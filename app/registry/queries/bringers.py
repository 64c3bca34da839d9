"""Whose hand is in a proposal besides who proposed it: a list passes through several, a merge brings one along."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from app.approval.rules import Involved
from app.audit.models import AuditEvent
from app.db import db
from app.registry.models import ImportBatch, Merge, PaymentAccount
from app.registry.rules.accounts import account_key

LIST_PART: Final = "gửi danh sách"
MERGED_PART: Final = "đề nghị ở hồ sơ đã gộp"
#: Acts by which somebody shapes a list before it is applied.
SHAPING: Final = ("import.lines", "import.confirm_accounts")


def bringers(account: PaymentAccount) -> list[Involved]:
    """Who sent or shaped the list an account came by, and who proposed it for the record that was merged into this.

    Whoever pressed the last button is its proposer, and may never have looked at the number.
    """
    return [*_senders(account.batch_id), *_merged(account)]


def _senders(batch_id: int | None) -> Iterator[Involved]:
    batch = db.session.get(ImportBatch, batch_id) if batch_id else None
    if batch is None:
        return
    if batch.created_by_id is not None:
        yield Involved(batch.created_by_id, LIST_PART, at=batch.created_at)
    query = select(AuditEvent.actor_id, AuditEvent.at).where(
        AuditEvent.subject_kind == "import_batch",
        AuditEvent.subject_id == str(batch.id),
        AuditEvent.action.in_(SHAPING),
        AuditEvent.actor_id.is_not(None),
    )
    yield from (Involved(row.actor_id, LIST_PART, at=row.at) for row in db.session.execute(query))


def _merged(account: PaymentAccount) -> Iterator[Involved]:
    merges = db.session.scalars(select(Merge).where(Merge.kept_id == account.merchant_id))
    gone = [each.gone_id for each in merges if each.moved.get("proposed") == account.id]
    query = select(PaymentAccount).where(PaymentAccount.merchant_id.in_(gone)).order_by(PaymentAccount.id)
    for earlier in db.session.scalars(query) if gone else ():
        if _key(earlier) == _key(account):
            if earlier.proposed_by_id is not None:
                yield Involved(earlier.proposed_by_id, MERGED_PART, earlier.proposed_session, earlier.proposed_at)
            yield from bringers(earlier)


def _key(account: PaymentAccount) -> tuple[str, str, str]:
    return account_key(account.bank_bin, account.account_number, account.payload)
