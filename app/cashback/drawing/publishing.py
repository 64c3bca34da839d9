"""What everybody may see of a draw's step, made once when it is taken: the list as a file, the winners as words."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.cashback.drawing.rules import PublicTicket, masked, party_name
from app.cashback.draws import ticket_number
from app.cashback.results import TICKETS, read_summary
from app.cashback.verification import Winner, verified_winners
from app.tables import rearm, write_csv

PUBLISHED = "published-tickets.csv"
_BEFORE = ("reward", "period", "ticket", "party", "masked")
_AFTER = (*_BEFORE, "number", "taken_back", "prize")
_SAID = ("reward", "per", "ticket_per", "tickets", "ticket_list_sha256")


def publish_list(folder: Path, party_key: bytes) -> list[dict[str, Any]]:
    """Writes the closed list of a run without a seed; returns what is said of each reward's list."""
    said = _said(folder)
    _write(folder, _public(folder, party_key, _by_customer(said)), _BEFORE)
    return [{**each, "winners": []} for each in said]


def publish_winners(folder: Path, closed: Path, party_key: bytes, seed: str) -> list[dict[str, Any]]:
    """Writes the closed list with each ticket's number, who was taken back and who won; returns the winners' words.

    Raises DrawRefusedError where the run's decisions are not what the list and the seed give.
    """
    said = _said(folder)
    by_customer = _by_customer(said)
    winners = verified_winners(folder, seed)
    policy = read_summary(folder)["policies"][0]["policy"]
    won = {(one.reward, one.period, one.ticket): one.prize for one in winners}
    still = {row[:3] for row in _rows(folder / TICKETS)}
    tickets = []
    for row, one in zip(_rows(closed / TICKETS), _public(closed, party_key, by_customer), strict=True):
        gone = "" if row[:3] in still else "yes"
        number = ticket_number(seed, policy, row[1], row[2])
        tickets.append(replace(one, number=number, taken_back=gone, prize=won.get(row[:3], "")))
    _write(folder, tickets, _AFTER)
    return [
        {**each, "winners": [_winner(one, seed, by_customer) for one in winners if one.reward == each["reward"]]}
        for each in said
    ]


def _winner(one: Winner, seed: str, by_customer: set[int]) -> dict[str, Any]:
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


def _by_customer(said: list[dict[str, Any]]) -> set[int]:
    """The rewards whose tickets are the customers themselves: those are not shown."""
    return {each["reward"] for each in said if each["ticket_per"] == "customer"}


def _public(folder: Path, party_key: bytes, by_customer: set[int]) -> list[PublicTicket]:
    return [
        PublicTicket(
            reward, period, "" if reward in by_customer else ticket, party_name(party_key, payee), masked(payee)
        )
        for reward, period, ticket, payee in _rows(folder / TICKETS)
    ]


def _write(folder: Path, tickets: list[PublicTicket], names: tuple[str, ...]) -> None:
    write_csv(folder / PUBLISHED, names, (tuple(str(getattr(one, name)) for name in names) for one in tickets))


def _rows(path: Path) -> list[tuple[int, str, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [_row(row) for row in csv.DictReader(file)]


def _row(row: Mapping[str, str]) -> tuple[int, str, str, str]:
    return int(row["reward"]), row["period"], rearm(row["ticket"]), rearm(row["payee"])
