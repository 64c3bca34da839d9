"""Anyone can check a draw: from what was published (tickets, hash, seed) the same winners must come out."""

import csv
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from app.cashback.draws import ticket_number
from app.cashback.policy_file import policy_of_definition
from app.cashback.results import DECISIONS, TICKETS, read_summary
from app.cashback.rules import Draw, Per, Policy, Reward, day_number, period_key
from app.errors import RefusedError
from app.tables import rearm
from app.transactions.line_sql import literal

_DAY_LENGTH = len("2023-08-01")


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
    number: str = ""

    def number_with(self, seed: str, policy: str) -> str:
        """The ticket's number; the published one where the ticket itself is not shown."""
        return ticket_number(seed, policy, self.period, self.ticket) if self.ticket else self.number


def verified_winners(folder: Path, seed: str | None = None) -> list[Winner]:
    """The winners, drawn anew from the published tickets. Raises DrawRefusedError at the first disagreement:
    no seed yet, a seed with another hash, a changed ticket list, or decisions that grant somebody else.
    """
    summary = read_summary(folder)
    definitions = {entry["policy"]: policy_of_definition(entry["definition"]) for entry in summary["policies"]}
    winners: list[Winner] = []
    for published in summary.get("draws", []):
        name, number = published["policy"], published["reward"]
        reward = definitions[name].rewards[number - 1]
        draw = reward.draw
        assert draw is not None
        revealed = seed or published["seed"]
        if not revealed:
            raise DrawRefusedError(f"{name}: chưa công bố hạt giống, chưa quay.", remedy="Thêm --seed khi tới giờ.")
        seeds = _seeds(definitions[name], draw, revealed)
        tickets = _tickets(folder, name, number)
        if _list_hash(tickets) != published["ticket_list_sha256"]:
            raise DrawRefusedError(f"{name}: danh sách phiếu đã bị sửa, mã không còn khớp bản công bố.")
        found = _drawn(reward, name, number, tickets, seeds)
        winners += _compare(folder, definitions[name], number, found) if published["seed"] else found
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


def verified_list(path: Path, policy: Policy, seed: str) -> list[Winner]:
    """The winners, drawn anew from a list as it was published (reward, period, ticket, party; taken_back, number).

    `payee` is the name that stands for the party. Raises DrawRefusedError for another seed or a list of another kind.
    """
    if not policy.has_draw:
        raise DrawRefusedError(f"{policy.policy_id}: chính sách không có quay thưởng.")
    winners: list[Winner] = []
    rows = _public_rows(path)
    for number, reward in enumerate(policy.rewards, 1):
        if reward.draw is None:
            continue
        seeds = _seeds(policy, reward.draw, seed)
        mine = [row for row in rows if row["reward"] == str(number)]
        tickets = [_Ticket(row["period"], row["ticket"], row["party"], row.get("number", "")) for row in mine
                   if not row.get("taken_back")]  # fmt: skip
        winners += _drawn(reward, policy.policy_id, number, tickets, seeds)
    return winners


def published_hashes(path: Path, policy: Policy) -> list[tuple[int, str, str]]:
    """(reward, period, hash) of a published list, as the page told them before the reveal: of the whole list, whose
    period is "", or of each period's where every period has its own seed.
    """
    found, rows = [], _public_rows(path)
    for number, reward in enumerate(policy.rewards, 1):
        if reward.draw is None:
            continue
        tickets = [_Ticket(row["period"], row["ticket"], "") for row in rows if row["reward"] == str(number)]
        if reward.draw.seed_per == "policy":
            found.append((number, "", _list_hash(tickets)))
            continue
        found += [
            (number, period, _list_hash([one for one in tickets if one.period == period]))
            for period in sorted({one.period for one in tickets})
        ]
    return found


