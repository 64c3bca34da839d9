"""Four eyes: the states of what one person proposes and another decides, and when two sign-ins are one person. Pure.

Whoever gave or renewed somebody's means to sign in could have been that somebody ever since. So a sign-in counts as one
person with its keepers, their keepers, and all that hang on the same keeper, until the person at its end has proved to
be somebody (a hand-over code that no keeper saw, a new password and second factor of their own). Waiting proves
nothing. Against the insider (research/reliability.md I2; issue 11).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PROPOSED: Final = "proposed"
APPROVED: Final = "approved"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
RETIRED: Final = "retired"

STATES: Final = {
    PROPOSED: "Chờ duyệt",
    APPROVED: "Đã duyệt",
    REFUSED: "Bị từ chối",
    WITHDRAWN: "Đã rút lại",
    RETIRED: "Không dùng nữa",
}
#: Which state may follow which; a row leaves `proposed` once and never comes back.
NEXT: Final = {
    PROPOSED: frozenset({APPROVED, REFUSED, WITHDRAWN}),
    APPROVED: frozenset({RETIRED}),
    REFUSED: frozenset[str](),
    WITHDRAWN: frozenset[str](),
    RETIRED: frozenset[str](),
}

MADE: Final = "made"
INVITED: Final = "invited"
PASSWORD: Final = "password"  # noqa: S105 - a kind of key, no secret
SECOND_FACTOR: Final = "second_factor"
PHONE: Final = "phone"
ROLE: Final = "role"
#: How somebody comes to hold the key of another's sign-in.
KEYS: Final = {
    MADE: "lập tài khoản",
    INVITED: "gửi thư mời",
    PASSWORD: "cấp lại mật khẩu",
    SECOND_FACTOR: "bỏ xác thực hai lớp",
    PHONE: "cài điện thoại",
    ROLE: "trao vai trò",
}
#: How a person was confirmed: by a code from the machine, or by one that a third person told them.
PROOFS: Final = ("machine", "person")

PROPOSER: Final = "đề nghị"
FIRST_YES: Final = "duyệt lần một"
#: Tokens speak for a phone or a program; approving is an act of somebody who is present.
TOKENS: Final = frozenset({"api", "phone"})

OTHER_PERSON: Final = "Hãy nhờ một người duyệt khác."


@dataclass(frozen=True, slots=True)
class Involved:
    """Somebody whose hand is in what is to be decided.

    `user_id` None: the machine brought it, nobody was signed in. `part`: what they did, as it follows the word "người"
    ("đề nghị", "ghi sổ", "lập bản thảo"). `at`: when; a proof that came later does not make that act theirs (None:
    as they stand now).
    """

    user_id: int | None
    part: str = PROPOSER
    session: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """Why somebody may not decide: a stable code, the Vietnamese reason, and what to do instead."""

    code: str
    message: str
    remedy: str = OTHER_PERSON


@dataclass(frozen=True, slots=True)
class Key:
    """One time that somebody (None: the machine) gave or renewed another's means to sign in; ids in order of time."""

    id: int
    keeper_id: int | None
    holder_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One time that a person proved to be somebody: keys up to `after_key` were worth nothing from then on."""

    user_id: int
    after_key: int
    at: datetime | None = None


def approvals_needed(proposer_id: int | None) -> int:
    """How many people must approve: one besides a known proposer; two where nobody signed in to propose it."""
    return 1 if proposer_id is not None else 2


def decided(state: str) -> Objection | None:
    """Why nothing is left to decide about something in this state; None while it waits."""
    if state == PROPOSED:
        return None
    return Objection("decided", f"Đề nghị này {STATES[state].lower()} rồi.", "Hãy tải lại trang.")


def keys_of(person: int, keys: Iterable[Key]) -> list[Key]:
    """The keys of this sign-in that others gave, since it was made (the number of one that was removed may come again).

    A role alone is no key: whoever gives a role to a sign-in that the machine made cannot enter it.
    """
    mine = [key for key in keys if key.holder_id == person]
    born = max((key.id for key in mine if key.kind == MADE), default=0)
    given = [key for key in mine if key.id >= born and key.keeper_id not in {None, person}]
    return given if any(key.kind != ROLE for key in given) else []


def proved(keys: Collection[Key], proofs: Iterable[Proof]) -> frozenset[int]:
    """Who has proved to be somebody, and has had no new key since from anybody; a new role is no new key."""
    newest: dict[int, int] = {}
    for each in proofs:
        newest[each.user_id] = max(newest.get(each.user_id, 0), each.after_key)
    last: dict[int, int] = {}
    for key in keys:
        if key.kind != ROLE and (key.kind == MADE or key.keeper_id not in {None, key.holder_id}):
            last[key.holder_id] = max(last.get(key.holder_id, 0), key.id)
    return frozenset(person for person, after in newest.items() if after >= last.get(person, 0))


def chain(person: int, keys: Collection[Key], proved: Collection[int] = frozenset()) -> dict[int, int]:
    """Everybody this sign-in is one person with by its keys, the nearest first: each with whose key led to them."""
    found, waiting = {person: person}, [person]
    for one in waiting:  # grows while it is walked
        if one in proved:
            continue
        for key in keys_of(one, keys):
            if key.keeper_id is not None and key.keeper_id not in found:
                found[key.keeper_id] = one
                waiting.append(key.keeper_id)
    return found


def closure(person: int, keys: Collection[Key], proved: Collection[int] = frozenset()) -> frozenset[int]:
    """The person and, while they are not proved, the closure of everybody who ever gave them means to sign in.

    Two sign-ins are one person when their closures meet.

    >>> siblings = [Key(1, None, 9, "made"), Key(2, 9, 5, "made"), Key(3, 9, 6, "made")]
    >>> sorted(closure(5, siblings) & closure(6, siblings))
    [9]
    >>> sorted(closure(5, siblings, {5}))
    [5]
    """
    return frozenset(chain(person, keys, proved))


def between(keeper: int, found: dict[int, int]) -> list[int]:
    """Those through whom a keeper holds the key of the person that a chain begins with, nearest the keeper first.

    >>> between(1, {4: 4, 3: 4, 1: 3})
    [3]
    """
    path = []
    at = keeper
    while found[at] != at:
        at = found[at]
        path.append(at)
    return path[:-1]
