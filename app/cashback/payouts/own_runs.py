"""Which runs may be written into the books: made here, under a policy two people agreed to, and still true today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from app.actors import Actor
from app.audit.models import AuditEvent
from app.cashback.drawing.queries import draw_input
from app.cashback.evaluation import Task, evaluate
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.payouts.decided import decisions_file
from app.cashback.queries import policy_in, run_folder, run_of
from app.cashback.results import DECISIONS
from app.db import db
from app.errors import ConflictError, RefusedError
from app.evidence import digest_of, digest_of_file, keep_file, path_of
from app.settings import Settings
from app.transactions.models import Report
from app.transactions.queries import profile_of_report, received_file, settlements
from app.transactions.report_files import scratch_folder

AGAIN = "Hãy xét lại dưới bản đang áp dụng rồi ghi sổ lần xét mới."
TAMPERED = "Đừng ghi sổ. Hãy báo người quản trị kiểm tra máy (choso doctor), rồi xét lại."


class ForeignDecisionsError(RefusedError):
    """Decisions that were not made here."""

    code = "khong-phai-lan-xet-cua-may"

    def __init__(self) -> None:
        super().__init__(
            "Chỉ ghi sổ được lần xét làm trên máy này; tệp quyết định làm ở nơi khác không được nhận.",
            remedy="Hãy gửi báo cáo giao dịch lên, xét dưới chính sách đã duyệt, rồi ghi sổ lần xét ấy.",
        )


class RunNotFitError(ConflictError):
    """A run of ours that may not be written into the books as it stands."""

    code = "lan-xet-khong-ghi-so-duoc"


class ChangedDecisionsError(ConflictError):
    """The decisions on the disk, or what they come from, are not what they were."""

    code = "quyet-dinh-bi-sua"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the books take it: its decisions, kept as evidence under their SHA-256, and its policy's version."""

    run: CashbackRun
    version: PolicyVersion
    file: Path

    @property
    def name(self) -> str:
        """What people call it."""
        return f"Lần xét số {self.run.id}: {self.version.title}"

    @property
    def versions(self) -> dict[str, int]:
        """Its policy and version."""
        return {self.version.policy_id: self.version.version}


def run_to_post(actor: Actor, settings: Settings, unit_id: int, run_id: int) -> Run:
    """The run, if it may be written into this commune's books.

    Raises NotFoundError, RunNotFitError where its policy or its reports are not in force, ChangedDecisionsError where
    its file is not the one that was made.
    """
    run = run_of(actor, run_id)
    found = Run(run, run.policy_version, Path())
    if said := _unfit(run, run.policy_version, unit_id):
        raise RunNotFitError(f"{found.name}: {said}", remedy=AGAIN)
    if run.policy_version.policy_id != run.summary.get("policy"):
        raise ChangedDecisionsError(f"{found.name} không nói về chính sách của nó.", remedy=TAMPERED)
    if not _is_as_approved(run.policy_version):
        raise ChangedDecisionsError(
            f"{found.name}: chính sách không còn đúng từng chữ như lúc được duyệt, theo nhật ký.", remedy=TAMPERED
        )
    data = decisions_file(run_folder(settings.facts_dir, run.id)).read_bytes()
    digest = keep_file(settings.evidence_dir, data)
    if digest != run.decisions_sha256:
        raise ChangedDecisionsError(
            f"{found.name}: tệp quyết định không còn nguyên như lúc xét (mã SHA-256 khác).", remedy=TAMPERED
        )
    return Run(run, run.policy_version, path_of(settings.evidence_dir, digest))


def _unfit(run: CashbackRun, version: PolicyVersion, unit_id: int) -> str:
    """Why a run may not be posted as it stands; "" where it may."""
    missing = _not_in_use(run.report_ids)
    reasons = {
        "lần xét của xã khác.": run.unit_id not in (None, unit_id),
        "chính sách chưa được hai người đồng ý, nên đây chỉ là xét thử.": version.approved_at is None
        or version.approved_by_id is None,
        "chính sách không còn áp dụng.": version.state != "active",
        "xét trước khi chính sách được duyệt, nên đây chỉ là xét thử.": version.approved_at is not None
        and run.created_at < version.approved_at,
        "làm bằng bản chương trình cũ, chưa giữ mã SHA-256 của kết quả.": not run.decisions_sha256,
        f"báo cáo số {', '.join(map(str, missing))} không còn dùng.": bool(missing),
    }
    return next((said for said, holds in reasons.items() if holds), "")


def _is_as_approved(version: PolicyVersion) -> bool:
    """Whether the audit tells of this approval, and of this text (approvals of before did not name its SHA-256)."""
    query = select(AuditEvent).where(
        AuditEvent.subject_kind == "policy_version",
        AuditEvent.subject_id == str(version.id),
        AuditEvent.action == "policy.approve",
    )
    event = db.session.scalars(query.order_by(AuditEvent.id.desc())).first()
    if event is None or event.actor_id != version.approved_by_id:
        return False
    digest = digest_of(version.document.encode())
    return bool((event.after or {}).get("sha256", digest) == digest)


def _not_in_use(report_ids: Sequence[int]) -> list[int]:
    query = select(Report.id).where(Report.id.in_(report_ids), Report.state == "received")
    return sorted(set(report_ids) - set(db.session.scalars(query)))


def require_same_again(settings: Settings, found: Run) -> None:
    """Decides once more, from the files the reports came in, and asks for the same to the letter. Takes seconds.

    Neither the facts nor the run's folder are believed: a report's file is held against its SHA-256 and read anew.
    Raises ChangedDecisionsError.
    """
    run = found.run
    reports = db.session.scalars(select(Report).where(Report.id.in_(run.report_ids))).all()
    order = {report_id: at for at, report_id in enumerate(run.report_ids)}
    settled = settlements({report.unit_id for report in reports})
    sources = []
    for report in sorted(reports, key=lambda each: order[each.id]):
        path = path_of(settings.evidence_dir, report.sha256)
        raw = received_file(path, report.file_name, profile_of_report(report))
        sources.append(replace(raw, settled=settled))
    points = path_of(settings.evidence_dir, run.points_sha256) if run.points_sha256 else None
    subscribers = path_of(settings.evidence_dir, run.subscribers_sha256) if run.subscribers_sha256 else None
    seed, closed = draw_input(settings.facts_dir, found.version.id)
    with scratch_folder() as scratch:
        folder = Path(scratch) / "again"
        evaluate(Task((policy_in(found.version),), tuple(sources), points, subscribers, seed, closed), folder)
        digest = digest_of_file(folder / DECISIONS)
    if digest != run.decisions_sha256:
        raise ChangedDecisionsError(
            f"{found.name}: xét lại từ các tệp gốc ra kết quả khác, vì báo cáo, phân xử hay chính sách đã đổi từ đó.",
            remedy="Hãy xét lại rồi ghi sổ lần xét mới.",
        )
