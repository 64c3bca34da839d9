"""Reports received, their files, and the profiles that read them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.queries import colleagues_at
from app.actors import ADMIN, APPROVER, COORDINATOR, PROVIDER, Actor
from app.db import db
from app.errors import NotFoundError
from app.evidence import path_of
from app.places.queries import commune_seen
from app.settings import Settings
from app.tables import Sheets, Table, TableError
from app.transactions.facts import keep_facts
from app.transactions.intake import ReadLines, Received
from app.transactions.models import IN_FORCE, ConflictSettlement, Report, ReportProfile
from app.transactions.profiles import BUILT_IN, CANONICAL, Profile, profile_from
from app.transactions.report_files import ReportRefusedError, canonical_sheets, is_workbook, lines_of_tables
from app.transactions.understanding import Understood, headed_among, tables_of, understood
from app.vn.text import fold
from app.web.paging import Cut, Page

READERS = (COORDINATOR, APPROVER, PROVIDER, ADMIN)
SENDERS = (COORDINATOR, PROVIDER, ADMIN)
REPORT_MB_MAX = 100  # a million lines; a workbook may hold 20 MB


def report_of(actor: Actor, report_id: int) -> Report:
    """The report with this id, or NotFoundError where there is none or it is another commune's."""
    found = db.session.scalar(select(Report).where(Report.id == report_id, _seen(actor)))
    if found is None:
        raise NotFoundError("Không có báo cáo này.")
    return found


def report_page(actor: Actor, cut: Cut, asked: str = "", state: str = "") -> Page[Report]:
    """One page of the reports this person may see, newest first; `asked` finds names of files and senders."""
    conditions = _matching(actor, asked, state)
    total = db.session.scalar(select(func.count()).select_from(Report).where(*conditions)) or 0
    query = select(Report).where(*conditions).order_by(Report.id.desc()).offset(cut.offset).limit(cut.per_page)
    return cut.page(db.session.scalars(query).all(), total)


def every_report(actor: Actor, asked: str = "", state: str = "") -> Sequence[Report]:
    """All of them, newest first."""
    return db.session.scalars(select(Report).where(*_matching(actor, asked, state)).order_by(Report.id.desc())).all()


def _matching(actor: Actor, asked: str, state: str) -> list[ColumnElement[bool]]:
    found = [_seen(actor)]
    if state:
        found.append(Report.state == state)
    if wanted := fold(asked):  # a commune has a few reports a month: their names are folded here
        names = db.session.execute(select(Report.id, Report.file_name, Report.created_by).where(*found))
        found.append(Report.id.in_([row.id for row in names if wanted in fold(f"{row.file_name} {row.created_by}")]))
    return found


def reports_in_use(actor: Actor) -> Sequence[Report]:
    """Every report that counts for this person, in the order in which they came."""
    query = select(Report).where(Report.state == "received", _seen(actor)).order_by(Report.id)
    return db.session.scalars(query).all()


def report_with(sha256: str) -> Report | None:
    """The report in use with these bytes."""
    return db.session.scalar(select(Report).where(Report.sha256 == sha256, Report.state == "received"))


def profiles() -> dict[str, Profile]:
    """The newest version of every profile, those of the program first."""
    found = dict(BUILT_IN)
    for row in db.session.scalars(select(ReportProfile).order_by(ReportProfile.version)):
        found[row.name] = _profile(row)
    return found


def profile_of(name: str, version: int | None = None) -> Profile:
    """A profile, the newest version unless one is asked for. Raises NotFoundError."""
    if version is not None:
        query = select(ReportProfile).where(ReportProfile.name == name, ReportProfile.version == version)
        row = db.session.scalar(query)
        if row is not None:
            return _profile(row)
    found = profiles().get(name)
    if found is None:
        raise NotFoundError(f"Không có hồ sơ đọc “{name}”.", remedy=f"Hồ sơ có sẵn: {', '.join(profiles())}.")
    return found


def profile_of_report(report: Report) -> Profile:
    """The profile version that a report came with, on the sheet that was chosen. Raises NotFoundError."""
    return on_sheet(profile_of(report.profile, report.profile_version), report.sheet)


def on_sheet(profile: Profile, sheet: str) -> Profile:
    """The profile on this sheet of a file (EVERY: on all of one shape); "" leaves it as it is."""
    return replace(profile, sheet=sheet) if sheet else profile


