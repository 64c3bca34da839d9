"""What the books say: balances, what no payout holds yet, payouts and their lines; each person sees their communes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.actors import Actor
from app.cashback.models import PolicyVersion
from app.cashback.payouts.decided import Claim, decisions_of, months_of, refusals_of
from app.cashback.payouts.models import (
    LedgerEntry,
    LedgerPosting,
    PayoutBatch,
    PayoutItem,
    PayoutLine,
    Reconciliation,
)
from app.cashback.payouts.rules.batches import CLOSED, WITHDRAWN, Accrued
from app.cashback.payouts.rules.matching import Due, Refusals
from app.cashback.payouts.rules.postings import (
    ACCRUAL,
    BUDGET,
    DISPUTE,
    DISPUTED,
    PAYMENT,
    Covered,
    Slot,
    Standing,
    Transfer,
    differences,
    granted_after,
)
from app.db import db
from app.errors import NotFoundError
from app.evidence import EvidenceError, path_of
from app.places.models import Unit
from app.places.queries import communes_in_reach
from app.registry.models import Merchant
from app.vn.text import fold
from app.web.paging import Cut, Page


@dataclass(frozen=True, slots=True)
class Balance:
    """A commune's books in four figures, dong."""

    accrued_vnd: int
    paid_vnd: int
    disputed_vnd: int

    @property
    def payable_vnd(self) -> int:
        """What is owed and was in no payout that was paid."""
        return self.accrued_vnd - self.paid_vnd


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would write into the books. `granted_vnd`: what its version of the policy comes to in them then."""

    covered: Covered
    transfers: Sequence[Transfer]
    granted_vnd: int = 0

    @property
    def added_vnd(self) -> int:
        """What payees gain."""
        return sum(each.signed_vnd for each in self.transfers if each.signed_vnd > 0)

    @property
    def taken_vnd(self) -> int:
        """What is taken back."""
        return -sum(each.signed_vnd for each in self.transfers if each.signed_vnd < 0)

    @property
    def adjustments(self) -> Sequence[Transfer]:
        """What concerns months that are closed."""
        return [each for each in self.transfers if each.is_adjustment]


def commune_in_reach(actor: Actor, unit_id: int | None, *roles: str) -> Unit:
    """The commune asked for, or the first there is. Raises NotFoundError where it is not this person's."""
    found = communes_in_reach(actor, *roles)
    chosen = next((each for each in found if unit_id is None or each.id == unit_id), None)
    if chosen is None:
        raise NotFoundError("Không có xã này trong phạm vi của bạn.", remedy="Hãy chọn lại từ danh sách.")
    return chosen


def batch_in_reach(actor: Actor, batch_id: int, *roles: str) -> PayoutBatch:
    """The payout, or NotFoundError where there is none or it is not this person's to see."""
    batch = db.session.get(PayoutBatch, batch_id)
    if batch is None or batch.unit_id not in {each.id for each in communes_in_reach(actor, *roles)}:
        raise NotFoundError("Không có đợt chi trả này.", remedy="Hãy chọn lại từ danh sách.")
    return batch


def batches_of(unit_id: int) -> Sequence[PayoutBatch]:
    """A commune's payouts, newest month first."""
    query = select(PayoutBatch).where(PayoutBatch.unit_id == unit_id)
    return db.session.scalars(query.order_by(PayoutBatch.month.desc(), PayoutBatch.id.desc())).all()


def postings_of(unit_id: int, limit: int = 10) -> Sequence[LedgerPosting]:
    """The latest runs written into the books."""
    query = select(LedgerPosting).where(LedgerPosting.unit_id == unit_id).order_by(LedgerPosting.id.desc())
    return db.session.scalars(query.limit(limit)).all()


def closed_through(unit_id: int) -> str:
    """The last month that was approved for payout, "" for none."""
    query = select(func.max(PayoutBatch.month)).where(PayoutBatch.unit_id == unit_id, PayoutBatch.state.in_(CLOSED))
    return db.session.scalar(query) or ""


def live_months(unit_id: int) -> frozenset[str]:
    """Months with a payout that was not withdrawn."""
    query = select(PayoutBatch.month).where(PayoutBatch.unit_id == unit_id, PayoutBatch.state != WITHDRAWN)
    return frozenset(db.session.scalars(query))


