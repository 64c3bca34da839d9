"""A sender's file nobody knows: looked at, its columns said by hand once, remembered, taken, and never lost."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR, PROVIDER, Scope
from app.db import db
from app.settings import Settings
from app.tables import workbook as workbooks
from app.transactions.facts import facts_files
from app.transactions.mapping.models import ReportUpload
from app.transactions.models import Report, ReportProfile
from tests.cashback.test_pages import HEADING, REPORT, payment, post
from tests.registry.scene import commune

As = Callable[..., FlaskClient]
MASKED = "09xxxxx123"
CHOICE = {
    "line": "4",
    "depth": "2",
    "col-reference": "c1",
    "col-paid_at": "c2",
    "seen-paid_at": "2",
    "col-amount_vnd": "c3",
    "col-customer": "c4",
    "col-merchant": "c5",
    "col-kind": "c6",
    "col-status": "c7",
    "word-kind-0": "QR PAY",
    "is-kind-0": "qr_payment",
    "word-status-0": "OK",
    "is-status-0": "success",
    "clock": "minutes",
    "mixed": "as_shown",
    "has_totals": "1",
    "title": "ABC Pay, báo cáo QR",
}


def workbook(total: object = "67.500", first: str = "L001") -> bytes:
    """Title rows, a heading over two rows, amounts in three writings, a telephone without its zero, a total, a foot."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "CÔNG TY ABC PAY – BÁO CÁO GIAO DỊCH")
        sheet.write_row(3, 0, ["STT", "Giao dịch", "", "Tiền", "Ví", "Nơi nhận", "Loại", "Tình trạng GD"])
        sheet.write_row(4, 0, ["", "Mã lệnh", "Ngày lệnh", "Số tiền ghi nợ", "Số ví", "Mã đại lý", "", ""])
        rows = [
            (1, first, "01/10/2026 08:15", "20.000", "0900000001", "HK-1", "QR PAY", "OK"),
            (2, "L002", 46297.5, 35000, 900000001, "HK-1", "QR PAY", "OK"),
            (3, "L003", "13/10/2026 11:00", "12.500 đ", MASKED, "HK-2", "QR PAY", "OK"),
        ]
        for number, row in enumerate(rows):
            sheet.write_row(5 + number, 0, row)
        sheet.write_row(8, 0, ["Tổng cộng", "", "", total])
        sheet.write(10, 5, "Người lập biểu")
    return target.getvalue()


def sent(browser: FlaskClient, data: bytes, name: str = "abc.xlsx") -> str:
    """Sends a file and returns the address of its preview."""
    page = post(browser, "/desk/reports/uploads", file=(io.BytesIO(data), name))
    return page.request.path


def test_a_layout_is_said_once_and_remembered(app: Flask, as_role: As) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, workbook())
    assert "Chưa có hồ sơ nào đọc được" in browser.get(waits).text
    guess = browser.get(f"{waits}/columns").text
    assert re.search(r'<option value="c1"[^>]*>B · Giao dịch Mã lệnh \(L001\)', guess), "two rows read as one heading"
    shown = post(browser, f"{waits}/columns", **CHOICE, look="1").text
    assert "đọc được 2, từ chối 1" in shown
    assert "04/10/2026" not in shown
    assert "02/10/2026 12:00:00" in shown, "a spreadsheet's day number"
    assert db.session.scalars(db.select(ReportProfile)).all() == [], "looking keeps nothing"
    page = post(browser, f"{waits}/columns", **CHOICE, keep="1").text.replace("\xa0", " ")
    assert "20.000 ₫" in page
    assert page.count("0900 000 001") == 2, "the zero that the spreadsheet took is back: one customer"
    assert "không kiểm được hạn mức theo người" in page, "a masked number is nobody"
    assert db.session.scalars(db.select(Report)).all() == [], "nothing counts yet"
    taken = post(browser, waits, profile="abc-pay-bao-cao-qr").text
    assert "Đã nhận báo cáo" in taken
    report = db.session.scalars(db.select(Report)).one()
    assert (report.line_count, report.refused_count, report.paid_vnd) == (3, 1, 55_000)
    again = sent(browser, workbook(first="L101"), "thang-sau.xlsx")
    assert "Nhận 2 dòng" in browser.get(again).text, "the next file of this sender is known"


