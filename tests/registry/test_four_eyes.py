"""An account's way to paper, on both databases."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.actors import COMMAND_LINE, COORDINATOR, SYSTEM
from app.approval.actions import FourEyesError
from app.audit.queries import chain_break, history_of
from app.db import db, unit_of_work
from app.errors import ConflictError, ForbiddenError, RefusedError
from app.places.models import Unit, Zone
from app.qr import vietqr
from app.registry.actions.accounts import (
    adopt_provider_qr,
    approve_account,
    refuse_account,
    withdraw_account,
)
from app.registry.actions.code_approval import approve_code, refuse_code
from app.registry.actions.merging import merge_merchants, undo_merge
from app.registry.actions.points import hand_over, vacate_point
from app.registry.models import Merchant, Point, QrAsset
from app.registry.queries.printable import PointFilter, PrintableRow, printable
from app.vn.dates import local_date
from tests.registry.scene import (
    BINH,
    CUC,
    DUNG,
    LAN,
    MB,
    account,
    commune,
    market,
    merchant,
    someone,
    stall,
)

DAY = timedelta(hours=24)


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def zone(unit: Unit, now: datetime) -> Zone:
    return market(now, unit)


@pytest.fixture
def shop(unit: Unit, now: datetime) -> Merchant:
    return merchant(now, unit, "Nguyễn Thị Mẫu", shop_name="Bún riêu cô Mẫu")


@pytest.fixture
def point(shop: Merchant, zone: Zone, now: datetime) -> Point:
    return stall(now, shop, zone)


def on_paper(now: datetime) -> list[PrintableRow]:
    return printable(PointFilter(), now)[0]


def reasons(now: datetime) -> list[str]:
    return [each.reason for each in printable(PointFilter(), now)[1]]


def test_a_first_account_is_printable_once_another_person_approves(shop: Merchant, point: Point, now: datetime) -> None:
    assert reasons(now) == ["Chưa có tài khoản."]
    proposal = account(now, shop)
    assert on_paper(now) == []
    assert reasons(now) == ["Tài khoản chưa được duyệt."]
    with unit_of_work():
        approve_account(BINH, now, proposal.id)
    (row,) = on_paper(now)
    assert row.payload == (
        b"00020101021138570010A00000072701270006970436011300110012345670208QRIBFTTA53037045802VN6304E8DB"
    )
    assert (row.point_code, row.zone, row.shop_name) == ("A01-06", "Chợ Thử", "Bún riêu cô Mẫu")
    assert (row.bank_name, row.account_number, row.stage) == ("Vietcombank", "0011001234567", "qr_issued")


def test_proposer_same_session_and_volunteer_may_not_approve(shop: Merchant, point: Point, now: datetime) -> None:
    proposal = account(now, shop)
    for actor in (LAN, someone(9, COORDINATOR, session=LAN.session), DUNG, COMMAND_LINE, SYSTEM):
        with pytest.raises(ForbiddenError), unit_of_work():
            approve_account(actor, now, proposal.id)
    assert on_paper(now) == []


def test_a_changed_account_rests_a_day_while_the_old_one_holds(shop: Merchant, point: Point, now: datetime) -> None:
    with unit_of_work():
        approve_account(BINH, now, account(now, shop, "1111111111").id)
    later = now + timedelta(days=30)
    with unit_of_work():
        approve_account(BINH, later, account(later, shop, "2222222222", bank_bin=MB).id)
    assert [row.account_number for row in on_paper(later)] == ["1111111111"]
    assert [row.account_number for row in on_paper(later + DAY - timedelta(seconds=1))] == ["1111111111"]
    assert [row.account_number for row in on_paper(later + DAY)] == ["2222222222"]


def test_a_third_change_during_the_rest_leaves_the_first_in_use(shop: Merchant, point: Point, now: datetime) -> None:
    for hour, number in enumerate(("1111111111", "2222222222", "3333333333")):
        moment = now + timedelta(hours=hour)
        with unit_of_work():
            approve_account(BINH, moment, account(moment, shop, number).id)
    assert [row.account_number for row in on_paper(now + timedelta(hours=3))] == ["1111111111"]
    assert [row.account_number for row in on_paper(now + timedelta(hours=2) + DAY)] == ["3333333333"]


def test_what_nobody_signed_in_to_propose_needs_two_people(shop: Merchant, point: Point, now: datetime) -> None:
    proposal = account(now, shop, by=COMMAND_LINE)
    with unit_of_work():
        assert approve_account(BINH, now, proposal.id).state == "proposed"
    assert on_paper(now) == []
    with pytest.raises(FourEyesError), unit_of_work():
        approve_account(BINH, now, proposal.id)
    with unit_of_work():
        assert approve_account(CUC, now, proposal.id).state == "approved"
    assert len(on_paper(now)) == 1


def test_a_decision_is_final(shop: Merchant, point: Point, now: datetime) -> None:
    refused = account(now, shop)
    with pytest.raises(RefusedError), unit_of_work():
        refuse_account(BINH, now, refused.id, " ")
    with unit_of_work():
        refuse_account(BINH, now, refused.id, "Sai tên chủ tài khoản")
    with pytest.raises(ConflictError), unit_of_work():
        approve_account(CUC, now, refused.id)
    withdrawn = account(now, shop)
    with pytest.raises(ForbiddenError), unit_of_work():
        withdraw_account(BINH, now, withdrawn.id)
    with unit_of_work():
        withdraw_account(LAN, now, withdrawn.id)
    with pytest.raises(ConflictError), unit_of_work():
        approve_account(CUC, now, withdrawn.id)
    assert on_paper(now) == []


def test_the_same_account_is_not_proposed_twice(shop: Merchant, now: datetime) -> None:
    account(now, shop)
    with pytest.raises(ConflictError, match="đã có"):
        account(now, shop, "0011 0012 34567")


def test_a_stall_that_changes_hands_needs_a_second_person(
    shop: Merchant, point: Point, unit: Unit, zone: Zone, now: datetime
) -> None:
    with unit_of_work():
        approve_account(BINH, now, account(now, shop, "1111111111").id)
    newcomer = merchant(now, unit, "Trần Văn Thử")
    stall(now, newcomer, zone, "B02")
    with unit_of_work():
        approve_account(BINH, now, account(now, newcomer, "2222222222").id)
    with unit_of_work():
        hand_over(LAN, now, point, newcomer, local_date(now))
    assert [(row.point_code, row.account_number) for row in on_paper(now + 2 * DAY)] == [("B02", "2222222222")]
    waiting = db.session.scalars(select(QrAsset).where(QrAsset.state == "proposed")).one()
    with pytest.raises(FourEyesError), unit_of_work():
        approve_code(LAN, now, waiting.id)
    with unit_of_work():
        approve_code(BINH, now, waiting.id)
    assert len(on_paper(now)) == 1
    assert [row.point_code for row in on_paper(now + DAY)] == ["A01-06", "B02"]


def test_a_code_that_never_hung_opens_no_way(
    shop: Merchant, point: Point, unit: Unit, zone: Zone, now: datetime
) -> None:
    """Merging and taking it back leaves an ended proposal at the stall: no reason to hand the stall over unseen."""
    other = merchant(now, unit, "Trần Văn Thử")
    stall(now, other, zone, "B02")
    with unit_of_work():
        approve_account(BINH, now, account(now, shop, "1111111111").id)
        approve_account(BINH, now, account(now, other, "2222222222").id)
    with unit_of_work():
        merge = merge_merchants(LAN, now, other, shop)
    with unit_of_work():
        undo_merge(LAN, now, merge.id)
    with unit_of_work():
        hand_over(LAN, now, point, other, local_date(now))
    assert [row.point_code for row in on_paper(now + 2 * DAY)] == ["B02"]


def test_a_code_at_a_stall_may_be_refused(shop: Merchant, point: Point, unit: Unit, now: datetime) -> None:
    with unit_of_work():
        approve_account(BINH, now, account(now, shop, "1111111111").id)
    newcomer = merchant(now, unit, "Trần Văn Thử")
    with unit_of_work():
        approve_account(BINH, now, account(now, newcomer, "2222222222").id)
        hand_over(LAN, now, point, newcomer, local_date(now))
    waiting = db.session.scalars(select(QrAsset).where(QrAsset.state == "proposed")).one()
    with unit_of_work():
        refuse_code(BINH, now, waiting.id, "Chưa rõ ai bán")
    with pytest.raises(ConflictError), unit_of_work():
        approve_code(CUC, now, waiting.id)
    assert on_paper(now + 2 * DAY) == []


def test_an_empty_stall_carries_no_code(shop: Merchant, point: Point, now: datetime) -> None:
    with unit_of_work():
        approve_account(BINH, now, account(now, shop).id)
        vacate_point(LAN, now, point, local_date(now), "Nghỉ bán")
    assert on_paper(now) == []


def test_a_providers_code_goes_to_paper_byte_for_byte_after_approval(
    shop: Merchant, point: Point, now: datetime
) -> None:
    issued = vietqr("970422", "99VTL0987654321", name="CO MAU", city="THANH HOA").encode()
    with pytest.raises(RefusedError), unit_of_work():
        adopt_provider_qr(LAN, now, shop, issued.replace(b"MAU", b"HAU"), "viettel")
    with unit_of_work():
        proposal = adopt_provider_qr(LAN, now, shop, issued, "viettel")
    assert on_paper(now) == []
    with unit_of_work():
        approve_account(BINH, now, proposal.id)
    assert [row.payload for row in on_paper(now)] == [issued]


def test_the_database_itself_refuses_an_account_approved_by_its_proposer(shop: Merchant, now: datetime) -> None:
    proposal = account(now, shop)
    with pytest.raises(IntegrityError), unit_of_work():
        db.session.execute(
            text("UPDATE payment_account SET state='approved', decided_by_id=1, decided_at=:now, print_from=:now"),
            {"now": now.replace(tzinfo=None)},
        )
    assert proposal.id


def test_every_step_is_in_the_unbroken_chain(shop: Merchant, point: Point, now: datetime) -> None:
    proposal = account(now, shop)
    with unit_of_work():
        approve_account(BINH, now, proposal.id)
    actions = [event.action for event in history_of("payment_account", proposal.id)]
    assert actions == ["account.propose", "account.approve", "account.approved"]
    assert "0011001234567" not in str([event.after for event in history_of("payment_account", proposal.id)])
    assert chain_break()[1] is None
