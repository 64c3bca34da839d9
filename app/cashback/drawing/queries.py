"""Draws and their published steps: the promise, the closed list, the winners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.cashback.drawing.publishing import CLOSED, PUBLISHED, Told
from app.cashback.drawing.rules import periods_over
from app.cashback.draws import ALL_PERIODS, Closed
from app.cashback.models import DrawCommitment, DrawStep
from app.cashback.queries import run_folder
from app.cashback.results import TICKETS, closed_tickets
from app.cashback.rules import Policy
from app.cashback.seeds import Seeds, chain_periods, is_chained, known_seeds
from app.db import db
from app.errors import NotFoundError

WINNERS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ShownWinner:
    """A prize and who has it, as everybody may see it; `instead_of`: the ticket it first fell to."""

    reward: int
    period: str
    prize: str
    worth_vnd: int
    ticket: str
    masked: str
    number: str
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a draw stands for those who lead it. `to_close`: the periods of a chain that may be closed, the newest
    first; `suggested`: the newest of them that the reports tell of.
    """

    closed: DrawStep | None
    drawn: DrawStep | None
    tickets: int
    to_close: list[str]
    suggested: str
    may_close: bool
    may_reveal: bool


@dataclass(frozen=True, slots=True)
class Round:
    """One period's draw where each has a seed of its own: its closed list, and its seed once that is told."""

    period: str
    reward: int
    tickets: int
    ticket_list_sha256: str
    closed_at: datetime
    seed: str
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Redraw:
    """The winners drawn anew: the tickets whose payment was taken back, and those that moved up."""

    made_at: datetime
    taken_back: list[str]
    moved_up: list[str]


def draw_of(version_id: int) -> DrawCommitment | None:
    """The promise of a policy version's draws."""
    return db.session.scalar(select(DrawCommitment).where(DrawCommitment.policy_version_id == version_id))


def draw_at(slug: str) -> DrawCommitment:
    """The draw at a public address. Raises NotFoundError."""
    found = db.session.scalar(select(DrawCommitment).where(DrawCommitment.slug == slug))
    if found is None:
        raise NotFoundError("Không có lần quay này.", remedy="Địa chỉ có thể đã gõ nhầm.")
    return found


def draws(most: int = 100) -> Sequence[DrawCommitment]:
    """The newest draws."""
    return db.session.scalars(select(DrawCommitment).order_by(DrawCommitment.id.desc()).limit(most)).all()


def steps_of(draw: DrawCommitment) -> Sequence[DrawStep]:
    """What was published after the promise, in order."""
    return db.session.scalars(select(DrawStep).where(DrawStep.commitment_id == draw.id).order_by(DrawStep.id)).all()


def last_step(draw: DrawCommitment, kind: str) -> DrawStep | None:
    """The newest step of a kind: `list` or `winners`."""
    query = select(DrawStep).where(DrawStep.commitment_id == draw.id, DrawStep.kind == kind)
    return db.session.scalars(query.order_by(DrawStep.id.desc())).first()


def told_through(draw: DrawCommitment) -> str:
    """The last period whose seed is known; "" before the first reveal."""
    step = last_step(draw, "winners")
    return (step.through or ALL_PERIODS) if step is not None else ""


def tickets_path(facts_dir: Path, step: DrawStep) -> Path:
    """The closed list as of a `list` step."""
    folder = run_folder(facts_dir, step.run_id)
    return folder / CLOSED if (folder / CLOSED).is_file() else folder / TICKETS


def draw_input(facts_dir: Path, version_id: int) -> tuple[str | None, Closed | None]:
    """Seed and closed lists with which a version is decided: nothing before the first reveal."""
    draw = draw_of(version_id)
    step = last_step(draw, "list") if draw is not None else None
    if draw is None or draw.seed is None or step is None:
        return None, None
    return draw.seed, Closed(closed_tickets(tickets_path(facts_dir, step)), step.through or ALL_PERIODS)


def periods_to_close(draw: DrawCommitment, policy: Policy, today: date) -> list[str]:
    """The periods of a chain that are over and not drawn; the newest first."""
    if policy.last_day is None:
        return []
    over = periods_over(chain_periods(policy), policy.last_day, today)
    return [name for name in reversed(over) if name > told_through(draw)]


def desk(draw: DrawCommitment, policy: Policy, today: date, reported: date | None) -> Desk:
    """Where a draw stands and what comes next; `reported`: the last day of which a report tells."""
    steps, names = steps_of(draw), periods_to_close(draw, policy, today)
    closed = next((step for step in reversed(steps) if step.kind == "list"), None)
    drawn = next((step for step in reversed(steps) if step.kind == "winners"), None)
    lists = {each.period: each.tickets for each in rounds(draw, policy)}
    told_of = reported.isoformat() if reported is not None else ""
    waits = closed is not None and (drawn is None or closed.through > told_through(draw))
    return Desk(
        closed=closed,
        drawn=drawn,
        tickets=sum(lists.values()) if lists else sum(each["tickets"] for each in closed.tickets) if closed else 0,
        to_close=names,
        suggested=next((name for name in names if name <= told_of[: len(name)]), names[0] if names else ""),
        may_close=bool(names) if is_chained(policy) else draw.seed is None,
        may_reveal=waits,
    )


