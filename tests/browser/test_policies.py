"""Policies in a real browser: words follow the typing, sliders answer, under the page's own security policy."""

import pytest
from playwright.sync_api import Page, expect

from app.actors import COORDINATOR
from tests.browser.conftest import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("sample")]
SOON_MS = 30_000


def test_words_follow_the_typing_and_sliders_answer(page: Page) -> None:
    sign_in(page, COORDINATOR)
    page.goto("/desk/cashback/policies/new?from=qr-experience-point")
    said = page.locator(".said-words")
    page.fill("[name=r1-vnd]", "7.777")
    expect(said).to_contain_text("Khách hàng được 7.777", timeout=SOON_MS)
    page.fill("[name=r1-vnd]", "")
    expect(said).to_contain_text("Hãy ghi số tiền thưởng", timeout=SOON_MS)
    page.goto("/desk/cashback/simulate")
    cost = page.locator("#outcome .tile-value").first
    before = cost.inner_text()
    slider = page.locator("[data-turns=k-1-vnd]")
    expect(slider).to_be_visible()
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("[name=k-1-vnd]")).to_have_value("20.000")
    expect(cost).not_to_have_text(before, timeout=SOON_MS)
    page.locator(".moved a").first.click()
    expect(page.locator("main")).to_contain_text("so với bản 1 đang áp dụng")
