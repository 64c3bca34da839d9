"""Anyone can check a draw: from what was published (tickets, hash, seed) the same winners must come out."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from app.cashback.draws import ticket_number
from app.cashback.policy_file import policy_of_definition
from app.cashback.results import DECISIONS, TICKETS, read_summary
from app.cashback.rules import Draw
from app.errors import RefusedError
from app.tables import rearm
from app.transactions.line_sql import literal


class DrawRefusedError(RefusedError):
    """What was published does not agree with itself."""

    code = "quay-thuong-sai"


@dataclass(frozen=True, slots=True)
class Winner:
    """One prize and who has it. `payee` is the customer or merchant as the report names them."""

    policy: str
    reward: int
    period: str
    prize: str
    worth_vnd: int
    ticket: str
    payee: str


@dataclass(frozen=True, slots=True)
class _Ticket:
    period: str
    ticket: str
    payee: str


def verified_winners(folder: Path, seed: str | None = None) -> list[Winner]:
    """The winners, drawn anew from the published tickets. Raises DrawRefusedError at the first disagreement:
    no seed yet, a seed with another hash, a changed ticket list, or decisions that grant somebody else.
    """
    summary = read_summary(folder)
    definitions = {entry["policy"]: policy_of_definition(entry["definition"]) for entry in summary["policies"]}
    winners: list[Winner] = []
    for published in summary.get("draws", []):
        name, number = published["policy"], published["reward"]
        draw = definitions[name].rewards[number - 1].draw
        assert draw is not None
        revealed = seed or published["seed"]
        if not revealed:
            raise DrawRefusedError(f"{name}: chưa công bố hạt giống, chưa quay.", remedy="Thêm --seed khi tới giờ.")
        if hashlib.sha256(revealed.encode()).hexdigest() != draw.seed_sha256:
            raise DrawRefusedError(f"{name}: hạt giống không khớp mã đã công bố {draw.seed_sha256}.")
        tickets = _tickets(folder, name, number)
        if _list_hash(tickets) != published["ticket_list_sha256"]:
            raise DrawRefusedError(f"{name}: danh sách phiếu đã bị sửa, mã không còn khớp bản công bố.")
        winners += _drawn(draw, name, number, tickets, revealed)
        if published["seed"]:
            _compare(folder, name, number, winners)
    return winners


def _tickets(folder: Path, policy: str, reward: int) -> list[_Ticket]:
    with (folder / TICKETS).open(encoding="utf-8-sig", newline="") as file:
        return [
            _Ticket(row["period"], rearm(row["ticket"]), rearm(row["payee"]))
            for row in csv.DictReader(file)
            if rearm(row["policy"]) == policy and row["reward"] == str(reward)
        ]


def _list_hash(tickets: list[_Ticket]) -> str:
    pairs = sorted((one.period, one.ticket) for one in tickets)
    return hashlib.sha256("".join(f"{period}\n{ticket}\n" for period, ticket in pairs).encode()).hexdigest()


def _drawn(draw: Draw, policy: str, reward: int, tickets: list[_Ticket], seed: str) -> list[Winner]:
    """Written apart from the draw itself: sort everything, then hand prizes down the list."""
    winners: list[Winner] = []
    for period in sorted({one.period for one in tickets}):
        mine = [one for one in tickets if one.period == period]
        mine.sort(key=lambda one: ticket_number(seed, policy, one.period, one.ticket))
        prizes = [prize for prize in draw.prizes for _ in range(prize.winners)]
        happy: set[str] = set()
        for one in mine:
            if prizes and one.payee not in happy:
                happy.add(one.payee)
                prize = prizes.pop(0)
                winners.append(Winner(policy, reward, period, prize.name, prize.worth_vnd, one.ticket, one.payee))
    return winners


def _compare(folder: Path, policy: str, reward: int, winners: list[Winner]) -> None:
    with duckdb.connect() as db:
        rows = db.execute(
            f"""select payee, sum(amount_vnd)::bigint from read_parquet({literal(str(folder / DECISIONS))})
                where policy = ? and reward = ? and reason = 'granted' group by payee""",
            [policy, reward],
        ).fetchall()
    told: dict[str, int] = {}
    for one in winners:
        if (one.policy, one.reward) == (policy, reward):
            told[one.payee] = told.get(one.payee, 0) + one.worth_vnd
    if told != dict(rows):
        raise DrawRefusedError(f"{policy}: người trúng trong quyết định không phải người trúng theo danh sách phiếu.")
