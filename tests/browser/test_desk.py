"""The office as its people meet it."""

import pytest
from playwright.sync_api import Page, expect

from app.actors import COORDINATOR
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("sample")
def test_a_strip_of_tabs_opens_at_the_tab_one_is_on(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    sign_in(page, COORDINATOR)
    page.goto("/desk/activity")
    strip = page.locator(".tabs").first
    assert strip.evaluate("strip => strip.scrollWidth > strip.clientWidth"), "else there is nothing to prove"
    expect(strip.locator("[aria-current]")).to_be_in_viewport(ratio=0.9)  # its foot lies under the line


@pytest.mark.usefixtures("sample")
def test_first_page_opens_to_what_it_counts(page: Page) -> None:
    sign_in(page, COORDINATOR)
    expect(page.get_by_text("Dữ liệu mẫu").first).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chào")
    tile = page.locator("main a").filter(has_text="Dùng đều").first
    number = tile.inner_text()
    tile.click()
    expect(page).to_have_url("/desk/merchants?stage=active")
    total = "".join(part for part in number.split() if part.isdigit())
    expect(page.locator("main")).to_contain_text(f"trong {total}")