def test_what_is_missing_is_an_error_only_after_a_try(app: Flask, as_role: As) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, b"Mot,Hai\n1,2\n3,4\n", "la.csv")
    first = browser.get(f"{waits}/columns").text
    assert "Chưa chọn cột cho" in first, "a hint says what is missing"
    assert 'class="field-error"' not in first
    assert "aria-invalid" not in first
    for tried in ({"look": "1"}, {"keep": "1"}):
        again = post(browser, f"{waits}/columns", line="1", depth="1", **tried).text
        assert re.search(r'id="col-amount_vnd-missing"><p class="field-error">', again)
        assert 'class="field-error" id="title-error"' in again


def test_no_word_for_all_lines_is_proposed(app: Flask, as_role: As) -> None:
    """Whoever saves without looking must not count top-ups or failed payments as QR payments."""
    browser = as_role(COORDINATOR)
    head, row = "Mã giao dịch,Thời gian,Số tiền,Khách hàng,Điểm bán", "L1,01/10/2026 08:15:00,20000,0900000001,HK-1"
    waits = sent(browser, f"{head}\n{row}\n".encode(), "khong-loai.csv")
    page = browser.get(f"{waits}/columns").text
    assert not re.search(r'value="=[a-z_]+" selected', page)
    assert "Chưa chọn cột cho loại giao dịch. Tệp không có cột ấy thì chọn mọi dòng đều là gì." in page
    assert "Chưa chọn cột cho kết quả." in page
    columns = {f"col-{name}": f"c{at}" for at, name in enumerate(("reference", "paid_at", "amount_vnd", "customer"))}
    kept = post(browser, f"{waits}/columns", line="1", depth="1", title="Không loại", **columns, keep="1")
    assert kept.status_code == 422
    assert db.session.scalars(db.select(ReportProfile)).all() == []


def test_words_tell_a_column_whose_heading_does_not(app: Flask, as_role: As) -> None:
    head = "Mã giao dịch,Thời gian,Số tiền,Khách hàng,Điểm bán,Nhóm,Ghi chú"
    rows = [
        f"L{at},01/10/2026 08:15:00,20000,0900000001,HK-1,{kind},{result}"
        for at, (kind, result) in enumerate(
            [("Quét QR", "Thành công"), ("Nạp điện thoại", "Thất bại"), ("Nạp trả trước", "Thành công"), ("Lạ", "?")]
        )
    ]
    browser = as_role(COORDINATOR)
    waits = sent(browser, "\n".join((head, *rows, "")).encode(), "nhom.csv")
    page = browser.get(f"{waits}/columns").text
    for column, letter in (("kind", "5"), ("status", "6")):
        select = page.split(f'id="col-{column}"')[1].split("</select>")[0]
        assert f'value="c{letter}" selected' in select, "most of its words are known"
    assert page.count('value="" selected') == 0
    assert "“Lạ”" in page, "what is not known is asked"
    assert 'value="topup_prepaid" selected' in page.split("“Nạp điện thoại”")[1].split("</select>")[0]


def test_the_same_file_again_changes_nothing(app: Flask, as_role: As) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, REPORT.encode(), "bao-cao.csv")
    post(browser, waits, profile="canonical")
    again = sent(browser, REPORT.encode(), "bao-cao (1).csv")
    assert again != waits
    assert "Tệp này đã nhận từ trước" in browser.get(again).text
    assert "đã nhận từ trước" in post(browser, again, profile="canonical").text
    assert len(db.session.scalars(db.select(Report)).all()) == 1


