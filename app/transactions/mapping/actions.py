"""Keeping a file that was sent, taking it as a report or setting it aside, and keeping a profile made by hand."""

from datetime import datetime

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, ForbiddenError, RefusedError
from app.evidence import keep_file, kept_file
from app.places.queries import own_commune_id
from app.settings import Settings
from app.transactions.actions import NAME_MAX, Ahead, read_ahead, receive_report
from app.transactions.facts import facts_files
from app.transactions.mapping.models import DROPPED, TAKEN, WAITING, ReportUpload
from app.transactions.mapping.queries import last_version, may_change, report_in_use
from app.transactions.mapping.rules import Choice, faults_of, profile_of_choice, slug_of
from app.transactions.models import Report, ReportProfile
from app.transactions.profiles import Profile, definition_of
from app.transactions.queries import READERS, profile_of_report, profiles

EMPTY = "Tệp trống."


def keep_upload(actor: Actor, now: datetime, settings: Settings, data: bytes, file_name: str) -> ReportUpload:
    """Keeps the bytes first, whatever they are; somebody decides later. Raises RefusedError where there are none."""
    if not data:
        raise RefusedError(EMPTY, remedy="Hãy kiểm tra lại tệp đã chọn.")
    return _upload(actor, now, keep_file(settings.evidence_dir, data), len(data), file_name)


def open_again(actor: Actor, now: datetime, report: Report) -> ReportUpload:
    """A report's file once more as a file to be read, with other columns; the report stays until it is taken back."""
    return _upload(actor, now, report.sha256, report.size_bytes, report.file_name)


def _upload(actor: Actor, now: datetime, sha256: str, size_bytes: int, file_name: str) -> ReportUpload:
    unit_id = own_commune_id(actor, *READERS)
    waiting = db.select(ReportUpload).where(
        ReportUpload.sha256 == sha256, ReportUpload.state == WAITING, ReportUpload.unit_id.is_not_distinct_from(unit_id)
    )
    known: ReportUpload | None = db.session.scalar(waiting.limit(1))
    if known is not None:
        return known
    upload = ReportUpload(
        unit_id=unit_id,
        file_name=file_name[:NAME_MAX],
        sha256=sha256,
        size_bytes=size_bytes,
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(upload)
    db.session.flush()
    record(actor, now, "upload.keep", ("upload", upload.id), after={"file_name": upload.file_name, "sha256": sha256})
    return upload


def read_upload_ahead(actor: Actor, settings: Settings, upload: ReportUpload, profile: Profile) -> Ahead | None:
    """Reads the file before the unit of work that takes it; None where nothing would come of it.

    Raises ReportRefusedError, EvidenceError.
    """
    if upload.state != WAITING or report_in_use(upload.sha256) is not None:
        return None
    return read_ahead(actor, kept_file(settings.evidence_dir, upload.sha256), upload.file_name, profile, settings)


def take_upload(
    actor: Actor,
    now: datetime,
    settings: Settings,
    upload: ReportUpload,
    profile: Profile,
    ahead: Ahead | None = None,
) -> tuple[Report, bool]:
    """The file becomes a report read through this profile; (the report there is, False) where it is in use already.

    Raises ConflictError where the same bytes are in use through another profile, ReportRefusedError where it is
    refused whole, EvidenceError where its bytes are not those that were sent; it waits on then.
    """
    if upload.state != WAITING:
        raise ConflictError("Tệp này đã được xử lý.", remedy="Hãy tải lại trang.")
    used = report_in_use(upload.sha256)
    if used is not None and _read_as(profile_of_report(used)) != _read_as(profile):
        raise ConflictError(
            f"Tệp này đang dùng ở báo cáo số {used.id}, đọc theo hồ sơ khác.",
            remedy="Hãy rút lại báo cáo ấy trước, rồi nhận lại theo hồ sơ này.",
        )
    data = kept_file(settings.evidence_dir, upload.sha256)
    report, is_new = receive_report(actor, now, data, upload.file_name, profile, settings, ahead=ahead)
    _decide(actor, now, upload, TAKEN)
    upload.report_id = report.id
    db.session.flush()
    return report, is_new


def _read_as(profile: Profile) -> tuple[str, int, str]:
    return profile.name, profile.version, profile.sheet


def drop_upload(actor: Actor, now: datetime, settings: Settings, upload: ReportUpload, reason: str) -> None:
    """Nobody needs this file; its bytes stay as evidence, what was read of them goes.

    Raises ConflictError, RefusedError without a reason.
    """
    if upload.state != WAITING:
        raise ConflictError("Tệp này đã được xử lý.", remedy="Hãy tải lại trang.")
    if not reason.strip():
        raise RefusedError("Chưa ghi lý do.", remedy="Hãy ghi ngắn: gửi nhầm, tệp cũ…")
    upload.reason = reason.strip()
    _decide(actor, now, upload, DROPPED)
    db.session.flush()
    if report_in_use(upload.sha256) is None:
        for facts in facts_files(settings.facts_dir, upload.sha256):
            facts.unlink(missing_ok=True)
    record(actor, now, "upload.drop", ("upload", upload.id), after={"state": DROPPED}, reason=upload.reason)


def _decide(actor: Actor, now: datetime, upload: ReportUpload, state: str) -> None:
    upload.state, upload.decided_at, upload.decided_by = state, now, actor.name


def keep_profile(actor: Actor, now: datetime, choice: Choice, name: str = "") -> Profile:
    """The choice as the next version of a profile, or as the first of a new one; reports read before stay as they are.

    Raises RefusedError with the first fault, ForbiddenError where the profile is another commune's.
    """
    if faults := faults_of(choice):
        raise RefusedError(faults[0].message)
    if name and not may_change(actor, name):
        raise ForbiddenError("Hồ sơ đọc này của nơi khác.", remedy="Hãy lưu thành hồ sơ mới với tên khác.")
    name = name or slug_of(choice.title, profiles())
    profile = profile_of_choice(choice, name, last_version(name) + 1)
    row = ReportProfile(
        unit_id=own_commune_id(actor, *READERS),
        name=profile.name,
        version=profile.version,
        title=profile.title,
        definition=definition_of(profile),
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    after = {"name": profile.name, "version": profile.version, "title": profile.title}
    record(actor, now, "report_profile.keep", ("report_profile", row.id), after=after)
    return profile
