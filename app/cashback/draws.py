"""Draws that anyone can check: the seed's hash is published before, the seed after, the lowest numbers win.

Each ticket's number is HMAC-SHA256 with the seed as key; the message is policy, period and ticket, one a line. A ticket
that does not win changes nothing by coming or going, and when a winner is taken back the next ticket moves up.
"""

import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from app.cashback.fold import Line, Outcome
from app.cashback.rules import CAP_REASONS, Draw, Policy, Prize, Reason, Reward, period_key
from app.cashback.seeds import Seeds, is_chained, known_seeds
from app.errors import RefusedError

_EPOCH_DAY = date(1970, 1, 1).toordinal()


class SeedRefusedError(RefusedError):
    """The seed does not belong to the hash that was published."""

    code = "hat-giong-sai"


#: Sorts after the name of every period.
ALL_PERIODS = "~"


@dataclass(frozen=True, slots=True)
class Closed:
    """Which tickets take part: of the periods up to `until` those of the closed lists, as (reward, period, ticket), of
    later ones all, and none after `through`, whose lists are not made yet.
    """

    tickets: frozenset[tuple[int, str, str]] = field(default=frozenset(), repr=False)
    until: str = ALL_PERIODS
    through: str = ALL_PERIODS

    def has(self, reward: int, period: str, ticket: str) -> bool:
        """Whether this ticket takes part."""
        return period <= self.through and (period > self.until or (reward, period, ticket) in self.tickets)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One chance in one draw: `ticket` is the transaction's reference or the customer; `line` gave it."""

    period: str
    ticket: str
    party: str
    line: Line


def check_seed(policy: Policy, seed: str) -> None:
    """Raises SeedRefusedError unless the seed belongs to the published hash of every draw of the policy."""
    hashes = {reward.draw.seed_sha256 for reward in policy.rewards if reward.draw}
    if "" in hashes:
        raise SeedRefusedError(
            f"Chính sách {policy.policy_id} chưa công bố mã SHA-256 của hạt giống nên chưa quay được.",
            remedy="Hãy ghi mã ấy vào seed_sha256 trước khi có giao dịch đầu tiên.",
        )
    if hashes and (len(hashes) > 1 or known_seeds(policy, seed) is None):
        whose = "của một kỳ nào trong chương trình" if is_chained(policy) else "đã niêm phong trước kỳ quay"
        raise SeedRefusedError(
            f"Hạt giống không khớp mã SHA-256 đã công bố của chính sách {policy.policy_id} "
            f"({', '.join(sorted(hashes))}).",
            remedy=f"Hãy dùng đúng hạt giống {whose}.",
        )


def ticket_number(seed: str, policy_id: str, period: str, ticket: str) -> str:
    """The ticket's number in the draw, 64 hexadecimal digits; the lowest wins."""
    message = f"{policy_id}\n{period}\n{ticket}"
    return hmac.digest(seed.encode(), message.encode(), "sha256").hex()


def draw_outcomes(
    policy: Policy, lines: Sequence[Line], seed: str | None, closed: Closed | None = None
) -> dict[tuple[int, int], Outcome]:
    """(reward, pos) -> outcome, for every drawn reward and eligible line; pending where no seed is known."""
    found: dict[tuple[int, int], Outcome] = {}
    seeds = known_seeds(policy, seed) or Seeds()
    for number, reward in enumerate(policy.rewards, 1):
        if reward.draw is None:
            continue
        for outcome in _outcomes(policy, number, reward, lines, (seeds, closed)):
            found[number, outcome.pos] = outcome
    return found


def tickets_of(draw: Draw, reward: Reward, lines: Iterable[Line]) -> list[Ticket]:
    """The tickets in the order of their lines; a customer's later lines of a period add none."""
    tickets: dict[tuple[str, str], Ticket] = {}
    for line in lines:
        if line.is_ghost:
            continue
        name = line.reference if draw.ticket_per == "transaction" else line.customer
        period = period_name(draw.per, line.day, line.month)
        party = line.party(reward)
        tickets.setdefault((period, name), Ticket(period, name, party, line))
    return list(tickets.values())