def test_a_total_that_disagrees_refuses_the_file_with_both_sums(app: Flask, as_role: As) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, workbook(total="99.000"))
    page = post(browser, f"{waits}/columns", **CHOICE, keep="1").text.replace("\xa0", " ")
    assert "dòng tổng ghi 99.000 ₫ nhưng các dòng cộng lại được 67.500 ₫" in page
    assert "Nhận " not in page.split("<main")[1].split("Đọc theo hồ sơ")[0].replace("Chưa nhận", "")
    assert "dòng tổng ghi" in post(browser, waits, profile="abc-pay-bao-cao-qr").text
    assert db.session.scalars(db.select(Report)).all() == []
    assert "abc.xlsx" in browser.get("/desk/reports").text, "the file waits on"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 not a table", b"PK\x03\x04 broken", b"\x00\x01\x02", b'a;b\n"x', b"\xff\xfe1"]
)
def test_what_cannot_be_read_is_kept_and_told(app: Flask, as_role: As, settings: Settings, data: bytes) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, data, "x.xlsx")
    page = browser.get(waits)
    assert page.status_code == 200
    assert "từ chối" in page.text or "Chưa có hồ sơ" in page.text
    assert browser.get(f"{waits}/columns", follow_redirects=True).status_code == 200
    upload = db.session.scalars(db.select(ReportUpload)).one()
    assert (settings.evidence_dir / upload.sha256[:2] / upload.sha256).read_bytes() == data
    assert "Chưa ghi lý do" in post(browser, f"{waits}/drop", reason="").text
    post(browser, f"{waits}/drop", reason="gửi nhầm")
    assert "x.xlsx" not in browser.get("/desk/reports").text.split("</div>", 3)[-1].split("Tệp chưa nhận")[-1][:500]


def test_a_change_is_a_new_version_and_old_reports_keep_theirs(app: Flask, as_role: As) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, workbook())
    post(browser, f"{waits}/columns", **CHOICE, keep="1")
    post(browser, waits, profile="abc-pay-bao-cao-qr")
    report = db.session.scalars(db.select(Report)).one()
    again = post(browser, f"/desk/reports/{report.id}/again").request.path
    changed = {**CHOICE, "is-status-0": "failed", "name": "abc-pay-bao-cao-qr"}
    post(browser, f"{again}/columns", **changed, keep="1")
    assert "rút lại báo cáo ấy" in browser.get(f"{again}?profile=abc-pay-bao-cao-qr").text
    assert "đọc theo hồ sơ khác" in post(browser, again, profile="abc-pay-bao-cao-qr").text
    post(browser, f"/desk/reports/{report.id}/undo", reason="đọc sai cột")
    post(browser, again, profile="abc-pay-bao-cao-qr")
    found = db.session.scalars(db.select(Report).order_by(Report.id)).all()
    assert [(each.profile_version, each.state, each.paid_vnd) for each in found] == [
        (1, "undone", 55_000),
        (2, "received", 0),
    ]
    page = browser.get("/desk/reports/profiles").text
    assert "Bản 2:" in page
    assert "Bản 1:" in page


def test_a_column_for_two_things_or_none_is_told(app: Flask, as_role: As) -> None:
    browser = as_role(COORDINATOR)
    waits = sent(browser, workbook())
    page = post(browser, f"{waits}/columns", **{**CHOICE, "col-paid_at": "c3", "col-customer": ""}, keep="1")
    assert page.status_code == 422
    assert "cùng một cột" in page.text
    assert "Chưa chọn cột cho khách hàng" in page.text
    assert post(browser, f"{waits}/columns", **{**CHOICE, "line": "999"}).status_code == 200
    assert post(browser, f"{waits}/columns", **{**CHOICE, "col-kind": "c999", "depth": "x"}).status_code == 200
    assert db.session.scalars(db.select(ReportProfile)).all() == []


def test_a_file_without_references_gets_the_same_ones_each_time(app: Flask, as_role: As) -> None:
    line = "05/10/2026;09:30:00;20,000.00;0900000001;HK-1"
    text = "Ngày;Giờ;Tiền;Ví;Điểm\n" + "\n".join([line, line, line.replace("09:30", "10:30")]) + "\n"
    browser = as_role(COORDINATOR)
    waits = sent(browser, text.encode("utf-16"), "sao-ke.csv")
    choice = {
        "line": "1", "col-paid_at": "c0", "seen-paid_at": "0", "col-paid_clock": "c1", "col-amount_vnd": "c2",
        "col-customer": "c3", "col-merchant": "c4", "col-kind": "=qr_payment", "col-status": "=success",
        "references": "made", "amounts": "comma", "title": "Sao kê",
    }  # fmt: skip
    page = post(browser, f"{waits}/columns", **choice, keep="1").text
    made = re.findall(r"GD-[0-9a-f]{20}", page)
    assert len(set(made)) == 3, "two payments that say the same are still two"
    again = post(browser, f"{waits}/columns", **choice, look="1").text
    assert re.findall(r"GD-[0-9a-f]{20}", again) == made


