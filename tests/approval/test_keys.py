"""Two sign-ins are two persons, or they are one: as the rule says it, and as the database keeps it."""

import doctest
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.accounts.actions import Grant, create_user, reset_password
from app.accounts.models import User
from app.actors import APPROVER, COORDINATOR, SYSTEM, Actor
from app.approval import rules
from app.approval.actions import FourEyesError, record_key, record_proof, refuse_objection
from app.approval.queries import keeping_note, objection, objections, unproved
from app.approval.rules import FIRST_YES, Involved, Key, Proof, between, chain, closure, proved
from app.db import db, unit_of_work
from app.errors import ConflictError

M, P1, P2, N, LAN = 1, 2, 3, 4, 5


def keys(*given: tuple[int | None, int, str]) -> list[Key]:
    return [Key(number, *each) for number, each in enumerate(given, start=1)]


def one_person(given: Sequence[Key], a: int, b: int, *proofs: Proof) -> bool:
    sure = proved(given, proofs)
    return bool(closure(a, given, sure) & closure(b, given, sure))


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rules).failed == 0


@pytest.mark.parametrize(
    ("given", "a", "b", "proofs", "one"),
    [
        pytest.param([(None, M, "made"), (None, LAN, "made")], M, LAN, [], False, id="two of the machine's"),
        pytest.param([(M, P1, "made")], M, P1, [], True, id="a puppet and who made it"),
        pytest.param([(M, P1, "made"), (M, P2, "made")], P1, P2, [], True, id="siblings"),
        pytest.param([(M, P1, "made"), (M, P2, "made")], P1, P2, [Proof(P1, 2)], False, id="one sibling proved"),
        pytest.param([(M, P1, "made"), (M, P2, "made")], M, P2, [Proof(P1, 2)], True, id="the other not"),
        pytest.param([(M, N, "made"), (N, P1, "made")], M, P1, [], True, id="a chain"),
        pytest.param([(M, N, "made"), (N, P1, "made"), (M, P2, "invited")], P1, P2, [], True, id="cousins"),
        pytest.param([(M, N, "made"), (N, P1, "made")], M, P1, [Proof(N, 2)], False, id="a chain cut by a proof"),
        pytest.param([(M, LAN, "password"), (M, P1, "password")], LAN, P1, [], True, id="two real people re-keyed"),
        pytest.param([(M, LAN, "second_factor")], M, LAN, [], True, id="a second factor taken away"),
        pytest.param([(M, P1, "phone")], M, P1, [], True, id="a phone set up"),
        pytest.param([(M, P1, "made"), (M, P1, "password")], M, P1, [Proof(P1, 1)], True, id="re-keyed after"),
        pytest.param([(M, P1, "made"), (N, P1, "role")], N, P1, [], True, id="a role while unproved"),
        pytest.param([(M, P1, "made"), (N, P1, "role")], N, P1, [Proof(P1, 1)], False, id="a role when proved"),
        pytest.param([(None, P1, "made"), (M, P1, "role")], M, P1, [], False, id="a role to the machine's own"),
        pytest.param([(M, P1, "made"), (None, P1, "password")], M, P1, [], True, id="the machine takes nothing back"),
        pytest.param([(M, P1, "made"), (None, P1, "made")], M, P1, [], False, id="a number that came again"),
        pytest.param([(None, P1, "made"), (M, P1, "made")], M, P1, [Proof(P1, 1)], True, id="with another's proof"),
        pytest.param([(P1, M, "password"), (M, P1, "made")], M, P1, [], True, id="a ring"),
    ],
)
def test_who_is_one_person(
    given: list[tuple[int | None, int, str]], a: int, b: int, proofs: list[Proof], one: bool
) -> None:
    assert one_person(keys(*given), a, b, *proofs) is one
    assert one_person(keys(*given), b, a, *proofs) is one


def test_a_chain_tells_through_whom() -> None:
    found = chain(P1, keys((M, N, "made"), (N, P1, "made")))
    assert list(found) == [P1, N, M]
    assert (between(M, found), between(N, found), between(P1, found)) == ([N], [], [])


@pytest.fixture
def hung(app: Flask, now: datetime) -> User:
    return person(SYSTEM, now, "hung", "Hùng")


def person(by: Actor, now: datetime, name: str, full_name: str, role: str = COORDINATOR) -> User:
    with unit_of_work():
        user, _ = create_user(by, now, name, full_name, grants=[Grant(role)], must_change=False)
    return user


