"""The commune's fund shared among hamlets and branches: by lists, by the registry, and what nobody knows as such."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR, Scope
from app.cashback.evaluation import Task, evaluate
from app.cashback.payouts.models import PayoutBatch, SubscriberHome
from app.cashback.queries import shipped
from app.db import db, unit_of_work
from app.places.actions import create_hamlet
from app.places.models import Unit
from app.settings import Settings
from tests.cashback.test_pages import HEADING
from tests.cashback.test_pages import post as send
from tests.cashback.test_payouts import Decisions, drafted, paid_out, post, run_of
from tests.registry.scene import LAN, commune, merchant

As = Callable[..., FlaskClient]
PEOPLE = [f"090000000{at}" for at in range(1, 6)]


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def fund_run(folder: Path) -> Decisions:
    """Five subscribers, each of whom earned the fund its 10,000."""
    report, subscribers = folder / "r.csv", folder / "s.csv"
    lines = [f"T{who},2023-08-02T09:00:00,electricity,50000,{who},,,,,success," for who in PEOPLE]
    report.write_text("\n".join([HEADING, *lines, ""]), encoding="utf-8")
    subscribers.write_text("\n".join(["customer,installed_on", *(f"{who},2023-08-01" for who in PEOPLE)]), "utf-8")
    policy = next(each.policy for each in shipped() if each.policy.policy_id == "spread-fund")
    evaluate(Task((policy,), (report,), None, subscribers), folder / "out")
    file = folder / "out" / "decisions.parquet"
    return Decisions(file, "spread-fund")


def homes(*rows: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO("\n".join(["Thuê bao,Thôn,Chi đoàn", *rows, ""]).encode()), "thue-bao.csv"


def test_the_fund_by_hamlet_and_branch(
    as_role: As, unit: Unit, now: datetime, tmp_path: Path, settings: Settings
) -> None:
    with unit_of_work():
        hamlet = create_hamlet(unit, "01", "Đông", LAN, now)
    merchant(now, hamlet, phone="0900000005")
    post(now, unit, fund_run(tmp_path))
    batch = drafted(now, unit)
    browser = as_role(COORDINATOR)
    page = f"/desk/payouts/{batch.id}/fund"
    before = browser.get(page).text
    assert "Chưa rõ thôn" in before
    assert "Đông" in before, "a merchant's own number has a hamlet in the registry"
    list_file = homes("+84 900 000 001,Đông,Chi đoàn Đông", "0900000002,Đông,Chi đoàn Đông", "0900000003,Tây,")
    assert "3 thuê bao" in send(browser, "/desk/payouts/homes", unit=unit.id, batch=batch.id, file=list_file).text
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{page}.xlsx").data))
    assert [[cell.value for cell in row] for row in book["Theo thôn, chi đoàn (bản thảo)"].iter_rows(min_row=2)] == [
        ["Đông", "Chi đoàn Đông", 2, 20_000],
        ["Đông", "Chưa rõ chi đoàn", 1, 10_000],
        ["Tây", "Chưa rõ chi đoàn", 1, 10_000],
        ["Chưa rõ thôn", "Chưa rõ chi đoàn", 1, 10_000],
        ["Tổng cộng", None, 5, 50_000],
        ["BẢN THẢO, CHƯA DUYỆT", None, None, None],
    ]
    with pypdfium2.PdfDocument(browser.get(f"{page}.pdf").data) as pdf:
        words = " ".join(pdf[0].get_textpage().get_text_range().split())
    assert "Năm mươi nghìn đồng" in words
    assert "BẢN THẢO, CHƯA DUYỆT" in words
    assert "chưa rõ thôn (10.000" in words
    assert batch.total_vnd == 50_000
    assert f'href="{page}"' in browser.get(f"/desk/payouts/{batch.id}").text


def test_the_latest_list_is_right(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    for hamlet in ("Đông", "Tây"):
        send(browser, "/desk/payouts/homes", unit=unit.id, file=homes(f"0900000001,{hamlet},"))
    assert [row.hamlet for row in db.session.scalars(db.select(SubscriberHome))] == ["Tây"]
    without = (io.BytesIO(b"customer,installed_on\n0900000001,2023-08-01\n"), "s.csv")
    assert "không có cột thôn" in send(browser, "/desk/payouts/homes", unit=unit.id, file=without).text
    assert "Chưa chọn tệp" in send(browser, "/desk/payouts/homes", unit=unit.id).text


def test_decisions_that_name_no_subscriber_are_unknown(as_role: As, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, [("T1", "2023-08-02", "0900000001", 5000, "granted")]))
    batch = drafted(now, unit)
    assert "không có khoản nào của quỹ" in as_role(COORDINATOR).get(f"/desk/payouts/{batch.id}/fund").text
    assert as_role(COORDINATOR).get(f"/desk/payouts/{batch.id}/fund.pdf").status_code == 404
    assert as_role(COORDINATOR).get(f"/desk/payouts/{batch.id}/fund.exe").status_code == 404


def test_another_communes_fund_does_not_exist(
    as_role: As, unit: Unit, now: datetime, tmp_path: Path, settings: Settings
) -> None:
    post(now, unit, fund_run(tmp_path))
    batch = drafted(now, unit)
    stranger = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Hai").id))
    assert stranger.get(f"/desk/payouts/{batch.id}/fund").status_code == 404
    assert send(stranger, "/desk/payouts/homes", unit=unit.id, file=homes("1,a,b")).status_code == 404


def test_a_new_version_leaves_the_days_of_the_old_one_alone(unit: Unit, now: datetime, tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
    rows = [("T1", "2023-08-02", "A", 5000, "granted"), ("T2", "2023-08-20", "A", 5000, "granted")]
    assert post(now, unit, run_of(first, rows[:1], version=1)) == 1
    later = [("T1", "2023-08-02", "A", 0, "outside_dates"), rows[1]]
    assert post(now, unit, run_of(second, later, version=2)) == 1, "the second half of August, and nothing taken back"
    assert paid_out(now, unit).total_vnd == 10_000
    same = tmp_path / "3"
    same.mkdir()
    assert post(now, unit, run_of(same, [later[0], ("T2", "2023-08-20", "A", 0, "outside_dates")], version=2)) == 1
    assert db.session.scalars(db.select(PayoutBatch)).one().total_vnd == 10_000, "a paid month is never rewritten"
