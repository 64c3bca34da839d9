"""The office as its people meet it."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.actors import COORDINATOR
from app.db import unit_of_work
from app.factory.sample.build import build_sample
from app.factory.sample.people import sign_ins
from tests.conftest import SECRET

pytestmark = pytest.mark.browser


def sign_in(page: Page, role: str) -> None:
    me = next(each for each in sign_ins(SECRET) if each.role == role)
    page.goto("/login")
    page.fill("[name=identity]", me.user)
    page.fill("[name=password]", me.password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page).to_have_url("/desk/")


@pytest.fixture
def sample(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        build_sample(SECRET, datetime.now(UTC))


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
