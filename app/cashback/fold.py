"""The exact way: line after line, reward after reward, as a clerk with a notebook would count. It knows every policy.

It is also what the SQL text is held against in the tests.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.cashback.rules import CAP_REASONS, Cap, Policy, Reason, Reward, period_key


@dataclass(frozen=True, slots=True)
class Line:
    """An eligible line. A ghost was taken back but keeps its place in the caps (`on_reversal: keep_cap`)."""

    pos: int
    customer: str
    merchant: str
    day: int
    month: int
    amount_vnd: int
    reference: str = ""
    is_ghost: bool = False

    def party(self, reward: Reward) -> str:
        """Whose caps count: the merchant's, or else the customer's (for the fund too)."""
        return self.merchant if reward.to == "merchant" else self.customer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reward gives for one line; `counter_used`: how much of `rules.counter_told` was used before it."""

    reward: int
    pos: int
    reason: Reason
    amount_vnd: int = 0
    counter_used: int | None = None


@dataclass(slots=True)
class _Notebook:
    """What was granted so far."""

    counts: dict[tuple[int, str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    spent_vnd: int = 0
    is_stopped: bool = False

    def used(self, number: int, reward: Reward, cap: Cap, line: Line) -> int:
        """How often this reward was granted to the line's party in the cap's period."""
        return self.counts.get(_key(number, reward, cap, line), 0)

    def note(self, number: int, reward: Reward, line: Line) -> None:
        """One more granted."""
        for per in dict.fromkeys(cap.per for cap in reward.caps):
            self.counts[_key(number, reward, Cap(1, per), line)] += 1


def _key(number: int, reward: Reward, cap: Cap, line: Line) -> tuple[int, str, str, int]:
    return number, line.party(reward), cap.per, period_key(cap.per, line.day, line.month)


def fold(
    policy: Policy, lines: Iterable[Line], drawn: Mapping[tuple[int, int], Outcome] | None = None
) -> list[Outcome]:
    """One outcome per reward and line; lines come in their order. `drawn`: (reward, pos) -> the draw's outcome.

    Ghosts use their caps and get no outcome.
    """
    notebook = _Notebook()
    outcomes = []
    for line in lines:
        for number, reward in enumerate(policy.rewards, 1):
            decided = (drawn or {}).get((number, line.pos)) if reward.draw else _capped(number, reward, line, notebook)
            if line.is_ghost:
                if decided is not None and decided.reason is Reason.GRANTED and not reward.draw:
                    notebook.note(number, reward, line)
                continue
            assert decided is not None
            if decided.reason is Reason.GRANTED:
                decided = _budgeted(policy, decided, notebook)
            if decided.reason is Reason.GRANTED and not reward.draw:
                notebook.note(number, reward, line)
            outcomes.append(decided)
    return outcomes


def _capped(number: int, reward: Reward, line: Line, notebook: _Notebook) -> Outcome:
    """Granted, or the first cap in the list that is full."""
    used = None
    for cap in reward.caps:
        used = notebook.used(number, reward, cap, line)
        if used >= cap.count:
            return Outcome(number, line.pos, CAP_REASONS[cap.per], 0, used)
    assert reward.pay is not None
    return Outcome(number, line.pos, Reason.GRANTED, reward.pay.amount_vnd(line.amount_vnd), used)


def _budgeted(policy: Policy, granted: Outcome, notebook: _Notebook) -> Outcome:
    """The grant, if it fits into what is left of the whole policy's budget."""
    if policy.budget_vnd is None:
        return granted
    fits = notebook.spent_vnd + granted.amount_vnd <= policy.budget_vnd
    if fits and not notebook.is_stopped:
        notebook.spent_vnd += granted.amount_vnd
        return granted
    notebook.is_stopped = policy.on_exhaust == "stop"
    return Outcome(granted.reward, granted.pos, Reason.BUDGET_SPENT, 0, notebook.spent_vnd)
