"""The maps inside the site, under the strict policy: zoom, click, popup, hostile names, filters, floor plan."""

import re
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.actors import COORDINATOR
from app.places.models import Zone
from tests.conftest import Browser, browser_of
from tests.mapping import scene

pytestmark = pytest.mark.browser
POPUP = ".leaflet-popup-content"


@pytest.fixture
def market(live_app: Flask, now: datetime) -> Zone:
    """A market whose traders have the names that broke other maps; all agreed to be seen."""
    with live_app.app_context():
        zone = scene.market(now)
        for at, name in enumerate(scene.HOSTILE):
            scene.trader(now, zone, at, name, stage="active" if at % 2 else "installed")
        scene.hamlet(now, zone.unit, scene.HOSTILE[0])
        return zone


def sign_in(page: Page, live_app: Flask, live: str) -> None:
    live_app.test_client_class = Browser
    with live_app.app_context():
        cookie = browser_of(live_app, COORDINATOR).get_cookie("choso")
    assert cookie is not None
    page.context.add_cookies([{"name": "choso", "value": cookie.value, "url": live}])


def every_name(page: Page) -> set[str]:
    """Every name that the map shows when clusters and marks are opened; a busy machine draws later than one looks."""
    seen: set[str] = set()
    for _ in range(6):
        open_clusters(page)
        seen |= open_all_marks(page)
        if seen >= set(scene.HOSTILE):
            break
        page.wait_for_timeout(500)
    return seen


def ready(page: Page, address: str) -> None:
    page.add_init_script("window.alerts = 0; window.alert = () => { window.alerts += 1; };")
    page.goto(address)
    page.wait_for_selector("html[data-ready]")


def open_all_marks(page: Page) -> set[str]:
    """Every name that the map shows as plain text when its mark is opened."""
    seen = set()
    for mark in page.locator(".map-mark").all():
        mark.dispatch_event("click")
        seen.add(page.locator(f"{POPUP} .map-card-name").inner_text())
    assert page.locator(f"{POPUP} img, {POPUP} script").count() == 0
    assert page.evaluate("window.alerts") == 0
    return seen


def open_clusters(page: Page) -> None:
    """Clicks clusters until the map shows single marks; one that goes while it is looked at is simply not clicked."""
    click_one = """() => {
        const one = document.querySelector(".map-cluster");
        one?.dispatchEvent(new MouseEvent("click", {bubbles: true}));
        return one !== null;
    }"""
    for _ in range(12):
        was_there = page.evaluate(click_one)
        page.wait_for_timeout(500)
        if not was_there:
            break


def test_the_office_map_opens_every_name_as_text(page: Page, live: str, live_app: Flask, market: Zone) -> None:
    sign_in(page, live_app, live)
    ready(page, "/desk/map")
    assert every_name(page) == set(scene.HOSTILE)
    expect(page.locator(f"{POPUP} .map-link")).to_have_attribute("href", re.compile("/desk/merchants/HK-"))
    expect(page.locator(".map-hamlet-name")).to_have_count(1)


def test_stage_and_search_narrow_the_office_map(page: Page, live: str, live_app: Flask, market: Zone) -> None:
    sign_in(page, live_app, live)
    ready(page, "/desk/map")
    page.locator("#q").fill("bun cha huong")
    expect(page.locator(".map-mark")).to_have_count(1)
    page.locator("#q").fill("")
    page.locator(".map-chip", has_text="Đã lắp bảng").click()
    page.locator("#q").fill("khong co ai ten the nay")
    expect(page.locator("#map-status")).to_contain_text("Chưa có điểm nào")


def test_the_residents_map_leads_to_the_traders_page(page: Page, market: Zone) -> None:
    ready(page, "/map?at=20.05,105.6")
    page.wait_for_selector(".map-mark, .map-cluster")
    page.locator("#map-all").click()
    page.wait_for_timeout(600)
    assert every_name(page) == set(scene.HOSTILE)
    name = page.locator(f"{POPUP} .map-card-name").inner_text()
    page.locator(f"{POPUP} .map-link").press("Enter")  # by keyboard: the map may still be moving under a mouse
    expect(page.locator("h1")).to_have_text(name)


def test_zoom_buttons_and_the_keyboard_move_the_map(page: Page, market: Zone) -> None:
    ready(page, "/map")
    before = page.evaluate("window.choso_map.getZoom()")
    page.get_by_title("Thu nhỏ").click()
    page.wait_for_function("before => window.choso_map.getZoom() < before", arg=before)
    page.wait_for_timeout(500)  # the map comes to rest
    mark = page.locator(".map-mark, .map-cluster").first
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("before => window.choso_map.getZoom() > before - 1", arg=before)


def test_a_stall_of_the_floor_plan_leads_to_its_trader(page: Page, live: str, live_app: Flask, market: Zone) -> None:
    sign_in(page, live_app, live)
    page.goto("/desk/map/cho-thu")
    expect(page.locator(".plan-stall")).to_have_count(10)
    name = page.locator(".plan a").first.get_attribute("aria-label")
    assert name is not None
    assert scene.HOSTILE[0] in name
    page.locator(".plan-legend a", has_text="Đang dùng đều").click()
    expect(page.locator(".plan-stall.is-dim")).to_have_count(7)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
