"""Payouts as people with their roles see and move them."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.actors import APPROVER, COORDINATOR, PROVIDER, Scope
from app.audit.models import AuditEvent
from app.cashback.models import CashbackRun
from app.cashback.payouts.models import PayoutBatch, Reconciliation
from app.db import db
from app.money import format_vnd
from app.places.models import Unit
from app.transactions.models import Report
from tests.cashback.test_pages import REPORT, adopted, points_file
from tests.cashback.test_pages import send as deliver
from tests.cashback.test_payouts import AUGUST, payout_csv, post, run_of
from tests.registry.scene import commune
from tests.registry.test_pages import page
from tests.registry.test_pages import post as send

As = Callable[..., FlaskClient]
DRAFT = "BẢN THẢO, CHƯA DUYỆT"


@pytest.fixture
def unit(app: Flask, now: datetime) -> Unit:
    return commune(now)


def pdf_words(browser: FlaskClient, address: str) -> str:
    with pypdfium2.PdfDocument(browser.get(address).data) as pdf:
        return " ".join(pdf[0].get_textpage().get_text_range().split())


def test_a_month_without_a_commune_leads_back(as_role: As, unit: Unit) -> None:
    browser = as_role(COORDINATOR)
    for address in ("/desk/payouts", "/desk/payouts/postings/confirm"):
        answer = send(browser, address, month="2023-08")
        assert answer.headers["Location"] == "/desk/payouts", address


def run_by(author: FlaskClient, approver: FlaskClient) -> int:
    """A run of the sample report under a policy that two people agreed to; its number."""
    deliver(author, REPORT)
    version = adopted(author, approver)
    answer = send(author, f"/desk/cashback/policies/{version.id}/run", points=points_file())
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def test_a_run_is_looked_at_then_written(app: Flask, as_role: As, unit: Unit) -> None:
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    assert "Chưa có lần xét nào dưới chính sách đã duyệt" in page(author, "/desk/payouts")
    run_id = run_by(author, approver)
    assert "Ghi vào sổ chi trả" in page(author, f"/desk/cashback/runs/{run_id}")
    shown = send(author, "/desk/payouts/postings", run=run_id, unit=unit.id).get_data(as_text=True)
    assert "Chưa ghi gì" in shown
    assert "65.000" in shown
    assert "0 ₫" in page(author, "/desk/payouts").replace("\xa0", " ")
    hidden = dict(re.findall(r'name="(run|unit)" value="([^"]*)"', shown))
    assert hidden == {"run": str(run_id), "unit": str(unit.id)}
    assert send(author, "/desk/payouts/postings/confirm", **hidden).status_code == 302
    text = page(author, "/desk/payouts")
    assert "Đã ghi 13 khoản" in text
    paid = db.session.scalars(select(CashbackRun.paid_vnd)).one()
    assert format_vnd(paid).replace("\xa0", " ") in text.replace("\xa0", " ")
    assert send(author, "/desk/payouts/postings", unit=unit.id, run=run_id).status_code == 302
    assert "không có gì thay đổi" in page(author, "/desk/payouts")


def test_a_payout_shows_all_it_rests_on(app: Flask, as_role: As, unit: Unit) -> None:
    """Reports with their SHA-256, the policy's two people, the run, the posting, the draft and the approval: on the
    page, in the workbook and on paper.
    """
    author, approver = as_role(COORDINATOR), as_role(APPROVER)
    run_id = run_by(author, approver)
    send(author, "/desk/payouts/postings/confirm", run=run_id, unit=unit.id)
    send(author, "/desk/payouts", unit=unit.id, month="2023-08")
    batch = db.session.scalars(select(PayoutBatch)).one()
    address = f"/desk/payouts/{batch.id}"
    send(approver, f"{address}/approve")
    assert "Đã duyệt đợt chi trả" in page(approver, address)
    report, run = db.session.scalars(select(Report)).one(), db.session.get_one(CashbackRun, run_id)
    said = ["bao-cao.csv", report.sha256, "Soạn chính sách", "Duyệt chính sách", run.decisions_sha256, "Ghi sổ",
            f"Lần xét số {run_id}", "Lập bản thảo", "Duyệt chi trả"]  # fmt: skip
    text = page(author, address)
    assert [each for each in said if each not in text] == []
    book = openpyxl.load_workbook(io.BytesIO(author.get(f"{address}/payout.xlsx").data))
    cells = " ".join(str(cell) for row in book["Căn cứ"].iter_rows(values_only=True) for cell in row)
    assert [each for each in said if each not in cells] == []
    words = pdf_words(author, f"{address}/payout.pdf")
    assert "DANH SÁCH CHI TRẢ HOÀN TIỀN" in words
    assert "Sáu mươi lăm nghìn đồng" in words
    assert [each for each in said if each not in words.replace(" ", "") and each not in words] == []
    assert author.get(f"{address}/payout.exe").status_code == 404


def test_from_draft_to_letter(as_role: As, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    lan, binh, provider = as_role(COORDINATOR), as_role(APPROVER), as_role(PROVIDER)
    assert send(lan, "/desk/payouts", unit=unit.id, month="2023-08").status_code == 302
    batch = db.session.scalars(select(PayoutBatch)).one()
    address = f"/desk/payouts/{batch.id}"
    assert "không được tự duyệt" in page(lan, address)
    send(lan, f"{address}/approve")
    assert "không được tự duyệt" in page(lan, address)
    send(provider, f"{address}/approve")
    assert "không có vai trò" in page(provider, address)
    send(binh, f"{address}/approve")
    assert "Đã duyệt đợt chi trả" in page(binh, address)
    send(lan, f"{address}/export")
    send(provider, f"{address}/pay")
    assert "Đã ghi nhận chi trả" in page(provider, address)
    book = openpyxl.load_workbook(io.BytesIO(lan.get(f"{address}/payout.xlsx").data))
    assert [row[4].value for row in book["Chi trả"].iter_rows(min_row=2)] == [10000, 5000, 15000]
    own = lan.get(f"{address}/payout.xlsx").data
    send(provider, f"{address}/reconcile", file=(io.BytesIO(own), "chi-tra.xlsx"))
    text = page(provider, f"{address}/reconcile")
    assert "tệp chi trả của chính mình" in text
    assert db.session.scalars(select(Reconciliation)).all() == []
    assert batch.state == "paid"
    data = payout_csv(("T1", "0912345678", 5000), ("T2", "0912345678", 4000), ("T4", "0987654321", 5000))
    send(provider, f"{address}/reconcile", file=(io.BytesIO(data), "chi-tra.csv"))
    text = page(provider, f"{address}/reconcile?kind=paid_not_due")
    assert "không được thưởng: hết lượt trong tháng" in text
    assert "Trả thiếu" in text
    with pypdfium2.PdfDocument(lan.get(f"{address}/reconcile.pdf").data) as pdf:
        words = " ".join("".join(each.get_textpage().get_text_range() for each in pdf).split())
    assert "ĐỐI CHIẾU CHI TRẢ HOÀN TIỀN" in words
    assert "Mười bốn nghìn đồng" in words
    assert openpyxl.load_workbook(io.BytesIO(lan.get(f"{address}/reconcile.xlsx").data))["Tổng hợp"]["B6"].value == 1
    acts = list(db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "payout")))
    steps = [act for act in acts if act not in {"payout.file", "approval.refused"}]
    assert steps == ["payout.draft", "payout.approve", "payout.export", "payout.pay", "payout.reconcile"]
    assert acts.count("payout.file") == 4, "each file that was taken out"


def test_a_statement_says_the_sum_in_words(as_role: As, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    browser = as_role(COORDINATOR)
    send(browser, "/desk/payouts", unit=unit.id, month="2023-08")
    batch = db.session.scalars(select(PayoutBatch)).one()
    text = page(browser, f"/desk/payouts/{batch.id}?q=0912")
    assert "0987654321" not in text
    (line,) = re.findall(r'href="(/desk/payouts/\d+/lines/[^"]*)\.pdf"', text)
    payout = f"/desk/payouts/{batch.id}/payout.xlsx"
    words = pdf_words(browser, f"{line}.pdf")
    assert "Mười nghìn đồng" in words
    draft = browser.get(f"{line}.xlsx")
    assert "filename=ban-thao-sao-ke-0912345678-2023-08.xlsx" in draft.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(draft.data))["Sao kê (bản thảo)"]
    assert (sheet["F4"].value, sheet["A5"].value) == (10000, DRAFT)
    assert DRAFT in words
    assert "chưa phải căn cứ chi trả" in words
    assert "Chi trả (bản thảo)" in openpyxl.load_workbook(io.BytesIO(browser.get(payout).data)).sheetnames
    send(as_role(APPROVER), f"/desk/payouts/{batch.id}/approve")
    assert DRAFT not in pdf_words(browser, f"{line}.pdf")
    approved = browser.get(payout)
    assert "filename=chi-tra-2023-08.xlsx" in approved.headers["Content-Disposition"]
    assert openpyxl.load_workbook(io.BytesIO(approved.data)).sheetnames == ["Chi trả", "Chi tiết", "Căn cứ"]
    told = db.session.scalars(
        select(AuditEvent.after).where(AuditEvent.action == "payout.file").order_by(AuditEvent.id)
    )
    assert [each and each["format"] for each in told] == [
        "1.pdf", "1.xlsx", "xlsx", "1.pdf", "xlsx"
    ], "whoever takes a file of a payout out is written down"  # fmt: skip


def test_a_draft_set_aside_says_why(as_role: As, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    browser = as_role(COORDINATOR)
    send(browser, "/desk/payouts", unit=unit.id, month="2023-08")
    batch = db.session.scalars(select(PayoutBatch)).one()
    send(browser, f"/desk/payouts/{batch.id}/withdraw", reason="Thiếu báo cáo")
    assert "Thiếu báo cáo" in page(browser, f"/desk/payouts/{batch.id}")


def test_another_communes_payouts_do_not_exist(as_role: As, unit: Unit, now: datetime, tmp_path: Path) -> None:
    post(now, unit, run_of(tmp_path, AUGUST))
    send(as_role(COORDINATOR), "/desk/payouts", unit=unit.id, month="2023-08")
    batch = db.session.scalars(select(PayoutBatch)).one()
    there = as_role(COORDINATOR, scope=Scope("unit", commune(now, "99002", "Nơi Khác").id))
    for address in ("", "/reconcile", "/payout.xlsx", "/reconcile.pdf", "/lines/1.pdf"):
        assert there.get(f"/desk/payouts/{batch.id}{address}").status_code == 404, address
    assert send(there, f"/desk/payouts/{batch.id}/withdraw", reason="x").status_code == 404
    assert there.get(f"/desk/payouts?unit={unit.id}").status_code == 404


def test_the_first_page_says_whose_turn_it_is(as_role: As, unit: Unit, now: datetime, tmp_path: Path) -> None:
    """Each step waits on the first page of whoever may take it, until it is taken."""
    post(now, unit, run_of(tmp_path, AUGUST))
    lan, binh, provider = as_role(COORDINATOR), as_role(APPROVER), as_role(PROVIDER)
    there = as_role(APPROVER, scope=Scope("unit", commune(now, "99002", "Nơi Khác").id))
    send(lan, "/desk/payouts", unit=unit.id, month="2023-08")
    batch = db.session.scalars(select(PayoutBatch)).one()
    address = f"/desk/payouts/{batch.id}"

    def told(words: str) -> list[bool]:
        pages = [browser.get("/desk/").text for browser in (lan, binh, provider, there)]
        return [f'href="{address}"' in text and f"1 đợt chi trả {words}" in text for text in pages]

    assert told("chờ duyệt") == [False, True, False, False], "who drafted it does not approve it"
    send(binh, f"{address}/approve")
    assert told("đã duyệt, chưa gửi") == [True, False, False, False]
    send(lan, f"{address}/export")
    assert told("chờ ghi nhận đã chi") == [True, False, True, False]
    send(provider, f"{address}/pay")
    assert told("chưa đối chiếu") == [True, False, True, False]
