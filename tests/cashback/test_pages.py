"""From a report on the page to a payment explained, on both databases."""

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.actors import ADMIN, APPROVER, COORDINATOR, PROVIDER, Scope
from app.cashback.models import CashbackRun, PolicyVersion
from app.cashback.queries import shipped
from app.db import db
from app.settings import Settings
from app.transactions.models import Report
from tests.cashback.reports import COLUMNS
from tests.registry.scene import commune

Signed = Callable[..., FlaskClient]
HEADING = ",".join(COLUMNS)


def payment(number: int, day: int, customer: str = "0900000001", amount: str = "20000") -> str:
    return f"T{number},2023-08-{day:02d}T09:00:00,qr_payment,{amount},{customer},M1,bank,app,,success,"


REPORT = "\n".join(
    [HEADING, *(payment(day, day) for day in range(1, 8)), payment(90, 1), payment(91, 9, amount="20.000")]
)


def post(browser: FlaskClient, address: str, **fields: object) -> TestResponse:
    token = browser.form_token()  # type: ignore[attr-defined]
    return browser.post(address, data={"csrf_token": token, **fields}, follow_redirects=True)


def send(browser: FlaskClient, text: str, name: str = "bao-cao.csv", profile: str = "canonical") -> str:
    file = (io.BytesIO(text.encode()), name)
    return post(browser, "/desk/reports", file=file, profile=profile).text


def points_file() -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"merchant\nM1\n"), "diem.csv"


def adopted(author: FlaskClient, approver: FlaskClient) -> PolicyVersion:
    document = next(each.document for each in shipped() if each.policy.policy_id == "qr-experience-point")
    post(author, "/desk/cashback/policies/new", document=document, do="keep")
    version: PolicyVersion = db.session.scalars(db.select(PolicyVersion).order_by(PolicyVersion.id.desc())).all()[0]
    post(approver, f"/desk/cashback/policies/{version.id}/approve")
    db.session.expire_all()
    return version


def test_a_report_is_received_once_and_its_bad_lines_are_shown(app: Flask, as_role: Signed) -> None:
    browser = as_role(COORDINATOR)
    page = send(browser, REPORT)
    assert "20.000” không đúng" in page
    assert "Đã nhận báo cáo" in page
    assert "đã nhận từ trước" in send(browser, REPORT)
    report = db.session.scalars(db.select(Report)).one()
    assert (report.line_count, report.refused_count, report.duplicate_count) == (9, 1, 0)
    assert (report.first_day, report.last_day) == (date(2023, 8, 1), date(2023, 8, 7))


def test_a_file_refused_whole_leaves_no_report(app: Flask, as_role: Signed) -> None:
    assert "thiếu cột" in send(as_role(COORDINATOR), "a,b\n1,2\n")
    assert db.session.scalars(db.select(Report)).all() == []


def test_conflicts_between_files_are_counted_and_end_with_undoing(
    app: Flask, as_role: Signed, settings: Settings
) -> None:
    browser = as_role(COORDINATOR)
    send(browser, REPORT)
    page = send(browser, f"{HEADING}\n{payment(1, 1, amount='30000')}\n", "hai.csv")
    assert "mâu thuẫn với báo cáo nhận trước" in page
    second = db.session.scalars(db.select(Report).where(Report.file_name == "hai.csv")).one()
    assert second.conflict_count == 1
    post(browser, f"/desk/reports/{second.id}/undo", reason="")
    assert db.session.get_one(Report, second.id, populate_existing=True).state == "received", "a reason is asked for"
    post(browser, f"/desk/reports/{second.id}/undo", reason="gửi nhầm")
    assert db.session.get_one(Report, second.id, populate_existing=True).state == "undone"
    kept = settings.evidence_dir / second.sha256[:2] / second.sha256
    assert kept.is_file(), "the file stays as evidence"


def test_a_report_with_vietnamese_headings_needs_its_profile(app: Flask, as_role: Signed) -> None:
    text = (
        "BÁO CÁO GIAO DỊCH,,,,\nMã giao dịch,Thời gian,Số tiền,Khách hàng,Mã điểm\n"
        "A1,01/08/2023 09:00:00,20.000,0900000001,M1\nA2,02/08/2023 09:00:00,25.000,09xxxxx123,M1\n"
        "Tổng cộng,,45.000,,\n"
    )
    browser = as_role(COORDINATOR)
    assert "thiếu cột" in send(browser, text)
    assert "bị che" in send(browser, text, profile="vietnamese-qr")
    told = send(browser, text.replace("45.000", "99.000"), profile="vietnamese-qr")
    assert "dòng tổng ghi 99.000\xa0₫" in told
    report = db.session.scalars(db.select(Report)).one()
    assert (report.line_count, report.refused_count, report.paid_vnd) == (2, 1, 20_000)


