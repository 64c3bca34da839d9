"""Writing runs into the books, and a payout's way from draft to reconciled."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import delete, insert, select

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.approval.rules import APPROVED, PROPOSED
from app.audit.actions import record
from app.cashback.payouts import queries
from app.cashback.payouts.decided import unfounded
from app.cashback.payouts.models import (
    PayoutBatch,
    PayoutItem,
    Reconciliation,
)
from app.cashback.payouts.payout_file import PayoutFile, read_payout_file, refuse_own
from app.cashback.payouts.posting import CHUNK, insert_entries, lock_books, require
from app.cashback.payouts.provenance import people_behind
from app.cashback.payouts.reconciling import spelled
from app.cashback.payouts.rules.batches import DRAFT, STATES, shares, state_after
from app.cashback.payouts.rules.matching import Finding, Kind, reconcile, tallies
from app.cashback.payouts.rules.postings import (
    DISPUTE,
    DISPUTED,
    PAID,
    PAYMENT,
    entry_id,
    payable,
)
from app.cashback.payouts.rules.roles import APPROVERS, KEEPERS, PAYERS, READERS
from app.db import Model, db
from app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from app.evidence import keep_file, kept_file, path_of
from app.places.queries import is_real
from app.vn.dates import local_date

_MONTH_LENGTH = 7


def draft_payout(actor: Actor, now: datetime, unit_id: int, month: str) -> PayoutBatch:
    """What is owed up to a month, ready for somebody else to approve."""
    require(actor, KEEPERS)
    if actor.id is None:
        raise ForbiddenError("Chỉ người đã đăng nhập mới lập được đợt chi trả.")
    queries.commune_in_reach(actor, unit_id, *KEEPERS)
    lock_books(unit_id)
    _check_month(unit_id, month, local_date(now))
    found = shares(queries.unsettled(unit_id), month)
    if not found:
        raise RefusedError(
            f"Tháng {_shown(month)} không có khoản nào phải trả.", remedy="Hãy ghi sổ kết quả xét trước."
        )
    batch = PayoutBatch(
        unit_id=unit_id,
        month=month,
        total_vnd=sum(each.amount_vnd for each in found),
        drafted_by_id=actor.id,
        drafted_by=actor.name,
        drafted_session=actor.session,
        drafted_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    for start in range(0, len(found), CHUNK):
        part = found[start : start + CHUNK]
        db.session.execute(
            insert(Model.metadata.tables["payout_line"]),
            [
                {
                    "batch_id": batch.id,
                    "role": each.role,
                    "payee": each.payee,
                    "earned_vnd": each.earned_vnd,
                    "adjusted_vnd": each.adjusted_vnd,
                    "amount_vnd": each.amount_vnd,
                }
                for each in part
            ],
        )
    items = [{"entry_id": entry, "batch_id": batch.id} for each in found for entry in each.entries]
    for start in range(0, len(items), CHUNK):
        db.session.execute(insert(Model.metadata.tables["payout_item"]), items[start : start + CHUNK])
    record(
        actor, now, "payout.draft", ("payout", batch.id),
        after={"month": month, "total_vnd": batch.total_vnd, "payees": len(found)},
    )  # fmt: skip
    return batch


def _check_month(unit_id: int, month: str, today: date) -> None:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        first = None
    if first is None or len(month) != _MONTH_LENGTH:
        raise RefusedError("Chưa chọn tháng chi trả.", remedy="Hãy chọn một tháng đã hết.")
    if month >= today.isoformat()[:7]:
        raise RefusedError(f"Tháng {_shown(month)} chưa hết.", remedy="Hãy chọn một tháng đã hết.")
    if month in queries.live_months(unit_id):
        raise ConflictError(
            f"Tháng {_shown(month)} đã có đợt chi trả.", remedy="Thay đổi về sau là điều chỉnh của đợt sau."
        )
    if month <= (closed := queries.closed_through(unit_id)):
        raise ConflictError(
            f"Đã chốt đến tháng {_shown(closed)}.", remedy="Khoản của tháng trước được điều chỉnh vào đợt sau."
        )


def approve_payout(actor: Actor, now: datetime, batch_id: int, evidence: Path) -> PayoutBatch:
    """A second person agrees; from here on the month is closed.

    Raises FourEyesError for whoever had a hand in it, ConflictError where the books are not what was decided,
    EvidenceError where the decisions are gone or were changed.
    """
    require(actor, APPROVERS)
    batch = _locked(actor, batch_id)
    state = PROPOSED if batch.state == DRAFT else APPROVED
    real = is_real(batch.unit_id)
    refuse_objection(actor, now, people_behind(batch), state, ("payout", batch.id), is_real=real)
    _check_sources(batch, evidence)
    if batch.month <= (closed := queries.closed_through(batch.unit_id)):
        raise ConflictError(f"Đã chốt đến tháng {_shown(closed)}.", remedy="Hãy bỏ bản thảo này.")
    lock_books(batch.unit_id)
    batch.approved_by_id, batch.approved_by = actor.id, actor.name
    batch.approved_session, batch.approved_at = actor.session, now
    _step(actor, now, batch, "approve")
    return batch


def _check_sources(batch: PayoutBatch, evidence: Path) -> None:
    """Every dong of a draft comes from a run of ours, as it was posted. Raises ConflictError."""
    for posting in queries.postings_behind(batch.id):
        if posting.run_id is None:
            raise ConflictError(
                f"Có khoản ghi sổ từ tệp tải lên ({posting.name}), không phải từ lần xét của máy này.",
                remedy="Khoản ấy không chi được nữa: hãy bỏ bản thảo này và lập lại.",
            )
        claims = queries.claims_of(batch.id, posting.id)
        if unfounded(path_of(evidence, posting.sha256), claims) or not queries.is_whole(posting):
            raise ConflictError(
                f"Sổ không còn đúng như khi ghi “{posting.name}”.", remedy="Đừng duyệt; hãy báo người quản trị."
            )
    lines = {(line.role, line.payee): line.amount_vnd for line in queries.lines_of(batch.id)}
    if lines != queries.owed_by_party(batch.id) or sum(lines.values()) != batch.total_vnd:
        raise ConflictError("Tổng của đợt chi trả không khớp các dòng.", remedy="Hãy bỏ bản thảo này và lập lại.")


def withdraw_payout(actor: Actor, now: datetime, batch_id: int, reason: str) -> PayoutBatch:
    """A draft is given up; what it held waits for another one."""
    require(actor, APPROVERS)
    if not reason.strip():
        raise RefusedError("Thiếu lý do.", remedy="Hãy ghi một câu.")
    batch = _locked(actor, batch_id)
    _check_step(batch, "withdraw")
    db.session.execute(delete(PayoutItem).where(PayoutItem.batch_id == batch.id))
    batch.withdrawn_by, batch.withdrawn_at, batch.reason = actor.name, now, reason.strip()
    _step(actor, now, batch, "withdraw", reason.strip())
    return batch


def export_payout(actor: Actor, now: datetime, batch_id: int) -> PayoutBatch:
    """The list goes to the provider."""
    require(actor, KEEPERS)
    batch = _locked(actor, batch_id)
    batch.exported_by, batch.exported_at = actor.name, now
    _step(actor, now, batch, "export")
    return batch


def pay_payout(actor: Actor, now: datetime, batch_id: int) -> PayoutBatch:
    """The provider says that it paid: what was owed is settled in the books."""
    require(actor, PAYERS)
    batch = _locked(actor, batch_id)
    _check_step(batch, "pay")
    insert_entries(
        _entry(batch, PAYMENT, payable(line.role, line.payee), PAID, line.amount_vnd, line.role, line.payee, 0, now)
        for line in queries.lines_of(batch.id)
    )
    batch.paid_by, batch.paid_at = actor.name, now
    _step(actor, now, batch, "pay")
    return batch


@dataclass(frozen=True, slots=True)
class Comparison:
    """A provider's file held against a payout."""

    file: PayoutFile
    findings: Sequence[Finding]


