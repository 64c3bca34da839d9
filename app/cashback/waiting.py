"""What of the money waits for one person: each step that is theirs to take, and where it is taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.actors import Actor
from app.approval.queries import objections
from app.cashback.drafting.queries import reports_under
from app.cashback.drafting.rules import APPROVERS as POLICY_APPROVERS
from app.cashback.drawing.queries import next_step
from app.cashback.models import DrawCommitment, PolicyVersion
from app.cashback.payouts.models import PayoutBatch
from app.cashback.payouts.provenance import people_behind
from app.cashback.payouts.rules.batches import APPROVED, DRAFT, EXPORTED, PAID
from app.cashback.payouts.rules.roles import APPROVERS, KEEPERS, PAYERS
from app.cashback.queries import policy_in
from app.db import db
from app.places.queries import units_seen
from app.vn.dates import start_of_day

#: State of a payout -> who takes the next step, and what it is.
STEPS = {
    DRAFT: (APPROVERS, "đợt chi trả chờ duyệt", "Cần một người không có tay trong đợt ấy."),
    APPROVED: (KEEPERS, "đợt chi trả đã duyệt, chưa gửi", "Gửi danh sách cho đơn vị thanh toán."),
    EXPORTED: (PAYERS, "đợt chi trả chờ ghi nhận đã chi", "Ghi nhận khi đơn vị thanh toán đã chi."),
    PAID: (PAYERS, "đợt chi trả chưa đối chiếu", "Gửi tệp chi trả của đơn vị thanh toán."),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many of one kind, what to do with them, and the page of the oldest."""

    count: int
    words: str
    hint: str
    url: str


def waiting_money(actor: Actor, today: date) -> list[Waiting]:
    """Policies, draws and payouts whose next step is this person's; not what four eyes keep from them."""
    return [*_policies(actor), *_draws(actor, today), *_payouts(actor, today)]


def _policies(actor: Actor) -> Iterator[Waiting]:
    query = select(PolicyVersion.id).where(
        PolicyVersion.state == "draft",
        PolicyVersion.created_by_id.is_distinct_from(actor.id),
        units_seen(PolicyVersion.unit_id, actor, *POLICY_APPROVERS),
    )
    yield from _told(
        db.session.scalars(query.order_by(PolicyVersion.id)).all(),
        "chính sách hoàn tiền chờ duyệt",
        "Đọc kỹ lời của chính sách trước khi duyệt.",
        "/desk/cashback/policies/",
    )


def _draws(actor: Actor, today: date) -> Iterator[Waiting]:
    seen = units_seen(PolicyVersion.unit_id, actor, *POLICY_APPROVERS)
    query = select(DrawCommitment).join(PolicyVersion, PolicyVersion.id == DrawCommitment.policy_version_id)
    steps: dict[str, list[int]] = {"close": [], "reveal": []}
    for draw in db.session.scalars(query.where(PolicyVersion.state == "active", seen).order_by(DrawCommitment.id)):
        version = draw.policy_version
        days = [report.last_day for report in reports_under(actor, version) if report.last_day]
        step = next_step(draw, policy_in(version), today, max(days, default=None))
        if (step == "close" and actor.has(*KEEPERS)) or (step == "reveal" and version.created_by_id != actor.id):
            steps[step].append(version.id)
    address = "/desk/cashback/policies/"
    yield from _told(steps["close"], "lần quay chờ chốt danh sách phiếu", "Kỳ đã hết và đã có báo cáo.", address)
    yield from _told(steps["reveal"], "lần quay chờ công bố hạt giống", "Danh sách phiếu đã chốt.", address)


def _payouts(actor: Actor, today: date) -> Iterator[Waiting]:
    for state, (roles, words, hint) in STEPS.items():
        query = select(PayoutBatch).where(PayoutBatch.state == state, units_seen(PayoutBatch.unit_id, actor, *roles))
        found = db.session.scalars(query.order_by(PayoutBatch.id)).all()
        if state == DRAFT:
            cases = [people_behind(batch) for batch in found]
            refused = objections(actor, cases, now=start_of_day(today)) if cases else []
            found = [batch for batch, objection in zip(found, refused, strict=True) if objection is None]
        yield from _told([batch.id for batch in found], words, hint, "/desk/payouts/")


def _told(ids: Sequence[int], words: str, hint: str, address: str) -> Iterator[Waiting]:
    if ids:
        yield Waiting(len(ids), words, hint, f"{address}{ids[0]}")
