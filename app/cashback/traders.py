"""What one trader may know of their own cashback: earned, left this month, the last payments, what was paid out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select

from app.cashback.asking import Payment, decided, payments_of, standings
from app.cashback.payouts.models import PayoutBatch, PayoutLine
from app.cashback.payouts.rules.batches import DRAFT, WITHDRAWN
from app.cashback.queries import approved_runs
from app.cashback.standings import Standing
from app.db import db
from app.places.queries import commune_of
from app.registry.models import Merchant, Point, PointState
from app.web.paging import Cut

MERCHANT = "merchant"
PAYMENTS_SHOWN = 15
PAYOUTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class PaidOut:
    """One month's payout to the trader; `paid_at` is None until the provider said that it paid."""

    month: str
    amount_vnd: int
    state: str
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class TraderCard:
    """A trader's card. `reaches` is how far the reports go: what was paid after it is not counted yet."""

    standings: Sequence[Standing]
    payments: Sequence[Payment]
    payouts: Sequence[PaidOut]
    reaches: date | None
    decided_at: datetime | None

    def running(self, today: date) -> list[Standing]:
        """Under programmes that grant today: one that is over or has not begun leaves nothing to use."""
        return [
            each
            for each in self.standings
            if (each.policy.first_day or today) <= today <= (each.policy.last_day or today)
        ]

    @property
    def month_vnd(self) -> int:
        """Earned this month."""
        return sum(each.month_vnd for each in self.standings)

    @property
    def total_vnd(self) -> int:
        """Earned in all."""
        return sum(each.total_vnd for each in self.standings)


def card_of(merchant: Merchant, facts_dir: Path, today: date) -> TraderCard:
    """The card on a day, from the runs under policies that two people agreed to and from the payouts approved."""
    sources = decided(facts_dir, approved_runs(commune_of(merchant.unit).id))
    names = names_of(merchant)
    found = [each for each in standings(sources, names, today) if each.role == MERCHANT]
    return TraderCard(
        found,
        payments_of(sources, names, Cut(1, PAYMENTS_SHOWN), role=MERCHANT).items,
        _payouts(merchant, names),
        _reaches(found),
        max((each.run.created_at for each in sources), default=None),
    )


def names_of(merchant: Merchant) -> list[str]:
    """What reports may call this merchant: its code, those merged into it, and its points' codes that nobody shares."""
    merged = db.session.scalars(select(Merchant.code).where(Merchant.merged_into_id == merchant.id))
    held = select(Point.code).join(PointState, PointState.point_id == Point.id)
    shared = select(Point.code).group_by(Point.code).having(func.count() > 1)
    points = held.where(PointState.merchant_id == merchant.id, Point.code.not_in(shared))
    return [merchant.code, *merged, *sorted(set(db.session.scalars(points)))]


def _payouts(merchant: Merchant, names: Sequence[str]) -> list[PaidOut]:
    query = (
        select(PayoutBatch.month, func.sum(PayoutLine.amount_vnd), PayoutBatch.state, PayoutBatch.paid_at)
        .join(PayoutLine, PayoutLine.batch_id == PayoutBatch.id)
        .where(
            PayoutBatch.unit_id == commune_of(merchant.unit).id,
            PayoutBatch.state.not_in((DRAFT, WITHDRAWN)),
            PayoutLine.role == MERCHANT,
            PayoutLine.payee.in_(list(names)),
        )
        .group_by(PayoutBatch.id, PayoutBatch.month, PayoutBatch.state, PayoutBatch.paid_at)
        .order_by(PayoutBatch.month.desc())
        .limit(PAYOUTS_SHOWN)
    )
    return [PaidOut(month, int(amount), state, paid_at) for month, amount, state, paid_at in db.session.execute(query)]


def _reaches(found: Sequence[Standing]) -> date | None:
    days = [date.fromisoformat(each.last_paid_at[:10]) for each in found if each.last_paid_at]
    return max(days, default=None)