def comparison_of(batch: PayoutBatch, evidence: Path, data: bytes, name: str) -> Comparison:
    """The comparison, made anew from the file and the books; writes nothing."""
    file = read_payout_file(data, name)
    references, payees = [each.reference for each in file.paid], spelled(each.payee for each in file.paid)
    refusals = queries.refusals_for(batch.unit_id, evidence, references, payees)
    return Comparison(file, reconcile(queries.dues_of_batch(batch.id), file.paid, refusals))


def kept_comparison(batch: PayoutBatch, evidence: Path, made: Reconciliation) -> Comparison:
    """A comparison made before, from the file that was kept."""
    return comparison_of(batch, evidence, kept_file(evidence, made.sha256), made.name)


def reconcile_payout(
    actor: Actor, now: datetime, batch_id: int, evidence: Path, data: bytes, name: str
) -> Reconciliation:
    """Keeps the file, compares, and books what differs as disputed; the same file again changes nothing."""
    require(actor, PAYERS)
    batch = _locked(actor, batch_id)
    _check_step(batch, "reconcile")
    compared = comparison_of(batch, evidence, data, name)
    refuse_own(compared.file)
    digest = keep_file(evidence, data)
    insert_entries(_disputes(batch, compared.findings, now))
    query = select(Reconciliation).where(Reconciliation.batch_id == batch.id, Reconciliation.sha256 == digest)
    made = db.session.scalars(query).one_or_none() or Reconciliation(batch_id=batch.id, sha256=digest)
    made.name, made.made_at, made.made_by = compared.file.name, now, actor.name
    made.tallies = {
        each.kind.value: {key: value for key, value in asdict(each).items() if key != "kind"}
        for each in tallies(compared.findings)
    }
    made.refused_count = len(compared.file.refused)
    db.session.add(made)
    batch.reconciled_by, batch.reconciled_at = actor.name, now
    _step(actor, now, batch, "reconcile")
    return made


