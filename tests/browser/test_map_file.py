"""The file of `choso map` in a real browser, from disk, without network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.mapping.spots import Spot
from app.mapping.standalone import page as map_page
from tests.browser.conftest import LAPTOP, PHONE

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`backtick`",
    "back\\slash",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "Bún chả Hường",
]


@pytest.fixture(params=["laptop", "phone"])
def tab(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A tab that knows no server; a fault, a dialog or a request fails the test."""
    context = browser.new_context(viewport=LAPTOP if request.param == "laptop" else PHONE, offline=True)
    context.add_init_script("window.alerts = 0; window.alert = () => { window.alerts += 1; };")
    faults: list[str] = []
    requests: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda sent: requests.append(sent.url))
    yield page
    alerts = page.evaluate("window.alerts")
    context.close()
    assert (faults, alerts) == ([], 0)
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def spot(at: int, name: str, stage: str = "active", zone: str = "Chợ Mẫu") -> Spot:
    return Spot(at + 2, f"A01-{at:02}", name, name, zone, "A01", str(at), 20 + at / 1000, 105 + at / 1000, stage)


def open_map(tab: Page, tmp_path: Path, spots: list[Spot]) -> None:
    file = tmp_path / "map.html"
    file.write_text(map_page(spots, "Bản đồ thử"), encoding="utf-8")
    tab.goto(file.as_uri())
    tab.wait_for_selector("html[data-ready]")


def test_a_click_opens_the_name_as_plain_text(tab: Page, tmp_path: Path) -> None:
    open_map(tab, tmp_path, [spot(at, name, name, name) for at, name in enumerate(HOSTILE)])
    expect(tab.locator(".map-mark")).to_have_count(len(HOSTILE))
    for name in HOSTILE:
        tab.locator(".map-result", has_text=name).first.click()
        expect(tab.locator(".leaflet-popup-content .map-card-name")).to_have_text(name)
    assert tab.locator(".leaflet-popup-content img").count() == 0


def test_one_point_stands_in_the_middle_and_opens_there(tab: Page, tmp_path: Path) -> None:
    open_map(tab, tmp_path, [spot(1, "Bún chả")])
    box = tab.locator("#map_choso").bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(tab.locator(".leaflet-popup-content")).to_contain_text("Bún chả")
    expect(tab.locator(".leaflet-popup-content")).to_contain_text("A01-01")


def test_search_knows_no_accents_and_stages_hide(tab: Page, tmp_path: Path) -> None:
    spots = [spot(at, f"Quầy {at}", "installed" if at % 2 else "active") for at in range(6)]
    open_map(tab, tmp_path, [*spots, spot(7, "Đặng Thị Hường")])
    tab.locator("#search").fill("dang thi huong")
    expect(tab.locator("#count")).to_have_text("1 / 7 điểm")
    tab.locator("#search").fill("")
    tab.locator(".map-chip", has_text="Đã lắp bảng").click()
    expect(tab.locator("#count")).to_have_text("4 / 7 điểm")
    expect(tab.locator(".map-mark")).to_have_count(4)


def test_zooming_in_parts_a_crowd_until_each_point_can_be_opened(tab: Page, tmp_path: Path) -> None:
    crowd = [
        Spot(
            at, f"B{at:03}", f"Quầy {at}", "", "Chợ", "B", str(at), 20 + at // 20 * 3e-5, 105 + at % 20 * 3e-5, "active"
        )
        for at in range(400)
    ]
    open_map(tab, tmp_path, [*crowd, Spot(1, "Z", "Xa", "", "Phố", "", "", 20.02, 105.02, "listed")])
    for _ in range(8):
        cluster = tab.locator(".map-cluster").first
        if cluster.count() == 0:
            break
        cluster.dispatch_event("click")
        tab.wait_for_timeout(350)
    assert tab.locator(".map-mark").count() > 10
    tab.locator(".map-mark").first.dispatch_event("click")
    expect(tab.locator(".leaflet-popup-content .map-pill")).to_be_visible()


def test_points_in_one_place_are_listed(tab: Page, tmp_path: Path) -> None:
    same = [Spot(at, f"C{at}", f"Chung chỗ {at}", "", "", "", "", 20, 105, "active") for at in range(3)]
    open_map(tab, tmp_path, same)
    tab.locator(".map-cluster").dispatch_event("click")
    expect(tab.locator(".leaflet-popup-content .map-result")).to_have_count(3)


def test_marks_open_with_the_keyboard(tab: Page, tmp_path: Path) -> None:
    open_map(tab, tmp_path, [spot(1, "Bún chả")])
    mark = tab.locator(".map-mark")
    expect(mark).to_have_attribute("aria-label", "Bún chả, A01-01, Đang dùng đều")
    mark.focus()
    tab.keyboard.press("Enter")
    expect(tab.locator(".leaflet-popup-content")).to_contain_text("Bún chả")
