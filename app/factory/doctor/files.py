"""Every kept file against what the records say of it."""

from datetime import datetime
from pathlib import Path

import duckdb
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.cashback.models import CashbackRun
from app.cashback.payouts.models import LedgerPosting, Reconciliation
from app.cashback.queries import run_folder
from app.cashback.results import DECISIONS
from app.db import db
from app.evidence import DIGEST, digest_of_file
from app.evidence import faults as evidence_faults
from app.factory.doctor.check import Check, bad, good, listed, warning
from app.factory.lived import LIVED_FOLDERS, has_files
from app.printing.models import PrintLot
from app.printing.notices.models import Collection
from app.printing.rules import VOID
from app.registry.actions.erasing import FILE_KINDS
from app.registry.actions.retention import RAW_LISTS
from app.registry.models import Consent, ImportBatch, ImportRow, Merchant, Milestone
from app.settings import Settings
from app.transactions.facts import facts_files
from app.transactions.mapping.models import ReportUpload
from app.transactions.models import Report
from app.transactions.queries import profile_of_report

RESTORE = "Hãy lấy lại tệp từ bản sao lưu (choso restore TỆP)"
#: What was printed, and the file in the lot's folder whose codes were read back.
PRINTED = ((PrintLot, "lot.pdf"), (Collection, "notices.pdf"))
#: Columns that name files of the store.
NAMED = (
    Report.sha256,
    ReportUpload.sha256,
    CashbackRun.points_sha256,
    CashbackRun.subscribers_sha256,
    LedgerPosting.sha256,
    Reconciliation.sha256,
)


def evidence_check(settings: Settings, now: datetime) -> Check:
    """Files as they were received: all there, not a bit changed."""
    named = _named(now)
    faults = [f"{digest[:12]}… {fault}" for digest, fault in evidence_faults(settings.evidence_dir, named)]
    if faults:
        return bad("evidence", "Chứng cứ", f"{len(faults)} tệp gốc: {listed(faults)}.", f"{RESTORE}, hoặc gửi lại tệp.")
    return good("evidence", "Chứng cứ", f"{len(_lying(settings))} tệp gốc, nguyên vẹn.")


def _lying(settings: Settings) -> set[str]:
    return {path.name for path in settings.evidence_dir.glob("??/*") if DIGEST.fullmatch(path.name)}


def _named(now: datetime) -> set[str]:
    """The files that the records name and nothing has let go of: not lists whose time is over or of someone erased."""
    named = {digest for column in NAMED for digest in db.session.scalars(select(column).distinct()) if digest}
    erased = select(ImportRow.batch_id).join(Merchant, Merchant.id == ImportRow.merchant_id)
    used = func.coalesce(ImportBatch.applied_at, ImportBatch.created_at)
    lists = select(ImportBatch.sha256).where(
        used >= now - RAW_LISTS, ImportBatch.id.not_in(erased.where(Merchant.erased_at.is_not(None)))
    )
    return named | _proofs() | set(db.session.scalars(lists))


def _proofs() -> set[str]:
    """Signatures, photos and scans."""
    told = [*db.session.scalars(select(Consent.evidence)), *db.session.scalars(select(Milestone.evidence).distinct())]
    parts = (each.partition(":") for each in told)
    return {digest for kind, _, digest in parts if kind in FILE_KINDS and DIGEST.fullmatch(digest)}


def facts_check(settings: Settings) -> Check:
    """The lines of every report in use, each file under its own SHA-256."""
    faults = [
        f"{path.name[:12]}… hỏng"
        for path in sorted((settings.facts_dir / "reports").glob("??/*.parquet"))
        if digest_of_file(path) != path.suffixes[-2].removeprefix(".")
    ]
    reports = db.session.scalars(select(Report).where(Report.state == "received")).all()
    for report in reports:
        profile = profile_of_report(report)
        if not facts_files(settings.facts_dir, report.sha256, profile):
            faults.append(f"báo cáo số {report.id} không còn dòng giao dịch")
    if faults:
        remedy = "Hãy chạy choso doctor --mend: dòng giao dịch được đọc lại từ tệp gốc."
        return bad("facts", "Dòng giao dịch", f"{len(faults)} tệp: {listed(faults)}.", remedy)
    return good("facts", "Dòng giao dịch", f"{len(reports)} báo cáo, nguyên vẹn.")