def _signed(account: str, column: "InstrumentedAttribute[str]") -> ColumnElement[int]:
    return case((column == account, LedgerEntry.amount_vnd), else_=-LedgerEntry.amount_vnd)


def balance_of(unit_id: int) -> Balance:
    """The books of a commune."""
    accrued = _signed(BUDGET, LedgerEntry.debit)
    disputed = _signed(DISPUTED, LedgerEntry.credit)
    amount = case(
        (LedgerEntry.kind == ACCRUAL, accrued), (LedgerEntry.kind == DISPUTE, disputed), else_=LedgerEntry.amount_vnd
    )
    query = select(LedgerEntry.kind, func.sum(amount)).where(LedgerEntry.unit_id == unit_id).group_by(LedgerEntry.kind)
    found = {kind: int(total) for kind, total in db.session.execute(query)}
    return Balance(found.get(ACCRUAL, 0), found.get(PAYMENT, 0), found.get(DISPUTE, 0))


def standing(unit_id: int, covered: Covered) -> dict[Slot, Standing]:
    """What the books say now of every decision of these policies."""
    signed = _signed(BUDGET, LedgerEntry.debit)
    query = (
        select(
            LedgerEntry.policy,
            LedgerEntry.reward,
            LedgerEntry.reference,
            LedgerEntry.role,
            LedgerEntry.payee,
            func.min(LedgerEntry.day),
            func.max(LedgerEntry.version),
            func.sum(signed),
            func.count(),
        )
        .where(LedgerEntry.unit_id == unit_id, LedgerEntry.kind == ACCRUAL, LedgerEntry.policy.in_(covered.versions))
        .group_by(LedgerEntry.policy, LedgerEntry.reward, LedgerEntry.reference, LedgerEntry.role, LedgerEntry.payee)
    )
    found: dict[Slot, Standing] = {}
    for policy, reward, reference, role, payee, day, version, amount, count in db.session.execute(query):
        slot = (policy, reward, reference)
        before = found.get(slot)
        amounts = {**(before.amounts if before else {}), (role, payee): int(amount)}
        newest = max(version, before.version if before else 0)
        found[slot] = Standing(day.isoformat(), newest, amounts, count + (before.count if before else 0))
    return found


def planned_posting(unit_id: int, file: Path, versions: Mapping[str, int]) -> Plan:
    """What writing this run into the commune's books would change. Raises RefusedError for a file of no decisions."""
    first, last, policies = months_of(file)
    covered = Covered({policy: versions.get(policy, 0) for policy in policies}, first, last)
    now = standing(unit_id, covered)
    decisions = decisions_of(file, covered.versions, now)
    transfers = differences(str(unit_id), covered, decisions, now, closed_through(unit_id))
    granted = sum(granted_after(version, _of(policy, now), transfers) for policy, version in covered.versions.items())
    return Plan(covered, transfers, granted)


def _of(policy: str, standing: Mapping[Slot, Standing]) -> dict[Slot, Standing]:
    return {slot: now for slot, now in standing.items() if slot[0] == policy}


def posted_elsewhere(unit_id: int, transfers: Iterable[Transfer]) -> tuple[str, Unit] | None:
    """A payment that these transfers reward and another commune's books reward too, and that commune; None: there is
    none, as must be.
    """
    wanted = {(each.policy, each.reference) for each in transfers if each.signed_vnd > 0}
    key = (LedgerEntry.policy, LedgerEntry.reference, LedgerEntry.unit_id)
    query = select(*key).where(
        LedgerEntry.kind == ACCRUAL,
        LedgerEntry.unit_id != unit_id,
        LedgerEntry.policy.in_({policy for policy, _ in wanted}),
    )
    for policy, reference, other in db.session.execute(
        query.group_by(*key).having(func.sum(_signed(BUDGET, LedgerEntry.debit)) > 0)
    ):
        if (policy, reference) in wanted:
            return reference, db.session.get_one(Unit, other)
    return None


def outside_vnd(unit_id: int) -> int:
    """What the books owe by files that an earlier program took from outside: no payout pays it."""
    query = select(func.coalesce(func.sum(_signed(BUDGET, LedgerEntry.debit)), 0))
    query = query.join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
    held = select(PayoutItem.entry_id)
    return int(
        db.session.scalar(
            query.where(LedgerEntry.unit_id == unit_id, LedgerPosting.run_id.is_(None), LedgerEntry.id.not_in(held))
        )
        or 0
    )


