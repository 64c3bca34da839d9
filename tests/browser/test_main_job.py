"""The main job as people do it: a list goes in, an account is approved, a standee is printed, the map knows it,
a payment is explained."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from app.actors import APPROVER, COORDINATOR
from app.pdfium import PDFIUM
from app.qr import vietqr
from app.vn.dates import local_date
from tests.browser.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sample")]

LIST = """DANH SÁCH HỘ KINH DOANH BỔ SUNG,,,,,,,
STT,Tên cửa hàng,Họ và tên,SĐT,Ngân hàng,Số TK,Chợ,Số quầy
1,Bánh mì cô Thử,Nguyễn Thị Thử,900123456,Vietcombank,0000111122223,Chợ Sông Mây,A01-12
2,Nước mía,Trần Văn Sai,12,Vietcombank,0000111122224,Chợ Sông Mây,A01-18
"""
HEADING = "reference,paid_at,kind,amount_vnd,customer,merchant,source,channel,beneficiary,status,reverses"
PAYLOAD = vietqr("970436", "0000111122223")
MAKING_MS = 60_000


def test_from_a_list_to_paper_and_map(page: Page, tmp_path: Path) -> None:
    sign_in(page, COORDINATOR)
    _import_list(page, tmp_path)
    _sign_out(page)
    sign_in(page, APPROVER)
    code = _approve(page)
    _sign_out(page)
    sign_in(page, COORDINATOR)
    _print(page, tmp_path)
    _find_on_map(page)
    _explain_cashback(page, tmp_path, code)


def _explain_cashback(page: Page, folder: Path, code: str) -> None:
    """Two payments of one customer on one day: the second one is told why it earns nothing."""
    day = local_date(datetime.now(UTC))
    lines = [f"THU{n},{day}T0{n}:00:00,qr_payment,30000,0900123999,{code},bank,app,,success," for n in (8, 9)]
    file = folder / "bao-cao.csv"
    file.write_text("\n".join([HEADING, *lines, ""]), encoding="utf-8")
    page.goto("/desk/reports")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Nhận 2 dòng").click()
    expect(page.locator("main")).to_contain_text("bao-cao.csv")
    page.goto("/desk/cashback")
    page.get_by_role("link", name="Mở", exact=True).first.click()
    page.get_by_role("button", name="Xét các báo cáo").click()
    expect(page.get_by_text("Tiền thưởng theo ngày").first).to_be_visible(timeout=MAKING_MS)
    page.goto("/desk/cashback/explain?q=THU9")
    expect(page.locator("main")).to_contain_text("lần thứ 2 trong ngày, tối đa 1")
    expect(page.locator("main")).to_contain_text("THU8")


def _find_on_map(page: Page) -> None:
    page.goto("/desk/map")
    page.wait_for_selector("html[data-ready]")
    page.locator("#q").fill("banh mi co thu")
    mark = page.locator(".map-mark")
    expect(mark).to_have_count(1)
    mark.dispatch_event("click")
    expect(page.locator(".leaflet-popup")).to_contain_text("Bánh mì cô Thử")


def _import_list(page: Page, folder: Path) -> None:
    file = folder / "danh-sach.csv"
    file.write_text(LIST, encoding="utf-8")
    page.goto("/desk/imports")
    page.set_input_files("input[type=file]", file)
    page.get_by_role("button", name="Kiểm tra danh sách").click()
    expect(page.locator("main")).to_contain_text("thiếu")
    page.get_by_role("button", name="Ghi 1 hộ vào sổ").click()
    page.goto("/desk/merchants?q=banh+mi+co+thu")
    expect(page.locator("main")).to_contain_text("Nguyễn Thị Thử")


def _approve(page: Page) -> str:
    page.goto("/desk/merchants?q=banh+mi+co+thu")
    code = page.get_by_role("link", name="Bánh mì cô Thử").first.get_attribute("href")
    page.goto("/desk/approvals")
    while not page.get_by_role("link", name="Bánh mì cô Thử").count():
        page.get_by_role("link", name="Trang sau").click()
    card = page.locator("main .card").filter(has_text="Bánh mì cô Thử")
    card.get_by_role("button", name="Duyệt").click()
    assert code is not None
    page.goto(code)
    expect(page.locator("main")).to_contain_text("Đã có mã QR")
    return code.rpartition("/")[2]


def _print(page: Page, folder: Path) -> None:
    page.goto("/desk/prints/new")
    page.get_by_label("Chợ, tuyến phố").select_option(label="Chợ Sông Mây")
    page.get_by_label("Chỉ các quầy").fill("A01-12")
    page.get_by_role("button", name="Xem lại").click()
    page.get_by_role("button", name="In 1 b").click()
    expect(page.get_by_role("link", name="Tải tệp in")).to_be_visible(timeout=MAKING_MS)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Tải tệp in").click()
    file = folder / "lot.pdf"
    waiting.value.save_as(file)
    assert PAYLOAD in _codes(file)


def _codes(file: Path) -> list[str]:
    with PDFIUM:
        document = pypdfium2.PdfDocument(file)
        pictures = [page.render(scale=2, grayscale=True).to_pil() for page in document]
        document.close()
    return [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]


def _sign_out(page: Page) -> None:
    page.context.clear_cookies()