def test_policy_needs_four_eyes_then_decides_and_explains(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    send(author, REPORT)
    document = next(each.document for each in shipped() if each.policy.policy_id == "qr-experience-point")
    post(author, "/desk/cashback/policies/new", document=document, do="keep")
    version = db.session.scalars(db.select(PolicyVersion)).one()
    assert "không được tự duyệt" in post(author, f"/desk/cashback/policies/{version.id}/approve").text
    assert "được duyệt" in post(approver, f"/desk/cashback/policies/{version.id}/approve").text
    page = post(author, f"/desk/cashback/policies/{version.id}/run", points=points_file()).text
    assert "hết lượt trong tháng" in page
    run = db.session.scalars(db.select(CashbackRun)).one()
    assert (run.granted_count, run.paid_vnd) == (5 + 8, 13 * 5000)
    told = author.get("/desk/cashback/explain?q=0900 000 001").text
    assert "lần thứ 6 trong tháng, tối đa 5" in told
    assert "5/5 lượt, đã hết" in told
    assert 'href="/desk/cashback/explain?q=T6"' in told
    six = author.get("/desk/cashback/explain?q=T6").text
    before = 'tối đa 5: các lần trước là <a href="/desk/cashback/explain?q=T1">T1</a>'
    assert before in six
    assert "Khách hàng có lượt mới từ 01/09/2023." in six
    assert "Kế hoạch Long Thành 08/2023, mục II.8.3" in six
    one = approver.get("/desk/cashback/explain?q=T90").text
    assert "lần thứ 2 trong ngày, tối đa 1" in one
    assert "Khách hàng có lượt mới từ 02/08/2023." in one
    assert "Không thấy" in approver.get("/desk/cashback/explain?q=nobody").text


def test_a_wrong_policy_is_told_with_line_and_key(app: Flask, as_role: Signed) -> None:
    browser = as_role(ADMIN)
    page = post(browser, "/desk/cashback/policies/new", document="policy: x\nversion: 1\nrewardz: []\n", do="keep").text
    assert "dòng 3" in page
    assert "rewardz" in page
    assert db.session.scalars(db.select(PolicyVersion)).all() == []


def test_a_run_that_fails_leaves_nothing_behind(app: Flask, as_role: Signed, settings: Settings) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    version = adopted(author, approver)
    assert "Chưa có báo cáo" in post(author, f"/desk/cashback/policies/{version.id}/run").text
    send(author, REPORT)
    bad = (io.BytesIO(b"shop\nM1\n"), "diem.csv")
    assert "thiếu cột merchant" in post(author, f"/desk/cashback/policies/{version.id}/run", points=bad).text
    assert db.session.scalars(db.select(CashbackRun)).all() == []
    assert not list(Path(settings.facts_dir).rglob("decisions.parquet"))


@pytest.mark.parametrize(
    "address", ["/desk/reports", "/desk/cashback", "/desk/cashback/explain?q=x", "/desk/cashback/policies/new"]
)
def test_empty_pages_open(app: Flask, as_role: Signed, address: str) -> None:
    assert as_role(COORDINATOR).get(address).status_code == 200


def test_another_commune_sees_neither_reports_nor_runs(app: Flask, as_role: Signed, now: datetime) -> None:
    here, there = (Scope("unit", commune(now, code, name).id) for code, name in (("99001", "Một"), ("98002", "Hai")))
    author, stranger = as_role(COORDINATOR, scope=here), as_role(COORDINATOR, scope=there)
    send(author, REPORT)
    version = adopted(author, as_role(APPROVER))
    assert post(stranger, f"/desk/cashback/policies/{version.id}/run").status_code == 404
    post(author, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    report, run = db.session.scalars(db.select(Report)).one(), db.session.scalars(db.select(CashbackRun)).one()
    assert report.unit_id == run.unit_id == here.id
    addresses = [
        f"/desk/reports/{report.id}",
        f"/desk/reports/{report.id}/refused.csv",
        *(f"/desk/cashback/runs/{run.id}{part}" for part in ("", "/decisions.parquet", "/refused.csv")),
    ]
    for browser, status in ((author, 200), (as_role(PROVIDER), 200), (stranger, 404)):
        assert [browser.get(each).status_code for each in addresses] == [status] * len(addresses)
    assert post(stranger, f"/desk/reports/{report.id}/undo", reason="x").status_code == 404
    assert "bao-cao.csv" not in stranger.get("/desk/reports").text
    assert f"/desk/cashback/runs/{run.id}" not in stranger.get("/desk/cashback").text
    assert "5.000" in author.get("/desk/cashback/explain?q=T1").text
    assert "5.000" not in stranger.get("/desk/cashback/explain?q=T1").text
    assert "Một xã khác đã gửi" in send(stranger, REPORT)


def test_a_report_for_the_whole_system_is_everybodys(app: Flask, as_role: Signed, now: datetime) -> None:
    scope = Scope("unit", commune(now, "99001", "Một").id)
    commune(now, "98002", "Hai")
    send(as_role(PROVIDER), REPORT)
    report = db.session.scalars(db.select(Report)).one()
    assert report.unit_id is None
    assert as_role(COORDINATOR, scope=scope).get(f"/desk/reports/{report.id}").status_code == 200


def test_a_later_version_leaves_the_word_of_the_earlier_one_about_its_days(app: Flask, as_role: Signed) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    send(author, REPORT)
    first = adopted(author, approver)
    post(author, f"/desk/cashback/policies/{first.id}/run", points=points_file())
    document = next(each.document for each in shipped() if each.policy.policy_id == "qr-experience-point")
    later = document.replace("version: 1", "version: 2").replace("from: 2023-08-01", "from: 2023-08-05")
    post(author, "/desk/cashback/policies/new", document=later, do="keep")
    second = db.session.scalars(db.select(PolicyVersion).where(PolicyVersion.version == 2)).one()
    post(approver, f"/desk/cashback/policies/{second.id}/approve")
    for version in (first, second):
        post(author, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    before, after = (author.get(f"/desk/cashback/explain?q={name}").text for name in ("T1", "T5"))
    assert "ngoài thời gian" not in before
    assert "chương trình chỉ áp dụng" not in before
    assert "+10.000\xa0₫" in before, "what the first version granted to both stands"
    assert "chương trình chỉ áp dụng" not in after
