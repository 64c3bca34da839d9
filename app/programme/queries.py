"""Figures of the desk's first page; each opens to the list it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select

from app.actors import Actor
from app.approval.queries import keeping_notes
from app.approval.rules import APPROVED, PROPOSED, RETIRED
from app.audit.models import AuditEvent
from app.cashback.payouts.models import PayoutBatch
from app.cashback.waiting import waiting_money
from app.db import db
from app.money import format_number
from app.places.models import Unit, Zone
from app.places.queries import communes_in_reach
from app.printing.own_logos import waiting_in
from app.programme.rules import Care, Task
from app.registry.models import MerchantState, PaymentAccount, PointState
from app.registry.queries.duplicates import open_pairs
from app.registry.queries.issues import grave_count
from app.registry.queries.persons import open_requests
from app.registry.queries.reach import merchants_in_reach, points_in_reach
from app.registry.rules.rights import KEEPERS, READERS
from app.registry.rules.stages import ACTIVE, DORMANT, FIRST_PAID, INSTALLED, STAGES, TRAINED
from app.transactions.mapping.queries import waiting_page
from app.transactions.queries import SENDERS
from app.web.paging import Cut

#: Stages in which a code hangs on the wall and money can come.
REACHED = (INSTALLED, TRAINED, FIRST_PAID, ACTIVE, DORMANT)
RECENT = timedelta(days=14)
QUARTER = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a zone is reached: points whose code hangs, of points that somebody holds."""

    name: str
    slug: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 only when all are reached."""
        return self.done * 100 // self.total if self.total else 0


def stage_counts(actor: Actor) -> list[tuple[str, int]]:
    """Merchants by stage, in the order of the ladder; stages without anybody are left out."""
    query = select(MerchantState.stage, func.count()).where(merchants_in_reach(actor)).group_by(MerchantState.stage)
    found: dict[str, int] = dict(db.session.execute(query).all())
    return [(stage, found[stage]) for stage in STAGES if stage in found]


def zone_coverage(actor: Actor, limit: int = 8) -> list[Coverage]:
    """Zones with the most points first."""
    reached = func.sum(case((PointState.stage.in_(REACHED), 1), else_=0))
    query = (
        select(Zone.name, Zone.slug, reached, func.count())
        .join(PointState, PointState.zone_id == Zone.id)
        .where(points_in_reach(actor), PointState.merchant_id.is_not(None))
        .group_by(Zone.id, Zone.name, Zone.slug)
        .order_by(func.count().desc(), Zone.name)
        .limit(limit)
    )
    return [Coverage(name, slug, int(done), total) for name, slug, done, total in db.session.execute(query)]


def waiting_accounts(actor: Actor) -> int:
    """Accounts that wait for a second pair of eyes."""
    query = (
        select(func.count(PaymentAccount.id))
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .where(PaymentAccount.state == PROPOSED, merchants_in_reach(actor))
    )
    return db.session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class KeptTogether:
    """What two people did together in a commune who were both let in by one: how often, when last, whose keys."""

    place: str
    what: str
    who: str
    note: str
    count: int
    last: datetime


def kept_together(actor: Actor, now: datetime) -> list[KeptTogether]:
    """Approvals of the last quarter within reach by two people of one keeper: allowed, and told."""
    accounts = (
        select(Unit.name, PaymentAccount.proposed_by_id, PaymentAccount.proposed_by, PaymentAccount.decided_by_id)
        .add_columns(PaymentAccount.decided_by, func.count(), func.max(PaymentAccount.decided_at))
        .join(MerchantState, MerchantState.merchant_id == PaymentAccount.merchant_id)
        .join(Unit, Unit.id == MerchantState.unit_id)
        .where(PaymentAccount.state.in_((APPROVED, RETIRED)), PaymentAccount.decided_at > now - QUARTER)
        .where(PaymentAccount.proposed_by_id.is_not(None), merchants_in_reach(actor))
        .group_by(Unit.name, PaymentAccount.proposed_by_id, PaymentAccount.proposed_by)
        .group_by(PaymentAccount.decided_by_id, PaymentAccount.decided_by)
    )
    units = [unit.id for unit in communes_in_reach(actor)]
    payouts = (
        select(Unit.name, PayoutBatch.drafted_by_id, PayoutBatch.drafted_by, PayoutBatch.approved_by_id)
        .add_columns(PayoutBatch.approved_by, func.count(), func.max(PayoutBatch.approved_at))
        .join(Unit, Unit.id == PayoutBatch.unit_id)
        .where(PayoutBatch.approved_at > now - QUARTER, PayoutBatch.unit_id.in_(units))
        .group_by(Unit.name, PayoutBatch.drafted_by_id, PayoutBatch.drafted_by)
        .group_by(PayoutBatch.approved_by_id, PayoutBatch.approved_by)
    )
    kinds = (("tài khoản nhận tiền", accounts), ("đợt chi trả", payouts))
    rows = [(what, *row) for what, query in kinds for row in db.session.execute(query)]
    notes = keeping_notes([(one, other) for _, _, one, _, other, *_ in rows])
    told = [
        KeptTogether(place, what, f"{proposer} đưa lên, {approver} duyệt", note, count, last)
        for (what, place, _, proposer, _, approver, count, last), note in zip(rows, notes, strict=True)
        if note
    ]
    return sorted(told, key=lambda each: each.last, reverse=True)


def care(actor: Actor, now: datetime) -> Care:
    """What the record itself wants of this person."""
    grave = grave_count(actor, now) if actor.has(*READERS) else 0
    if not actor.has(*KEEPERS):
        return Care(grave)
    waiting, late = open_requests(actor, now)
    return Care(grave, waiting, late, open_pairs(actor))


def money(actor: Actor, today: date) -> list[Task]:
    """Reports, policies, draws and payouts whose next step is this person's."""
    files = waiting_page(actor, Cut(1, 1)).total if actor.has(*SENDERS) else 0
    found = [
        Task("money", f"{format_number(each.count)} {each.words}", each.hint, each.url, "warn")
        for each in waiting_money(actor, today)
    ]
    if files:
        words = f"{format_number(files)} tệp báo cáo chưa nhận"
        found.append(Task("file", words, "Xem trước rồi nhận, hoặc bỏ qua.", "/desk/reports", "warn"))
    return found


def logos(actor: Actor) -> list[Task]:
    """Logos that another person brought and that this one may agree to."""
    waiting = waiting_in(actor)
    if not waiting:
        return []
    url = f"/desk/prints/logos?unit={waiting[0].unit_id}"
    return [Task("image", f"{len(waiting)} biểu trưng chờ duyệt", "Xem hình cũ cạnh hình mới.", url, "warn")]


def has_communes() -> bool:
    """Whether the commune has been chosen."""
    return db.session.scalar(select(Unit.id).where(Unit.level == "commune").limit(1)) is not None


def has_zones() -> bool:
    """Whether a market, street or centre has been set up."""
    return db.session.scalar(select(Zone.id).limit(1)) is not None


def recent_acts(actor: Actor, now: datetime, limit: int = 6) -> Sequence[AuditEvent]:
    """What this person did last."""
    query = select(AuditEvent).where(AuditEvent.actor_id == actor.id, AuditEvent.at >= now - RECENT)
    return db.session.scalars(query.order_by(AuditEvent.id.desc()).limit(limit)).all()
