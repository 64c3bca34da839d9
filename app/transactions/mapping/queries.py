"""Files that wait, what a profile makes of them, and which profile fits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from sqlalchemy import ColumnElement, func, select

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.evidence import path_of
from app.settings import Settings
from app.tables import Sheets, Table
from app.transactions.doubts import Doubts, doubts_of
from app.transactions.intake import ReadLines, Received, take_reports
from app.transactions.mapping.models import WAITING, ReportUpload
from app.transactions.models import Report, ReportProfile
from app.transactions.profiles import BUILT_IN, CANONICAL, Profile
from app.transactions.queries import kept_report, profiles, received, reports_in_use, seen_of, sheets_read
from app.transactions.report_files import ReportRefusedError, is_workbook
from app.transactions.rules import KINDS, REQUIRED, STATUSES
from app.transactions.understanding import headed_among, is_marked, tables_of, understood
from app.web.paging import Cut, Page

ROWS_SHOWN = 8
TRIED_MAX = 1000
_HEAD_BYTES = 64_000
_HEAD_ROWS = 200
_KIND_OF = {code: word for word, code in KINDS.items()}
_STATUS_OF = {code: word for word, code in STATUSES.items()}


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted payment as it would count."""

    reference: str
    paid_at: str
    kind: str
    amount_vnd: int
    customer: str
    merchant: str
    status: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a file's lines, or of its first ones: how many, which, and why others are refused."""

    line_count: int
    refused_count: int
    masked_count: int
    rows: Sequence[Row]
    refused: Sequence[tuple[int, str]]
    is_whole: bool

    @property
    def accepted_count(self) -> int:
        """Lines that would count, extra copies included."""
        return self.line_count - self.refused_count


def upload_of(actor: Actor, upload_id: int) -> ReportUpload:
    """The file with this number, or NotFoundError where there is none or it is another commune's."""
    found = db.session.scalar(select(ReportUpload).where(ReportUpload.id == upload_id, _seen(actor)))
    if found is None:
        raise NotFoundError("Không có tệp này.", remedy="Hãy chọn lại từ danh sách.")
    return found


def waiting_page(actor: Actor, cut: Cut) -> Page[ReportUpload]:
    """One page of the files nobody has decided about, newest first."""
    condition = (ReportUpload.state == WAITING, _seen(actor))
    total = db.session.scalar(select(func.count()).select_from(ReportUpload).where(*condition)) or 0
    query = select(ReportUpload).where(*condition).order_by(ReportUpload.id.desc())
    return cut.page(db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all(), total)


def report_in_use(sha256: str) -> Report | None:
    """The report that holds these bytes now."""
    return db.session.scalar(select(Report).where(Report.sha256 == sha256, Report.state == "received"))


def upload_path(settings: Settings, upload: ReportUpload) -> Path:
    """Where its bytes lie. Raises EvidenceError where they are gone or changed."""
    return path_of(settings.evidence_dir, upload.sha256)


@dataclass(frozen=True, slots=True)
class Fitting:
    """The profile that reads a file, None where nobody knows its headings; its `tables` where it had to be opened."""

    profile: Profile | None
    tables: tuple[Table, ...] = ()


def fitting_profile(path: Path, name: str) -> Fitting:
    """The profile that reads this file: canonical, then one made for its headings, then what the program brings.

    Raises ReportRefusedError where the file is no table at all; it is opened once, whatever it is.
    """
    if not is_workbook(path) and _canonical_names(path).issuperset(REQUIRED):
        return Fitting(BUILT_IN[CANONICAL])
    tables = tuple(tables_of(path, name))
    if any(_is_canonical(table) for table in tables):
        return Fitting(BUILT_IN[CANONICAL], tables)
    known = profiles()
    made = [profile for profile in known.values() if profile.is_exact]
    made.sort(key=lambda each: (bool(each.marker), len(each.headings)), reverse=True)
    others = [profile for key, profile in known.items() if key != CANONICAL and not profile.is_exact]
    wanted = (*made, *(each for each in others if not each.fixed))
    return Fitting(next((each for each in wanted if _fits(tables, each)), None), tables)


def _is_canonical(table: Table) -> bool:
    first = table.rows[0].cells if table.rows else ()
    return {str(cell).strip() for cell in first}.issuperset(REQUIRED)


def _fits(tables: Sequence[Table], profile: Profile) -> bool:
    if profile.marker and not any(is_marked(table, profile.marker) for table in tables):
        return False
    try:
        headed_among([replace(table, rows=table.rows[:_HEAD_ROWS]) for table in tables], profile)
    except ReportRefusedError:
        return False
    return True


def fitted(path: Path, name: str, profile: Profile) -> Fitting:
    """The same where a person says which profile."""
    return Fitting(profile, tuple(tables_of(path, name)) if is_workbook(path) else ())


