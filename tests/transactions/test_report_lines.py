"""Every line of a report is told with what became of it, and the figures of its page are those of the lists."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

import duckdb
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from openpyxl import load_workbook

from app.actors import COORDINATOR, Scope
from app.audit.models import AuditEvent
from app.db import db
from app.transactions.facts import keep_facts
from app.transactions.intake import Received, take_reports
from app.transactions.models import Report
from app.transactions.profiles import BUILT_IN
from app.transactions.report_lines import FATES, Wanted, lines_of_report
from app.web import downloads
from tests.cashback.reports import COLUMNS, reports
from tests.cashback.test_pages import post, send
from tests.registry.scene import commune

Signed = Callable[..., FlaskClient]
HEADING = ",".join(COLUMNS)
LINES = [
    "T1,2023-08-01T09:00:00,qr_payment,20000,0900000001,M1,bank,app,,success,",
    "T1,2023-08-01T09:00:00,qr_payment,20000,0900000001,M1,bank,app,,success,",
    "T2,2023-08-02T09:00:00,qr_payment,30000,0900000002,M1,bank,app,,failed,",
    "T3,2023-08-03T09:00:00,qr_payment,40000,0900000001,M2,bank,app,,success,",
    "R3,2023-08-04T09:00:00,qr_payment,40000,0900000001,M2,bank,app,,success,T3",
    "T4,2023-08-05T09:00:00,qr_payment,20.000,0900000001,M2,bank,app,,success,",
    "=1+1,2023-08-06T09:00:00,electricity,50000,0900000003,M3,bank,app,,success,",
]
EXPECTED = ["paid", "repeated", "failed", "taken_back", "reversal", "refused", "paid"]


@pytest.fixture
def browser(app: Flask, as_role: Signed, now: datetime) -> FlaskClient:
    commune(now)
    found = as_role(COORDINATOR)
    send(found, "\n".join([HEADING, *LINES]) + "\n")
    return found


def rows(browser: FlaskClient, asked: str = "") -> list[list[str]]:
    text = browser.get(f"/desk/reports/1/lines.csv?{asked}").text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_each_line_says_what_became_of_it(browser: FlaskClient) -> None:
    found = rows(browser)
    assert [row[8] for row in found] == [FATES[fate] for fate in EXPECTED]
    assert [int(row[0]) for row in found] == list(range(2, 9))
    assert (found[3][9], found[4][9]) == ("R3", "T3")
    assert "20.000” không đúng" in found[5][9]
    assert found[6][1] == "'=1+1", "a spreadsheet must not run it"
    assert [row[1] for row in rows(browser, "q=0900 000 001&fate=taken_back")] == ["T3"]
    assert [row[1] for row in rows(browser, "q=M3")] == ["'=1+1"]
    assert len(rows(browser, "fate=lạ&q=")) == len(LINES)


def test_the_figures_of_the_page_are_those_of_the_lists(browser: FlaskClient) -> None:
    page = browser.get("/desk/reports/1").text
    report = db.session.get_one(Report, 1)
    assert re.search(r'href="/desk/reports/1/lines"', page)
    for fate, count in (("repeated", report.duplicate_count), ("refused", report.refused_count)):
        assert f'href="/desk/reports/1/lines?fate={fate}"' in page
        assert len(rows(browser, f"fate={fate}")) == count
    assert sum(int(row[4]) for row in rows(browser, "fate=paid")) == report.paid_vnd == 70_000
    shown = browser.get("/desk/reports/1/lines?fate=paid").text.replace("\xa0", " ")
    assert '2</b> dòng, ghi <b class="num">70.000 ₫' in shown
    assert "Không có dòng nào khớp" in browser.get("/desk/reports/1/lines?q=không").text


def test_the_senders_file_comes_back_byte_by_byte(browser: FlaskClient) -> None:
    answer = browser.get("/desk/reports/1/original")
    assert answer.data == ("\n".join([HEADING, *LINES]) + "\n").encode()
    assert "attachment" in answer.headers["Content-Disposition"]
    (event,) = db.session.scalars(db.select(AuditEvent).where(AuditEvent.action == "report.export"))
    assert event.after == {"format": "original"}


def test_the_workbook_is_refused_when_too_long(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = load_workbook(io.BytesIO(browser.get("/desk/reports/1/lines.xlsx").data)).active
    assert len(list(sheet.iter_rows())) == len(LINES) + 1
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    monkeypatch.setattr(downloads, "WORKBOOK_ROWS_MAX", 3)
    led = browser.get("/desk/reports/1/lines.xlsx?fate=", follow_redirects=True)
    assert "hãy lọc bớt" in led.text.lower()


def test_another_commune_sees_none_of_it(browser: FlaskClient, as_role: Signed, now: datetime) -> None:
    there = as_role(COORDINATOR, scope=Scope("unit", commune(now, "98002", "Khác").id))
    for name in ("lines", "lines.csv", "lines.xlsx", "original"):
        assert there.get(f"/desk/reports/1/{name}").status_code == 404


@settings(max_examples=60)
@given(texts=reports())
def test_every_line_has_one_fate_and_they_add_up_to_what_the_intake_counts(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("r")
    path = folder / "r.csv"
    path.write_text(texts[0], encoding="utf-8", newline="")
    raw = Received(path.name, path)
    report = replace(raw, facts=partial(keep_facts, folder, "0" * 64, BUILT_IN["canonical"], lambda: raw))
    with duckdb.connect() as engine:
        intake = take_reports(engine, [report])
        paid = engine.execute("select count(*) from facts where status = 1 and not is_reversed").fetchone()
    with lines_of_report(report, Wanted()) as read:
        found = list(read.every())
    fates = Counter(one.fate for one in found)
    assert len(found) == len({one.line for one in found}) == intake.line_count
    assert (fates["repeated"], fates["refused"]) == (intake.duplicate_count, intake.refused_count)
    assert fates["reversal"] == intake.reversal_count
    assert paid == (fates["paid"],)


def test_reports_are_found_without_accents_and_by_state(browser: FlaskClient) -> None:
    send(browser, f"{HEADING}\n{LINES[2]}\n", "Báo cáo Tháng 8.csv")

    def found(asked: str) -> list[str]:
        listed = browser.get(f"/desk/reports.csv?{asked}").text.removeprefix("\ufeff")
        names = [row[1] for row in list(csv.reader(io.StringIO(listed)))[1:]]
        page = browser.get(f"/desk/reports?{asked}").text
        assert all(f">{name}</a>" in page for name in names)
        assert page.count('class="cell-main"') == len(names)
        return names

    assert found("") == ["Báo cáo Tháng 8.csv", "bao-cao.csv"]
    assert found("q=bao cao thang") == ["Báo cáo Tháng 8.csv"]
    assert found("state=undone") == []
    assert found("q=%25&state=lạ") == []
    assert "Không có báo cáo nào khớp" in browser.get("/desk/reports?q=xyz").text
    post(browser, "/desk/reports/2/undo", reason="gửi nhầm")
    assert found("state=undone") == ["Báo cáo Tháng 8.csv"]