def unsettled(unit_id: int) -> list[Accrued]:
    """Accruals of our own runs that no payout holds; what an earlier program took from a file is paid no more."""
    held = select(PayoutItem.entry_id)
    signed = _signed(BUDGET, LedgerEntry.debit)
    columns = (LedgerEntry.id, LedgerEntry.role, LedgerEntry.payee, LedgerEntry.day, signed, LedgerEntry.is_adjustment)
    query = select(*columns).join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
    query = query.where(
        LedgerEntry.unit_id == unit_id,
        LedgerEntry.kind == ACCRUAL,
        LedgerEntry.id.not_in(held),
        LedgerPosting.run_id.is_not(None),
    )
    return [
        Accrued(entry_id, role, payee, day.isoformat()[:7], int(amount), is_adjustment)
        for entry_id, role, payee, day, amount, is_adjustment in db.session.execute(query.order_by(LedgerEntry.id))
    ]


def _amount(entry: LedgerEntry) -> int:
    return entry.amount_vnd if entry.debit == BUDGET else -entry.amount_vnd


def lines_page(batch_id: int, cut: Cut, text: str = "", role: str = "") -> Page[PayoutLine]:
    """One page of a payout's lines, the largest first; `text` finds payees, `role` keeps those of one kind."""
    query = select(PayoutLine).where(PayoutLine.batch_id == batch_id)
    if role:
        query = query.where(PayoutLine.role == role)
    if wanted := fold(text):
        query = query.where(func.lower(PayoutLine.payee).contains(wanted, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.order_by(PayoutLine.amount_vnd.desc(), PayoutLine.role, PayoutLine.payee)
    return cut.page(db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all(), total)


def lines_of(batch_id: int) -> Sequence[PayoutLine]:
    """Every line of a payout, by role and payee."""
    query = select(PayoutLine).where(PayoutLine.batch_id == batch_id)
    return db.session.scalars(query.order_by(PayoutLine.role, PayoutLine.payee)).all()


def line_of(batch_id: int, line_id: int) -> PayoutLine:
    """One line of a payout. Raises NotFoundError."""
    line = db.session.get(PayoutLine, line_id)
    if line is None or line.batch_id != batch_id:
        raise NotFoundError("Không có dòng này trong đợt chi trả.")
    return line


def totals_by_role(batch_id: int) -> list[tuple[str, int, int]]:
    """Role, payees and dong of a payout."""
    query = select(PayoutLine.role, func.count(), func.sum(PayoutLine.amount_vnd))
    query = query.where(PayoutLine.batch_id == batch_id).group_by(PayoutLine.role).order_by(PayoutLine.role)
    return [(role, count, int(total)) for role, count, total in db.session.execute(query)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One accrual as a statement shows it; negative where something was taken back."""

    entry: LedgerEntry
    signed_vnd: int


def _items(batch_id: int) -> Select[LedgerEntry]:
    query = select(LedgerEntry).join(PayoutItem, PayoutItem.entry_id == LedgerEntry.id)
    query = query.where(PayoutItem.batch_id == batch_id)
    return query.order_by(LedgerEntry.role, LedgerEntry.payee, LedgerEntry.day, LedgerEntry.reference, LedgerEntry.id)


def entries_of(batch_id: int, role: str = "", payee: str = "") -> list[Entry]:
    """The entries behind a payout, or behind one payee's line of it."""
    query = _items(batch_id)
    if role:
        query = query.where(LedgerEntry.role == role, LedgerEntry.payee == payee)
    return [Entry(each, _amount(each)) for each in db.session.scalars(query)]


def owed_by_party(batch_id: int) -> dict[tuple[str, str], int]:
    """(role, payee) -> what the entries behind a payout come to."""
    signed = _signed(BUDGET, LedgerEntry.debit)
    query = select(LedgerEntry.role, LedgerEntry.payee, func.sum(signed))
    query = query.join(PayoutItem, PayoutItem.entry_id == LedgerEntry.id).where(PayoutItem.batch_id == batch_id)
    rows = db.session.execute(query.group_by(LedgerEntry.role, LedgerEntry.payee))
    return {(role, payee): int(amount) for role, payee, amount in rows}


def claims_of(batch_id: int, posting_id: int) -> list[Claim]:
    """What a payout grants by the word of one posting."""
    columns = (
        LedgerEntry.policy, LedgerEntry.reward, LedgerEntry.reference, LedgerEntry.role, LedgerEntry.payee,
        LedgerEntry.amount_vnd,
    )  # fmt: skip
    query = select(*columns).join(PayoutItem, PayoutItem.entry_id == LedgerEntry.id)
    query = query.where(
        PayoutItem.batch_id == batch_id, LedgerEntry.posting_id == posting_id, LedgerEntry.debit == BUDGET
    )
    return [
        (policy, reward, reference, role, payee, amount)
        for policy, reward, reference, role, payee, amount in db.session.execute(query)
    ]


def adjustments_of(batch_id: int, limit: int = 100) -> list[Entry]:
    """What this payout makes good for months paid before."""
    query = _items(batch_id).where(LedgerEntry.is_adjustment)
    return [Entry(each, _amount(each)) for each in db.session.scalars(query.limit(limit))]


def dues_of_batch(batch_id: int) -> list[Due]:
    """What a payout owes, for the comparison with the provider's file."""
    return [
        Due(each.entry.payee, each.entry.reference, each.entry.day.isoformat(), each.signed_vnd, each.entry.role)
        for each in entries_of(batch_id)
    ]


def refusals_for(unit_id: int, evidence: Path, references: Iterable[str], payees: Iterable[str]) -> Refusals:
    """Why payments earned nothing, from the latest run in the books whose file is still whole."""
    latest = next(iter(postings_of(unit_id, 1)), None)
    if latest is None:
        return Refusals()
    try:
        decided = path_of(evidence, latest.sha256)
    except EvidenceError:
        return Refusals()
    return refusals_of(decided, references, payees)


def postings_behind(batch_id: int) -> Sequence[LedgerPosting]:
    """The postings whose entries a payout holds, in the order in which they were made."""
    entries = select(LedgerEntry.posting_id).join(PayoutItem, PayoutItem.entry_id == LedgerEntry.id)
    query = select(LedgerPosting).where(LedgerPosting.id.in_(entries.where(PayoutItem.batch_id == batch_id)))
    return db.session.scalars(query.order_by(LedgerPosting.id)).all()


def is_whole(posting: LedgerPosting) -> bool:
    """Whether the books hold of a posting what it says: so many entries, so much added and taken."""
    signed = _signed(BUDGET, LedgerEntry.debit)
    query = select(func.count(), func.coalesce(func.sum(signed), 0)).where(LedgerEntry.posting_id == posting.id)
    count, total = db.session.execute(query).one()
    return (count, int(total)) == (posting.entry_count, posting.added_vnd - posting.taken_vnd)


def reconciliations_of(batch_id: int) -> Sequence[Reconciliation]:
    """The comparisons of a payout, newest first."""
    query = select(Reconciliation).where(Reconciliation.batch_id == batch_id)
    return db.session.scalars(query.order_by(Reconciliation.made_at.desc(), Reconciliation.id.desc())).all()


def disputes_of(batch_id: int) -> dict[tuple[str, str], tuple[int, int]]:
    """(role, payee) -> what is disputed now and by how many entries."""
    disputed = _signed(DISPUTED, LedgerEntry.credit)
    query = select(LedgerEntry.role, LedgerEntry.payee, func.sum(disputed), func.count())
    query = query.where(LedgerEntry.batch_id == batch_id, LedgerEntry.kind == DISPUTE)
    return {
        (role, payee): (int(amount), count)
        for role, payee, amount, count in db.session.execute(query.group_by(LedgerEntry.role, LedgerEntry.payee))
    }


def payee_names(payees: Iterable[str]) -> dict[str, str]:
    """Merchant code -> the shop's name, for those that the registry knows."""
    query = select(Merchant).where(Merchant.code.in_(sorted(set(payees))))
    return {merchant.code: merchant.title for merchant in db.session.scalars(query)}


def policy_titles(policies: Iterable[str]) -> dict[str, str]:
    """Policy -> what its newest version is called."""
    query = select(PolicyVersion).where(PolicyVersion.policy_id.in_(sorted(set(policies))))
    return {row.policy_id: row.title for row in db.session.scalars(query.order_by(PolicyVersion.version))}
