"""Honest activity as people look at it: own people left out, signs reviewed and taken back, other communes unseen."""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR, PROVIDER, Scope
from app.audit.models import AuditEvent
from app.cashback.activity.models import ActivityReview, RelatedPayer
from app.db import db
from app.registry.models import Merchant, Milestone
from tests.cashback.reports import COLUMNS
from tests.cashback.test_pages import post, send
from tests.mapping import scene
from tests.registry.scene import commune

As = Callable[..., FlaskClient]
PAGE = "/desk/activity"


@pytest.fixture
def trader(app: Flask, now: datetime) -> Merchant:
    return scene.trader(now, scene.market(now), 0, "Bún chả Hường", phone="0987654321")


def line(reference: str, at: str, merchant: str, customer: str, amount: int = 20_000) -> str:
    values = {
        "reference": reference, "paid_at": f"2026-11-{at}", "kind": "qr_payment", "amount_vnd": str(amount),
        "customer": customer, "merchant": merchant, "status": "success",
    }  # fmt: skip
    return ",".join(values.get(name, "") for name in COLUMNS)


def report(code: str) -> str:
    lines = [
        line("T1", "01T08:00:00", code, "0900000001"),
        line("T2", "02T08:00:00", code, "0900000002"),
        line("T3", "03T08:00:00", code, "+84987654321"),
        *(line(f"B{at}", f"04T08:0{at}:00", code, "0900000003") for at in range(5)),
        line("K1", "02T08:00:00", "LA", "0900000009"),
    ]
    return "\n".join([",".join(COLUMNS), *lines]) + "\n"


def test_the_owners_own_number_counts_for_nothing(as_role: As, trader: Merchant) -> None:
    browser = as_role(COORDINATOR)
    assert "Chưa có giao dịch quét QR" in browser.get(PAGE).text
    send(browser, report(trader.code))
    page = browser.get(PAGE).text
    assert "Bún chả Hường" in page
    assert "Chợ Thử" in page
    assert "không có trong sổ" in page
    assert "trên 2 điểm" in page
    address = f"/desk/merchants/{trader.code}"
    assert address in page
    provider = as_role(PROVIDER)
    for view in ("points", "signs", "related"):
        seen = provider.get(f"{PAGE}?view={view}").text
        assert address not in seen, "the record would refuse them"
        assert "Bún chả Hường" in seen or view == "related"
    excluded = browser.get(f"{PAGE}?view=excluded").text
    assert "T3" in excluded
    assert "người trả là chủ, nhân viên hoặc người nhà" in excluded
    assert "Tự trả cho mình" in browser.get(f"{PAGE}?view=signs").text
    assert "1 trên 1 điểm" in browser.get(f"{PAGE}?view=zones").text


def test_staff_and_family_are_kept_per_merchant(as_role: As, trader: Merchant) -> None:
    browser = as_role(COORDINATOR)
    send(browser, report(trader.code))
    for payer in ("0900 000 002", "0900000003"):
        post(browser, f"{PAGE}/related", merchant=trader.code, payer=payer, relation="staff")
    assert (
        "đã có trong danh sách"
        in post(browser, f"{PAGE}/related", merchant=trader.code, payer="+84900000003", relation="family").text
    )
    assert "Không có hộ" in post(browser, f"{PAGE}/related", merchant="HK-XXXXXX", payer="1", relation="staff").text
    assert "cần ít nhất 2 ngày và 2 người trả" in browser.get(PAGE).text
    row = db.session.scalars(db.select(RelatedPayer).order_by(RelatedPayer.id)).first()
    assert row is not None
    assert "Chưa ghi lý do" in post(browser, f"{PAGE}/related/{row.id}/remove", reason="").text
    post(browser, f"{PAGE}/related/{row.id}/remove", reason="nghỉ việc")
    assert "trong 30 ngày có 2 ngày và 2 người trả" not in browser.get(f"{PAGE}?show=quiet").text
    assert trader.title in browser.get(f"{PAGE}?show=active").text


