"""Bringing policies into use with four eyes, and deciding reports under them."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from app.actors import Actor
from app.audit.actions import record
from app.cashback.evaluation import Task, evaluate
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.policy_file import PolicyRefusedError, parse_policy
from app.cashback.queries import known_points, next_version, policy_in, run_folder
from app.cashback.results import read_summary
from app.db import db
from app.errors import ConflictError, ForbiddenError
from app.places.queries import own_commune_id
from app.settings import Settings
from app.transactions.models import Report
from app.transactions.queries import READERS, received

FROM_REGISTRY = "mọi hộ và điểm trong sổ"


class FourEyesError(ForbiddenError):
    """The same person wrote and approves."""

    code = "bon-mat"


@dataclass(frozen=True, slots=True)
class RunInput:
    """What one run decides, besides the policy."""

    reports: tuple[Report, ...]
    points: Path | None = None
    points_name: str = FROM_REGISTRY
    subscribers: Path | None = None
    subscribers_name: str = ""
    seed: str | None = None


def propose_policy(actor: Actor, now: datetime, document: str, *, sample: bool = False) -> PolicyVersion:
    """Keeps a YAML document as the next version of its policy, waiting for another person.

    Raises PolicyRefusedError with line and key where the document is wrong, and where its version is not the next one.
    """
    policy = parse_policy(document.encode(), "chính sách")
    expected = next_version(policy.policy_id)
    if policy.version != expected:
        line = _line_of(document, "version")
        raise PolicyRefusedError(
            f"chính sách, dòng {line}, khoá “version”: bản kế tiếp của {policy.policy_id} phải là {expected}."
        )
    version = PolicyVersion(
        policy_id=policy.policy_id,
        version=policy.version,
        title=policy.title or policy.policy_id,
        document=document,
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
        is_sample=sample,
    )
    db.session.add(version)
    db.session.flush()
    after = {"policy": policy.policy_id, "version": policy.version}
    record(actor, now, "policy.propose", ("policy_version", version.id), after=after)
    return version


def approve_policy(actor: Actor, now: datetime, version: PolicyVersion) -> None:
    """Puts a version into use and retires the one before. Raises FourEyesError and ConflictError."""
    if version.state != "draft":
        raise ConflictError("Bản chính sách này không chờ duyệt.")
    if actor.id is None or actor.id == version.created_by_id:
        raise FourEyesError("Người soạn không tự duyệt chính sách.", remedy="Hãy nhờ người khác duyệt.")
    older = PolicyVersion.policy_id == version.policy_id, PolicyVersion.state == "active"
    for before in db.session.scalars(db.select(PolicyVersion).where(*older)):
        before.state = "retired"
    version.state, version.approved_at = "active", now
    version.approved_by_id, version.approved_by = actor.id, actor.name
    db.session.flush()
    record(actor, now, "policy.approve", ("policy_version", version.id), after={"state": "active"})


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
        unit_id=own_commune_id(actor, *READERS),
        policy_version_id=version.id,
        report_ids=[report.id for report in given.reports],
        points_name=given.points_name if policy.needs_points else "",
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
    points = given.points if given.points is not None else known_points() if policy.needs_points else None
    sources = tuple(received(settings, given.reports))
    totals = evaluate(Task((policy,), sources, points, given.subscribers, given.seed), folder)
    run.line_count, run.duplicate_count, run.refused_count = totals.lines, totals.duplicates, totals.refused
    run.granted_count, run.paid_vnd = totals.granted, totals.paid_vnd
    run.summary = read_summary(folder)["policies"][0]
    db.session.flush()


def _line_of(document: str, key: str) -> int:
    node = yaml.compose(document, Loader=yaml.SafeLoader)
    keys = node.value if isinstance(node, yaml.MappingNode) else []
    return next((found.start_mark.line + 1 for found, _ in keys if found.value == key), 1)
