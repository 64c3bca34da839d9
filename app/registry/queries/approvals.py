"""What waits for a second person: accounts, and codes for stalls that changed hands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.actors import Actor
from app.approval.rules import APPROVED, PROPOSED, Involved
from app.db import db
from app.qr import Payee
from app.registry.models import ImportBatch, Merchant, MerchantState, PaymentAccount, Point, QrAsset
from app.registry.queries.changers import behind_label
from app.registry.queries.labels import decided_labels, label_at, points_of, relabelled
from app.registry.queries.reach import merchants_in_reach
from app.registry.queries.twins import twins
from app.registry.rules.accounts import payees
from app.registry.rules.labels import REFUSED, Difference, Label, differences, fingerprint
from app.registry.rules.rights import APPROVERS
from app.web.paging import Cut, Page

LISTS_MAX = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal beside what is printed today: what will stand beside its codes, and what an approver must doubt."""

    account: PaymentAccount
    merchant: Merchant
    current: PaymentAccount | None
    shared_with: tuple[str, ...]  #: who else is paid into the same account
    labels: tuple[Label, ...]  #: one for each point
    twins: tuple[str, ...]  #: whose piece it could be taken for
    also_pays: tuple[Payee, ...]  #: whom a provider's code pays besides

    @property
    def is_change(self) -> bool:
        """Whether its code rests a day once it is approved."""
        return self.current is not None or bool(self.twins)

    @property
    def seen(self) -> str:
        """What was shown; `approve_account` refuses where it is not so any more."""
        return fingerprint(self.labels)


@dataclass(frozen=True, slots=True)
class WaitingLabel:
    """Words that were changed beside a point's codes since they were approved, and who changed them."""

    point: Point
    merchant: Merchant
    changed: tuple[Difference, ...]
    behind: tuple[Involved, ...]
    seen: str


def waiting_accounts(actor: Actor, cut: Cut, only_changes: bool = False) -> Page[Waiting]:
    """One page of the proposals this person could decide, changes of an account first, then the oldest."""
    approved = select(PaymentAccount.merchant_id).where(PaymentAccount.state == APPROVED)
    is_change = PaymentAccount.merchant_id.in_(approved)
    query = (
        select(PaymentAccount)
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(PaymentAccount.state == PROPOSED, merchants_in_reach(actor, *APPROVERS))
    )
    if only_changes:
        query = query.where(is_change)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.options(joinedload(PaymentAccount.merchant), selectinload(PaymentAccount.approvals))
    query = query.order_by(is_change.desc(), PaymentAccount.id).offset(cut.offset).limit(cut.per_page)
    return cut.page(_beside(db.session.scalars(query).all()), total)


def _beside(accounts: Sequence[PaymentAccount]) -> list[Waiting]:
    ids = [account.merchant_id for account in accounts]
    query = select(PaymentAccount).where(PaymentAccount.merchant_id.in_(ids), PaymentAccount.state == APPROVED)
    current = {each.merchant_id: each for each in db.session.scalars(query.order_by(PaymentAccount.version))}
    shared = _sharers(accounts)
    points = {account.id: points_of(account.merchant_id) for account in accounts}
    return [
        Waiting(
            account,
            account.merchant,
            current.get(account.merchant_id),
            tuple(
                title
                for merchant_id, title in shared.get((account.bank_bin, account.account_number), [])
                if merchant_id != account.merchant_id
            ),
            tuple(label_at(account, point) for point in points[account.id]),
            twins(account, points[account.id]),
            payees(account.payload).others if account.payload else (),
        )
        for account in accounts
    ]


def _sharers(accounts: Sequence[PaymentAccount]) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """Which merchants have, or want, each of these account numbers."""
    numbers = [account.account_number for account in accounts if account.account_number]
    query = (
        select(
            PaymentAccount.bank_bin,
            PaymentAccount.account_number,
            Merchant.id,
            Merchant.shop_name,
            Merchant.holder_name,
        )
        .join(Merchant, Merchant.id == PaymentAccount.merchant_id)
        .where(PaymentAccount.account_number.in_(numbers), PaymentAccount.state.in_((PROPOSED, APPROVED)))
        .distinct()
    )
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for bank_bin, number, merchant_id, shop, holder in db.session.execute(query):
        found.setdefault((bank_bin, number), []).append((merchant_id, shop or holder))
    return found


