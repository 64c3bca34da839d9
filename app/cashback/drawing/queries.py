"""Draws and their published steps: the promise, the closed list, the winners."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from app.cashback.drawing.rules import PublicTicket, masked, party_name
from app.cashback.draws import ticket_number
from app.cashback.models import DrawCommitment, DrawStep
from app.cashback.queries import run_folder
from app.cashback.results import TICKETS
from app.cashback.verification import DrawRefusedError, Winner, verified_winners
from app.db import db
from app.errors import NotFoundError
from app.tables import rearm


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


def draw_input(facts_dir: Path, version_id: int) -> tuple[str | None, Path | None]:
    """Seed and closed list with which a version is decided: nothing before the reveal."""
    draw = draw_of(version_id)
    closed = last_step(draw, "list") if draw is not None else None
    if draw is None or draw.seed is None or closed is None:
        return None, None
    return draw.seed, run_folder(facts_dir, closed.run_id) / TICKETS


def public_tickets(facts_dir: Path, draw: DrawCommitment) -> list[PublicTicket]:
    """The closed list as everybody may see it; after the reveal with each ticket's number and prize."""
    closed = last_step(draw, "list")
    if closed is None:
        return []
    by_customer = {each["reward"] for each in closed.tickets if each["ticket_per"] == "customer"}
    won = {(one.reward, one.period, one.ticket): one.prize for one in _winners(facts_dir, draw)}
    drawn = last_step(draw, "winners")
    still = {row[:3] for row in _rows(run_folder(facts_dir, drawn.run_id) / TICKETS)} if drawn is not None else None
    found = []
    for reward, period, ticket, payee in _rows(run_folder(facts_dir, closed.run_id) / TICKETS):
        policy_id = draw.policy_version.policy_id
        number = ticket_number(draw.seed, policy_id, period, ticket) if draw.seed else ""
        one = PublicTicket(reward, period, ticket, party_name(draw.party_key, payee), masked(payee), number)
        gone = "yes" if still is not None and (reward, period, ticket) not in still else ""
        one = replace(one, taken_back=gone, prize=won.get((reward, period, ticket), ""))
        found.append(replace(one, ticket="") if reward in by_customer else one)
    return found


def shown_winners(facts_dir: Path, draw: DrawCommitment) -> list[ShownWinner]:
    """Who has which prize now. A prize whose first ticket was taken back says so."""
    if draw.seed is None:
        return []
    firsts = db.session.scalars(
        select(DrawStep).where(DrawStep.commitment_id == draw.id, DrawStep.kind == "winners").order_by(DrawStep.id)
    ).first()
    now = _winners(facts_dir, draw)
    still = {(one.reward, one.period, one.ticket) for one in now}
    first = _winners_of(facts_dir, draw, firsts) if firsts is not None else []
    gone = [one for one in first if (one.reward, one.period, one.ticket) not in still]
    new = {(one.reward, one.period, one.ticket) for one in now} - {
        (one.reward, one.period, one.ticket) for one in first
    }
    return [_shown(draw, one, gone if (one.reward, one.period, one.ticket) in new else []) for one in now]


def _shown(draw: DrawCommitment, one: Winner, gone: list[Winner]) -> ShownWinner:
    assert draw.seed is not None
    number = ticket_number(draw.seed, one.policy, one.period, one.ticket)
    left = next((each for each in gone if (each.reward, each.period) == (one.reward, one.period)), None)
    return ShownWinner(
        one.reward,
        one.period,
        one.prize,
        one.worth_vnd,
        masked(one.ticket) if one.ticket == one.payee else one.ticket,
        masked(one.payee),
        number,
        left.ticket if left is not None and left.ticket != left.payee else (masked(left.payee) if left else ""),
    )


def _winners(facts_dir: Path, draw: DrawCommitment) -> list[Winner]:
    step = last_step(draw, "winners")
    return _winners_of(facts_dir, draw, step) if step is not None else []


def _winners_of(facts_dir: Path, draw: DrawCommitment, step: DrawStep) -> list[Winner]:
    try:
        return verified_winners(run_folder(facts_dir, step.run_id), draw.seed)
    except (DrawRefusedError, OSError):
        return []


def _rows(path: Path) -> list[tuple[int, str, str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            (int(row["reward"]), row["period"], rearm(row["ticket"]), rearm(row["payee"]))
            for row in csv.DictReader(file)
        ]
