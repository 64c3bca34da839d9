"""The walk of test_one_person is no blind judge: where a rule of before is put back, it finds the way to paper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.approval import queries as four_eyes
from app.approval.queries import Keys
from app.approval.rules import OTHER_PERSON, Involved, Key, Objection
from tests.registry.scene import VCB
from tests.registry.test_one_person import NUMBERS, Walk
from tests.registry.walking import Way, World

CALL = Way("call", 1)
RULE_OF_TODAY = four_eyes._one_person


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "walk")
    yield made
    made.close()


def _siblings(walk: Walk) -> tuple[int, int]:
    walk.make_person(at=0, way=CALL)
    walk.make_person(at=0, way=CALL)
    return 3, 4


def _siblings_grown_old(walk: Walk) -> tuple[int, int]:
    pair = _siblings(walk)
    walk.wait(hours=169)
    return pair


def _chain(walk: Walk) -> tuple[int, int]:
    walk.make_person(at=0, way=CALL)
    walk.make_person(at=3, way=CALL)
    return 0, 4


def _two_real_people(walk: Walk) -> tuple[int, int]:
    walk.get_the_key(at=0, to=1, purpose="password")
    walk.get_the_key(at=0, to=2, purpose="password")
    return 1, 2


def _a_lost_factor(walk: Walk) -> tuple[int, int]:
    walk.get_the_key(at=0, to=2, purpose="factor")
    return 0, 2


def _a_creature(walk: Walk) -> tuple[int, int]:
    walk.make_person(at=0, way=CALL)
    return 3, 0


def _pair_only(me: int, other: Involved, them: int, known: Keys) -> Objection | None:
    """As it was: only who gave the other a key directly."""
    del other
    tied = any({key.keeper_id, key.holder_id} == {me, them} for key in known.keys)
    return Objection("old", "Hai người quen nhau.", OTHER_PERSON) if tied else None


def _but_not(kind: str) -> Any:
    """As it was: some kinds of keys were none."""

    def judged(me: int, other: Involved, them: int, known: Keys) -> Objection | None:
        kept = tuple(Key(each.id, None if each.kind == kind else each.keeper_id, each.holder_id, each.kind)
                     for each in known.keys)  # fmt: skip
        return RULE_OF_TODAY(me, other, them, Keys(kept, known.proofs))

    return judged


def _first_accounts_by_creators(me: int, other: Involved, them: int, known: Keys) -> Objection | None:
    """As it was: whoever made somebody may say yes to their first account."""
    if any((key.keeper_id, key.holder_id) == (me, them) for key in known.keys):
        return None
    return RULE_OF_TODAY(me, other, them, known)


#: A way of one person, and a rule of before under which it led to paper.
HOLES = [
    (_siblings, _pair_only),
    (_siblings_grown_old, _pair_only),
    (_chain, _pair_only),
    (_two_real_people, _pair_only),
    (_a_lost_factor, _but_not("second_factor")),
    (_two_real_people, _but_not("password")),
    (_a_creature, _first_accounts_by_creators),
]


def _walked(world: World, way: Any) -> Walk:
    """The first steps of a walk, then a proposal of the one and a yes of the other."""
    Walk.world = world
    walk = Walk()
    walk.begin()
    proposer, approver = way(walk)
    walk.propose(at=proposer, way=CALL, to=0, number=NUMBERS[0], bank=VCB)
    walk.approve(at=approver, way=CALL, to=0)
    return walk


def test_the_walk_finds_each_hole_where_the_old_rule_is_put_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for way, old in HOLES:
        walk = _walked(world, way)
        walk.nothing_on_paper_is_one_persons_work()
        assert walk.printed == {}, f"{way.__name__}: today's rule holds"
        with monkeypatch.context() as before:
            before.setattr(four_eyes, "_one_person", old)
            walk = _walked(world, way)
            with pytest.raises(AssertionError, match="who approved was not the proposer"):
                walk.nothing_on_paper_is_one_persons_work()
    honest = _walked(world, lambda _: (0, 2))
    honest.nothing_on_paper_is_one_persons_work()
    assert len(honest.printed) == 1, "two honest people need nothing more"
