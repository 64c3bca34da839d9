"""How much two merchants look like one, as people here make duplicates."""

import random
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.db import db, unit_of_work
from app.places.models import Unit, Zone
from app.registry.actions import likeness, states
from app.registry.actions.merchants import change_merchant
from app.registry.actions.states import states_refreshed_once
from app.registry.models import DuplicatePair, MerchantKey, MerchantState
from app.registry.rules.entries import NewMerchant
from app.registry.rules.likeness import LIKELY, POSSIBLE, Likeness, Place, compare, distance_m, keys, wanted_keys
from app.vn.text import ascii_upper
from tests.registry.scene import LAN, account, commune, market, merchant, stall

WORDS = ["Nguyễn", "Trần", "Đặng", "Thị", "Văn", "Hoà", "Hòa", "Hoa", "Thuý", "Thúy", "Hường", "Quý", "Đức", "Ất"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(" ".join)
SHOPS = st.sampled_from(["", "Bún chả cô Ba", "Cô Ba bún chả", "Tạp hoá Hòa", "Quán anh chị"])
PHONES = st.sampled_from(["", "+84987654321", "+84381234567"])
PLACES = st.lists(st.builds(Place, st.floats(8.5, 23.4), st.floats(102.1, 109.5)), max_size=2).map(tuple)
PEOPLE = st.builds(
    Likeness,
    NAMES,
    SHOPS,
    PHONES,
    st.sampled_from(["", "001201001234", "0100233488"]),
    st.sampled_from([1, 2]),
    st.frozensets(st.sampled_from(["970436:1", "970422:2", "qr:ab"]), max_size=2),
    st.frozensets(st.tuples(st.sampled_from([1, 2]), st.sampled_from(["A01-06", "a1-6", "B2"])), max_size=2),
    PLACES,
)


@given(PEOPLE, PEOPLE)
def test_it_does_not_matter_who_comes_first(one: Likeness, other: Likeness) -> None:
    assert compare(one, other) == compare(other, one)


@given(PEOPLE, PEOPLE)
def test_the_score_is_what_its_reasons_add_up_to(one: Likeness, other: Likeness) -> None:
    verdict = compare(one, other)
    assert verdict.score == max(0, min(100, sum(reason.weight for reason in verdict.reasons)))
    assert all(reason.words for reason in verdict.reasons)
    assert len({reason.code for reason in verdict.reasons}) == len(verdict.reasons)


@given(PEOPLE, PEOPLE)
def test_the_form_of_typing_changes_nothing(one: Likeness, other: Likeness) -> None:
    typed = replace(
        one,
        holder_name="  " + unicodedata.normalize("NFD", one.holder_name).upper().replace(" ", "   "),
        shop_name=unicodedata.normalize("NFD", one.shop_name),
    )
    assert compare(typed, other) == compare(one, other)
    assert keys(typed) == keys(one)


@given(NAMES)
def test_a_name_without_accents_is_still_the_name(name: str) -> None:
    (reason,) = compare(Likeness(name), Likeness(ascii_upper(name))).reasons
    assert reason.code in {"name", "name_folded"}


@given(PEOPLE, PEOPLE)
def test_whatever_makes_two_likely_is_found_by_a_key(one: Likeness, other: Likeness) -> None:
    other = replace(other, commune_id=one.commune_id)
    if compare(one, other).score >= LIKELY:
        assert wanted_keys(one) & keys(other)


@given(st.floats(8.5, 23.4), st.floats(102.1, 109.5), st.floats(0, 30), st.floats(0, 6.28))
def test_a_place_thirty_metres_away_is_in_the_cells_around(lat: float, lng: float, metres: float, angle: float) -> None:
    one = Place(lat, lng)
    moved = random.Random(f"{angle}").random()
    other = Place(lat + metres * moved / 111_320, lng + metres * (1 - moved) / 111_320)
    assert distance_m(one, other) <= 45
    first, second = Likeness("Lê Hoà", places=(one,)), Likeness("Trần Hòa", places=(other,))
    assert wanted_keys(first) & {key for key in keys(second) if key[0] == "near"}


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa", "name"),
        ("Nguyễn Thị Thuý", "NGUYEN THI THUY", "name_folded"),
        ("Nguyễn Thị Hoa", "Nguyễn Thị Hòa", "name_accents"),
        ("Nguyễn Thị Hòa", "Nguyễn Hòa", "name_short"),
        ("Nguyễn Thị Hường", "Nguyễn Thị Hươngg", "name_slip"),
    ],
)
def test_names_as_people_write_them(one: str, other: str, code: str) -> None:
    assert [reason.code for reason in compare(Likeness(one), Likeness(other)).reasons] == [code]