def test_a_sign_is_looked_at_and_taken_back(as_role: As, trader: Merchant) -> None:
    browser = as_role(COORDINATOR)
    send(browser, report(trader.code))
    signs = browser.get(f"{PAGE}?view=signs").text
    assert "5 giao dịch trong 10 phút" in signs
    assert "nên hỏi điểm bán" in signs
    sign = {"flag": "burst", "point": trader.code, "who": ""}
    assert "Chưa ghi đã xem" in post(browser, f"{PAGE}/signs", **sign, decision="excluded", note="").text
    assert "Không còn dấu hiệu" in post(browser, f"{PAGE}/signs", flag="burst", point="x", who="", note="x").text
    post(browser, f"{PAGE}/signs", **sign, decision="excluded", note="Chị chủ nói là thử máy")
    excluded = browser.get(f"{PAGE}?view=excluded").text
    assert excluded.count("người xem lại đã loại") == 5
    review = db.session.scalars(db.select(ActivityReview)).one()
    later = line("B9", "04T08:05:30", trader.code, "0900000003")
    send(browser, f"{','.join(COLUMNS)}\n{later}\n", "them.csv")
    assert "có thêm giao dịch mới" in browser.get(f"{PAGE}?view=signs").text
    post(browser, f"{PAGE}/signs/{review.id}/undo", reason="nhầm điểm")
    assert "người xem lại đã loại" not in browser.get(f"{PAGE}?view=excluded").text
    assert "nhầm điểm" in browser.get(f"{PAGE}?view=signs").text
    acts = db.session.scalars(db.select(AuditEvent.action).where(AuditEvent.subject_kind == "activity_review")).all()
    assert acts == ["activity.review", "activity.undo"]


def test_the_window_speaks_for_a_milestone(as_role: As, trader: Merchant) -> None:
    browser = as_role(COORDINATOR)
    send(browser, report(trader.code))
    assert "nên ghi mốc: dùng đều trong tháng" in browser.get(PAGE).text
    assert "Đã ghi mốc cho 1 hộ" in post(browser, f"{PAGE}/milestones").text
    kept = db.session.scalars(db.select(Milestone).where(Milestone.kind == "active")).one()
    assert kept.at == datetime(2026, 11, 4, 1, 4, tzinfo=UTC), "the last payment that counts, in Vietnam's morning"
    assert "nên ghi mốc" not in browser.get(PAGE).text
    assert "nên ghi mốc: lâu không có giao dịch" in browser.get(f"{PAGE}?until=01/10/2026").text


def test_what_is_taken_out_is_what_is_seen(as_role: As, trader: Merchant, now: datetime) -> None:
    elsewhere = commune(now, "98002", "Hai")
    browser = as_role(PROVIDER)
    send(browser, report(trader.code))
    stranger = as_role(COORDINATOR, scope=Scope("unit", elsewhere.id))
    page = stranger.get(PAGE).text
    assert trader.title not in page
    assert trader.code not in page
    assert trader.code not in stranger.get(f"{PAGE}?view=signs").text
    assert trader.code not in stranger.get(f"{PAGE}?view=excluded").text
    book = openpyxl.load_workbook(io.BytesIO(stranger.get(f"{PAGE}/activity.xlsx").data))
    assert [row[0].value for row in book["Hoạt động"].iter_rows(min_row=2)] == ["LA"]
    post(stranger, f"{PAGE}/signs", flag="burst", point=trader.code, who="", note="x", decision="fine")
    assert db.session.scalars(db.select(ActivityReview)).all() == []
    own = openpyxl.load_workbook(io.BytesIO(as_role(COORDINATOR).get(f"{PAGE}/activity.xlsx").data))
    assert own["Theo khu"]["A2"].value in {"Chợ Thử", "Không có trong sổ"}


@pytest.mark.parametrize("query", ["?until=x&floor=-1&view=%00&page=9", "?floor=99999999999", "?until=31/12/2099"])
def test_hostile_questions_are_pages(as_role: As, trader: Merchant, query: str) -> None:
    browser = as_role(COORDINATOR)
    send(browser, report(trader.code))
    assert browser.get(f"{PAGE}{query}").status_code == 200
