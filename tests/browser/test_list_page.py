"""The list of merchants at work: whole filters picked and taken back, ways of looking kept, rows walked by keyboard."""

from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.db import db
from app.places.models import Unit
from app.registry.models import Milestone
from tests.browser.test_map_pages import sign_in
from tests.registry.scene import commune, market, merchant, stall

pytestmark = pytest.mark.browser


@pytest.fixture
def unit(live_app: Flask, now: datetime) -> Unit:
    with live_app.app_context():
        unit = commune(now)
        zone = market(now, unit)
        for number in range(30):
            stall(now, merchant(now, unit, f"Lê Thị Mẫu {number:02}", phone="0987654321"), zone, f"A01-{number:02}")
        db.session.remove()
        return unit


def test_a_whole_filter_is_picked_done_and_taken_back(page: Page, live: str, live_app: Flask, unit: Unit) -> None:
    sign_in(page, live_app, live)
    page.goto("/desk/merchants")
    told = page.locator("[data-bulk-count]")
    whole = page.get_by_label("Chọn cả 30 hộ theo bộ lọc")
    expect(whole).to_be_hidden()
    page.get_by_label("Chọn Lê Thị Mẫu 03").check()
    expect(told).to_have_text("Đã chọn 1 hộ trên trang này")
    page.locator("[data-pick-all]:visible").last.check()
    expect(told).to_have_text("Đã chọn 25 hộ trên trang này")
    whole.check()
    expect(told).to_have_text("Đã chọn cả 30 hộ theo bộ lọc")
    page.locator("#act").select_option("surveyed")
    page.get_by_role("button", name="Làm", exact=True).click()
    page.get_by_role("button", name="Ghi mốc: Khảo sát cho 30 hộ").click()
    expect(page.get_by_text("Đã ghi mốc “Khảo sát” cho 30 hộ.")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.get_by_text("Đã hoàn tác cho 30 hộ.")).to_be_visible()
    with live_app.app_context():
        assert db.session.query(Milestone).filter(Milestone.revoked_at.is_(None)).count() == 0
        db.session.remove()


def test_a_way_of_looking_is_kept_and_opens_the_list(page: Page, live: str, live_app: Flask, unit: Unit) -> None:
    sign_in(page, live_app, live)
    page.goto("/desk/merchants?sort=new&q=Mẫu")
    page.get_by_text("Cột", exact=True).click()
    page.get_by_label("Mã hồ sơ").check()
    page.get_by_role("button", name="Hiện các cột này").click()
    column = page.locator('td[data-label="Mã hồ sơ"]')
    expect(column).to_have_count(25)
    page.locator(".views-menu > summary").click()
    page.locator("#ten-moi").fill("Mới nhất trước")
    page.get_by_label("Lần sau mở bằng cách xem này").check()
    page.get_by_role("button", name="Lưu cách xem", exact=True).click()
    page.goto("/desk/merchants")
    expect(page.get_by_role("link", name="Mới nhất trước")).to_have_attribute("aria-current", "page")
    expect(column).to_have_count(25)
    expect(page.locator("tbody tr").first).to_contain_text("Lê Thị Mẫu 29")
    assert "q=" not in page.url, "a search word may be a person's name: it is not kept"


def test_rows_are_walked_and_opened_by_keyboard(page: Page, live: str, live_app: Flask, unit: Unit) -> None:
    sign_in(page, live_app, live)
    page.goto("/desk/merchants")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_label("Chọn Lê Thị Mẫu 01")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Lê Thị Mẫu 00 · Chợ Số")
