"""Deciding reports under a policy: a run, kept with its folder of decisions."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.actors import Actor
from app.audit.actions import record
from app.cashback.draws import Closed
from app.cashback.evaluation import Task, evaluate
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.queries import known_points, policy_in, run_folder
from app.cashback.results import read_summary
from app.cashback.rules import Policy
from app.db import db
from app.errors import ConflictError
from app.places.queries import own_commune_id
from app.settings import Settings
from app.transactions.models import Report
from app.transactions.queries import READERS, received

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


def run_policy(
    actor: Actor, now: datetime, settings: Settings, version: PolicyVersion, given: RunInput, *, sample: bool = False
) -> CashbackRun:
    """Decides the reports and keeps the run; its folder appears whole or not at all.

    Raises ConflictError without reports or without the list of subscribers that the policy asks for.
    """
    policy = policy_in(version)
    if not given.reports:
        raise ConflictError("Chưa có báo cáo giao dịch nào để xét.", remedy="Hãy gửi báo cáo trước.")
    if policy.needs_subscribers and given.subscribers is None:
        raise ConflictError("Chính sách này cần danh sách thuê bao mới.", remedy="Hãy chọn tệp thuê bao rồi xét lại.")
    run = CashbackRun(
        unit_id=version.unit_id if version.unit_id is not None else own_commune_id(actor, *READERS),
        policy_version_id=version.id,
        report_ids=[report.id for report in given.reports],
        points_name=_points_name(policy, given) if policy.needs_points else "",
        subscribers_name=given.subscribers_name if policy.needs_subscribers else "",
        line_count=0,
        duplicate_count=0,
        refused_count=0,
        granted_count=0,
        paid_vnd=0,
        summary={},
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        is_sample=sample,
    )
    db.session.add(run)
    db.session.flush()
    _decide(settings, run, version, given)
    record(
        actor,
        now,
        "cashback.run",
        ("cashback_run", run.id),
        after={"policy": version.policy_id, "paid_vnd": run.paid_vnd},
    )
    return run


def _decide(settings: Settings, run: CashbackRun, version: PolicyVersion, given: RunInput) -> None:
    policy = policy_in(version)
    folder = run_folder(settings.facts_dir, run.id)
    shutil.rmtree(folder, ignore_errors=True)  # left by a run that was never committed
    points: Path | Collection[str] | None = given.points
    if points is None and policy.needs_points:
        points = known_points(policy, run.unit_id)
    sources = tuple(received(settings, given.reports))
    totals = evaluate(Task((policy,), sources, points, given.subscribers, given.seed, given.closed), folder)
    run.line_count, run.duplicate_count, run.refused_count = totals.lines, totals.duplicates, totals.refused
    run.granted_count, run.paid_vnd = totals.granted, totals.paid_vnd
    run.summary = read_summary(folder)["policies"][0]
    db.session.flush()


def _points_name(policy: Policy, given: RunInput) -> str:
    """The list of points in words."""
    if given.points is None and policy.zones:
        return f"điểm trong sổ ở khu {', '.join(policy.zones)}"[:200]
    return given.points_name