def acting(user: User, via: str = "web") -> Actor:
    return Actor(user.id, user.full_name, session=f"phiên {user.id}", via=via)


def test_the_refusal_says_whose_keys(hung: User, now: datetime) -> None:
    lan, mai = (person(acting(hung), now, name, name.title(), APPROVER) for name in ("lan", "mai"))
    nga = person(acting(lan), now, "nga", "Nga")

    def said(who: User, *others: Involved, via: str = "web") -> str:
        found = objection(acting(who, via), others, now=now + timedelta(days=800))
        return f"{found.code}: {found.message}" if found else ""

    assert said(mai, Involved(lan.id)) == (
        "one-person: Bạn và người đề nghị (Lan) đều được Hùng cấp tài khoản, nên tính là một người cho tới khi mỗi "
        "người tự xác nhận."
    )
    assert said(hung, Involved(lan.id, "ghi sổ")) == (
        "one-person: Tài khoản của người ghi sổ (Lan) do bạn cấp, "
        "nên hai người tính là một cho tới khi Lan tự xác nhận."
    )
    assert "do người đề nghị (Hùng) cấp (qua Lan), nên" in said(nga, Involved(hung.id))
    assert said(lan, Involved(lan.id)) == "own: Bạn là người đề nghị nên không được tự duyệt."
    assert said(lan, Involved(None), Involved(lan.id, FIRST_YES)).startswith("twice: ")
    assert said(mai, Involved(None, session=f"phiên {mai.id}")).startswith("session: ")
    for via in ("phone", "api"):
        assert said(mai, Involved(None), via=via).startswith("token: ")
    assert objection(SYSTEM, [], now=now).code == "nobody"  # type: ignore[union-attr]
    assert said(mai, Involved(None)) == said(mai) == ""
    with pytest.raises(FourEyesError, match="Hùng"):
        refuse_objection(acting(mai), now, [Involved(lan.id)])
    with pytest.raises(ConflictError):
        refuse_objection(acting(mai), now, [], "approved")
    assert [bool(each) for each in objections(acting(mai), [[], [Involved(lan.id)]], now=now)] == [False, True]


def test_a_proof_frees_from_then_on(hung: User, now: datetime) -> None:
    lan, mai = (person(acting(hung), now, name, name.title(), APPROVER) for name in ("lan", "mai"))
    assert unproved([lan.id, mai.id, hung.id]) == {lan.id: {hung.id}, mai.id: {hung.id}}
    later = now + timedelta(hours=1)
    with unit_of_work():
        record_proof(later, lan.id, None)
    assert objection(acting(hung), [Involved(lan.id, at=later)], now=later) is None
    assert objection(acting(mai), [Involved(lan.id, at=later)], now=later) is None
    before = objection(acting(hung), [Involved(lan.id, at=now)], now=later)
    assert before is not None, "what was done in her name before she had proved herself stays her keeper's"
    assert before.message.endswith("vì lúc ấy chưa tự xác nhận.")
    with unit_of_work():
        reset_password(acting(hung), now, lan)  # a clock that went back hides nothing
    assert objection(acting(hung), [Involved(lan.id, at=later)], now=later) is not None


def test_one_keeper_of_two_proved_persons_is_told(hung: User, now: datetime) -> None:
    lan, mai = (person(acting(hung), now, name, name.title(), APPROVER) for name in ("lan", "mai"))
    with unit_of_work():
        for each in (lan, mai):
            record_proof(now, each.id, hung.id)
    assert keeping_note([lan.id, mai.id]) == "cả hai do Hùng cấp tài khoản"
    assert keeping_note([lan.id, hung.id]) == "Lan do Hùng cấp tài khoản"
    assert keeping_note([lan.id, None, lan.id]) == ""
    assert keeping_note([lan.id, person(SYSTEM, now, "goc", "Gốc").id]) == ""


def test_keys_and_proofs_are_only_ever_added(hung: User, now: datetime) -> None:
    with unit_of_work():
        record_key(acting(hung), now, hung.id, "password")  # one's own is none
        record_proof(now, hung.id, None)
    for table in ("sign_in_key", "person_proof"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET at = at"):
            with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
                db.session.execute(text(statement))
    assert keeping_note([hung.id, hung.id]) == ""