def sheets_of(fitting: Fitting) -> Sheets:
    """Which sheets of the workbook the profile reads and which it leaves."""
    return sheets_read(fitting.tables, fitting.profile) if fitting.profile is not None else Sheets()


def _canonical_names(path: Path) -> set[str]:
    """The headings of a plain file's first line, for the columns of the contract."""
    with path.open("rb") as file:
        first = file.read(_HEAD_BYTES).removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return {each.strip().strip('"') for each in first.decode("utf-8", "replace").split(",")}


def tried_upload(settings: Settings, upload: ReportUpload, profile: Profile, tables: Sequence[Table] = ()) -> Tried:
    """The whole file through a profile; the facts made for it are those it is received with, so that nobody waits for
    the same parsing again. `tables`: the file where it has just been opened. Raises ReportRefusedError where it is
    refused whole.
    """
    return _tried(kept_report(settings, upload.sha256, upload.file_name, profile, tables), is_whole=True)


def tried_tables(tables: Sequence[Table], profile: Profile) -> Tried:
    """The first lines of a file through a profile that may not be kept yet; totals are left for the whole file."""
    found = understood(tables, replace(profile, has_totals=False))
    cut = ReadLines(found.lines[:TRIED_MAX], found.wording)
    return _tried(Received(tables[0].name, Path(tables[0].name), lambda: cut), is_whole=len(found.lines) <= TRIED_MAX)


def doubts_about(actor: Actor, settings: Settings, upload: ReportUpload, profile: Profile) -> Doubts:
    """What a person should know before this file is taken, beside the reports in use. Raises ReportRefusedError."""
    used = received(settings, [each for each in reports_in_use(actor) if each.sha256 != upload.sha256])
    return doubts_of(kept_report(settings, upload.sha256, upload.file_name, profile), used)


def _tried(report: Received, *, is_whole: bool) -> Tried:
    with duckdb.connect() as engine:
        found = take_reports(engine, [report])
        rows = engine.execute(
            "select reference, paid_at, kind, amount_vnd, customer, merchant, status from facts order by pos limit ?",
            [ROWS_SHOWN],
        ).fetchall()
        refused = engine.execute(
            "select line, reason from refused_lines order by line limit ?", [ROWS_SHOWN]
        ).fetchall()
        masked = engine.execute("select count(*) from refused_lines where contains(reason, 'bị che')").fetchone()
    shown = [
        Row(reference, paid_at, _KIND_OF[kind], amount, customer, merchant, _STATUS_OF[status])
        for reference, paid_at, kind, amount, customer, merchant, status in rows
    ]
    return Tried(found.line_count, found.refused_count, masked[0] if masked else 0, shown, refused, is_whole)


@dataclass(frozen=True, slots=True)
class KnownProfile:
    """A profile with its history and how many reports were read through it."""

    profile: Profile
    versions: Sequence[ReportProfile]
    report_count: int
    may_change: bool


def known_profiles(actor: Actor) -> list[KnownProfile]:
    """Every profile, made ones first; those of the program have no history."""
    rows: dict[str, list[ReportProfile]] = {}
    for row in db.session.scalars(select(ReportProfile).order_by(ReportProfile.version.desc())):
        rows.setdefault(row.name, []).append(row)
    query = select(Report.profile, func.count()).where(seen_of(Report.unit_id, Report.created_by_id, actor))
    counts: dict[str, int] = dict(db.session.execute(query.group_by(Report.profile)).all())
    own = set(
        db.session.scalars(
            select(ReportProfile.name).where(seen_of(ReportProfile.unit_id, ReportProfile.created_by_id, actor))
        )
    )
    found = [
        KnownProfile(profile, rows.get(name, []), counts.get(name, 0), name in own)
        for name, profile in profiles().items()
    ]
    return sorted(found, key=lambda each: (not each.versions, each.profile.title))


def may_change(actor: Actor, name: str) -> bool:
    """Whether this person may make the next version of a profile, or the first one of a new name."""
    rows = db.session.scalars(select(ReportProfile.id).where(ReportProfile.name == name)).all()
    if not rows:
        return name not in BUILT_IN
    seen = seen_of(ReportProfile.unit_id, ReportProfile.created_by_id, actor)
    return len(db.session.scalars(select(ReportProfile.id).where(ReportProfile.name == name, seen)).all()) == len(rows)


def last_version(name: str) -> int:
    """The number of the newest version, 0 for none."""
    return db.session.scalar(select(func.max(ReportProfile.version)).where(ReportProfile.name == name)) or 0


def _seen(actor: Actor) -> ColumnElement[bool]:
    return seen_of(ReportUpload.unit_id, ReportUpload.created_by_id, actor)