def runs_check(settings: Settings) -> Check:
    """The decisions of every run, against the sum kept with it, or (of an older program) against its figures."""
    faults, runs = [], db.session.scalars(select(CashbackRun).order_by(CashbackRun.id)).all()
    for run in runs:
        file = run_folder(settings.facts_dir, run.id) / DECISIONS
        if (fault := _fault_of_run(run, file)) is not None:
            faults.append(f"lần xét số {run.id} {fault}")
    if faults:
        remedy = f"{RESTORE}, hoặc xét lại báo cáo; chưa ghi sổ lần xét ấy."
        return bad("runs", "Quyết định", f"{len(faults)} lần xét: {listed(faults)}.", remedy)
    return good("runs", "Quyết định", f"{len(runs)} lần xét, nguyên vẹn.")


def _fault_of_run(run: CashbackRun, file: Path) -> str | None:
    if not file.is_file():
        return "mất tệp quyết định"
    if run.decisions_sha256:
        return None if digest_of_file(file) == run.decisions_sha256 else "có tệp quyết định bị thay đổi"
    try:
        found = duckdb.execute(
            "select count(*) filter (decision = 'granted'), coalesce(sum(amount_vnd), 0)::bigint, "
            "count(distinct policy || reference || payee || reason) from read_parquet(?)",  # every column is read
            [str(file)],
        ).fetchone()
    except duckdb.Error:
        return "có tệp quyết định bị hỏng"
    return None if found and found[:2] == (run.granted_count, run.paid_vnd) else "có tệp quyết định khác số đã ghi"


def lots_check(settings: Settings) -> Check:
    """Every printed lot and every collection of notices: the PDF is the one whose codes were read back."""
    faults, total = [], 0
    for table, name in PRINTED:
        query = select(table.number, table.pdf_sha256).where(table.pdf_sha256 != "", table.state != VOID)
        for number, digest in db.session.execute(query.order_by(table.number)):
            total += 1
            file = settings.lots_dir / number / name
            if not file.is_file():
                faults.append(f"{number} mất {name}")
            elif digest_of_file(file) != digest:
                faults.append(f"{number} có {name} bị thay đổi")
    if faults:
        remedy = f"{RESTORE}, hoặc đặt in lại; đừng gửi tệp ấy cho nhà in."
        return bad("lots", "Lô in", f"{len(faults)} lô: {listed(faults)}.", remedy)
    return good("lots", "Lô in", f"{total} lô, tệp in nguyên vẹn.")


def orphans_check(settings: Settings) -> Check:
    """Files that no record knows. A few were refused when they came; a lot, or files beside no record at all, mean that
    records were lost.
    """
    known = {*db.session.scalars(select(PrintLot.number)), *db.session.scalars(select(Collection.number))}
    lots = {path.name for path in settings.lots_dir.glob("[!.]*") if path.is_dir()} - known
    lived = db.session.scalar(select(AuditEvent.id).limit(1)) is not None
    signs = [] if lived else [name for name in LIVED_FOLDERS if has_files(settings.instance / name)]
    if lots or signs:
        said = f"lô in {', '.join(sorted(lots)[:3])}" if lots else f"thư mục {', '.join(signs)}"
        remedy = "Bản ghi có thể đã mất: hãy so với bản sao lưu gần nhất (choso restore TỆP)."
        return bad("orphans", "Tệp không bản ghi", f"Có tệp của {said} mà không có bản ghi nào.", remedy)
    named = {digest for column in (*NAMED, ImportBatch.sha256) for digest in db.session.scalars(select(column))}
    if nameless := len(_lying(settings) - named - _proofs()):
        words = f"{nameless} tệp gốc không bản ghi nào nhắc tới (thường là tệp bị từ chối lúc gửi)."
        return warning("orphans", "Tệp không bản ghi", words, "Không cần làm gì.")
    return good("orphans", "Tệp không bản ghi", "Tệp nào cũng có bản ghi.")
