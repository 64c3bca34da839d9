"""Every dong that was due and every dong that was paid stands in one class, once."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cashback.payouts.rules.matching import (
    UNKNOWN_PAYEE,
    UNKNOWN_REFERENCE,
    Due,
    Finding,
    Kind,
    Paid,
    Refusals,
    reconcile,
    tallies,
)

LAN, HAI, SHOP = "0912345678", "0987654321", "DIEM-01"
DAY = "2023-08-01"
DUES = [Due(LAN, "T1", DAY, 5000), Due(SHOP, "T1", DAY, 5000), Due(HAI, "T2", "2023-08-02", 5000)]


def only(findings: Sequence[Finding], kind: Kind) -> Finding:
    (found,) = [each for each in findings if each.kind is kind]
    return found


@pytest.mark.parametrize(
    ("paid", "kind"),
    [(5000, Kind.MATCHED), (4999, Kind.UNDERPAID), (5001, Kind.OVERPAID)],
)
def test_a_payment_is_held_against_its_transaction_and_payee(paid: int, kind: Kind) -> None:
    found = reconcile(DUES[:1], [Paid(2, LAN, paid, "T1")])
    assert found == [Finding(kind, LAN, "T1", 5000, paid, "granted", (2,))]


def test_paid_twice_is_overpaid_with_both_lines() -> None:
    found = reconcile(DUES[:1], [Paid(2, LAN, 5000, "T1"), Paid(9, LAN, 5000, "T1")])
    assert only(found, Kind.OVERPAID).lines == (2, 9)
    assert only(found, Kind.OVERPAID).difference_vnd == 5000


def test_what_nobody_paid_is_told() -> None:
    found = reconcile(DUES, [Paid(2, LAN, 5000, "T1"), Paid(3, SHOP, 5000, "T1")])
    assert only(found, Kind.DUE_NOT_PAID) == Finding(Kind.DUE_NOT_PAID, HAI, "T2", 5000, 0, "granted")


def test_paid_to_somebody_else_names_who_was_due() -> None:
    found = reconcile(DUES, [Paid(2, LAN, 5000, "T1"), Paid(3, SHOP, 5000, "T1"), Paid(4, LAN, 5000, "T2")])
    wrong = only(found, Kind.WRONG_PARTY)
    assert (wrong.payee, wrong.due_to, wrong.due_vnd, wrong.difference_vnd) == (LAN, HAI, 5000, 0)
    assert not [each for each in found if each.kind is Kind.DUE_NOT_PAID]


def test_a_refused_payment_that_was_paid_carries_the_decisions_reason() -> None:
    refusals = Refusals({("T3", LAN): "monthly_cap"}, {LAN: "monthly_cap"})
    found = reconcile(DUES, [Paid(2, LAN, 5000, "T3")], refusals)
    assert only(found, Kind.PAID_NOT_DUE).reason == "monthly_cap"


def test_an_unknown_transaction_is_not_laid_against_another_one() -> None:
    found = reconcile(DUES[:1], [Paid(2, LAN, 5000, "T1"), Paid(3, LAN, 5000, "T404"), Paid(4, "ai đó", 1, "T1")])
    assert {(each.reference, each.payee): each.reason for each in found if each.kind is Kind.PAID_NOT_DUE} == {
        ("T404", LAN): UNKNOWN_REFERENCE,
        ("T1", "ai đó"): UNKNOWN_PAYEE,
    }


def test_without_references_day_and_amount_then_totals_decide() -> None:
    dues = [Due(LAN, f"T{day}", f"2023-08-0{day}", 5000) for day in (1, 2, 3)]
    by_day = reconcile(dues, [Paid(2, LAN, 5000, day="2023-08-02")])
    assert only(by_day, Kind.MATCHED).reference == "T2"
    in_total = reconcile(dues, [Paid(2, LAN, 10000), Paid(3, LAN, 4000)])
    assert [(each.kind, each.due_vnd, each.paid_vnd) for each in in_total] == [(Kind.UNDERPAID, 15000, 14000)]
    by_month = reconcile(
        [*dues, Due(LAN, "T9", "2023-09-01", 5000)], [Paid(2, LAN, 15000, month="2023-08"), Paid(3, LAN, 1)]
    )
    assert [(each.kind, each.due_vnd) for each in by_month] == [(Kind.UNDERPAID, 5000), (Kind.MATCHED, 15000)]


def test_the_providers_own_references_do_not_stand_in_the_way() -> None:
    found = reconcile(DUES[:1], [Paid(2, LAN, 5000, "LENH-CHI-77")])
    assert only(found, Kind.MATCHED).reference == "T1"


@pytest.mark.parametrize("written", ["+84912345678", "84912345678", "0912 345 678", "912345678"])
def test_a_payees_telephone_number_is_known_however_it_is_written(written: str) -> None:
    assert reconcile(DUES[:1], [Paid(2, written, 5000, "T1")])[0].kind is Kind.MATCHED


def test_two_payees_of_one_telephone_number_are_not_guessed() -> None:
    dues = [Due("0912345678", "T1", DAY, 5000), Due("+84912345678", "T2", DAY, 5000)]
    found = reconcile(dues, [Paid(2, "84912345678", 5000)])
    assert only(found, Kind.PAID_NOT_DUE).payee == "84912345678"


def test_codes_that_are_no_numbers_stay_what_they_are() -> None:
    found = reconcile([Due("007", "T1", DAY, 5000)], [Paid(2, "7", 5000, "T1")])
    assert only(found, Kind.WRONG_PARTY).due_to == "007"


def test_whom_an_earlier_payout_is_taken_back_from_is_compared_in_all() -> None:
    dues = [Due(LAN, "T1", DAY, 5000), Due(LAN, "T0", "2023-07-31", -2000)]
    found = reconcile(dues, [Paid(2, LAN, 3000, "T1")])
    assert [(each.kind, each.due_vnd, each.paid_vnd) for each in found] == [(Kind.MATCHED, 3000, 3000)]


PAYEES = st.sampled_from([LAN, HAI, SHOP, "fund"])
REFERENCES = st.sampled_from(["T1", "T2", "T3", "T4"])
DAYS = st.sampled_from(["2023-07-31", DAY, "2023-08-02"])
AMOUNTS = st.sampled_from([5000, 10000, 2501])
some_dues = st.lists(st.builds(Due, PAYEES, REFERENCES, DAYS, AMOUNTS), max_size=12)
some_paid = st.lists(
    st.builds(
        Paid,
        st.integers(2, 99),
        st.one_of(PAYEES, st.just("+84912345678"), st.just("lạ")),
        AMOUNTS,
        st.one_of(st.just(""), REFERENCES, st.just("T404")),
        st.one_of(st.just(""), DAYS),
        st.sampled_from(["", "2023-07", "2023-08"]),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(some_dues, some_paid)
def test_no_dong_is_lost_or_counted_twice(dues: list[Due], paid: list[Paid]) -> None:
    found = reconcile(dues, paid)
    assert sum(each.due_vnd for each in found) == sum(due.amount_vnd for due in dues)
    assert sum(each.paid_vnd for each in found) == sum(each.amount_vnd for each in paid)
    assert sorted(line for each in found for line in each.lines) == sorted(each.line for each in paid)
    sums = tallies(found)
    assert sum(each.count for each in sums) == len(found)
    assert len(sums) == len(Kind)


@settings(max_examples=40)
@given(some_dues)
def test_paying_exactly_what_is_due_matches_everything(dues: list[Due]) -> None:
    paid = [Paid(line, due.payee, due.amount_vnd, due.reference) for line, due in enumerate(dues, 2)]
    assert {each.kind for each in reconcile(dues, paid)} <= {Kind.MATCHED}


@settings(max_examples=60)
@given(some_dues, some_paid)
def test_the_order_of_lines_changes_no_class(dues: list[Due], paid: list[Paid]) -> None:
    one, other = tallies(reconcile(dues, paid)), tallies(reconcile(dues[::-1], paid[::-1]))
    assert [(each.kind, each.due_vnd, each.paid_vnd) for each in one] == [
        (each.kind, each.due_vnd, each.paid_vnd) for each in other
    ]
