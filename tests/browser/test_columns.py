"""Saying which column is what, in a real browser: the preview follows every choice, long before there is a name."""

import pytest
from playwright.sync_api import Page, expect

from app.actors import COORDINATOR
from tests.browser.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sample")]
SOON_MS = 30_000
REPORT = "Mã giao dịch,Thời gian,Số tiền,Ví trả,Điểm bán\nL1,01/10/2026 08:15:00,20000,0900000001,HK-1\n"


def test_the_preview_follows_before_the_profile_has_a_name(page: Page) -> None:
    sign_in(page, COORDINATOR)
    page.goto("/desk/reports")
    page.set_input_files("[name=file]", {"name": "khong-loai.csv", "mimeType": "text/csv", "buffer": REPORT.encode()})
    page.get_by_role("button", name="Xem trước").first.click()
    page.goto(f"{page.url}/columns")
    preview = page.locator("#xem-truoc")
    for column, value in (("customer", "c3"), ("kind", "=qr_payment"), ("status", "=success")):
        expect(page.locator(f"#col-{column}-missing")).to_contain_text("Chưa chọn cột")
        page.select_option(f"#col-{column}", value)
        expect(page.locator(f"#col-{column}-missing")).to_be_empty(timeout=SOON_MS)
    expect(preview).to_contain_text("đọc được 1, từ chối 0", timeout=SOON_MS)
    page.get_by_role("button", name="Lưu và xem cả tệp").click()
    expect(page.locator("main")).to_contain_text("Chưa đặt tên cho hồ sơ đọc", timeout=SOON_MS)
    expect(page.locator("#col-kind")).to_have_value("=qr_payment")