def in_list(tickets: Iterable[Ticket], reward: int, closed: Closed | None) -> list[Ticket]:
    """Those that take part; all where no list was closed."""
    return [one for one in tickets if closed is None or closed.has(reward, one.period, one.ticket)]


@cache
def period_name(per: str, day: int, month: int) -> str:
    """What a draw's period is called in the ticket's message.

    >>> period_name("day", 19631, 24285), period_name("month", 19631, 24285), period_name("policy", 19631, 24285)
    ('2023-10-01', '2023-10', 'policy')
    """
    match per:
        case "day":
            return date.fromordinal(day + _EPOCH_DAY).isoformat()
        case "month":
            return f"{month // 12:04d}-{month % 12 + 1:02d}"
        case _:
            return "policy"


def winners_of(draw: Draw, policy_id: str, tickets: Iterable[Ticket], seed: str) -> list[tuple[Ticket, Prize]]:
    """Who wins what in one period: prizes in the listed order to the lowest numbers, each party once."""
    ranked = sorted(
        tickets, key=lambda found: (ticket_number(seed, policy_id, found.period, found.ticket), found.ticket)
    )
    prizes = _prizes(draw)
    winners: list[tuple[Ticket, Prize]] = []
    parties: set[str] = set()
    for ticket in ranked:
        if ticket.party in parties:
            continue
        prize = next(prizes, None)
        if prize is None:
            break
        parties.add(ticket.party)
        winners.append((ticket, prize))
    return winners


def _prizes(draw: Draw) -> Iterator[Prize]:
    for prize in draw.prizes:
        for _ in range(prize.winners):
            yield prize


def _outcomes(
    policy: Policy, number: int, reward: Reward, lines: Sequence[Line], given: tuple[Seeds, Closed | None]
) -> Iterator[Outcome]:
    """Period after period, since an earlier win may fill a cap."""
    seeds, closed = given
    assert reward.draw is not None
    by_period: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.is_ghost:
            by_period[period_name(reward.draw.per, line.day, line.month)].append(line)
    wins: dict[tuple[str, str, int], int] = defaultdict(int)
    for period in sorted(by_period):
        lines_of_period = by_period[period]
        capped = {
            line.pos: full
            for line in lines_of_period
            if reward.caps and (full := _full_cap(number, reward, line, wins))
        }
        playing = [line for line in lines_of_period if line.pos not in capped] if capped else lines_of_period
        won: dict[int, Prize] = {}
        seed = seeds.of(period)
        if seed is not None:
            tickets = in_list(tickets_of(reward.draw, reward, playing), number, closed)
            for ticket, prize in winners_of(reward.draw, policy.policy_id, tickets, seed):
                won[ticket.line.pos] = prize
                for per in dict.fromkeys(cap.per for cap in reward.caps):
                    wins[ticket.party, per, period_key(per, ticket.line.day, ticket.line.month)] += 1
        for line in lines_of_period:
            yield capped.get(line.pos) or _drawn(number, line, won, has_seed=seed is not None)


def _full_cap(number: int, reward: Reward, line: Line, wins: Mapping[tuple[str, str, int], int]) -> Outcome | None:
    party = line.party(reward)
    for cap in reward.caps:
        used = wins.get((party, cap.per, period_key(cap.per, line.day, line.month)), 0)
        if used >= cap.count:
            return Outcome(number, line.pos, CAP_REASONS[cap.per], 0, used)
    return None


def _drawn(number: int, line: Line, won: Mapping[int, Prize], *, has_seed: bool) -> Outcome:
    if not has_seed:
        return Outcome(number, line.pos, Reason.DRAW_PENDING)
    prize = won.get(line.pos)
    return (
        Outcome(number, line.pos, Reason.NOT_DRAWN)
        if prize is None
        else Outcome(number, line.pos, Reason.GRANTED, prize.worth_vnd)
    )