def waiting_codes(actor: Actor, limit: int = 100) -> Sequence[QrAsset]:
    """Codes for stalls that carried another merchant's code before."""
    query = (
        select(QrAsset)
        .join(PaymentAccount, PaymentAccount.id == QrAsset.account_id)
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(QrAsset.state == "proposed", merchants_in_reach(actor, *APPROVERS))
        .options(joinedload(QrAsset.point), joinedload(QrAsset.account).joinedload(PaymentAccount.merchant))
        .order_by(QrAsset.id)
        .limit(limit)
    )
    return db.session.scalars(query).all()


def waiting_labels(actor: Actor, limit: int = 200) -> list[WaitingLabel]:
    """Points whose words were changed since they were approved, without those that somebody has refused as they are."""
    theirs = select(MerchantState.merchant_id).where(merchants_in_reach(actor, *APPROVERS))
    found = relabelled(Merchant.id.in_(theirs), limit)
    refused = decided_labels([asset.id for asset, _, _ in found], REFUSED)
    groups: dict[int, list[tuple[QrAsset, Label, Label]]] = {}
    for asset, approved, today in found:
        said_no = refused.get(asset.id)
        if said_no is None or differences(said_no.label, today):
            groups.setdefault(asset.point_id, []).append((asset, approved, today))
    return [
        WaitingLabel(
            group[0][0].point,
            group[0][0].account.merchant,
            tuple({each: None for _, approved, today in group for each in differences(approved, today)}),
            tuple({each: None for asset, approved, _ in group for each in behind_label(asset, approved)}),
            fingerprint([today for _, _, today in group]),
        )
        for group in groups.values()
    ]


def recent_decisions(actor: Actor, since: datetime, limit: int = 20) -> Sequence[PaymentAccount]:
    """What was decided lately, newest first."""
    query = (
        select(PaymentAccount)
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(PaymentAccount.decided_at >= since, merchants_in_reach(actor, *APPROVERS))
        .options(joinedload(PaymentAccount.merchant))
        .order_by(PaymentAccount.decided_at.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def first_accounts_of(batch_id: int) -> Sequence[int]:
    """Waiting accounts that a list brought, of merchants without an approved one, and that nobody else has or wants."""
    approved = select(PaymentAccount.merchant_id).where(PaymentAccount.state == APPROVED)
    other = aliased(PaymentAccount)
    shared = exists().where(
        other.bank_bin == PaymentAccount.bank_bin,
        other.account_number == PaymentAccount.account_number,
        other.merchant_id != PaymentAccount.merchant_id,
        other.state.in_((PROPOSED, APPROVED)),
    )
    query = select(PaymentAccount.id).where(
        PaymentAccount.batch_id == batch_id,
        PaymentAccount.state == PROPOSED,
        PaymentAccount.merchant_id.not_in(approved),
        ~shared,
    )
    return db.session.scalars(query.order_by(PaymentAccount.id)).all()


def lists_waiting(actor: Actor) -> list[tuple[ImportBatch, int]]:
    """Lists whose accounts wait, with how many this person could decide; the newest first."""
    query = (
        select(PaymentAccount.batch_id, func.count())
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(PaymentAccount.state == PROPOSED, PaymentAccount.batch_id.is_not(None))
        .where(merchants_in_reach(actor, *APPROVERS))
        .group_by(PaymentAccount.batch_id)
        .order_by(PaymentAccount.batch_id.desc())
        .limit(LISTS_MAX)
    )
    counts: dict[int, int] = {row[0]: row[1] for row in db.session.execute(query) if row[0] is not None}
    batches = {each.id: each for each in db.session.scalars(select(ImportBatch).where(ImportBatch.id.in_(counts)))}
    return [(batches[batch_id], count) for batch_id, count in counts.items()]
