"""The ledger's laws: sums to zero, replay is one full run, nothing posted twice, a paid month stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cashback.payouts.rules.batches import CLOSED, MOVES, NEXT, STATES, Accrued, shares, state_after
from app.cashback.payouts.rules.postings import (
    BUDGET,
    CAUSES,
    Covered,
    Decision,
    Slot,
    Transfer,
    balances,
    differences,
    entry_id,
    payable,
    standing_after,
)

AUGUST = Covered({"p": 1}, "2023-08", "2023-08")


def decision(reference: str = "T1", amount: int = 5000, payee: str = "A", **changes: object) -> Decision:
    values = {
        "policy": "p", "version": 1, "reward": 1, "reference": reference, "day": "2023-08-01", "role": "customer",
        "payee": payee, "amount_vnd": amount, "reason": "granted" if amount else "monthly_cap",
    }  # fmt: skip
    return Decision(**{**values, **changes})  # type: ignore[arg-type]


def posted(*runs: list[Decision], covered: Covered = AUGUST, closed: str = "") -> list[Transfer]:
    ledger: list[Transfer] = []
    for run in runs:
        ledger += differences("1", covered, run, standing_after(ledger), closed)
    return ledger


def owed(ledger: list[Transfer]) -> dict[str, int]:
    found = balances((each.debit, each.credit, each.amount_vnd) for each in ledger)
    return {account: amount for account, amount in found.items() if amount and account != BUDGET}


def test_a_grant_moves_from_the_budget_to_the_payee() -> None:
    (entry,) = posted([decision()])
    assert (entry.debit, entry.credit, entry.amount_vnd) == (BUDGET, "payable:customer:A", 5000)
    assert entry.cause == "granted"
    assert not entry.is_adjustment


def test_the_same_run_again_posts_nothing() -> None:
    assert len(posted([decision()], [decision()], [decision()])) == 1


def test_a_reversal_after_the_month_was_closed_is_an_adjustment_with_its_reason() -> None:
    ledger = posted([decision()])
    later = differences("1", AUGUST, [decision(amount=0, reason="reversed")], standing_after(ledger), "2023-08")
    (entry,) = later
    assert (entry.debit, entry.credit, entry.amount_vnd) == ("payable:customer:A", BUDGET, 5000)
    assert (entry.cause, entry.is_adjustment) == ("reversed", True)
    assert ledger == posted([decision()]), "what was posted stays as it was"


@pytest.mark.parametrize(
    ("first", "second", "cause"),
    [
        (decision(), decision(amount=3000, version=2), "policy"),
        (decision(), decision(amount=0), "recount"),
        (decision(), decision(amount=0, reason="reversed"), "reversed"),
        (decision(), decision("T2"), "gone"),
    ],
)
def test_every_change_says_why(first: Decision, second: Decision, cause: str) -> None:
    changes = [each.cause for each in posted([first], [second])[1:] if each.reference == "T1"]
    assert changes == [cause]
    assert cause in CAUSES


def test_a_late_line_of_a_closed_month_says_so() -> None:
    (entry,) = posted([decision()], closed="2023-08")
    assert (entry.cause, entry.is_adjustment) == ("late", True)


def test_another_winner_takes_it_from_the_first() -> None:
    ledger = posted([decision()], [decision(payee="B")])
    assert owed(ledger) == {"payable:customer:B": 5000}
    assert [each.sequence for each in ledger] == [0, 1, 2]


def test_a_run_of_one_month_or_policy_leaves_the_others_alone() -> None:
    july = decision("T0", day="2023-07-31")
    wide = Covered({"p": 1, "q": 1}, "2023-07", "2023-08")
    ledger = posted([july, decision(policy="q")], covered=wide)
    assert differences("1", AUGUST, [], standing_after(ledger)) == []


def test_ids_tell_parts_apart() -> None:
    assert entry_id("ab", "c") != entry_id("a", "bc")
    assert payable("merchant", "007") != payable("merchant", "7")


some_decision = st.builds(
    lambda reference, payee, amount, day_of: decision(reference, amount, payee, day=day_of[reference]),
    st.sampled_from(["T1", "T2", "T3", "T4"]),
    st.sampled_from("AB"),
    st.sampled_from([0, 2501, 5000]),
    st.just({"T1": "2023-07-31", "T2": "2023-08-01", "T3": "2023-08-31", "T4": "2023-09-01"}),
)
some_run = st.lists(some_decision, max_size=4, unique_by=lambda each: each.slot)
WIDE = Covered({"p": 1}, "2023-07", "2023-09")


@settings(max_examples=80)
@given(st.lists(some_run, min_size=1, max_size=5))
def test_runs_one_after_the_other_leave_what_the_last_alone_would(runs: list[list[Decision]]) -> None:
    ledger = posted(*runs, covered=WIDE)
    assert owed(ledger) == owed(posted(runs[-1], covered=WIDE))
    assert sum(balances((each.debit, each.credit, each.amount_vnd) for each in ledger).values()) == 0
    assert all(each.amount_vnd > 0 and each.debit != each.credit for each in ledger)
    assert len({each.id for each in ledger}) == len(ledger)
    assert differences("1", WIDE, runs[-1], standing_after(ledger)) == []


@settings(max_examples=80)
@given(some_run, some_run)
def test_posting_twice_at_once_makes_the_same_entries(first: list[Decision], second: list[Decision]) -> None:
    before = standing_after(posted(first, covered=WIDE))
    one, other = (differences("1", WIDE, second, before) for _ in range(2))
    assert [each.id for each in one] == [each.id for each in other]


@settings(max_examples=80)
@given(some_run, some_run)
def test_paid_months_are_settled_by_later_payouts_to_the_dong(first: list[Decision], second: list[Decision]) -> None:
    """Pay two months, then everything changes: the next payout makes good exactly the difference, or carries it."""
    ledger = posted(first, covered=WIDE)
    paid = shares([_accrued(each) for each in ledger], "2023-08")
    settled = {entry for share in paid for entry in share.entries}
    later = differences("1", WIDE, second, standing_after(ledger), "2023-08")
    rest = [_accrued(each) for each in [*ledger, *later] if each.id not in settled]
    next_paid = shares(rest, "2023-09")
    carried = owed_by_party([each for each in rest if each.id not in {e for share in next_paid for e in share.entries}])
    total: dict[tuple[str, str], int] = dict(carried)
    for share in [*paid, *next_paid]:
        party = (share.role, share.payee)
        total[party] = total.get(party, 0) + share.amount_vnd
    wanted: dict[tuple[str, str], int] = {}
    for each in second:
        wanted[each.role, each.payee] = wanted.get((each.role, each.payee), 0) + each.amount_vnd
    assert {party: amount for party, amount in total.items() if amount} == {
        party: amount for party, amount in wanted.items() if amount
    }
    assert all(amount <= 0 for amount in carried.values())
    assert all(share.amount_vnd > 0 for share in [*paid, *next_paid])


def _accrued(each: Transfer) -> Accrued:
    return Accrued(each.id, each.role, each.payee, each.day[:7], each.signed_vnd, each.is_adjustment)


def owed_by_party(entries: list[Accrued]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for each in entries:
        found[each.role, each.payee] = found.get((each.role, each.payee), 0) + each.signed_vnd
    return found


def test_steps_are_those_of_the_table() -> None:
    assert state_after("draft", "approve") == "approved"
    assert state_after("draft", "pay") is None
    assert state_after("paid", "approve") is None
    assert {after for verbs in NEXT.values() for after in verbs.values()} | {"draft"} == set(STATES)
    assert not [move for move in MOVES if move.split(">")[0] in CLOSED and move.split(">")[1] not in CLOSED]


def test_slots_are_decisions() -> None:
    slot: Slot = decision().slot
    assert slot == ("p", 1, "T1")