def _public_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"reward", "period", "ticket", "party"} <= set(reader.fieldnames or ()):
                raise DrawRefusedError(f"{path.name}: không phải danh sách phiếu đã công bố.")
            return [{name: rearm(value or "") for name, value in row.items() if name} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise DrawRefusedError(f"Không đọc được {path.name}.", remedy="Hãy tải lại danh sách phiếu.") from None


def _seeds(policy: Policy, draw: Draw, seed: str) -> Mapping[str, str]:
    """Period -> its seed, "" for a seed of all. Raises DrawRefusedError where it is not of the published hash.

    Written apart from the draw itself: of a chain, hash until the published hash comes, which tells the period.
    """
    names, chain = _periods(policy, draw), [seed]
    while (found := hashlib.sha256(chain[-1].encode()).hexdigest()) != draw.seed_sha256:
        if len(chain) == len(names):
            raise DrawRefusedError(f"{policy.policy_id}: hạt giống không khớp mã đã công bố {draw.seed_sha256}.")
        chain.append(found)
    return dict(zip(names, reversed(chain), strict=False))


def _periods(policy: Policy, draw: Draw) -> list[str]:
    """The periods that have a seed of their own; one without a name where a seed is that of all."""
    if draw.seed_per == "policy" or policy.first_day is None or policy.last_day is None:
        return [""]
    days = [str(policy.first_day + timedelta(days=at)) for at in range((policy.last_day - policy.first_day).days + 1)]
    return days if draw.per == "day" else sorted({day[: len("2023-08")] for day in days})


def _drawn(reward: Reward, policy: str, number: int, tickets: list[_Ticket], seeds: Mapping[str, str]) -> list[Winner]:
    """Written apart from the draw itself: sort everything, then hand prizes down the list.

    A cap of the reward counts the wins of earlier periods. Periods whose seed is still sealed wait.
    """
    assert reward.draw is not None
    winners: list[Winner] = []
    wins: Counter[tuple[str, str, str]] = Counter()
    for period in sorted({one.period for one in tickets}):
        seed = seeds.get("") or seeds.get(period)
        if seed is None:
            continue
        mine = [one for one in tickets if one.period == period]
        mine.sort(key=lambda one: one.number_with(seed, policy))
        prizes = [prize for prize in reward.draw.prizes for _ in range(prize.winners)]
        happy: set[str] = set()
        for one in mine:
            is_full = any(wins[one.payee, cap.per, _span(cap.per, period)] >= cap.count for cap in reward.caps)
            if prizes and one.payee not in happy and not is_full:
                happy.add(one.payee)
                prize = prizes.pop(0)
                winners.append(Winner(policy, number, period, prize.name, prize.worth_vnd, one.ticket, one.payee))
        for payee in happy:
            wins.update((payee, cap.per, _span(cap.per, period)) for cap in reward.caps)
    return winners


def _span(per: str, period: str) -> str:
    """The cap's period in which a draw's period lies, where the period is a day or a month; else the whole policy."""
    if per == Per.EVER or not period[:1].isdigit():
        return ""
    day = date.fromisoformat(period if len(period) == _DAY_LENGTH else f"{period}-01")
    return str(period_key(Per(per), day_number(day), day.year * 12 + day.month - 1))


def _compare(folder: Path, policy: Policy, reward: int, winners: list[Winner]) -> list[Winner]:
    """The winners whom the decisions grant their prizes: all, or with a budget those it sufficed for."""
    with duckdb.connect() as db:
        rows = db.execute(
            f"""select payee, sum(amount_vnd)::bigint from read_parquet({literal(str(folder / DECISIONS))})
                where policy = ? and reward = ? and reason = 'granted' group by payee""",
            [policy.policy_id, reward],
        ).fetchall()
    told: dict[str, int] = {}
    for one in winners:
        told[one.payee] = told.get(one.payee, 0) + one.worth_vnd
    granted = dict(rows)
    if policy.budget_vnd is not None and all(told.get(payee, 0) >= vnd for payee, vnd in granted.items()):
        return [one for one in winners if one.payee in granted]
    if told != granted:
        raise DrawRefusedError(
            f"{policy.policy_id}: người trúng trong quyết định không phải người trúng theo danh sách phiếu."
        )
    return winners
