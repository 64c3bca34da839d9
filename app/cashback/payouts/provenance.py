"""What a payout rests on and whose hands were in it: reports, policies, runs, postings, the draft, the approval."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import or_, select

from app.actors import Actor
from app.approval.queries import keeping_note, objection
from app.approval.rules import Involved
from app.cashback.models import CashbackRun, DrawStep, PolicyVersion
from app.cashback.payouts.models import LedgerEntry, LedgerPosting, PayoutBatch, PayoutItem
from app.cashback.payouts.queries import postings_behind
from app.cashback.payouts.rules.postings import ACCRUAL
from app.db import db
from app.transactions.mapping.models import ReportUpload
from app.transactions.models import IN_FORCE, ConflictSettlement, Report, ReportProfile

_AT_ONCE = 500
Row = TypeVar("Row", CashbackRun, PolicyVersion, Report, ReportUpload)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done before money is paid: what, to which record or file (with its SHA-256), by whom, when."""

    act: str
    what: str
    who: str
    at: datetime | None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """The records that a payout comes from."""

    postings: Sequence[LedgerPosting]
    runs: Sequence[CashbackRun]
    versions: Sequence[PolicyVersion]
    reports: Sequence[Report]


def sources_of(batch_id: int) -> Sources:
    """What a payout comes from, each in the order in which it was made."""
    postings = postings_behind(batch_id)
    runs = _with_ids(CashbackRun, [each.run_id for each in postings if each.run_id is not None])
    versions = _with_ids(PolicyVersion, [each.policy_version_id for each in runs])
    reports = _with_ids(Report, [report_id for run in runs for report_id in run.report_ids])
    return Sources(postings, runs, versions, reports)


def steps_of(batch: PayoutBatch, sources: Sources) -> list[Step]:
    """Every step from the sender's file to the approval, as page, workbook and paper show them."""
    month = f"Kỳ {batch.month[5:]}/{batch.month[:4]}"
    steps = [
        *(
            Step("Nhận báo cáo", each.file_name, each.created_by, each.created_at, each.sha256)
            for each in sources.reports
        ),
        *(step for version in sources.versions for step in _policy_steps(version)),
        *(
            Step("Xét", f"Lần xét số {run.id}", run.created_by, run.created_at, run.decisions_sha256)
            for run in sources.runs
        ),
        *(Step("Ghi sổ", each.name, each.posted_by, each.posted_at) for each in sources.postings),
        Step("Lập bản thảo", month, batch.drafted_by, batch.drafted_at),
        Step("Duyệt chi trả", month, batch.approved_by, batch.approved_at),
    ]
    return [step for step in steps if step.at is not None]


def _report_step(report: Report) -> Step:
    undone = " (đã rút lại)" if report.state == "undone" else ""
    name = f"{report.file_name}{undone}"
    return Step("Nhận báo cáo", name, report.created_by, report.created_at, report.sha256)


def _policy_steps(version: PolicyVersion) -> tuple[Step, Step]:
    what = f"{version.title}, bản {version.version}"
    return (
        Step("Soạn chính sách", what, version.created_by, version.created_at),
        Step("Duyệt chính sách", what, version.approved_by, version.approved_at),
    )


def keepers_note(batch: PayoutBatch, sources: Sources) -> str:
    """Of those without whom nothing is paid, who let both in: "cả hai do Hùng cấp tài khoản"; "" where nobody did."""
    approver = batch.approved_by_id
    if approver is None:
        return ""
    others = {each.user_id: each.part for each in people_behind(batch, sources) if each.user_id is not None}
    notes = ((part, keeping_note([other, approver])) for other, part in others.items())
    return "; ".join(f"người {part} và người duyệt: {note}" for part, note in notes if note)


