"""One trial: which policy, on which reports and days, turned how; and what came of it beside the version in use."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import duckdb

from app.actors import Actor
from app.cashback import simulation
from app.cashback.drafting.queries import (
    current_versions,
    live_version,
    next_version,
    owners,
    reports_under_unit,
    version_seen,
)
from app.cashback.drafting.rules import KEEPERS
from app.cashback.engine import open_database
from app.cashback.lists import load_lists
from app.cashback.models import PolicyVersion
from app.cashback.queries import known_points, policy_in, registry_mark, shipped
from app.cashback.rules import Conditions, Policy
from app.cashback.simulation import AtCap, Change, Outlook
from app.cashback.trial.knobs import day_in, on_days, turned
from app.cashback.trial.warm import Warm, Warmth
from app.errors import NotFoundError
from app.places.queries import own_commune_id
from app.settings import Settings
from app.transactions.intake import Intake, take_reports
from app.transactions.models import Report
from app.transactions.queries import READERS, received
from app.web.row_ids import row_id

TOP = 10
PAYMENTS_MAX = 200
DAYS_MAX = 400
_MONTHS_FIRST = 62
_MONTHS_OFFERED = 3
_SEED = "thử trước"
_SEED_SHA256 = hashlib.sha256(_SEED.encode()).hexdigest()

WARMTH = Warmth()


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: the policy as written, as turned, on which days; the version in use, and the reports."""

    choice: str
    written: Policy
    turned: Policy
    live: PolicyVersion | None
    unit_id: int | None
    reports: Sequence[Report]
    first_day: date
    last_day: date
    faults: Mapping[str, str]

    @property
    def draft(self) -> Policy:
        """What is decided: the turned policy on the days of the trial, its draws with a seed anyone knows."""
        return _ready(self.turned, self.first_day, self.last_day)

    @property
    def to_write(self) -> Policy:
        """The turned policy as the next version."""
        return replace(self.turned, version=next_version(self.unit_id, self.turned.policy_id))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. `live` is none where no version is in use."""

    draft: Outlook
    live: Outlook | None
    gains: Sequence[Change]
    losses: Sequence[Change]
    gain_count: int
    loss_count: int
    at_cap: Sequence[AtCap]


def choices(actor: Actor) -> list[tuple[str, str]]:
    """What can be tried: versions waiting or in use, and the shipped policies nobody uses yet."""
    versions = current_versions(actor)
    words = {"draft": "bản nháp", "active": "đang áp dụng"}
    found = [(f"v{each.id}", f"{each.title}, bản {each.version} ({words[each.state]})") for each in versions]
    known = {each.policy_id for each in versions}
    shipped_too = (each.policy for each in shipped() if each.policy.policy_id not in known)
    return found + [(f"s-{each.policy_id}", f"{each.title} (mẫu)") for each in shipped_too]


def spans(trial: Trial, today: date) -> list[tuple[str, date, date]]:
    """Stretches of days to choose at once: the last one, two, three months that the reports know, and all of them."""
    first, last = _span(trial.reports, today)
    months = [last.replace(day=1)]
    while len(months) < _MONTHS_OFFERED:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    found = [(f"{count} tháng gần nhất", start, last) for count, start in enumerate(months, 1) if start > first]
    return [*found, ("Tất cả", first, last)]


def trial_of(actor: Actor, values: Mapping[str, str], default: str, today: date) -> Trial:
    """The trial that a form asks for. Raises NotFoundError where the policy is not there for this person."""
    choice = values.get("policy") or default
    written, unit_id = _chosen(actor, choice)
    reports = reports_under_unit(actor, unit_id)
    first, last = _span(reports, today)
    faults: dict[str, str] = {}
    first_day = day_in(values, "first_day", max(first, date.fromordinal(last.toordinal() - _MONTHS_FIRST)), faults)
    last_day = day_in(values, "last_day", last, faults)
    if last_day < first_day:
        faults["last_day"] = "Ngày cuối đứng trước ngày đầu."
        last_day = first_day
    if (last_day - first_day).days > DAYS_MAX:
        faults["first_day"] = f"Thử nhiều nhất {DAYS_MAX} ngày một lần."
        first_day = date.fromordinal(last_day.toordinal() - DAYS_MAX)
    after, wrong = turned(written, values)
    live = live_version(unit_id, written.policy_id)
    return Trial(choice, written, after, live, unit_id, reports, first_day, last_day, faults | wrong)


def result_of(settings: Settings, trial: Trial) -> Result:
    """What the trial comes to; within a slider's patience for a hundred thousand lines."""
    with WARMTH.taken(_key(trial), lambda: _loaded(settings, trial)) as warm:
        draft, live = _decided(warm, trial)
        gain_count, loss_count = simulation.touched(warm.db) if live else (0, 0)
        return Result(
            draft,
            live,
            simulation.changes(warm.db, TOP, gains=True) if live else [],
            simulation.changes(warm.db, TOP, gains=False) if live else [],
            gain_count,
            loss_count,
            simulation.parties_at_cap(warm.db, TOP),
        )