def _disputes(batch: PayoutBatch, findings: Sequence[Finding], now: datetime) -> list[dict[str, object]]:
    """What brings the disputed amounts of the books to those of the comparison."""
    roles = {line.payee: line.role for line in queries.lines_of(batch.id)}
    wanted: dict[tuple[str, str], int] = {}
    for each in findings:
        for payee, missing in _missing(each):
            party = (roles.get(payee, "customer"), payee)
            wanted[party] = wanted.get(party, 0) + missing
    booked = queries.disputes_of(batch.id)
    rows = []
    for party in sorted({*wanted, *booked}):
        before, count = booked.get(party, (0, 0))
        change = wanted.get(party, 0) - before
        if change:
            debit, credit = (PAID, DISPUTED) if change > 0 else (DISPUTED, PAID)
            rows.append(_entry(batch, DISPUTE, debit, credit, abs(change), *party, count, now))
    return rows


def _missing(finding: Finding) -> list[tuple[str, int]]:
    """Payee and what the provider still owes them; negative where it paid too much."""
    if finding.kind is Kind.WRONG_PARTY:
        return [(finding.payee, -finding.paid_vnd), (finding.due_to, finding.due_vnd)]
    return [(finding.payee, finding.due_vnd - finding.paid_vnd)]


def _entry(
    batch: PayoutBatch, kind: str, debit: str, credit: str, amount: int, role: str, payee: str, sequence: int,
    now: datetime,
) -> dict[str, object]:  # fmt: skip
    return {
        "id": entry_id(batch.id, kind, role, payee, sequence),
        "unit_id": batch.unit_id,
        "kind": kind,
        "debit": debit,
        "credit": credit,
        "amount_vnd": amount,
        "day": local_date(now),
        "role": role,
        "payee": payee,
        "sequence": sequence,
        "cause": "payment" if kind == PAYMENT else "difference",
        "batch_id": batch.id,
        "posted_at": now,
    }


def _locked(actor: Actor, batch_id: int) -> PayoutBatch:
    query = select(PayoutBatch).where(PayoutBatch.id == batch_id).with_for_update()
    batch = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if batch is None:
        raise NotFoundError("Không có đợt chi trả này.")
    return queries.batch_in_reach(actor, batch_id, *READERS)


def _check_step(batch: PayoutBatch, verb: str) -> str:
    after = state_after(batch.state, verb)
    if after is None:
        raise ConflictError(f"Đợt chi trả này đang ở bước “{STATES[batch.state]}”.", remedy="Hãy tải lại trang.")
    return after


def _step(actor: Actor, now: datetime, batch: PayoutBatch, verb: str, reason: str = "") -> None:
    before, batch.state = batch.state, _check_step(batch, verb)
    db.session.flush()
    record(
        actor, now, f"payout.{verb}", ("payout", batch.id), before={"state": before}, after={"state": batch.state},
        reason=reason,
    )  # fmt: skip


def _shown(month: str) -> str:
    return f"{month[5:]}/{month[:4]}"
