"""Versions of policies: whose they are, who sees them, which one counts, what a new one starts from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select

from app.actors import Actor
from app.cashback.drafting.rules import Standing, standing
from app.cashback.models import CashbackRun, DrawCommitment, PolicyVersion
from app.cashback.queries import policy_in
from app.cashback.rules import Policy
from app.db import db
from app.errors import ForbiddenError, NotFoundError
from app.places.models import Unit, Zone
from app.places.queries import commune_seen, communes_in_reach, units_below, zones
from app.transactions.models import Report
from app.transactions.queries import READERS, reports_in_use
from app.web.paging import Cut, Page

WHOLE_SYSTEM = "Cả hệ thống"


@dataclass(frozen=True, slots=True)
class Shown:
    """A version with what it says and what it is today."""

    version: PolicyVersion
    policy: Policy
    standing: Standing
    whose: str


def version_seen(actor: Actor, version_id: int) -> PolicyVersion:
    """The version with this id, or NotFoundError where there is none or it is another commune's."""
    found = db.session.scalar(select(PolicyVersion).where(PolicyVersion.id == version_id, _seen(actor)))
    if found is None:
        raise NotFoundError("Không có bản chính sách này.")
    return found


def version_to_change(actor: Actor, version_id: int, *roles: str) -> PolicyVersion:
    """The version, locked until this unit of work ends. Raises ForbiddenError where it is not theirs to decide."""
    found = version_seen(actor, version_id)
    require_reach(actor, found.unit_id, *roles)
    query = select(PolicyVersion).where(PolicyVersion.id == version_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def require_reach(actor: Actor, unit_id: int | None, *roles: str) -> None:
    """Raises ForbiddenError unless these of the person's roles reach the commune, or (None) the whole system."""
    scopes = actor.scopes_of(*roles)
    if any(scope.kind == "all" for scope in scopes):
        return
    if unit_id is None:
        raise ForbiddenError(
            "Chính sách này của cả hệ thống.", remedy="Hãy nhờ người phụ trách cả hệ thống, hoặc soạn bản của xã mình."
        )
    if unit_id not in units_below(scope.id for scope in scopes if scope.kind == "unit"):
        raise ForbiddenError("Chính sách này không thuộc phạm vi của bạn.", remedy="Hãy nhờ người của xã ấy.")


def current_versions(actor: Actor) -> Sequence[PolicyVersion]:
    """Versions in use or waiting, by name, the newest first."""
    return db.session.scalars(_versions(actor, ("active", "draft"))).all()


def version_page(actor: Actor, cut: Cut, states: Sequence[str] = ()) -> Page[PolicyVersion]:
    """One page of all versions this person sees, in these states (none: all)."""
    query = _versions(actor, states)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return cut.page(db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all(), total)


def history(version: PolicyVersion) -> Sequence[PolicyVersion]:
    """Every version of the same policy of the same commune, the newest first."""
    query = select(PolicyVersion).where(*_same(version.unit_id, version.policy_id))
    return db.session.scalars(query.order_by(PolicyVersion.version.desc())).all()


def version_before(version: PolicyVersion) -> PolicyVersion | None:
    """What a version is compared with: the newest of those before it that was ever in use, else the one before."""
    older = [each for each in history(version) if each.version < version.version]
    used = [each for each in older if each.state in ("active", "retired")]
    return next(iter(used or older), None)


def live_version(unit_id: int | None, policy_id: str) -> PolicyVersion | None:
    """The version in use: the commune's own, else the whole system's; the newest of several."""
    for owner in dict.fromkeys((unit_id, None)):
        query = select(PolicyVersion).where(*_same(owner, policy_id), PolicyVersion.state == "active")
        found = db.session.scalars(query.order_by(PolicyVersion.version.desc())).first()
        if found is not None:
            return found
    return None


def next_version(unit_id: int | None, policy_id: str) -> int:
    """The number that a new version of this policy gets."""
    last = db.session.scalar(select(func.max(PolicyVersion.version)).where(*_same(unit_id, policy_id)))
    return (last or 0) + 1


def owners(actor: Actor, *roles: str) -> list[tuple[int | None, str]]:
    """Whose a policy from this person can be: their communes, and the whole system for who works in all of it."""
    found: list[tuple[int | None, str]] = [(unit.id, unit.title) for unit in communes_in_reach(actor, *roles)]
    if len(found) != 1 and any(scope.kind == "all" for scope in actor.scopes_of(*roles)):
        found.insert(0, (None, WHOLE_SYSTEM))
    return found


def zones_of(unit_id: int | None) -> Sequence[Zone]:
    """The open zones of a commune, or (None) all."""
    return zones(None if unit_id is None else units_below([unit_id]))


def zone_names(slugs: Iterable[str]) -> dict[str, str]:
    """What zones are called."""
    query = select(Zone.slug, Zone.name).where(Zone.slug.in_(list(slugs)))
    return {row.slug: row.name for row in db.session.execute(query)}


def shown(versions: Sequence[PolicyVersion], today: date) -> list[Shown]:
    """The versions as a list shows them."""
    ids = {version.unit_id for version in versions if version.unit_id is not None}
    units = {unit.id: unit.title for unit in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return [_shown(version, today, units.get(version.unit_id or 0, WHOLE_SYSTEM)) for version in versions]


def is_sealed(version: PolicyVersion) -> bool:
    """Whether the hash in the version is that of a seed the program made."""
    query = select(DrawCommitment.sealed_seed).where(DrawCommitment.policy_version_id == version.id)
    return db.session.scalar(query) is not None


def runs_of(actor: Actor, version: PolicyVersion, most: int = 5) -> Sequence[CashbackRun]:
    """The newest runs under a version that this person may see."""
    seen = commune_seen(CashbackRun.unit_id, actor, *READERS)
    query = select(CashbackRun).where(CashbackRun.policy_version_id == version.id, seen)
    return db.session.scalars(query.order_by(CashbackRun.id.desc()).limit(most)).all()


def reports_under(actor: Actor, version: PolicyVersion) -> list[Report]:
    """The reports in use that a version decides."""
    return reports_under_unit(actor, version.unit_id)


def reports_under_unit(actor: Actor, unit_id: int | None) -> list[Report]:
    """The reports in use of a commune and of the whole system; (None) all that this person sees."""
    found = reports_in_use(actor)
    return [report for report in found if unit_id is None or report.unit_id in (None, unit_id)]


def _shown(version: PolicyVersion, today: date, whose: str) -> Shown:
    policy = policy_in(version)
    days = (policy.first_day, policy.last_day)
    return Shown(version, policy, standing(version.state, days, version.ends_on, today), whose)


def _versions(actor: Actor, states: Sequence[str]) -> Select[PolicyVersion]:
    query = select(PolicyVersion).where(_seen(actor))
    if states:
        query = query.where(PolicyVersion.state.in_(states))
    return query.order_by(PolicyVersion.policy_id, PolicyVersion.unit_id, PolicyVersion.version.desc())


def _same(unit_id: int | None, policy_id: str) -> tuple[ColumnElement[bool], ...]:
    whose = PolicyVersion.unit_id.is_(None) if unit_id is None else PolicyVersion.unit_id == unit_id
    return (whose, PolicyVersion.policy_id == policy_id)


def _seen(actor: Actor) -> ColumnElement[bool]:
    return commune_seen(PolicyVersion.unit_id, actor, *READERS)