def test_another_communes_files_and_profiles(app: Flask, as_role: As, now: datetime) -> None:
    here, there = (Scope("unit", commune(now, code, name).id) for code, name in (("99001", "Một"), ("98002", "Hai")))
    author, stranger = as_role(COORDINATOR, scope=here), as_role(COORDINATOR, scope=there)
    waits = sent(author, workbook())
    post(author, f"{waits}/columns", **CHOICE, keep="1")
    for address in (waits, f"{waits}/columns"):
        assert stranger.get(address).status_code == 404
    assert post(stranger, waits, profile="canonical").status_code == 404
    assert post(stranger, f"{waits}/drop", reason="x").status_code == 404
    mine = sent(stranger, workbook(first="L9"))
    changed = {**CHOICE, "name": "abc-pay-bao-cao-qr", "is-status-0": "failed"}
    assert "của nơi khác" in post(stranger, f"{mine}/columns", **changed, keep="1").text
    assert len(db.session.scalars(db.select(ReportProfile)).all()) == 1
    assert as_role(APPROVER).get(waits).status_code == 200
    assert "Bỏ qua tệp" not in as_role(APPROVER).get(waits).text
    assert as_role(PROVIDER).get("/desk/reports/profiles").status_code == 200


def test_a_file_that_was_looked_at_is_not_parsed_again_to_be_received(
    app: Flask, as_role: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, whole = [], workbooks._read

    def counted(*given: Any) -> dict[str, Any]:
        read.append(given[1])
        return whole(*given)

    monkeypatch.setattr(workbooks, "_read", counted)
    browser = as_role(COORDINATOR)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADING.split(","))
        sheet.write_row(1, 0, payment(1, 1).split(","))
    preview = post(browser, "/desk/reports/uploads", file=(io.BytesIO(target.getvalue()), "r.xlsx"))
    assert len(read) == 1
    post(browser, preview.request.path, profile="canonical")
    assert db.session.scalars(db.select(Report)).one().line_count == 1
    assert len(read) == 1


def test_what_was_read_of_a_file_goes_when_it_is_set_aside(app: Flask, as_role: As) -> None:
    browser, kept = as_role(COORDINATOR), app.config["SETTINGS"]
    preview = post(browser, "/desk/reports/uploads", file=(io.BytesIO(REPORT.encode()), "r.csv"))
    upload = db.session.scalars(db.select(ReportUpload)).one()
    assert facts_files(kept.facts_dir, upload.sha256)
    post(browser, f"{preview.request.path}/drop", reason="gửi nhầm")
    assert not facts_files(kept.facts_dir, upload.sha256)


def multipart(browser: FlaskClient, address: str, data: bytes) -> Any:
    """A form with a file, put together here: the test client leaves the file open that it keeps a large body in."""
    token = browser.form_token()  # type: ignore[attr-defined]  # tests.conftest.Browser
    head = 'Content-Disposition: form-data; name="%s"%s\r\n\r\n'
    parts = [head % ("csrf_token", "") + token, head % ("file", '; filename="lon.csv"')]
    body = "".join(f"--x\r\n{part}\r\n" for part in parts).encode()[:-2] + data + b"\r\n--x--\r\n"
    return browser.post(address, data=body, content_type="multipart/form-data; boundary=x")


def test_a_report_may_be_larger_than_other_files(app: Flask, as_role: As, client: FlaskClient) -> None:
    large = REPORT.encode() + b"\n" * (21 * 1024 * 1024)
    browser = as_role(COORDINATOR)
    assert multipart(browser, "/desk/reports/uploads", large).status_code == 302
    assert db.session.scalars(db.select(ReportUpload.size_bytes)).one() == len(large)
    assert "tối đa 20 MB" in multipart(browser, "/desk/payouts/homes", large).text
    assert "/login" in multipart(client, "/desk/reports/uploads", large).headers["Location"]
    assert "tối đa 100 MB" in multipart(browser, "/desk/reports/uploads", b"x" * (101 * 1024 * 1024)).text
    assert 'data-max-mb="100"' in browser.get("/desk/reports").text
