"""Twenty lists as they really come: read without touching the file, and nothing changed in silence."""

import re

import pytest

from app.registry.receiving import headed_list
from app.registry.rules.lists import ListLine, read_lines
from app.tables import TableError
from app.vn.phones import find_phone
from app.vn.stalls import stall_key
from app.vn.text import tidy
from tests.registry.lifelike.lists import Lifelike, lifelike_lists
from tests.registry.lifelike.people import Trader

LISTS = {each.name: each for each in lifelike_lists()}
GOOD_SHARE_MIN = 0.95
#: Lists that may be refused whole: none is, and two of twenty might.
REFUSED_MAX = 2


def meant(who: Trader, says: str) -> str:
    """What must be read of a field."""
    match says:
        case "name":
            return tidy(who.name)
        case "phone":
            return find_phone(who.phone).e164 if who.phone else ""
        case "stall":
            return stall_key(f"{who.row}-{who.stall}")
        case "hamlet":
            return who.hamlet.lower()
        case _:
            return str(getattr(who, says))


def read(line: ListLine, says: str) -> str:
    match says:
        case "name":
            return line.holder_name
        case "stall":
            return stall_key(line.code)
        case "account":
            return line.account_number
        case "hamlet":
            return line.hamlet.lower()
        case _:
            return str(getattr(line, says) or "")


@pytest.fixture(scope="module", params=LISTS, ids=lambda name: re.sub(r"\W", "-", name))
def sent(request: pytest.FixtureRequest) -> tuple[Lifelike, list[ListLine]]:
    each = LISTS[request.param]
    try:
        return each, list(read_lines(headed_list(each.data, each.name, each.sheets)))
    except TableError as refused:
        pytest.fail(f"refused whole: {refused}")


def test_nothing_is_lost_and_nothing_changed_without_a_note(sent: tuple[Lifelike, list[ListLine]]) -> None:
    each, lines = sent
    people = [line for line in lines if not line.label]
    assert len(people) == len(each.people), [line.cells for line in people[-3:]]
    good = [line for line in people if not line.faults]
    assert len(good) >= GOOD_SHARE_MIN * len(people), [line.faults for line in people if line.faults][:3]
    silent = [
        (line.line, says, meant(who, says), read(line, says))
        for line, who in zip(people, each.people, strict=True)
        for says in each.says
        if not (line.faults or line.notes) and read(line, says) != meant(who, says)
    ]
    assert silent == []


def test_there_are_twenty_of_them_in_every_kind_of_file() -> None:
    assert len(LISTS) == 20
    assert {name.rpartition(".")[2] for name in LISTS} == {"xlsx", "xls", "ods", "csv"}
    assert min(len(each.people) for each in LISTS.values()) <= 40
    assert max(len(each.people) for each in LISTS.values()) == 3000
