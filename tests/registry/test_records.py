"""Merchants, points, milestones and consents, and the rows that lists and map read of them."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.actors import COORDINATOR, Actor, Scope
from app.db import db, unit_of_work
from app.errors import ConflictError, NotFoundError, RefusedError
from app.places.models import Unit, Zone
from app.registry.actions.accounts import approve_account
from app.registry.actions.consents import give_consent, withdraw_consent
from app.registry.actions.merchants import change_merchant
from app.registry.actions.milestones import record_milestone, revoke_milestone
from app.registry.actions.points import hand_over
from app.registry.actions.states import rebuild_states
from app.registry.models import Merchant, MerchantState, Milestone, PointState
from app.registry.queries.merchants import MerchantFilter, merchant_ids, merchant_lines
from app.registry.queries.printable import PointFilter, printable
from app.registry.queries.reach import merchant_in_reach
from app.registry.rules.entries import NewConsent, NewMerchant
from tests.registry.scene import BINH, DUNG, LAN, account, approved, commune, market, merchant, someone, stall


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit)


def state_rows() -> list[tuple[object, ...]]:
    merchants = db.session.execute(select(MerchantState.__table__).order_by(MerchantState.merchant_id)).all()
    points = db.session.execute(select(PointState.__table__).order_by(PointState.point_id)).all()
    return [tuple(row) for row in (*merchants, *points)]


def test_an_entry_is_kept_clean(unit: Unit, now: datetime) -> None:
    found = merchant(now, unit, "  Đặng  Thị Hường ", phone="0168 123 4567", online_shops=("shopee.vn/co-huong",))
    assert found.holder_name == "Đặng Thị Hường"
    assert found.phone == "+84381234567"
    assert found.online_shops == ["https://shopee.vn/co-huong"]
    assert found.code.startswith("HK-")
    assert len(found.code) == 9


def test_every_reason_is_told_at_once(unit: Unit, now: datetime) -> None:
    with pytest.raises(RefusedError) as refusal:
        merchant(now, unit, " ", phone="09123", tax_code="12", online_shops=("javascript:alert(1)",))
    for word in ("họ tên", "thiếu", "Mã số thuế", "trang bán hàng"):
        assert word in str(refusal.value)


def test_a_form_filled_in_on_an_older_record_is_told(unit: Unit, now: datetime) -> None:
    found = merchant(now, unit)
    with unit_of_work():
        change_merchant(LAN, now, found, NewMerchant(holder_name="Tên mới"), version=1)
    with pytest.raises(ConflictError), unit_of_work():
        change_merchant(LAN, now, found, NewMerchant(holder_name="Tên khác"), version=1)
    assert found.holder_name == "Tên mới"


def test_a_code_is_taken_once_in_a_zone(unit: Unit, zone: Zone, now: datetime) -> None:
    stall(now, merchant(now, unit), zone, "a01 - 06")
    with pytest.raises(ConflictError, match="A01-06"):
        stall(now, merchant(now, unit), zone, "A01-06")
    stall(now, merchant(now, unit), market(now, unit, "Chợ Khác"), "A01-06")


def test_stage_follows_milestones_and_their_taking_back(unit: Unit, zone: Zone, now: datetime) -> None:
    shop = merchant(now, unit)
    point = stall(now, shop, zone, lat=19.5, lng=105.5)
    approved(now, shop)
    with unit_of_work():
        record_milestone(LAN, now, shop, "surveyed", now - timedelta(days=2))
        step = record_milestone(LAN, now, shop, "installed", now, point=point)
    assert _stages() == ("installed", "installed")
    with unit_of_work():
        revoke_milestone(LAN, now, step.id, "Ghi nhầm quầy")
    assert _stages() == ("qr_issued", "qr_issued")
    with pytest.raises(RefusedError), unit_of_work():
        record_milestone(LAN, now, shop, "account_ready", now)
    with pytest.raises(RefusedError), unit_of_work():
        record_milestone(LAN, now, shop, "surveyed", now + timedelta(days=1))


def test_no_board_hangs_without_a_code_whoever_says_so(unit: Unit, zone: Zone, now: datetime) -> None:
    """The guard stands in the action: every page, program and list comes through it."""
    shop, next_one = merchant(now, unit), merchant(now, unit, "Lê Thị Sau")
    point, taken_over = stall(now, shop, zone), stall(now, next_one, zone, "A01-07")
    proposal = account(now, shop)
    for where in (None, point):
        with pytest.raises(ConflictError, match="Chưa có tài khoản được duyệt"), unit_of_work():
            record_milestone(LAN, now, shop, "installed", now, point=where)
    with unit_of_work():
        approve_account(BINH, now, proposal.id)
        hand_over(LAN, now, taken_over, shop, date(2026, 12, 1))
    with pytest.raises(ConflictError, match="A01-07 chưa có mã QR"), unit_of_work():
        record_milestone(LAN, now, shop, "installed", now, point=taken_over)
    with unit_of_work():
        record_milestone(LAN, now, shop, "installed", now, point=point)
    assert db.session.scalars(select(Milestone.point_id).where(Milestone.kind == "installed")).all() == [point.id]


def test_the_next_merchant_of_a_stall_starts_anew(unit: Unit, zone: Zone, now: datetime) -> None:
    first, second = merchant(now, unit, "Lê Một"), merchant(now, unit, "Lê Hai")
    point = stall(now, first, zone)
    approved(now, first)
    with unit_of_work():
        record_milestone(LAN, now, first, "installed", now, point=point)
        hand_over(LAN, now, point, second, date(2026, 12, 1))
    (row,) = db.session.scalars(select(PointState)).all()
    assert (row.merchant_id, row.stage) == (second.id, "listed")


def test_the_public_sees_a_point_only_while_consent_holds(unit: Unit, zone: Zone, now: datetime) -> None:
    shop = merchant(now, unit)
    stall(now, shop, zone)
    with pytest.raises(RefusedError), unit_of_work():
        give_consent(LAN, now, shop, NewConsent("public_map", "spoken", "2026-11"))
    with unit_of_work():
        give_consent(LAN, now, shop, NewConsent("public_map", "paper", "2026-11", expires_on=date(2027, 11, 22)))
    assert db.session.scalar(select(PointState.public_until)) == date(2027, 11, 22)
    with unit_of_work():
        assert withdraw_consent(LAN, now, shop, "public_map") == 1
    assert db.session.scalar(select(PointState.public_until)) is None


def test_rows_kept_up_are_the_rows_made_anew(unit: Unit, zone: Zone, now: datetime) -> None:
    shops = [merchant(now, unit, f"Trần Thị {name}") for name in ("Ất", "Anh", "Ân")]
    points = [stall(now, shop, zone, f"A0{number}") for number, shop in enumerate(shops)]
    approved(now, shops[0])
    with unit_of_work():
        record_milestone(LAN, now, shops[0], "installed", now, point=points[0])
        hand_over(LAN, now, points[1], shops[2], date(2026, 12, 1))
        give_consent(LAN, now, shops[2], NewConsent("register", "paper", "2026-11"))
    before = state_rows()
    with unit_of_work():
        rebuild_states()
    assert state_rows() == before
    assert len(before) == 6


def test_another_communes_merchant_does_not_exist(unit: Unit, now: datetime) -> None:
    shop = merchant(now, unit)
    other = commune(now, "99002", "Nơi Khác")
    here = someone(7, COORDINATOR, scopes=frozenset({Scope("unit", unit.id)}))
    there = someone(8, COORDINATOR, scopes=frozenset({Scope("unit", other.id)}))
    assert merchant_in_reach(here, shop.id) is shop
    with pytest.raises(NotFoundError):
        merchant_in_reach(there, shop.id)


def _stages() -> tuple[str | None, str | None]:
    return db.session.scalar(select(MerchantState.stage)), db.session.scalar(select(PointState.stage))


def test_a_stall_and_an_account_are_found_in_any_writing(unit: Unit, zone: Zone, now: datetime) -> None:
    """Walk 23, F68, F72, F73: what a person types finds the trader; a whole account only who may read it."""
    sells = merchant(now, unit, "H’Ƀă Niê\u00ad Čŭ", phone="0912345678")
    stall(now, sells, zone, "A03-12")
    stall(now, merchant(now, unit, "Lê Văn Ba", phone="0907000001"), zone, "A31-02")
    account(now, sells, "0011001234567")

    def found(query: str, by: Actor = LAN) -> list[str]:
        ids = merchant_ids(by, MerchantFilter(q=query))
        return sorted(db.session.scalars(select(Merchant.holder_name).where(Merchant.id.in_(ids))))

    named = [sells.holder_name]
    for query in ("A3-12", "A0312", "a3 12", "quầy A03-12", "a03-12", "84912345678", "+84 912 345 678", "0912.345.678"):
        assert found(query) == named, query
    for query in ("H'Ba Nie", "niê čŭ", "hʼƀă", "0011001234567", "0011 0012 34567", "234567"):
        assert found(query) == named, query
    assert found("0011001234567", DUNG) == []


def test_points_off_the_plan_are_printed_in_walking_order(unit: Unit, zone: Zone, now: datetime) -> None:
    for code in ("A-10", "B-1", "A-2", "A-01", "1-12", "1-2", "Dãy A-3"):
        stall(now, merchant(now, unit, f"Lê Thị {code}"), zone, code)
    _, missing = printable(PointFilter(zone_ids=[zone.id]), now)
    walked = ["1-2", "1-12", "A-01", "A-2", "DÃY A-3", "A-10", "B-1"]
    assert [each.point_code for each in missing] == walked
    lines = merchant_lines(merchant_ids(LAN, MerchantFilter(sort="stall")))
    assert [line.stalls[0] for line in lines] == walked
