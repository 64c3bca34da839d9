"""References whose copies say different things, what was settled about them, and whether money went out already."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import duckdb
from sqlalchemy import select

from app.actors import Actor
from app.cashback.payouts.models import LedgerEntry, PayoutBatch, PayoutItem
from app.cashback.payouts.rules.batches import CLOSED
from app.db import db
from app.errors import NotFoundError
from app.places.queries import commune_seen, own_commune_id
from app.settings import Settings
from app.transactions.intake import Copy, lines_in_conflict
from app.transactions.models import IN_FORCE, PROPOSED, ConflictSettlement, Report
from app.transactions.queries import READERS, received, reports_in_use
from app.vn.text import fold

#: What may differ between copies, in the order in which it is shown.
COMPARED = ("paid_at", "kind", "amount_vnd", "customer", "merchant", "status", "reverses")


@dataclass(frozen=True, slots=True)
class Held:
    """One copy and the report it stands in."""

    report: Report
    copy: Copy


@dataclass(frozen=True, slots=True)
class Conflict:
    """A reference with different contents. `settled` holds now; `proposed` waits for another person."""

    reference: str
    copies: tuple[Held, ...]
    settled: ConflictSettlement | None
    proposed: ConflictSettlement | None

    @property
    def differing(self) -> frozenset[str]:
        """What the copies disagree about."""
        return frozenset(name for name in COMPARED if len({getattr(each.copy, name) for each in self.copies}) > 1)

    @property
    def is_open(self) -> bool:
        """Whether nothing that holds was said yet: a settlement for a copy that is gone holds no more."""
        contents = {each.copy.content for each in self.copies}
        return self.settled is None or (self.settled.content != "" and self.settled.content not in contents)


def conflicts_seen(actor: Actor, settings: Settings, text: str = "") -> list[Conflict]:
    """Every conflict among the reports this person may see: the open ones first, then by reference."""
    reports = reports_in_use(actor)
    with duckdb.connect() as engine:
        copies = lines_in_conflict(engine, received(settings, reports))
    wanted = fold(text)
    words = {row.reference: row for row in _words(actor, IN_FORCE)}
    waiting = {row.reference: row for row in _words(actor, PROPOSED)}
    found = [
        Conflict(
            reference,
            tuple(Held(reports[each.file], each) for each in group),
            words.get(reference),
            waiting.get(reference),
        )
        for reference, group in groupby(copies, key=attrgetter("reference"))
        if wanted in fold(reference)
    ]
    return sorted(found, key=lambda each: (not each.is_open, each.reference))


def _words(actor: Actor, state: str) -> Sequence[ConflictSettlement]:
    seen = commune_seen(ConflictSettlement.unit_id, actor, *READERS)
    query = select(ConflictSettlement).where(ConflictSettlement.state == state, seen)
    return db.session.scalars(query.order_by(ConflictSettlement.unit_id.is_not(None), ConflictSettlement.id)).all()


def conflict_of(actor: Actor, settings: Settings, reference: str) -> Conflict:
    """The conflict about this reference. Raises NotFoundError where there is none among this person's reports."""
    found = next((each for each in conflicts_seen(actor, settings, "") if each.reference == reference), None)
    if found is None:
        raise NotFoundError("Giao dịch này không còn mâu thuẫn.", remedy="Hãy tải lại danh sách.")
    return found


def copies_of(actor: Actor, settings: Settings, reference: str) -> tuple[Held, ...]:
    """The copies of this reference, with the reports they stand in; none where nothing contradicts any more."""
    found = (each.copies for each in conflicts_seen(actor, settings) if each.reference == reference)
    return next(found, ())


def settlement_of(actor: Actor, settlement_id: int) -> ConflictSettlement:
    """The settlement with this number, or NotFoundError where there is none or it is another commune's."""
    seen = commune_seen(ConflictSettlement.unit_id, actor, *READERS)
    found = db.session.scalar(select(ConflictSettlement).where(ConflictSettlement.id == settlement_id, seen))
    if found is None:
        raise NotFoundError("Không có lần phân xử này.", remedy="Hãy tải lại danh sách.")
    return found


def history(actor: Actor, limit: int = 50) -> Sequence[ConflictSettlement]:
    """What was settled before, the latest first."""
    seen = commune_seen(ConflictSettlement.unit_id, actor, *READERS)
    return db.session.scalars(
        select(ConflictSettlement).where(seen).order_by(ConflictSettlement.id.desc()).limit(limit)
    ).all()


def paid_out(reference: str, unit_id: int | None) -> bool:
    """Whether a payout that was approved holds money for this reference (in any commune where none is named)."""
    query = (
        select(LedgerEntry.id)
        .join(PayoutItem, PayoutItem.entry_id == LedgerEntry.id)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(LedgerEntry.reference == reference, PayoutBatch.state.in_(CLOSED))
    )
    if unit_id is not None:
        query = query.where(LedgerEntry.unit_id == unit_id)
    return db.session.scalar(query.limit(1)) is not None


def unit_of(actor: Actor, conflict: Conflict) -> int | None:
    """Whose word it is: the one commune whose reports are concerned, else that of the person who speaks."""
    units = {each.report.unit_id for each in conflict.copies}
    return units.pop() if len(units) == 1 else own_commune_id(actor, *READERS)