def test_a_family_sharing_a_phone_is_not_one_merchant() -> None:
    wife = Likeness("Nguyễn Thị Hòa", phone="+84987654321", tax_code="001201001234")
    assert compare(wife, Likeness("Trần Văn Bình", phone="+84987654321")).score < POSSIBLE
    assert compare(wife, Likeness("Nguyen Thi Hoa", phone="+84987654321")).score >= POSSIBLE
    assert compare(wife, Likeness("Nguyen Thi Hoa", phone="+84987654321", tax_code="001201009999")).score < POSSIBLE


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit)


def pairs() -> list[tuple[int, int, str]]:
    rows = db.session.scalars(select(DuplicatePair).order_by(DuplicatePair.id))
    return [(pair.one_id, pair.other_id, pair.state) for pair in rows]


def test_pairs_come_and_go_with_their_cause(unit: Unit, now: datetime) -> None:
    one = merchant(now, unit, "Nguyễn Thị Hoà", phone="0168 123 4567")
    other = merchant(now, unit, "NGUYEN THI HOA", phone="0381234567")
    merchant(now, unit, "Trần Văn Bình", phone="0381234567")
    assert pairs() == [(one.id, other.id, "open")]
    with unit_of_work():
        change_merchant(LAN, now, other, NewMerchant(holder_name="Nguyen Thi Hoa", phone="0987654321"), 1)
    assert pairs() == []


def test_one_account_makes_a_pair_over_communes(unit: Unit, now: datetime) -> None:
    far = merchant(now, commune(now, "98002", "Xa Thử"), "Lê Một")
    near = merchant(now, unit, "Trần Hai")
    account(now, far, "1234567890")
    account(now + timedelta(hours=1), near, "1234567890")
    assert pairs() == [(far.id, near.id, "open")]


def test_stalls_written_in_two_ways_are_one(unit: Unit, zone: Zone, now: datetime) -> None:
    one, other = merchant(now, unit, "Lê Thị Một"), merchant(now, unit, "Lê Một")
    stall(now, one, zone, "A01-06")
    stall(now, other, zone, "A1-6")
    assert pairs() == [(one.id, other.id, "open")]


def test_what_too_many_share_makes_no_pairs(unit: Unit, now: datetime) -> None:
    for number in range(27):
        merchant(now, unit, "Nguyễn Thị Lan", phone="0987654321", shop_name=f"Quầy {number}")
    assert len(pairs()) < 26 * 27
    assert db.session.scalar(select(MerchantKey.id).limit(1)) is not None


@pytest.mark.parametrize(("sharing", "found"), [(4, 6), (5, 0)])
def test_whether_too_many_share_is_told_by_all_who_come_at_once(
    unit: Unit, now: datetime, monkeypatch: pytest.MonkeyPatch, sharing: int, found: int
) -> None:
    monkeypatch.setattr(states, "CHUNK", 2)
    monkeypatch.setattr(likeness, "SHARED_MAX", 4)
    with states_refreshed_once():
        for number in range(sharing):
            merchant(now, unit, "Nguyễn Thị Lan", phone="0987654321", shop_name=f"Quầy {number}")
    db.session.commit()
    assert len(pairs()) == found
    assert len(db.session.scalars(select(MerchantState.merchant_id)).all()) == sharing
