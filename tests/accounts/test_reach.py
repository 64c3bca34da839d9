"""What a scope reaches: a unit with all below it, a zone, a provider, everything."""

from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import reach, visible
from app.accounts.scopes import ScopeChoice, World
from app.actors import COORDINATOR, SYSTEM, VOLUNTEER, Actor, Scope

#: Province 1 > communes 10, 11 > hamlets 100, 101 (in 10), 110 (in 11).
ANCESTORS = {1: [], 10: [1], 11: [1], 100: [10, 1], 101: [10, 1], 110: [11, 1]}


def actor(*grants: tuple[str, Scope]) -> Actor:
    roles, scopes = frozenset(role for role, _ in grants), frozenset(scope for _, scope in grants)
    return Actor(1, "Lan", roles, scopes, grants=frozenset(grants))


def test_a_unit_reaches_all_below_and_nothing_beside() -> None:
    reached = reach(actor((COORDINATOR, Scope("unit", 10))), ANCESTORS)
    assert reached.units == {10, 100, 101}
    assert visible(reached, unit_id=100)
    assert not visible(reached, unit_id=110)
    assert not visible(reached, unit_id=1)
    assert not visible(reached)


def test_a_zone_reaches_its_points_alone() -> None:
    reached = reach(actor((VOLUNTEER, Scope("zone", 7))), ANCESTORS)
    assert visible(reached, unit_id=10, zone_id=7)
    assert not visible(reached, unit_id=10, zone_id=8)


def test_a_provider_reaches_its_own() -> None:
    reached = reach(actor(("provider", Scope("provider", 3))), ANCESTORS)
    assert visible(reached, provider_id=3)
    assert not visible(reached, provider_id=4)


def test_each_role_reaches_by_its_own_scope() -> None:
    both = actor((COORDINATOR, Scope("unit", 10)), (VOLUNTEER, Scope("unit", 11)))
    assert reach(both, ANCESTORS, COORDINATOR).units == {10, 100, 101}
    assert reach(both, ANCESTORS).units == {10, 100, 101, 11, 110}
    assert reach(both, ANCESTORS, "admin").units == frozenset()


def test_programs_reach_everything() -> None:
    assert visible(reach(SYSTEM, ANCESTORS), unit_id=110)
    assert visible(reach(SYSTEM, {}), zone_id=5)


def test_a_part_lies_within_a_reach() -> None:
    here = World([ScopeChoice(Scope("zone", 7), "Chợ Phiên", "Khu vực")], ANCESTORS, {7: 100})
    reached = here.reached(actor((COORDINATOR, Scope("unit", 10))))
    assert here.within(reached, Scope("zone", 7))
    assert here.within(reached, Scope("unit", 101))
    assert not here.within(reached, Scope("unit", 1))
    assert not here.within(reached, Scope("all"))
    assert not here.within(reached, Scope("provider", 1))


TREES = st.integers(2, 30).flatmap(
    lambda size: st.tuples(*[st.integers(0, number - 1) for number in range(1, size)]).map(lambda up: (0, *up))
)


@given(TREES, st.data())
def test_reach_is_exactly_the_subtree(parents: tuple[int, ...], data: st.DataObject) -> None:
    above: dict[int, list[int]] = {0: []}
    for unit in range(1, len(parents)):
        above[unit] = [parents[unit], *above[parents[unit]]]
    root = data.draw(st.sampled_from(sorted(above)))
    reached = reach(actor((COORDINATOR, Scope("unit", root))), above)
    assert reached.units == {unit for unit in above if unit == root or root in above[unit]}
