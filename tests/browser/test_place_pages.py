"""Laying out a market and drawing an outline with the mouse, under the strict policy."""

import re
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.db import db
from app.places.models import Unit, Zone
from app.places.queries import stalls_of
from tests.browser.test_map_pages import sign_in
from tests.mapping import scene

pytestmark = pytest.mark.browser


@pytest.fixture
def market(live_app: Flask, now: datetime) -> Zone:
    with live_app.app_context():
        zone = scene.market(now)
        scene.trader(now, zone, 0, "Ai đó")
        return zone


def test_the_preview_follows_and_the_hall_is_drawn(page: Page, live: str, live_app: Flask, market: Zone) -> None:
    sign_in(page, live_app, live)
    page.goto("/desk/places/zones/cho-thu")
    page.get_by_text("Vẽ thêm nhà chợ").click()
    picture = page.locator("#plan-preview")
    with page.expect_response(lambda answer: "rows=7" in answer.url):
        page.locator("#rows").fill("7")
    expect(picture).to_have_attribute("src", re.compile("rows=7"))
    picture.evaluate("image => image.decode()")
    page.get_by_role("button", name="Vẽ vào sơ đồ").click()
    expect(page.get_by_text("Đã vẽ 70 quầy vào sơ đồ.")).to_be_visible()
    with live_app.app_context():
        assert len(stalls_of(market.id)) == 80
        db.session.remove()


def test_an_outline_is_drawn_with_clicks(page: Page, live: str, live_app: Flask, market: Zone) -> None:
    sign_in(page, live_app, live)
    page.goto(f"/desk/places/units/{market.unit_id}")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_timeout(600)
    box = page.locator("#map_choso").bounding_box()
    assert box is not None
    for x, y in ((0.2, 0.3), (0.7, 0.3), (0.7, 0.8), (0.4, 0.9)):
        page.locator("#map_choso").click(position={"x": box["width"] * x, "y": box["height"] * y}, delay=30)
        page.wait_for_timeout(350)  # two quick clicks are a double click: zoom
    expect(page.locator("#draw-count")).to_have_text(re.compile("4 đỉnh, .* ha"))
    page.locator(".draw-corner").nth(3).focus()
    page.keyboard.press("Delete")
    expect(page.locator(".draw-corner")).to_have_count(3)
    page.locator(".draw-between").first.click()
    expect(page.locator(".draw-corner")).to_have_count(4)
    page.locator("#draw-undo").click()
    page.locator(".draw-corner").nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".draw-corner").nth(1)).to_be_focused()
    page.get_by_role("button", name="Lưu ranh giới").click()
    expect(page.get_by_text("Đã lưu ranh giới.")).to_be_visible()
    with live_app.app_context():
        boundary = db.session.get_one(Unit, market.unit_id).boundary
        db.session.remove()
    assert boundary is not None
    assert len(boundary["coordinates"][0]) == 4


def test_a_click_on_the_map_fills_in_the_place(page: Page, live: str, live_app: Flask, market: Zone) -> None:
    sign_in(page, live_app, live)
    page.goto("/desk/places/zones/new")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_timeout(600)
    page.locator("#map_choso").click()
    expect(page.locator("#lat")).not_to_have_value("")
    assert abs(float(page.locator("#lat").input_value()) - scene.LAT) < 0.01
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