def people_behind(batch: PayoutBatch, sources: Sources | None = None) -> list[Involved]:
    """Everybody whose hand is in a payout before it is approved: none of them approves it.

    Not who drew the winners: list and seed were fixed before, nothing was theirs to choose.
    """
    sources = sources or sources_of(batch.id)
    found = [Involved(batch.drafted_by_id, "lập bản thảo", batch.drafted_session, batch.drafted_at)]
    found += [Involved(each.posted_by_id, "ghi sổ", at=each.posted_at) for each in sources.postings]
    drawn, closers = _draws([run.id for run in sources.runs])
    found += [
        Involved(run.created_by_id, f"làm lần xét số {run.id}", at=run.created_at)
        for run in sources.runs
        if run.id not in drawn
    ]
    found += [who for version in sources.versions for who in _authors(version)]
    found += closers
    found += _senders(sources.reports)
    found += _settlers(batch)
    return list(dict.fromkeys(each for each in found if each.user_id is not None))


def _authors(version: PolicyVersion) -> Iterator[Involved]:
    """Who wrote a policy; who approved it too, where the two count as one person or no writer is known."""
    author = Involved(version.created_by_id, "soạn chính sách", version.created_session, version.created_at)
    yield author
    if version.approved_by_id is None or version.approved_at is None:
        return
    approver = Actor(version.approved_by_id, version.approved_by)
    if author.user_id is None or objection(approver, [author], now=version.approved_at) is not None:
        yield Involved(version.approved_by_id, "duyệt chính sách", at=version.approved_at)


def _senders(reports: Sequence[Report]) -> Iterator[Involved]:
    """Who brought the reports, who took them in, and who said how their columns are read."""
    for report in reports:
        yield Involved(report.created_by_id, f"nhận báo cáo {report.file_name}", at=report.created_at)
    for upload in _with_ids(ReportUpload, [report.id for report in reports], "report_id"):
        yield Involved(upload.created_by_id, f"gửi tệp {upload.file_name}", at=upload.created_at)
    read_by = {(report.profile, report.profile_version) for report in reports}
    same = [(ReportProfile.name == name) & (ReportProfile.version == version) for name, version in sorted(read_by)]
    if same:
        for profile in db.session.scalars(select(ReportProfile).where(or_(*same)).order_by(ReportProfile.id)):
            yield Involved(profile.created_by_id, f"lập hồ sơ đọc {profile.title}", at=profile.created_at)


def _settlers(batch: PayoutBatch) -> Iterator[Involved]:
    """Who said which copy of a paid transaction holds."""
    paid = select(LedgerEntry.reference).join(PayoutItem, PayoutItem.entry_id == LedgerEntry.id)
    paid = paid.where(PayoutItem.batch_id == batch.id, LedgerEntry.kind == ACCRUAL)
    query = select(ConflictSettlement).where(
        ConflictSettlement.state == IN_FORCE, ConflictSettlement.reference.in_(paid)
    )
    for row in db.session.scalars(query.order_by(ConflictSettlement.id)):
        yield Involved(row.created_by_id, "phân xử giao dịch", row.created_session, row.created_at)


def _draws(run_ids: Collection[int]) -> tuple[frozenset[int], list[Involved]]:
    """Which of these runs drew the winners of a draw, and who closed the lists of those draws."""
    steps = db.session.scalars(select(DrawStep).where(DrawStep.run_id.in_(run_ids), DrawStep.kind == "winners")).all()
    draws = {step.commitment_id for step in steps}
    query = select(DrawStep).where(DrawStep.commitment_id.in_(draws), DrawStep.kind == "list").order_by(DrawStep.id)
    closed = db.session.scalars(query).all() if draws else []
    closers = [Involved(step.run.created_by_id, "chốt danh sách phiếu", at=step.made_at) for step in closed]
    return frozenset(step.run_id for step in steps), closers


def _with_ids(table: type[Row], ids: Collection[int], column: str = "id") -> list[Row]:
    wanted, found = sorted(set(ids)), list[Row]()
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(table).where(getattr(table, column).in_(wanted[start : start + _AT_ONCE]))
        found += db.session.scalars(query.order_by(table.id)).all()
    return found
