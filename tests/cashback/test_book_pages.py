"""Every figure of the books opens to the entries it is made of; together the accounts come to nothing."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.actors import APPROVER, COORDINATOR, PROVIDER, Scope
from app.audit.models import AuditEvent
from app.cashback.payouts.models import LedgerEntry, PayoutBatch
from app.cashback.payouts.queries import balance_of
from app.db import db
from app.places.models import Unit
from app.vn.dates import to_local
from tests.cashback.test_payouts import AUGUST, changed, paid_out, payout_csv, post, run_of
from tests.registry.scene import commune
from tests.registry.test_pages import page
from tests.registry.test_pages import post as send

As = Callable[..., FlaskClient]
SUM = re.compile(r"ledger-sum.*?</p>", re.DOTALL)


@pytest.fixture
def unit(app: Flask, now: datetime, tmp_path: Path) -> Unit:
    """A commune whose August was paid, of which a payment was taken back afterwards."""
    found = commune(now)
    post(now, found, run_of(tmp_path, AUGUST))
    paid_out(now, found)
    post(now, found, run_of(tmp_path, changed(AUGUST, "T1", 0, "reversed")))
    return found


def figure(browser: FlaskClient, asked: str) -> tuple[int, int]:
    found = SUM.search(browser.get(f"/desk/payouts/ledger?{asked}").text)
    assert found
    count, total = (int(part.replace(".", "")) for part in re.findall(r'num">[-−]?([0-9.]+)', found[0]))
    return count, total


def listed(browser: FlaskClient, asked: str) -> list[dict[str, str]]:
    text = browser.get(f"/desk/payouts/ledger.csv?{asked}").text.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text)))


def test_files_say_the_time_of_vietnam_as_the_page_does(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    posted = db.session.scalars(select(LedgerEntry.posted_at).order_by(LedgerEntry.posted_at).limit(1)).one()
    assert {row["Ghi lúc"] for row in listed(browser, "posting=1")} == {f"{to_local(posted):%Y-%m-%d %H:%M:%S}"}
    book = load_workbook(io.BytesIO(browser.get("/desk/payouts/ledger.xlsx?posting=1").data)).active
    first = [cell.value for cell in next(book.iter_rows(min_row=2))]
    assert first[0] == to_local(posted).replace(tzinfo=None, microsecond=0)
    assert isinstance(first[5], datetime)  # a day that a spreadsheet sorts and shows the way its owner is used to


def test_each_figure_is_the_sum_of_what_it_opens_to(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    home = page(browser, "/desk/payouts")
    balance = balance_of(unit.id)
    expected = {
        "accrued": balance.accrued_vnd,
        "payable": balance.payable_vnd,
        "paid": balance.paid_vnd,
        "disputed": balance.disputed_vnd,
    }
    assert expected["paid"] == 15_000
    assert expected["payable"] == -5_000, "paid before it was taken back"
    for name, vnd in expected.items():
        assert f'href="/desk/payouts/ledger?unit={unit.id}&amp;of={name}"' in home
        rows = listed(browser, f"of={name}")
        assert sum(int(row["Số tiền"]) for row in rows) == vnd, name
        assert figure(browser, f"of={name}") == (len(rows), abs(vnd)), name


def test_the_accounts_come_to_nothing_together(as_role: As, unit: Unit) -> None:
    accounts: Counter[str] = Counter()
    for row in listed(as_role(COORDINATOR), ""):
        amount = abs(int(row["Số tiền"]))
        accounts[row["Tài khoản ghi nợ"]] -= amount
        accounts[row["Tài khoản ghi có"]] += amount
    assert len(accounts) > 2
    assert sum(accounts.values()) == 0


def test_entries_are_found_by_person_payment_month_and_run(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    assert {row["Người nhận"] for row in listed(browser, "q=0912 345 678")} == {"0912345678"}
    assert [row["Khoản"] for row in listed(browser, "q=T1")] == ["Được thưởng", "Giao dịch bị lấy lại"]
    assert listed(browser, "month=2023-09") == []
    assert len(listed(browser, "month=2023-08&of=accrued")) == 4
    (second,) = {row["Lần ghi sổ"] for row in listed(browser, "q=T1")[1:]}
    assert [row["Mã giao dịch"] for row in listed(browser, f"posting={second}")] == ["T1"]
    shown = page(browser, "/desk/payouts/ledger?q=T1")
    assert "Giao dịch bị lấy lại" in shown
    assert "−5.000" in shown
    for odd in ("of=x", "month=2023-13", "month=%27", "posting=-1", "posting=99999999999999999999", "page=0"):
        assert browser.get(f"/desk/payouts/ledger?{odd}").status_code == 200, odd


def test_the_workbook_holds_the_same_and_a_formula_stays_text(
    as_role: As, app: Flask, now: datetime, tmp_path: Path
) -> None:
    found = commune(now)
    odd = [(*row[:2], "=1+1", *row[3:]) if at == 0 else row for at, row in enumerate(AUGUST)]
    post(now, found, run_of(tmp_path, odd))
    browser = as_role(COORDINATOR)
    sheet = load_workbook(io.BytesIO(browser.get("/desk/payouts/ledger.xlsx").data)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) - 1 == len(listed(browser, ""))
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_what_is_taken_out_is_written_down(as_role: As, unit: Unit) -> None:
    listed(as_role(COORDINATOR), "q=T1")
    query = select(AuditEvent).where(AuditEvent.action == "ledger.export")
    (event,) = db.session.scalars(query)
    assert (event.subject_id, event.after) == (str(unit.id), {"format": "csv", "q": "T1"})


def test_a_payouts_tiles_open_to_those_paid(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    batch = db.session.scalars(select(PayoutBatch)).one()
    address = f"/desk/payouts/{batch.id}"
    assert f'href="{address}?role=customer"' in page(browser, address)
    assert "Không thấy người nhận này" in page(browser, f"{address}?role=fund")
    assert "0912\xa0345\xa0678" in page(browser, f"{address}?role=customer")


def test_a_dispute_is_what_reconciling_left(as_role: As, unit: Unit) -> None:
    provider, batch = as_role(PROVIDER), db.session.scalars(select(PayoutBatch)).one()
    data = payout_csv(("T1", "0912345678", 5000), ("T2", "0912345678", 4000), ("T4", "0987654321", 5000))
    send(provider, f"/desk/payouts/{batch.id}/reconcile", file=(io.BytesIO(data), "chi-tra.csv"))
    db.session.expire_all()
    assert balance_of(unit.id).disputed_vnd == 1_000
    assert figure(provider, "of=disputed")[1] == 1_000


def test_another_communes_books_are_not_there(as_role: As, unit: Unit, now: datetime) -> None:
    there = as_role(APPROVER, scope=Scope("unit", commune(now, "98002", "Nơi Khác").id))
    for kind in ("", ".csv", ".xlsx"):
        assert there.get(f"/desk/payouts/ledger{kind}?unit={unit.id}").status_code == 404
    assert listed(there, "") == []