def next_step(draw: DrawCommitment, policy: Policy, today: date, reported: date | None) -> str:
    """What a draw waits for: "reveal" of a closed list's seed, "close" of a list the reports reach; "" for nothing."""
    stands = desk(draw, policy, today, reported)
    if stands.may_reveal:
        return "reveal"
    if not is_chained(policy):
        is_over = policy.last_day is not None and policy.last_day < today
        return "close" if is_over and draw.seed is None else ""
    told_of = reported.isoformat() if reported is not None else ""
    return "close" if any(name <= told_of[: len(name)] for name in stands.to_close) else ""


def told(facts_dir: Path, draw: DrawCommitment) -> Told:
    """What stays as it is when the next periods' lists are closed."""
    closed, drawn = last_step(draw, "list"), last_step(draw, "winners")
    if closed is None or drawn is None:
        return Told()
    published = run_folder(facts_dir, drawn.run_id) / PUBLISHED
    return Told(told_through(draw), tickets_path(facts_dir, closed), published)


def published_list(facts_dir: Path, draw: DrawCommitment) -> Path:
    """The ticket list as it was published last. Raises NotFoundError before one was closed."""
    step = next(reversed(steps_of(draw)), None)
    path = run_folder(facts_dir, step.run_id) / PUBLISHED if step is not None else None
    if path is None or not path.is_file():
        raise NotFoundError("Chưa chốt danh sách phiếu.", remedy="Danh sách có sau ngày cuối của chương trình.")
    return path


def shown_winners(draw: DrawCommitment) -> list[ShownWinner]:
    """Who has which prize now. A prize whose first ticket was taken back says so."""
    drawn = [step for step in steps_of(draw) if step.kind == "winners"]
    if not drawn:
        return []
    now = winners_of(drawn[-1])
    first: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for step in drawn:
        for period, winners in _by_period(winners_of(step)).items():
            first.setdefault(period, winners)
    kept = {one["number"] for one in now}
    found = []
    for one in now:
        then = first[one["reward"], one["period"]]
        left = [each for each in then if each["number"] not in kept]
        is_new = bool(left) and one["number"] not in {each["number"] for each in then}
        found.append(ShownWinner(**one, instead_of=str(left[0]["ticket"]) if is_new else ""))
    return found


def _by_period(winners: Sequence[dict[str, Any]]) -> dict[tuple[int, str], list[dict[str, Any]]]:
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for one in winners:
        found.setdefault((one["reward"], one["period"]), []).append(one)
    return found


def rounds(draw: DrawCommitment, policy: Policy) -> list[Round]:
    """The periods whose lists are closed, where every period has a seed of its own; the newest first."""
    seeds = known_seeds(policy, draw.seed) or Seeds()
    steps = steps_of(draw)
    lists = {
        (each["period"], each["reward"]): (step, each)
        for step in steps
        if step.kind == "list"
        for each in step.tickets
        if "period" in each
    }
    drawn = [step for step in steps if step.kind == "winners"]
    return [
        Round(
            period,
            each["reward"],
            each["tickets"],
            each["ticket_list_sha256"],
            step.made_at,
            seeds.of(period) or "",
            next((one.made_at for one in drawn if one.through >= period), None),
        )
        for (period, _), (step, each) in sorted(lists.items(), key=lambda found: found[0], reverse=True)
    ]


def redraws(draw: DrawCommitment) -> list[Redraw]:
    """Each drawing after the first, and whom it changed."""
    drawn = [step for step in steps_of(draw) if step.kind == "winners"]
    found = [
        (now.through == before.through, Redraw(now.made_at, _only_in(before, now), _only_in(now, before)))
        for before, now in pairwise(drawn)
    ]
    return [redraw for is_again, redraw in found if is_again or redraw.taken_back or redraw.moved_up]


def _only_in(one: DrawStep, other: DrawStep) -> list[str]:
    """The tickets that won in one step and not in another, of the periods drawn in both."""
    known = {each["number"] for each in winners_of(other)}
    through = min(one.through or ALL_PERIODS, other.through or ALL_PERIODS)
    return [each["ticket"] for each in winners_of(one) if each["number"] not in known and each["period"] <= through]


def winners_of(step: DrawStep) -> list[dict[str, Any]]:
    """Who won in a step, as it was published."""
    return [{"reward": each["reward"], **winner} for each in step.tickets for winner in each["winners"]]