def payments_of(settings: Settings, trial: Trial, role: str, payee: str) -> list[simulation.Payment]:
    """One party's payments under both versions."""
    with WARMTH.taken(_key(trial), lambda: _loaded(settings, trial)) as warm:
        _decided(warm, trial)
        return simulation.payments_of(warm.db, role, payee, PAYMENTS_MAX)


def _decided(warm: Warm, trial: Trial) -> tuple[Outlook, Outlook | None]:
    """Fills the tables `draft` and `live`."""
    live = _live(warm, trial)
    draft = simulation.tried(warm.db, trial.draft, warm.intake, _SEED)
    if live is None:
        warm.db.execute("create or replace table live as from draft limit 0")
    return draft, live


def _live(warm: Warm, trial: Trial) -> Outlook | None:
    """What the version in use would have done on the same days; decided once while nothing else is asked."""
    if trial.live is None:
        warm.marks.pop("live", None)
        return None
    policy = _ready(policy_in(trial.live), trial.first_day, trial.last_day)
    found = warm.marks.get("live")
    if isinstance(found, tuple) and found[0] == policy:
        return found[1]  # type: ignore[no-any-return]
    outlook = simulation.tried(warm.db, policy, warm.intake, _SEED, table="live")
    warm.marks["live"] = (policy, outlook)
    return outlook


def _ready(policy: Policy, first_day: date, last_day: date) -> Policy:
    rewards = tuple(
        replace(reward, draw=replace(reward.draw, seed_sha256=_SEED_SHA256, seed_per="policy"))
        if reward.draw
        else reward
        for reward in policy.rewards
    )
    groups = tuple(_any_subscriber(group) for group in (policy.when, *policy.any_of))
    return on_days(replace(policy, rewards=rewards, when=groups[0], any_of=groups[1:]), first_day, last_day)


def _any_subscriber(group: Conditions) -> Conditions:
    """A trial has no list of subscribers: everybody counts as one, so the cost told is the highest there can be."""
    return replace(group, subscribers_listed=False)


def _key(trial: Trial) -> tuple[object, ...]:
    reports = tuple((report.id, report.sha256) for report in trial.reports)
    points = registry_mark() if trial.written.needs_points else ()
    return (reports, trial.unit_id, trial.written.zones, points)


def _loaded(settings: Settings, trial: Trial) -> tuple[duckdb.DuckDBPyConnection, Intake]:
    points = known_points(trial.written, trial.unit_id) if trial.written.needs_points else None
    db = open_database()
    load_lists(db, points, None)
    return db, take_reports(db, received(settings, trial.reports))


def _chosen(actor: Actor, choice: str) -> tuple[Policy, int | None]:
    if choice.startswith("v") and (version_id := row_id(choice[1:])) is not None:
        version = version_seen(actor, version_id)
        return policy_in(version), version.unit_id
    found = next((each.policy for each in shipped() if f"s-{each.policy.policy_id}" == choice), None)
    if found is None:
        raise NotFoundError("Không có chính sách này để thử.", remedy="Hãy chọn lại từ danh sách.")
    units = [unit_id for unit_id, _ in owners(actor, *KEEPERS)]
    own = own_commune_id(actor, *READERS)
    return found, own if own in units or not units else units[0]


def _span(reports: Sequence[Report], today: date) -> tuple[date, date]:
    firsts = [report.first_day for report in reports if report.first_day]
    lasts = [report.last_day for report in reports if report.last_day]
    return (min(firsts), max(lasts)) if firsts and lasts else (today.replace(day=1), today)
