"""The worklist over time: noted once, closed by itself with the act that ended it, given to people, put aside."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import event, select, update

from app.actors import COORDINATOR, TEAM_LEAD, VOLUNTEER, Scope
from app.audit.models import AuditEvent
from app.db import db, unit_of_work
from app.places.models import Unit
from app.registry.actions.accounts import approve_account
from app.registry.actions.consents import give_consent
from app.registry.actions.issues import snooze_issue, sweep_if_due, sweep_issues
from app.registry.actions.merchants import change_merchant
from app.registry.actions.milestones import record_milestone
from app.registry.actions.showing import show_personal
from app.registry.models import IssueRecord, IssueSweep, Merchant
from app.registry.queries.worklist import WorkFilter, work_counts, work_page
from app.registry.rules.entries import NewConsent, NewMerchant
from app.web.paging import Cut
from tests.registry.scene import BINH, LAN, account, commune, market, merchant, stall

AsRole = Callable[..., Any]
CONSENT = NewConsent("register", "paper", "2026-11")


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


@pytest.fixture
def shop(unit: Unit, now: datetime) -> Merchant:
    found = merchant(now, unit, "Lê Thị Mẫu")
    stall(now, found, market(now, unit))
    return found


def swept(now: datetime) -> tuple[int, int]:
    with unit_of_work():
        found = sweep_issues(now)
    return found.opened, found.closed


def records() -> list[IssueRecord]:
    db.session.expire_all()
    return list(db.session.scalars(select(IssueRecord).order_by(IssueRecord.id)))


def test_a_trouble_is_noted_once_and_closed_with_what_ended_it(shop: Merchant, now: datetime) -> None:
    assert swept(now) == (1, 0)
    later, mended = now + timedelta(hours=1), now + timedelta(hours=2)
    assert swept(later) == (0, 0), "still the same one"
    with unit_of_work():
        show_personal(LAN, later, shop, "phone")
        change_merchant(BINH, mended, shop, NewMerchant(holder_name="Lê Thị Mẫu", phone="0987654321"), shop.version)
    with unit_of_work():
        show_personal(LAN, mended, shop, "phone")  # a look ends nothing
    assert swept(now + timedelta(days=1)) == (0, 1)
    (row,) = records()
    assert (row.kind, row.found_at, row.closed_at) == ("no_phone", now, mended)
    assert (row.closed_how, row.closed_by) == ("merchant.change", BINH.name)
    told = db.session.get_one(AuditEvent, row.closed_event_id)
    assert told.action == "merchant.change"


def test_the_same_trouble_again_is_another_one(shop: Merchant, now: datetime) -> None:
    swept(now)
    for day, phone in ((1, "0987654321"), (2, "")):
        with unit_of_work():
            entry = NewMerchant(holder_name="Lê Thị Mẫu", phone=phone)
            change_merchant(LAN, now + timedelta(days=day), shop, entry, shop.version)
        swept(now + timedelta(days=day))
    assert [row.closed_at is None for row in records()] == [False, True]


def test_an_act_on_the_account_or_the_point_counts_too(shop: Merchant, now: datetime) -> None:
    with unit_of_work():
        give_consent(LAN, now, shop, CONSENT)
    proposal = account(now, shop)
    swept(now + timedelta(days=4))
    assert {row.kind for row in records() if row.closed_at is None} == {"no_phone", "account_waits"}
    approved = now + timedelta(days=5)
    with unit_of_work():
        approve_account(BINH, approved, proposal.id)
    swept(approved)
    (row,) = [row for row in records() if row.closed_at is not None]
    assert (row.kind, row.closed_by, row.closed_at) == ("account_waits", BINH.name, approved)


def test_what_time_ends_has_no_act(shop: Merchant, now: datetime) -> None:
    with unit_of_work():
        give_consent(
            LAN, now - timedelta(days=1), shop, NewConsent("provider", "paper", "2026-11", expires_on=date(2026, 12, 1))
        )
    swept(now)
    over = now + timedelta(days=40)
    assert swept(over) == (0, 1)
    (row,) = [row for row in records() if row.kind == "consent_ends"]
    assert (row.closed_how, row.closed_at) == ("", over)


def test_it_is_looked_through_again_only_after_a_rest(shop: Merchant, now: datetime) -> None:
    with unit_of_work():
        assert sweep_if_due(now) is not None
        assert sweep_if_due(now) is None
        db.session.execute(update(IssueSweep).values(next_at=now + timedelta(minutes=5)))
        assert sweep_if_due(now + timedelta(minutes=4)) is None
        assert sweep_if_due(now + timedelta(minutes=5)) is not None


def test_the_worst_and_oldest_stand_first_and_those_put_aside_come_back(
    shop: Merchant, unit: Unit, now: datetime
) -> None:
    swept(now)
    other = merchant(now, unit, "Trần Thị Sau", phone="0912345678")
    with unit_of_work():
        record_milestone(LAN, now, other, "surveyed", now)
    swept(now + timedelta(hours=1))
    cut, at = Cut(), now + timedelta(hours=1)
    kinds = [line.row.kind for line in work_page(LAN, WorkFilter(), at, cut).items]
    assert kinds == ["no_consent", "no_phone", "no_place"]
    assert list(work_counts(LAN, WorkFilter(kinds=("no_phone",)), at)) == kinds
    with unit_of_work():
        snooze_issue(LAN, now, records()[0], 7, "Đi vắng")
    assert [line.row.kind for line in work_page(LAN, WorkFilter(), at, cut).items] == ["no_consent", "no_place"]
    assert work_page(LAN, WorkFilter("snoozed"), at, cut).total == 1
    assert work_page(LAN, WorkFilter(), now + timedelta(days=7), cut).total == 3, "on that day it is back"


def post(browser: Any, **fields: object) -> Any:
    db.session.rollback()
    return browser.post("/desk/issues", data={"csrf_token": browser.form_token(), **fields})


def test_work_is_taken_given_and_put_aside_on_the_page(as_role: AsRole, shop: Merchant) -> None:
    lead, helper = as_role(TEAM_LEAD), as_role(VOLUNTEER)
    assert "Chưa có số điện thoại" in lead.get("/desk/issues").get_data(as_text=True)
    (row,) = records()
    post(lead, issue=row.id, act="give", person=helper.user.id)
    assert records()[0].assigned_to_id == helper.user.id
    assert "Chưa có số điện thoại" in helper.get("/desk/issues?who=me").get_data(as_text=True)
    assert "Không có việc nào khớp" in lead.get("/desk/issues?who=me").get_data(as_text=True)
    assert post(helper, issue=row.id, act="give", person=lead.user.id).status_code == 404, "a volunteer gives no orders"
    page = lead.get(post(lead, issue=row.id, act="snooze", days="7").location).get_data(as_text=True)
    assert "Chưa ghi vì sao gác lại" in page
    post(lead, issue=row.id, act="snooze", days="7", reason="Chủ hộ đi vắng")
    assert "Chủ hộ đi vắng" in lead.get("/desk/issues?show=snoozed").get_data(as_text=True)
    post(lead, issue=row.id, act="wake")
    post(helper, issue=row.id, act="take")
    post(helper, issue=row.id, act="drop")
    assert (records()[0].snoozed_until, records()[0].assigned_to_id) == (None, None)
    for nonsense in ({"act": "take"}, {"issue": "x", "act": "take"}):
        assert post(lead, **nonsense).status_code == 302
    assert post(lead, issue=row.id, act="gì đó").status_code == 404
    assert post(lead, issue=row.id, act="snooze", days="99999", reason="x").status_code == 302
    assert records()[0].snoozed_until is None


def test_what_is_over_says_when_and_through_whom(as_role: AsRole, shop: Merchant, now: datetime) -> None:
    browser = as_role(COORDINATOR)
    browser.get("/desk/issues")
    form = {"csrf_token": browser.form_token(), "version": "1", "kind": "household", "holder_name": "Lê Thị Mẫu"}
    db.session.rollback()
    browser.post(f"/desk/merchants/{shop.code}/edit", data={**form, "phone": "0987654321"})
    with unit_of_work():
        db.session.execute(update(IssueSweep).values(next_at=None))
    assert "Không còn việc nào" in browser.get("/desk/issues").get_data(as_text=True)
    page = browser.get("/desk/issues?show=closed").get_data(as_text=True)
    assert "Chưa có số điện thoại" in page
    assert browser.user.full_name in page
    db.session.rollback()
    assert (
        browser.post(
            "/desk/issues", data={"csrf_token": form["csrf_token"], "issue": records()[0].id, "act": "take"}
        ).status_code
        == 302
    )
    assert records()[0].assigned_to_id is None, "what is over is nobody's any more"


def test_the_worklist_goes_out_as_a_table_with_who_took_it(as_role: AsRole, shop: Merchant, now: datetime) -> None:
    swept(now)
    browser = as_role(COORDINATOR)
    answer = browser.get("/desk/issues/export.xlsx?kind=no_phone")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    (row,) = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert row[:2] == (shop.code, "Lê Thị Mẫu")
    assert row[4] == "Chưa có số điện thoại"
    assert browser.user.full_name in {cell.value for line in book.worksheets[1] for cell in line}
    assert db.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "issue.export")).all()
    assert as_role(VOLUNTEER).get("/desk/issues/export.xlsx").status_code == 403


def test_another_communes_work_is_not_there(as_role: AsRole, shop: Merchant, now: datetime) -> None:
    swept(now)
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Xa Thử").id))
    assert "Lê Thị Mẫu" not in stranger.get("/desk/issues").get_data(as_text=True)
    assert post(stranger, issue=records()[0].id, act="take").status_code == 404


def test_the_page_costs_the_same_whatever_its_length(app: Flask, as_role: AsRole, unit: Unit, now: datetime) -> None:
    browser, counts = as_role(COORDINATOR), []
    for start, end in ((0, 2), (2, 30)):
        for number in range(start, end):
            merchant(now, unit, f"Lê Thị Mẫu {number}")
        browser.get("/desk/issues")
        with unit_of_work():
            db.session.execute(update(IssueSweep).values(next_at=now.replace(year=2100)))
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args, kept=seen: kept.append(args[2]))
        browser.get("/desk/issues?per_page=100")
        counts.append(len(seen))
        with unit_of_work():
            db.session.execute(update(IssueSweep).values(next_at=None))
    assert counts[0] == counts[1]


def test_rows_kind_by_kind_are_the_rows_at_once(unit: Unit, now: datetime) -> None:
    """With the counts at hand only the kinds on a page are read: every page must be what one order of all gives."""
    for number in range(7):
        shop = merchant(now, unit, f"Lê Thị Mẫu {number}", **({"phone": "0987654321"} if number % 3 else {}))
        if number % 2:
            with unit_of_work():
                record_milestone(LAN, now, shop, "surveyed", now)
    with unit_of_work():
        sweep_issues(now)
    for wanted in (WorkFilter(), WorkFilter(kinds=("no_phone", "no_place")), WorkFilter(grave=True)):
        counts = work_counts(LAN, wanted, now)
        for number in range(1, 9):
            cut = Cut(number, 2)
            at_once, by_kind = work_page(LAN, wanted, now, cut), work_page(LAN, wanted, now, cut, counts)
            assert [each.row.id for each in by_kind.items] == [each.row.id for each in at_once.items]
            assert by_kind.total == at_once.total


def test_a_large_registry_is_looked_through_after_the_page(as_role: AsRole, unit: Unit, now: datetime) -> None:
    """Nobody waits for a long look: the page goes out as it is known, the next one knows."""
    browser = as_role(COORDINATOR)
    browser.get("/desk/issues?view=all")
    sweep = db.session.get_one(IssueSweep, 1)
    sweep.swept_at, sweep.next_at = now - timedelta(minutes=2), now - timedelta(minutes=1)
    db.session.commit()
    shop = merchant(now, unit, "Lê Thị Mới")
    with browser.get("/desk/issues?view=all") as answer:
        assert shop.holder_name not in answer.text
    assert {row.kind for row in db.session.scalars(select(IssueRecord))} == {"no_phone", "no_place"}
    assert shop.holder_name in browser.get("/desk/issues?view=all").text
