"""The pages of notices of payment: from a school's list to its files, and what stands in the way."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR, PRINT_SHOP, VOLUNTEER, Actor, Scope
from app.audit.models import AuditEvent
from app.db import db, unit_of_work
from app.errors import NotFoundError
from app.factory.rooms import HANDLERS
from app.jobs.models import Job
from app.jobs.worker import run_next
from app.printing.notices.models import Collection, Notice
from app.printing.notices.queries import collection_in_reach
from app.qr import details, inspect
from app.qr.emvco import field, seal
from app.registry.actions.accounts import adopt_provider_qr, approve_account
from app.registry.actions.points import open_point
from app.registry.models import PaymentAccount, Point
from app.registry.rules.entries import NewPoint
from app.settings import Settings
from tests.conftest import Browser
from tests.registry.scene import BINH, LAN, account, commune, merchant

Browsers = Callable[..., Browser]
DAY = datetime.now().astimezone() - timedelta(days=3)
LIST = """Mã học sinh,Họ và tên,Lớp,Số tiền,Khoản thu
HS001,Nguyễn Văn Mẫu,1A,350.000,Học phí tháng 11
HS002,Trần Thị Mẫu,1B,"1,250,000 đ",
HS003,Lê Mẫu,1B,20.5,Học phí
"""


@pytest.fixture
def school(app: Flask) -> Point:
    """A school with an approved account."""
    del app
    unit = commune(DAY)
    holder = merchant(DAY, unit, "TRUONG TIEU HOC MAU", shop_name="Trường Tiểu học Mẫu", kind="public_body")
    with unit_of_work():
        point = open_point(LAN, DAY, holder, NewPoint(code="T01", unit_id=unit.id, kind="school"))
        approve_account(BINH, DAY, account(DAY, holder, "0011009998887").id)
    return point


def sent(browser: Browser, school: Point, text: str = LIST, **values: str) -> Collection:
    form = {"payee": str(school.id), "title": "Học phí tháng 11", "due_on": "30/11/2026", **values}
    file = (io.BytesIO(text.encode()), "hoc-phi.csv")
    answer = browser.post("/desk/prints/notices", data={**form, "file": file, "csrf_token": browser.form_token()})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return db.session.get_one(Collection, int(answer.headers["Location"].rsplit("/", 1)[1]))


def post(browser: Browser, collection: Collection, verb: str, **values: object) -> int:
    address = f"/desk/prints/notices/{collection.id}/{verb}"
    status = browser.post(address, data={"csrf_token": browser.form_token(), **values}).status_code
    db.session.expire_all()
    return status


def made(app: Flask, browser: Browser, collection: Collection, **values: str) -> Collection:
    assert post(browser, collection, "make", **values) == 302
    assert run_next(app, HANDLERS)
    db.session.rollback()
    db.session.expire_all()
    return collection


def test_from_the_list_to_the_files(app: Flask, as_role: Browsers, school: Point, settings: Settings) -> None:
    browser = as_role(COORDINATOR)
    assert "Trường Tiểu học Mẫu" in browser.get("/desk/prints/notices/new").get_data(as_text=True)
    collection = sent(browser, school)
    assert (collection.state, collection.notices_count, collection.total_vnd) == ("draft", 2, 1_600_000)
    here = f"/desk/prints/notices/{collection.id}"
    page = browser.get(here).get_data(as_text=True)
    assert "HS002 HOC PHI THANG 11" in page
    assert "đọc được hai cách" in page
    assert browser.get(f"{here}/preview.png?form=slip").data.startswith(b"\x89PNG")
    collection = made(app, browser, collection, form="slip", theme="sen")
    assert (collection.state, collection.sheets, collection.codes_right) == ("ready", 1, 2)
    notices = db.session.scalars(db.select(Notice).order_by(Notice.line)).all()
    told = [details(inspect(notice.payload)) for notice in notices]
    assert [(said.account, said.amount_vnd, said.memo) for said in told] == [
        ("0011009998887", 350_000, "HS001 HOC PHI THANG 11"),
        ("0011009998887", 1_250_000, "HS002 HOC PHI THANG 11"),
    ]
    assert browser.get(f"{here}/files/notices.pdf").data.startswith(b"%PDF-1.4")
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{here}/files/codes.xlsx").data))
    assert [cell.value for cell in book["Từng người"]["I"]][1:] == [notice.payload for notice in notices]
    gate = json.loads(browser.get(f"{here}/files/gate.json").data)
    assert (gate["theme"], gate["passed"]) == ("sen", True)
    assert browser.get(f"{here}/files/../../choso.sqlite3").status_code == 404
    assert browser.get(f"{here}/progress").get_json()["state"] == "done"
    acts = set(db.session.scalars(db.select(AuditEvent.action).where(AuditEvent.subject_kind == "fee_collection")))
    assert acts == {"collection.open", "collection.make", "collection.made", "collection.fetch"}
    everything = " ".join(str(event.after) for event in db.session.scalars(db.select(AuditEvent)))
    assert "Trần Thị Mẫu" not in everything


def test_refused_rows_come_back_mended(as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    collection = sent(browser, school)
    refused = browser.get(f"/desk/prints/notices/{collection.id}/refused.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(refused)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][:5] == ["HS003", "Lê Mẫu", "1B", "20.5", "Học phí"]
    sheet["D2"] = "20.000"
    sheet.append(["HS001", "Nguyễn Văn Mẫu", "1A", "350.000", "Học phí tháng 11"])
    again = io.BytesIO()
    sheet.parent.save(again)
    assert post(browser, collection, "rows", file=(io.BytesIO(again.getvalue()), "sua.xlsx")) == 302
    assert (collection.notices_count, collection.total_vnd) == (3, 1_620_000)
    assert [row["reason"] for row in collection.refused] == [
        "Nội dung “HS001 HOC PHI THANG 11” đã có trong đợt thu này."
    ]


def test_a_void_collection_hands_nothing_out_and_comes_back(app: Flask, as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    collection = made(app, browser, sent(browser, school))
    file = f"/desk/prints/notices/{collection.id}/files/notices.pdf"
    assert post(browser, collection, "void", reason="") == 422
    assert post(browser, collection, "void", reason="sai số tiền") == 302
    assert collection.state == "void"
    assert "sai số tiền" in browser.get(f"/desk/prints/notices/{collection.id}").get_data(as_text=True)
    assert browser.get(file).status_code == 404
    assert post(browser, collection, "make") == 409
    assert post(browser, collection, "restore") == 302
    assert collection.state == "ready"
    assert browser.get(file).status_code == 200
    assert post(browser, collection, "restore") == 409


def test_names_of_a_void_collection_can_be_removed_for_good(
    app: Flask, as_role: Browsers, school: Point, settings: Settings
) -> None:
    browser = as_role(COORDINATOR)
    collection = made(app, browser, sent(browser, school))
    assert post(browser, collection, "purge") == 409
    post(browser, collection, "void", reason="gửi nhầm lớp")
    assert post(browser, collection, "purge") == 302
    assert (db.session.query(Notice).count(), collection.refused, collection.total_vnd) == (0, [], 1_600_000)
    assert not (settings.lots_dir / collection.number).exists()
    assert post(browser, collection, "restore") == 409
    assert browser.get(f"/desk/prints/notices/{collection.id}").status_code == 200


def test_a_job_that_broke_down_leaves_a_way_out(app: Flask, as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    collection = sent(browser, school)
    post(browser, collection, "make")
    with unit_of_work():
        job = db.session.get_one(Job, collection.job_id)
        job.state, job.message = "failed", "Hết chỗ trên đĩa."
    page = browser.get(f"/desk/prints/notices/{collection.id}").get_data(as_text=True)
    assert "Hết chỗ trên đĩa." in page
    assert "Làm 2 giấy báo" in page
    assert made(app, browser, collection).state == "ready"


def test_it_can_be_stopped_before_it_begins_and_made_later(app: Flask, as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    collection = sent(browser, school)
    post(browser, collection, "make")
    assert post(browser, collection, "rows", file=(io.BytesIO(LIST.encode()), "a.csv")) == 409
    assert post(browser, collection, "stop") == 302
    assert collection.state == "stopped"
    assert not run_next(app, HANDLERS)
    assert made(app, browser, collection).state == "ready"


def test_a_changed_account_is_noticed(app: Flask, as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    collection = made(app, browser, sent(browser, school))
    assert post(browser, collection, "make") == 302
    with unit_of_work():
        db.session.get_one(PaymentAccount, collection.account_id).state = "retired"
    assert run_next(app, HANDLERS)
    db.session.rollback()
    db.session.expire_all()
    assert collection.state == "withheld"
    page = browser.get(f"/desk/prints/notices/{collection.id}").get_data(as_text=True)
    assert "tài khoản hoặc tên của đơn vị thu đã đổi" in page
    assert "files/notices.pdf" not in page
    assert browser.get(f"/desk/prints/notices/{collection.id}/files/notices.pdf").status_code == 404
    assert post(browser, collection, "make") == 422


def test_what_is_missing_is_said_at_its_field(as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    answer = browser.post(
        "/desk/prints/notices",
        data={"payee": "999", "title": "", "due_on": "31/02/2026", "csrf_token": browser.form_token()},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Hãy chọn đơn vị thu." in page
    assert "Hãy ghi tên đợt thu" in page
    assert "tháng 2 năm 2026" in page
    empty = {"payee": str(school.id), "title": "Học phí", "csrf_token": browser.form_token()}
    assert "Chưa chọn tệp" in browser.post("/desk/prints/notices", data=empty).get_data(as_text=True)
    bad = {**empty, "file": (io.BytesIO(b"%PDF-1.4"), "a.pdf")}
    assert "tệp PDF" in browser.post("/desk/prints/notices", data=bad).get_data(as_text=True)
    assert db.session.query(Collection).count() == 0


def test_a_providers_own_code_takes_no_amount(as_role: Browsers, school: Point) -> None:
    unit_id = school.unit_id
    holder = merchant(DAY, school.unit, "TRAM Y TE MAU", shop_name="Trạm y tế Mẫu", kind="public_body")
    payer = field("26", field("00", "A000000775") + field("01", "0105313144"))
    code = seal(f"000201010211{payer}5204806253037045802VN5910TRAM Y TE 6005HANOI")
    with unit_of_work():
        open_point(LAN, DAY, holder, NewPoint(code="Y01", unit_id=unit_id, kind="health_station"))
        proposed = adopt_provider_qr(LAN, DAY, holder, code.encode(), "VNPAY")
        approve_account(BINH, DAY, proposed.id)
    page = as_role(COORDINATOR).get("/desk/prints/notices/new").get_data(as_text=True)
    assert "Mã do đơn vị cấp không ghi thêm số tiền được" in page


def test_lists_filter_and_export(app: Flask, as_role: Browsers, school: Point) -> None:
    browser = as_role(COORDINATOR)
    assert "Chưa có đợt thu nào" in browser.get("/desk/prints/notices").get_data(as_text=True)
    first, second = sent(browser, school), sent(browser, school, title="Tiền ăn")
    assert [first.number[-2:], second.number[-2:]] == ["01", "02"]
    made(app, browser, first)
    page = browser.get("/desk/prints/notices?state=ready").get_data(as_text=True)
    assert (first.number in page, second.number in page) == (True, False)
    assert second.number in browser.get("/desk/prints/notices?q=tiền ăn").get_data(as_text=True)
    assert "Không thấy đợt thu nào" in browser.get("/desk/prints/notices?q=zzz").get_data(as_text=True)
    found = browser.get(f"/desk/prints/notices/{first.id}?q=tran thi").get_data(as_text=True)
    assert ("HS002" in found, "HS001 HOC" in found) == (True, False)
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/desk/prints/notices/collections.xlsx").data))
    assert [cell.value for cell in book["Đợt thu"]["A"]] == ["Số", second.number, first.number]
    template = browser.get("/desk/prints/notices/template.xlsx").data
    assert openpyxl.load_workbook(io.BytesIO(template)).active["A1"].value == "Mã người nộp"


def test_another_commune_and_other_roles_see_nothing(as_role: Browsers, school: Point, client: FlaskClient) -> None:
    collection = sent(as_role(COORDINATOR), school)
    here = f"/desk/prints/notices/{collection.id}"
    elsewhere = commune(DAY, "99002", "Nơi khác")
    stranger = as_role(COORDINATOR, scope=Scope("unit", elsewhere.id))
    assert [stranger.get(f"{here}{page}").status_code for page in ("", "/preview.png", "/refused.xlsx")] == [404] * 3
    assert collection.number not in stranger.get("/desk/prints/notices").get_data(as_text=True)
    assert "Chưa có đơn vị thu nào dùng được" in stranger.get("/desk/prints/notices/new").get_data(as_text=True)
    far, near = Scope("unit", elsewhere.id), Scope("unit", school.unit_id)
    both = Actor(7, "Hai nơi", frozenset({COORDINATOR, VOLUNTEER}), frozenset({far, near}))
    both = replace(both, grants=frozenset({(COORDINATOR, far), (VOLUNTEER, near)}))
    with pytest.raises(NotFoundError):
        collection_in_reach(both, collection.id)
    assert [as_role(role).get(here).status_code for role in (APPROVER, PRINT_SHOP)] == [403, 403]
    assert client.get(here).status_code in {302, 401}
