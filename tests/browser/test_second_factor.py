"""The second factor as somebody meets it: set up, used, the phone lost and replaced, everything lost."""

import time
from datetime import UTC, datetime

import pytest
from flask import Flask
from passlib.totp import TOTP
from playwright.sync_api import Page, expect

from app.accounts.actions import Grant, create_user, reset_second_factor
from app.accounts.queries import user_by_identity
from app.actors import APPROVER, SYSTEM
from app.db import unit_of_work

NAME, PASSWORD = "binh.duyet", "một câu chỉ mình tôi nhớ"
STEP_SECONDS = 30


class PhoneApp:
    """An authenticator: the key typed in by hand, a code never used before at each asking."""

    def __init__(self, key: str) -> None:
        self.clock = TOTP(key=key, new=False)
        self.last = 0

    def code(self) -> str:
        """This step's code, or the next one's, which the server takes half a minute early."""
        step = max(int(time.time()) // STEP_SECONDS, self.last + 1)
        self.last = step
        return str(self.clock.generate(step * STEP_SECONDS).token)


@pytest.fixture
def person(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        create_user(
            SYSTEM, datetime.now(UTC), NAME, "Lê Thị Bình", grants=[Grant(APPROVER)], password=PASSWORD,
            must_change=False,
        )  # fmt: skip


def type_password(page: Page) -> None:
    page.goto("/login")
    page.fill("[name=identity]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def sign_out(page: Page) -> None:
    page.goto("/desk/me")
    page.get_by_role("button", name="Đăng xuất mọi nơi").click()
    expect(page).to_have_url("/login")


def give_code(page: Page, code: str, button: str = "Tiếp tục") -> None:
    page.fill("[name=code]", code)
    page.get_by_role("button", name=button).click()


def key_on(page: Page) -> str:
    page.get_by_text("Không quét được").click()
    assert page.get_by_role("link", name="Mở ứng dụng xác thực").get_attribute("href", timeout=2000)
    return page.locator("[data-copy-value]").inner_text()


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_from_the_first_code_to_a_lost_phone(page: Page, person: None, live_app: Flask) -> None:
    del person
    type_password(page)
    expect(page).to_have_url("/desk/me/second-factor")
    page.goto("/desk/approvals")
    expect(page).to_have_url("/desk/me/second-factor")
    key = key_on(page)
    give_code(page, "000000", "Bật xác thực hai lớp")
    expect(page.get_by_text("Mã 6 số không đúng.")).to_be_visible()
    assert key_on(page) == key, "the key that was scanned stays good"
    phone = PhoneApp(key)
    used = phone.code()
    give_code(page, used, "Bật xác thực hai lớp")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("link", name="Tôi đã cất, làm việc tiếp").click()
    expect(page).to_have_url("/desk/")

    sign_out(page)
    type_password(page)
    expect(page).to_have_url("/login/code")
    give_code(page, used)
    expect(page.get_by_text("Mã không đúng hoặc đã dùng rồi.")).to_be_visible()
    give_code(page, phone.code())
    expect(page).to_have_url("/desk/")

    sign_out(page)
    type_password(page)
    page.get_by_text("Mất điện thoại", exact=True).click()
    expect(page.get_by_text("Còn mã dự phòng:")).to_be_visible()
    give_code(page, codes[0].upper())
    expect(page.get_by_text("còn 9 mã")).to_be_visible()
    page.goto("/desk/me")
    page.get_by_role("link", name="Đổi sang điện thoại khác").click()
    page.fill("[name=password]", PASSWORD)
    give_code(page, PhoneApp(key_on(page)).code(), "Bật xác thực hai lớp")
    fresh = page.locator(".codes code").all_inner_texts()
    assert set(fresh).isdisjoint(codes)

    sign_out(page)
    for old in (phone.code(), codes[1]):
        type_password(page)
        give_code(page, old)
        expect(page.get_by_text("Mã không đúng hoặc đã dùng rồi.")).to_be_visible()
    with live_app.app_context(), unit_of_work():
        found = user_by_identity(NAME)
        assert found is not None
        reset_second_factor(SYSTEM, datetime.now(UTC), found)
    type_password(page)
    expect(page).to_have_url("/desk/me/second-factor")


@pytest.mark.parametrize("page", ["laptop"], indirect=True)
def test_new_recovery_codes_ask_for_the_password(page: Page, person: None) -> None:
    del person
    type_password(page)
    give_code(page, PhoneApp(key_on(page)).code(), "Bật xác thực hai lớp")
    old = page.locator(".codes code").all_inner_texts()
    page.goto("/desk/me")
    for password, works in (("đoán thử xem", False), (PASSWORD, True)):
        page.wait_for_load_state("load")  # before its script the button posts at once, and no dialog asks
        page.get_by_role("button", name="Mã dự phòng mới").first.click()
        page.get_by_role("dialog").locator("[name=password]").fill(password)
        page.get_by_role("dialog").get_by_role("button", name="Mã dự phòng mới").click()
        if not works:
            expect(page.get_by_text("Mật khẩu không đúng.")).to_be_visible()
    assert old
    expect(page.locator(".codes code")).to_have_count(len(old))
    assert set(page.locator(".codes code").all_inner_texts()).isdisjoint(old)