def received(settings: Settings, reports: Sequence[Report]) -> list[Received]:
    """The reports as the intake reads them: the facts kept of each, by the profile version it came with.

    `take_reports(engine, received(settings, reports_in_use(actor)))` gives a DuckDB connection the table `facts` of
    everything in force for a person; no sender's file is parsed for it.
    """
    settled = settlements({report.unit_id for report in reports})
    return [
        replace(kept_report(settings, report.sha256, report.file_name, profile), settled=settled)
        for report in reports
        for profile in [profile_of_report(report)]
    ]


def settlements(unit_ids: Collection[int | None]) -> dict[str, str]:
    """Reference -> content of the copy that holds, as settled in these communes; a commune's word before all's."""
    query = select(ConflictSettlement).where(
        ConflictSettlement.state == IN_FORCE,
        or_(
            ConflictSettlement.unit_id.is_(None),
            ConflictSettlement.unit_id.in_([unit_id for unit_id in unit_ids if unit_id is not None]),
        ),
    )
    rows = db.session.scalars(query.order_by(ConflictSettlement.unit_id.is_not(None), ConflictSettlement.id))
    return {row.reference: row.content for row in rows}


def kept_report(settings: Settings, sha256: str, name: str, profile: Profile, tables: Sequence[Table] = ()) -> Received:
    """A report whose file is kept as evidence, read through its facts; those are made from the evidence if missing,
    or from the `tables` that somebody has just read of it.
    """
    raw = partial(_evidence, settings, sha256, name, profile, tables)
    return Received(name, Path(name), facts=partial(keep_facts, settings.facts_dir, sha256, profile, raw))


def _evidence(settings: Settings, sha256: str, name: str, profile: Profile, tables: Sequence[Table]) -> Received:
    path = path_of(settings.evidence_dir, sha256)
    if tables and is_workbook(path):
        return Received(name, path, partial(_lines_of, tables, profile))
    return received_file(path, name, profile)


def received_file(path: Path, name: str, profile: Profile) -> Received:
    """One file as the intake reads it."""
    if profile.name == CANONICAL and not (path.is_file() and is_workbook(path)):
        return Received(name, path)
    return Received(name, path, lambda: _lines_of(tables_of(path, name), profile))


def _lines_of(tables: Sequence[Table], profile: Profile) -> ReadLines:
    if profile.name == CANONICAL:
        return ReadLines(lines_of_tables(tables, profile.sheet))
    return read_lines_of(understood(tables, profile))


def sheets_of_file(path: Path, name: str, profile: Profile) -> Sheets:
    """Which sheets of a workbook this profile reads and which it leaves; no names for any other file."""
    return sheets_read(tables_of(path, name), profile) if is_workbook(path) else Sheets()


def sheets_read(tables: Sequence[Table], profile: Profile) -> Sheets:
    """The same of a workbook that has been read; none where it is refused."""
    try:
        if profile.name == CANONICAL:
            return canonical_sheets(tables, profile.sheet) if tables else Sheets()
        return headed_among(tables, profile).sheets if tables else Sheets()
    except (TableError, ReportRefusedError):
        return Sheets()


def read_lines_of(found: Understood) -> ReadLines:
    """What a profile made of a file, as the intake takes it."""
    return ReadLines(found.lines, found.wording)


def is_seen(actor: Actor, report: Report) -> bool:
    """Whether this person may see a report."""
    return db.session.scalar(select(Report.id).where(Report.id == report.id, _seen(actor))) is not None


def _seen(actor: Actor) -> ColumnElement[bool]:
    return seen_of(Report.unit_id, Report.created_by_id, actor)


def seen_of(
    unit_id: InstrumentedAttribute[int | None], created_by_id: InstrumentedAttribute[int | None], actor: Actor
) -> ColumnElement[bool]:
    """Condition on what belongs to this person's communes, or was sent for their own payment provider."""
    of_provider = unit_id.is_(None) & created_by_id.in_(colleagues_at(actor))
    return or_(commune_seen(unit_id, actor, *READERS), of_provider)


def _profile(row: ReportProfile) -> Profile:
    return profile_from(row.name, row.version, row.title, row.definition)
