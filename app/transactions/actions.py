"""Receiving a report, looking at it first, and taking a whole file back."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

import duckdb
from sqlalchemy.exc import IntegrityError

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError
from app.evidence import keep_file
from app.places.queries import own_commune_id
from app.settings import Settings
from app.transactions.doubts import Doubts, doubts_of
from app.transactions.facts import keep_facts
from app.transactions.intake import Received, take_reports
from app.transactions.models import Report
from app.transactions.profiles import Profile
from app.transactions.queries import (
    READERS,
    is_seen,
    kept_report,
    received,
    received_file,
    report_with,
    reports_in_use,
)
from app.transactions.report_files import scratch_folder

NAME_MAX = 200


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """One line that was refused, with its number as a person counts and the reason."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a report holds, before anything is kept. `refused`: the first refused lines, as many as were asked for."""

    line_count: int
    duplicate_count: int
    refused_count: int
    refused: tuple[RefusedLine, ...]
    paid_vnd: int
    first_day: date | None
    last_day: date | None
    doubts: Doubts

    @property
    def conflict_count(self) -> int:
        """Lines at odds with reports in use."""
        return self.doubts.conflict_count


def look_at(report: Received, others: list[Received], refused_max: int | None = None) -> Sight:
    """Reads one report by itself, then beside the others for conflicts; tells all refused lines, or the first ones.

    Raises ReportRefusedError.
    """
    with duckdb.connect() as engine:
        found = take_reports(engine, [report])
        refused = engine.execute(
            "select line, reason from refused_lines order by line limit ?", [refused_max]
        ).fetchall()
        facts = engine.execute(
            """select coalesce(sum(amount_vnd) filter (status = 1 and not is_reversed), 0)::bigint,
                left(min(paid_at), 10), left(max(paid_at), 10) from facts"""
        ).fetchone()
    assert facts is not None
    return Sight(
        line_count=found.line_count,
        duplicate_count=found.duplicate_count,
        refused_count=found.refused_count,
        refused=tuple(RefusedLine(line, reason) for line, reason in refused),
        paid_vnd=facts[0],
        first_day=date.fromisoformat(facts[1]) if facts[1] else None,
        last_day=date.fromisoformat(facts[2]) if facts[2] else None,
        doubts=doubts_of(report, others),
    )


@dataclass(frozen=True, slots=True)
class Ahead:
    """What takes long about receiving a file: its lines as facts, looked at beside the reports that were in use."""

    sight: Sight
    beside: tuple[int, ...]


def read_ahead(actor: Actor, data: bytes, file_name: str, profile: Profile, settings: Settings) -> Ahead:
    """Reads a file that is to be received, before the unit of work: others go on writing meanwhile.

    The file's lines are whole on the disk as facts afterwards. Raises ReportRefusedError.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    with scratch_folder() as folder:
        path = Path(folder) / sha256
        path.write_bytes(data)
        keep_facts(settings.facts_dir, sha256, profile, partial(received_file, path, file_name, profile))
    keep_file(settings.evidence_dir, data)
    others = reports_in_use(actor)
    mine = kept_report(settings, sha256, file_name, profile)
    return Ahead(look_at(mine, received(settings, others), refused_max=0), tuple(one.id for one in others))


def receive_report(
    actor: Actor,
    now: datetime,
    data: bytes,
    file_name: str,
    profile: Profile,
    settings: Settings,
    *,
    sample: bool = False,
    ahead: Ahead | None = None,
) -> tuple[Report, bool]:
    """Keeps the file as evidence, its lines as facts and its counts as a report; the same file again changes nothing
    (then False). Both files are whole on the disk before the report is recorded. `ahead`: what `read_ahead` found.

    Raises ReportRefusedError for a file that cannot be read, ConflictError where another commune sent the very same;
    nothing of it is kept then.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if (known := _known(actor, sha256)) is not None:
        return known, False
    if ahead is None or ahead.beside != tuple(one.id for one in reports_in_use(actor)):  # another came in between
        ahead = read_ahead(actor, data, file_name, profile, settings)
    sight = ahead.sight
    report = Report(
        unit_id=own_commune_id(actor, *READERS),
        file_name=file_name[:NAME_MAX],
        sha256=sha256,
        size_bytes=len(data),
        profile=profile.name,
        profile_version=profile.version,
        sheet=profile.sheet,
        line_count=sight.line_count,
        duplicate_count=sight.duplicate_count,
        refused_count=sight.refused_count,
        conflict_count=sight.conflict_count,
        paid_vnd=sight.paid_vnd,
        first_day=sight.first_day,
        last_day=sight.last_day,
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        is_sample=sample,
    )
    try:
        with db.session.begin_nested():
            db.session.add(report)
    except IntegrityError:  # somebody received the same file in the meantime
        if (known := _known(actor, sha256)) is None:
            raise
        return known, False
    after = {"file_name": report.file_name, "sha256": sha256, "lines": sight.line_count, "refused": sight.refused_count}
    record(actor, now, "report.receive", ("report", report.id), after=after)
    return report, True


def _known(actor: Actor, sha256: str) -> Report | None:
    """The report in use with these bytes, if any. Raises ConflictError where it is another commune's."""
    known = report_with(sha256)
    if known is not None and not is_seen(actor, known):
        raise ConflictError("Một xã khác đã gửi đúng tệp này.", remedy="Hãy hỏi quản trị xem tệp là của xã nào.")
    return known


def undo_report(actor: Actor, now: datetime, report: Report, reason: str) -> None:
    """Takes a whole file back: its lines count no more; the file stays as evidence. Raises ConflictError."""
    if report.state != "received":
        raise ConflictError("Báo cáo này đã được rút lại.")
    if not reason.strip():
        raise ConflictError("Cần ghi lý do rút lại báo cáo.")
    report.state, report.undone_at, report.undone_by, report.undo_reason = "undone", now, actor.name, reason.strip()
    db.session.flush()
    record(actor, now, "report.undo", ("report", report.id), before={"state": "received"}, reason=reason.strip())
