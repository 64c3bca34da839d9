"""What everybody may see of a draw's step, made once when it is taken: the list as a file, the winners as words."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.cashback.drawing.rules import PublicTicket, masked, party_name
from app.cashback.draws import ticket_number
from app.cashback.results import TICKETS, read_summary, ticket_list_hash
from app.cashback.seeds import Seeds
from app.cashback.verification import Winner, verified_winners
from app.tables import rearm, write_csv

PUBLISHED = "published-tickets.csv"
#: The closed list of a draw, period upon period; where the run's own tickets are the whole list there is none.
CLOSED = "closed-tickets.csv"
_TICKET = ("reward", "period", "ticket", "payee")
_BEFORE = ("reward", "period", "ticket", "party", "masked")
_AFTER = (*_BEFORE, "number", "taken_back", "prize")
#: reward, period, ticket, payee
_Row = tuple[int, str, str, str]
_SAID = ("reward", "per", "ticket_per", "tickets", "ticket_list_sha256")


@dataclass(frozen=True, slots=True)
class Told:
    """What is told already when a list is closed: the last period with a seed, the list, and as it was published."""

    through: str = ""
    tickets: Path | None = None
    published: Path | None = None


def publish_list(folder: Path, party_key: bytes) -> list[dict[str, Any]]:
    """Writes the closed list of a run without a seed; returns what is said of each reward's list."""
    said = _said(folder)
    _write(folder, _public(_rows(folder / TICKETS), party_key, _by_customer(said)), _BEFORE)
    return [{**each, "winners": []} for each in said]


def publish_next(folder: Path, party_key: bytes, told: Told) -> list[dict[str, Any]]:
    """The same where every period has its seed: what is told stays letter by letter, the run's later periods are added.
    Returns what is said of each reward's list of each of those.
    """
    said = {each["reward"]: each for each in _said(folder)}
    added = [row for row in _rows(folder / TICKETS) if row[1] > told.through]
    before = [row for row in _rows(told.tickets) if row[1] <= told.through] if told.tickets else []
    write_csv(folder / CLOSED, _TICKET, sorted([*before, *added]))
    known = [one for one in _published(told.published) if one.period <= told.through] if told.published else []
    tickets = [*known, *_public(added, party_key, _by_customer(said.values()))]
    _write(folder, sorted(tickets, key=lambda one: (one.reward, one.period)), _AFTER if known else _BEFORE)
    return [
        {**said[reward], "period": period, **_counted(added, reward, period), "winners": []}
        for reward, period in sorted({row[:2] for row in added})
    ]


def publish_winners(folder: Path, closed: Path, party_key: bytes, seeds: Seeds) -> list[dict[str, Any]]:
    """Writes the closed list with each ticket's number, who was taken back and who won; returns the winners' words.

    Raises DrawRefusedError where the run's decisions are not what the list and the seed give.
    """
    said = _said(folder)
    by_customer = _by_customer(said)
    winners = verified_winners(folder)
    policy = read_summary(folder)["policies"][0]["policy"]
    won = {(one.reward, one.period, one.ticket): one.prize for one in winners}
    still = {row[:3] for row in _rows(folder / TICKETS)}
    rows = _rows(closed)
    tickets = []
    for row, one in zip(rows, _public(rows, party_key, by_customer), strict=True):
        gone, seed = "" if row[:3] in still else "yes", seeds.of(row[1])
        number = ticket_number(seed, policy, row[1], row[2]) if seed is not None else ""
        tickets.append(replace(one, number=number, taken_back=gone, prize=won.get(row[:3], "")))
    _write(folder, tickets, _AFTER)
    return [
        {**each, "winners": [_winner(one, seeds, by_customer) for one in winners if one.reward == each["reward"]]}
        for each in said
    ]


def _winner(one: Winner, seeds: Seeds, by_customer: set[int]) -> dict[str, Any]:
    seed = seeds.of(one.period)
    assert seed is not None
    return {
        "period": one.period,
        "prize": one.prize,
        "worth_vnd": one.worth_vnd,
        "ticket": masked(one.ticket) if one.reward in by_customer else one.ticket,
        "masked": masked(one.payee),
        "number": ticket_number(seed, one.policy, one.period, one.ticket),
    }


def _said(folder: Path) -> list[dict[str, Any]]:
    return [{name: each[name] for name in _SAID} for each in read_summary(folder).get("draws", [])]


def _counted(rows: list[_Row], reward: int, period: str) -> dict[str, Any]:
    mine = [(row[1], row[2]) for row in rows if row[:2] == (reward, period)]
    return {"tickets": len(mine), "ticket_list_sha256": ticket_list_hash(mine)}


def _by_customer(said: Iterable[Mapping[str, Any]]) -> set[int]:
    """The rewards whose tickets are the customers themselves: those are not shown."""
    return {each["reward"] for each in said if each["ticket_per"] == "customer"}


def _public(rows: Iterable[_Row], party_key: bytes, by_customer: set[int]) -> list[PublicTicket]:
    return [
        PublicTicket(
            reward, period, "" if reward in by_customer else ticket, party_name(party_key, payee), masked(payee)
        )
        for reward, period, ticket, payee in rows
    ]


def _published(path: Path) -> list[PublicTicket]:
    """The tickets as they were published."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{name: rearm(value) for name, value in row.items()} for row in csv.DictReader(file)]
    return [PublicTicket(int(row.pop("reward")), **row) for row in rows]


def _write(folder: Path, tickets: list[PublicTicket], names: tuple[str, ...]) -> None:
    write_csv(folder / PUBLISHED, names, (tuple(str(getattr(one, name)) for name in names) for one in tickets))


def _rows(path: Path) -> list[_Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_row(row) for row in csv.DictReader(file)]


def _row(row: Mapping[str, str]) -> _Row:
    return int(row["reward"]), row["period"], rearm(row["ticket"]), rearm(row["payee"])
