"""Signing on the screen with a finger or a mouse, under the strict policy: kept as strokes, shown, printed."""

from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.db import db
from app.evidence import kept_file
from app.registry.models import Consent
from app.registry.rules.signatures import drawn_signature
from app.settings import Settings
from tests.browser.test_map_pages import sign_in
from tests.registry.scene import commune, merchant

pytestmark = pytest.mark.browser


@pytest.fixture
def code(live_app: Flask, now: datetime) -> str:
    with live_app.app_context():
        found = merchant(now, commune(now), "Lê Thị Mẫu").code
        db.session.remove()
        return found


def stroke(page: Page, *corners: tuple[float, float]) -> None:
    """Draws through these parts of the field, 0 to 1."""
    pad = page.locator("[data-signature] canvas")
    pad.evaluate("field => field.scrollIntoView({block: 'center'})")
    box = pad.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_trader_signs_takes_back_a_stroke_and_signs_again(
    page: Page, live: str, live_app: Flask, live_settings: Settings, code: str
) -> None:
    sign_in(page, live_app, live)
    page.goto(f"/desk/merchants/{code}/consent")
    pad = page.locator("[data-signature]")
    expect(pad).to_be_hidden()
    expect(page.get_by_label("Người chứng kiến", exact=True)).to_be_hidden()
    page.get_by_label("Nói miệng").check()
    expect(page.get_by_label("Người chứng kiến", exact=True)).to_be_visible()
    page.get_by_label("Ký trên màn hình").check()
    expect(pad).to_be_visible()
    undo = page.get_by_role("button", name="Bỏ nét cuối")
    expect(undo).to_be_disabled()
    stroke(page, (0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.7, 0.3))
    stroke(page, (0.2, 0.9), (0.9, 0.9))
    undo.click()
    stroke(page, (0.2, 0.85), (0.8, 0.8))
    page.get_by_label("Ghi vào sổ của chương trình").check()
    page.get_by_role("button", name="Ghi đồng ý").click()
    expect(page.get_by_text("Đã ghi. In phiếu và đưa cho người bán giữ.")).to_be_visible()
    picture = page.get_by_alt_text("Chữ ký của Lê Thị Mẫu")
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")  # fails where it is no picture
    with live_app.app_context():
        given = db.session.query(Consent).one()
        drawing = drawn_signature(kept_file(live_settings.evidence_dir, given.signature_digest))
        db.session.remove()
    assert len(drawing.strokes) == 2
    assert all(y < 350 for drawn in drawing.strokes for _, y in drawn), "the stroke taken back is gone"


def test_an_empty_field_is_told_and_nothing_is_lost(page: Page, live: str, live_app: Flask, code: str) -> None:
    sign_in(page, live_app, live)
    page.goto(f"/desk/merchants/{code}/consent")
    page.get_by_label("Ghi vào sổ của chương trình").check()
    page.get_by_label("Ký trên màn hình").check()
    page.get_by_role("button", name="Ghi đồng ý").click()
    expect(page.get_by_text("Chưa có chữ ký")).to_be_visible()
    expect(page.get_by_label("Ghi vào sổ của chương trình")).to_be_checked()
