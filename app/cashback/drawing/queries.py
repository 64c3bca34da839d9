"""Draws and their published steps: the promise, the closed list, the winners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.cashback.drawing.publishing import PUBLISHED
from app.cashback.models import DrawCommitment, DrawStep
from app.cashback.queries import run_folder
from app.cashback.results import TICKETS
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


def draw_input(facts_dir: Path, version_id: int) -> tuple[str | None, Path | None]:
    """Seed and closed list with which a version is decided: nothing before the reveal."""
    draw = draw_of(version_id)
    closed = last_step(draw, "list") if draw is not None else None
    if draw is None or draw.seed is None or closed is None:
        return None, None
    return draw.seed, run_folder(facts_dir, closed.run_id) / TICKETS


def published_list(facts_dir: Path, draw: DrawCommitment) -> Path:
    """The ticket list as it was published last. Raises NotFoundError before one was closed."""
    step = last_step(draw, "winners") or last_step(draw, "list")
    path = run_folder(facts_dir, step.run_id) / PUBLISHED if step is not None else None
    if path is None or not path.is_file():
        raise NotFoundError("Chưa chốt danh sách phiếu.", remedy="Danh sách có sau ngày cuối của chương trình.")
    return path


def shown_winners(draw: DrawCommitment) -> list[ShownWinner]:
    """Who has which prize now. A prize whose first ticket was taken back says so."""
    drawn = [step for step in steps_of(draw) if step.kind == "winners"]
    if not drawn:
        return []
    first, now = winners_of(drawn[0]), winners_of(drawn[-1])
    gone = [one for one in first if one["number"] not in {each["number"] for each in now}]
    known = {one["number"] for one in first}
    found = []
    for one in now:
        left = [each for each in gone if (each["reward"], each["period"]) == (one["reward"], one["period"])]
        is_new = one["number"] not in known and bool(left)
        found.append(ShownWinner(**one, instead_of=str(left[0]["ticket"]) if is_new else ""))
    return found


def redraws(draw: DrawCommitment) -> list[Redraw]:
    """Each drawing after the first, and whom it changed."""
    drawn = [step for step in steps_of(draw) if step.kind == "winners"]
    return [
        Redraw(now.made_at, _tickets_only_in(before, now), _tickets_only_in(now, before))
        for before, now in pairwise(drawn)
    ]


def _tickets_only_in(one: DrawStep, other: DrawStep) -> list[str]:
    known = {each["number"] for each in winners_of(other)}
    return [each["ticket"] for each in winners_of(one) if each["number"] not in known]


def winners_of(step: DrawStep) -> list[dict[str, Any]]:
    """Who won in a step, as it was published."""
    return [{"reward": each["reward"], **winner} for each in step.tickets for winner in each["winners"]]
