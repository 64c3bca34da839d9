"""Writing a run of ours into a commune's books, where entries are only ever added."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import insert, select

from app.actors import Actor
from app.audit.actions import record
from app.cashback.payouts import queries
from app.cashback.payouts.models import LedgerPosting
from app.cashback.payouts.own_runs import Run, run_to_post
from app.cashback.payouts.rules.postings import ACCRUAL, Transfer
from app.cashback.payouts.rules.roles import KEEPERS
from app.cashback.queries import policy_in
from app.db import Model, db
from app.errors import ForbiddenError, RefusedError
from app.money import format_vnd
from app.places.models import Unit
from app.settings import Settings

CHUNK = 5000


def post_decisions(actor: Actor, now: datetime, settings: Settings, unit_id: int, run_id: int) -> LedgerPosting | None:
    """Writes what a run of ours says other than the books; None where they say the same already.

    Raises RunNotFitError, ChangedDecisionsError (own_runs.run_to_post), and RefusedError where the policy's budget does
    not reach, or a payment stands in another commune's books.
    """
    require(actor, KEEPERS)
    queries.commune_in_reach(actor, unit_id, *KEEPERS)
    lock_books(unit_id)
    found = run_to_post(actor, settings, unit_id, run_id)
    plan = queries.planned_posting(unit_id, found.file, found.versions)
    check_plan(unit_id, found, plan)
    if not plan.transfers:
        return None
    posting = LedgerPosting(
        unit_id=unit_id,
        run_id=found.run.id,
        sha256=found.run.decisions_sha256,
        name=found.name,
        first_month=plan.covered.first_month,
        last_month=plan.covered.last_month,
        versions=dict(plan.covered.versions),
        entry_count=len(plan.transfers),
        added_vnd=plan.added_vnd,
        taken_vnd=plan.taken_vnd,
        posted_at=now,
        posted_by_id=actor.id,
        posted_by=actor.name,
    )
    db.session.add(posting)
    db.session.flush()
    insert_entries(_accrual(each, unit_id, posting.id, now) for each in plan.transfers)
    amounts = {"entries": posting.entry_count, "added_vnd": posting.added_vnd, "taken_vnd": posting.taken_vnd}
    after = {"run": run_id, "sha256": posting.sha256, **amounts}
    record(actor, now, "ledger.post", ("ledger", posting.id), after=after)
    return posting


def check_plan(unit_id: int, found: Run, plan: queries.Plan) -> None:
    """Raises RefusedError where the budget does not reach, or a payment would be rewarded twice."""
    if plan.covered.versions != found.versions:
        raise RefusedError(f"{found.name}: có quyết định của chính sách khác.", remedy="Hãy xét lại.")
    budget_vnd = policy_in(found.version).budget_vnd
    if budget_vnd is not None and plan.granted_vnd > budget_vnd:
        raise RefusedError(
            f"{found.name}: sổ sẽ ghi {format_vnd(plan.granted_vnd)}, quá ngân sách {format_vnd(budget_vnd)}.",
            remedy="Hãy đưa mọi báo cáo của các tháng đã ghi sổ vào một lần xét, hoặc soạn bản chính sách mới.",
        )
    if any(not each.payee and each.signed_vnd > 0 for each in plan.transfers):
        raise RefusedError(
            f"{found.name}: có khoản thưởng không có người nhận, vì dòng báo cáo không ghi điểm bán.",
            remedy="Hãy soạn bản chính sách có danh sách điểm (points: listed) rồi xét lại.",
        )
    if twice := queries.posted_elsewhere(unit_id, plan.transfers):
        reference, other = twice
        raise RefusedError(
            f"{found.name}: giao dịch {reference} đã ghi trong sổ của {other.title}.",
            remedy="Một giao dịch chỉ hoàn tiền ở một xã: hãy xét với danh sách điểm của riêng xã này.",
        )


def _accrual(each: Transfer, unit_id: int, posting_id: int, now: datetime) -> dict[str, object]:
    values = {name: getattr(each, name) for name in Transfer.__dataclass_fields__}
    return {
        **values,
        "day": date.fromisoformat(each.day),
        "unit_id": unit_id,
        "kind": ACCRUAL,
        "posting_id": posting_id,
        "batch_id": None,
        "posted_at": now,
    }


def insert_entries(rows: Iterable[Mapping[str, object]]) -> None:
    """Adds entries to the books."""
    listed = list(rows)
    for start in range(0, len(listed), CHUNK):
        db.session.execute(insert(Model.metadata.tables["ledger_entry"]), listed[start : start + CHUNK])


def require(actor: Actor, roles: tuple[str, ...]) -> None:
    """Raises ForbiddenError for who has none of these roles."""
    if not actor.has(*roles):
        raise ForbiddenError("Bạn không có vai trò làm việc này.")


def lock_books(unit_id: int) -> None:
    """One posting or payout of a commune at a time."""
    db.session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update())
