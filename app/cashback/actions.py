"""Deciding reports under a policy: a run, kept with its folder of decisions and the SHA-256 of what it decided."""

import csv
import io
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from app.actors import Actor
from app.audit.actions import record
from app.cashback.draws import Closed
from app.cashback.evaluation import Task, evaluate
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.queries import known_points, policy_in, run_folder
from app.cashback.results import DECISIONS, Totals, read_summary
from app.cashback.rules import Policy
from app.db import db
from app.errors import ConflictError
from app.evidence import digest_of_file, keep_file, path_of
from app.places.queries import own_commune_id
from app.settings import Settings
from app.transactions.models import Report
from app.transactions.queries import READERS, received

_DECIDING = ".deciding-"
_DAY_SECONDS = 86_400
FROM_REGISTRY = "mọi hộ và điểm trong sổ"


@dataclass(frozen=True, slots=True)
class RunInput:
    """What one run decides, besides the policy."""

    reports: tuple[Report, ...]
    points: Path | None = None
    points_name: str = FROM_REGISTRY
    subscribers: Path | None = None
    subscribers_name: str = ""
    seed: str | None = None
    closed: Closed | None = None  #: the closed ticket lists of a draw


@dataclass(frozen=True, slots=True)
class DecidedFolder:
    """Decisions that are nobody's run yet, and the lists behind them as evidence keeps them ("": none was needed)."""

    path: Path
    unit_id: int | None
    totals: Totals
    points_sha256: str
    subscribers_sha256: str
    decisions_sha256: str


def run_policy(
    actor: Actor, now: datetime, settings: Settings, version: PolicyVersion, given: RunInput, *, sample: bool = False
) -> CashbackRun:
    """Decides the reports and keeps the run; its folder appears whole or not at all.

    Raises ConflictError without reports or without the list of subscribers that the policy asks for.
    """
    with decided_folder(actor, settings, version, given) as found:
        return keep_run(actor, now, settings, version, given, found, sample=sample)


@contextmanager
def decided_folder(
    actor: Actor, settings: Settings, version: PolicyVersion, given: RunInput
) -> Iterator[DecidedFolder]:
    """The reports, decided beside the runs; writes no record, so that nobody waits for it. Gone at the end unless kept.

    Raises ConflictError as `run_policy` does.
    """
    policy = policy_in(version)
    if not given.reports:
        raise ConflictError("Chưa có báo cáo giao dịch nào để xét.", remedy="Hãy gửi báo cáo trước.")
    if policy.needs_subscribers and given.subscribers is None:
        raise ConflictError("Chính sách này cần danh sách thuê bao mới.", remedy="Hãy chọn tệp thuê bao rồi xét lại.")
    unit_id = version.unit_id if version.unit_id is not None else own_commune_id(actor, *READERS)
    points, points_sha256 = _kept_points(settings, policy, given, unit_id)
    subscribers, subscribers_sha256 = given.subscribers, ""
    if subscribers is not None and policy.needs_subscribers:
        subscribers_sha256 = keep_file(settings.evidence_dir, subscribers.read_bytes())
    sources = tuple(received(settings, given.reports))
    folder = run_folder(settings.facts_dir, f"{_DECIDING}{uuid4().hex}")
    _sweep(folder.parent)
    try:
        totals = evaluate(Task((policy,), sources, points, subscribers, given.seed, given.closed), folder)
        decisions_sha256 = digest_of_file(folder / DECISIONS)
        yield DecidedFolder(folder, unit_id, totals, points_sha256, subscribers_sha256, decisions_sha256)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(runs: Path) -> None:
    """Takes away what a program that was killed while it decided left lying; nobody decides for a day."""
    for left in runs.glob(f"*{_DECIDING}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _DAY_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


def _kept_points(settings: Settings, policy: Policy, given: RunInput, unit_id: int | None) -> tuple[Path | None, str]:
    """The list of points and its SHA-256, kept as it is today: tomorrow's registry may know others."""
    if not policy.needs_points:
        return given.points, ""
    data = _points_csv(known_points(policy, unit_id)) if given.points is None else given.points.read_bytes()
    digest = keep_file(settings.evidence_dir, data)
    return path_of(settings.evidence_dir, digest), digest


def _points_csv(codes: Iterable[str]) -> bytes:
    """A list of points as `--points` takes it; every code as it is, for no spreadsheet runs it."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([("merchant",), *((code,) for code in codes)])
    return text.getvalue().encode()


def keep_run(
    actor: Actor, now: datetime, settings: Settings, version: PolicyVersion, given: RunInput, found: DecidedFolder,
    *, sample: bool = False,
) -> CashbackRun:  # fmt: skip
    """Keeps what was decided as a run; its folder comes to its place."""
    policy, totals = policy_in(version), found.totals
    run = CashbackRun(
        unit_id=found.unit_id,
        policy_version_id=version.id,
        report_ids=[report.id for report in given.reports],
        points_name=_points_name(policy, given) if policy.needs_points else "",
        subscribers_name=given.subscribers_name if policy.needs_subscribers else "",
        points_sha256=found.points_sha256,
        subscribers_sha256=found.subscribers_sha256,
        decisions_sha256=found.decisions_sha256,
        line_count=totals.lines,
        duplicate_count=totals.duplicates,
        refused_count=totals.refused,
        granted_count=totals.granted,
        paid_vnd=totals.paid_vnd,
        summary=read_summary(found.path)["policies"][0],
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        is_sample=sample,
    )
    db.session.add(run)
    db.session.flush()
    folder = run_folder(settings.facts_dir, run.id)
    shutil.rmtree(folder, ignore_errors=True)  # left by a run that was never committed
    found.path.replace(folder)
    after = {"policy": version.policy_id, "paid_vnd": run.paid_vnd, "sha256": run.decisions_sha256}
    record(actor, now, "cashback.run", ("cashback_run", run.id), after=after)
    return run


def _points_name(policy: Policy, given: RunInput) -> str:
    """The list of points in words."""
    if given.points is None and policy.zones:
        return f"điểm trong sổ ở khu {', '.join(policy.zones)}"[:200]
    return given.points_name
