"""What the registry decides without a database."""

import doctest
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry.rules import cells, entries, search, stages
from app.registry.rules.accounts import checked_account, code_payload
from app.registry.rules.entries import Faults, NewAccount
from app.registry.rules.recency import CHECK_DAYS, check_due, check_soon, most_urgent, recency
from app.registry.rules.resting import print_from
from app.registry.rules.stages import LADDER, MILESTONES, STAGES, Fact, standing
from app.registry.rules.words import POINT_KINDS

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize("module", [cells, entries, search, stages])
def test_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


def facts(*kinds: str) -> list[Fact]:
    return [Fact(kind, NOW + timedelta(days=number)) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [
        ([], "listed"),
        (["surveyed"], "surveyed"),
        (["surveyed", "consented", "account_ready", "qr_issued", "printed", "installed"], "installed"),
        (["surveyed", "trained"], "surveyed"),
        (["trained", "installed"], "trained"),
        (["installed", "checked"], "installed"),
        (["active", "dormant"], "dormant"),
        (["active", "dormant", "active"], "active"),
        (["surveyed", "refused"], "refused"),
        (["refused", "surveyed"], "refused"),
        (["refused", "consented"], "consented"),
        (["active", "stopped"], "stopped"),
        (["active", "stopped", "surveyed"], "stopped"),
        (["active", "stopped", "resumed"], "active"),
    ],
)
def test_stage_follows_from_the_facts(kinds: list[str], stage: str) -> None:
    assert standing(facts(*kinds)).stage == stage


@given(st.lists(st.tuples(st.sampled_from(sorted(MILESTONES)), st.integers(0, 50))))
def test_every_set_of_facts_has_one_stage_whatever_the_order_of_entry(known: list[tuple[str, int]]) -> None:
    distinct = {moment: kind for kind, moment in known}
    made = [Fact(kind, NOW + timedelta(days=moment)) for moment, kind in distinct.items()]
    stands = standing(made)
    assert stands.stage in STAGES
    assert standing(reversed(made)) == stands
    assert (stands.since is None) == (stands.stage == "listed")


def test_setbacks_are_worse_than_any_rung() -> None:
    assert stages.furthest([standing(facts("refused")), standing(facts("surveyed"))]).stage == "surveyed"
    assert set(LADDER) <= set(STAGES)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_coarser_cell_is_the_finer_one_without_its_last_bits(lat: float, lng: float) -> None:
    cell = cells.cell_of(lat, lng)
    assert 0 <= cell < 1 << 44
    column = int((lng + 180) / 360 * 2**10)
    assert _every_second_bit(cell >> 24) == min(column, 2**10 - 1)


def _every_second_bit(number: int) -> int:
    return sum((number >> (2 * place) & 1) << place for place in range(22))


def test_only_a_changed_account_rests() -> None:
    assert print_from(NOW, is_change=False) == NOW
    assert print_from(NOW, is_change=True) == NOW + timedelta(hours=24)


@pytest.mark.parametrize("bank_bin", ["971005", "971011", "971025", "123456", ""])
def test_a_wallets_code_is_never_made_here(bank_bin: str) -> None:
    faults = Faults()
    checked_account(NewAccount(bank_bin=bank_bin, account_number="0987654321"), faults)
    assert [fault.field for fault in faults.found] == ["bank_bin"]


def test_a_providers_code_is_kept_to_the_byte() -> None:
    payload = code_payload("970436", "0011001234567", None)
    faults = Faults()
    values = checked_account(NewAccount(payload=payload, provider="vnpt"), faults)
    assert faults.found == []
    assert (values["payload"], values["bank_bin"], values["account_number"]) == (payload, "970436", "0011001234567")


def test_check_days_differ_by_kind() -> None:
    seen = date(2026, 1, 1)
    assert check_due("pavement", seen) < check_due("stall", seen) < check_due("shop", seen)
    assert check_soon("stall", seen) < check_due("stall", seen)
    assert set(CHECK_DAYS) == set(POINT_KINDS), "every kind of point has its interval"


@pytest.mark.parametrize(
    ("days", "band"), [(0, "fine"), (68, "fine"), (69, "soon"), (90, "soon"), (91, "late"), (None, "late")]
)
def test_a_point_grows_old_day_by_day(days: int | None, band: str) -> None:
    today = date(2026, 11, 22)
    seen = today - timedelta(days=days) if days is not None else None
    assert recency("stall", "active", seen, today).band == band
    assert recency("stall", "consented", seen, today).band == ""


def test_the_most_urgent_point_speaks_for_the_merchant() -> None:
    today = date(2026, 11, 22)
    points = [recency("stall", "active", today - timedelta(days=age), today) for age in (1, 95, 200, 70)] + [
        recency("stall", "consented", None, today)
    ]
    assert most_urgent(points) == points[2]
    assert most_urgent(points[4:]) == points[4]
    assert most_urgent([]) is None
