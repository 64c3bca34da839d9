"""Policies and their versions, runs, and what a run's folder says in figures."""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import ColumnElement, func, select

from app.actors import Actor
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.policy_file import parse_policy
from app.cashback.rules import Policy
from app.db import db
from app.errors import NotFoundError
from app.paths import resource_dir
from app.places.models import Zone
from app.places.queries import commune_seen, units_below
from app.registry.models import Merchant, Point, Tenancy
from app.transactions.queries import READERS
from app.vn.text import fold
from app.web.paging import Cut, Page


@dataclass(frozen=True, slots=True)
class Shipped:
    """A policy that comes with the program."""

    policy: Policy
    document: str


def shipped() -> list[Shipped]:
    """The policies of the source plans, sorted by name."""
    folder = resource_dir("cashback") / "policies"
    return [
        Shipped(parse_policy(path.read_bytes(), path.name), path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.yaml"))
    ]


def policy_in(version: PolicyVersion) -> Policy:
    """What the version says; its last day is the eve of the version that follows it, where that comes first."""
    policy = parse_policy(version.document.encode(), f"{version.policy_id} bản {version.version}")
    return policy if version.ends_on is None else replace(policy, last_day=version.ends_on)


def run_of(actor: Actor, run_id: int) -> CashbackRun:
    """The run with this id, or NotFoundError where there is none or it is another commune's."""
    found = db.session.scalar(select(CashbackRun).where(CashbackRun.id == run_id, _seen(actor)))
    if found is None:
        raise NotFoundError("Không có lần xét này.")
    return found


def run_page(actor: Actor, cut: Cut, policy_id: str = "") -> Page[CashbackRun]:
    """One page of the runs this person may see, of one policy or of all, newest first."""
    query = select(CashbackRun).join(PolicyVersion).where(_seen(actor))
    if policy_id:
        query = query.where(PolicyVersion.policy_id == policy_id)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.order_by(CashbackRun.id.desc()).offset(cut.offset).limit(cut.per_page)
    return cut.page(db.session.scalars(query).all(), total)


def policies_run(actor: Actor) -> list[tuple[str, str]]:
    """The policies under which something was decided, with the title of the newest version that was."""
    query = select(PolicyVersion.policy_id, PolicyVersion.title).join(CashbackRun).where(_seen(actor))
    titles = {row.policy_id: row.title for row in db.session.execute(query.order_by(PolicyVersion.id))}
    return sorted(titles.items(), key=lambda found: fold(found[1]))


def latest_runs(actor: Actor) -> list[CashbackRun]:
    """The runs that speak for each policy today, for each commune this person may see."""
    return _speaking(_seen(actor))


def approved_runs(unit_id: int) -> list[CashbackRun]:
    """The same for one commune, only under versions that two people agreed to; its own before the whole system's."""
    approved = PolicyVersion.approved_by_id.is_not(None)
    own = _speaking(CashbackRun.unit_id == unit_id, approved)
    decided = {run.policy_version.policy_id for run in own}
    others = _speaking(CashbackRun.unit_id.is_(None), approved)
    return [*own, *(run for run in others if run.policy_version.policy_id not in decided)]


def _speaking(*conditions: ColumnElement[bool]) -> list[CashbackRun]:
    """The newest run of every version in force, also of one that a later version followed; else of the policy at all.

    A later version says nothing about the days before it, so the earlier one keeps its word about them.
    """
    query = select(CashbackRun).join(PolicyVersion).where(*conditions).order_by(CashbackRun.id.desc())
    groups: dict[tuple[str, int | None], dict[int, CashbackRun]] = defaultdict(dict)
    for run in db.session.scalars(query):
        groups[run.policy_version.policy_id, run.unit_id].setdefault(run.policy_version_id, run)
    found: list[CashbackRun] = []
    for newest in groups.values():
        in_force = [run for run in newest.values() if run.policy_version.state == "active"]
        found += in_force or list(newest.values())[:1]
    return sorted(found, key=lambda run: run.id)


def _seen(actor: Actor) -> ColumnElement[bool]:
    return commune_seen(CashbackRun.unit_id, actor, *READERS)


def run_folder(facts_dir: Path, run_id: int | str) -> Path:
    """Where a run's decisions lie."""
    return facts_dir / "runs" / str(run_id)


def run_file(folder: Path, name: str) -> Path:
    """A file of a run's folder. Raises NotFoundError where it is no longer kept."""
    if not (folder / name).is_file():
        raise NotFoundError("Tệp quyết định không còn trong kho.", remedy="Hãy xét lại báo cáo.")
    return folder / name


def registry_mark() -> tuple[int, ...]:
    """Numbers that change when merchants, points or who holds them are added."""
    newest = (select(func.max(table.id)) for table in (Merchant, Point, Tenancy))
    return tuple(db.session.scalar(query) or 0 for query in newest)


def known_points(policy: Policy, unit_id: int | None) -> list[str]:
    """Codes that a report may name as the place of payment: points and merchants of a commune (None: of all).

    Where the policy names zones, only those of the points in them and of the merchants that hold one today.
    """
    in_units = units_below([unit_id]) if unit_id is not None else None
    points = select(Point.code)
    merchants = select(Merchant.code).where(Merchant.merged_into_id.is_(None))
    if in_units is not None:
        points = points.where(Point.unit_id.in_(in_units))
        merchants = merchants.where(Merchant.unit_id.in_(in_units))
    if policy.zones:
        in_zones = Point.zone_id.in_(select(Zone.id).where(Zone.slug.in_(policy.zones)))
        points = points.where(in_zones)
        held = select(Tenancy.merchant_id).join(Point, Point.id == Tenancy.point_id)
        merchants = merchants.where(Merchant.id.in_(held.where(Tenancy.valid_to.is_(None), in_zones)))
    return sorted({*db.session.scalars(merchants), *db.session.scalars(points)})
