"""The small code in a sheet's margin: read by any phone, no payment, marks the sheet's pieces printed."""

import re
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient

from app.actors import COORDINATOR
from app.db import db, unit_of_work
from app.paper.imposition import SHEETS, beside_pieces, fill
from app.paper.measures import points
from app.printing.models import PrintLot
from app.printing.sheet_codes import sheet_address, sheet_of
from app.qr.check import inspect
from app.registry.models import Point
from app.settings import Settings
from tests.printing.test_pages import ordered, stalls, worked

Browsers = Callable[..., FlaskClient]
__all__ = ["stalls"]


@pytest.fixture
def lot(app: Flask, as_role: Browsers, stalls: list[Point]) -> PrintLot:
    del stalls
    made = worked(app, ordered(as_role(COORDINATOR)))
    assert made.state == "ready", made.failures
    return made


def margin_codes(lot: PrintLot, settings: Settings) -> list[str]:
    """What an outsider's phone reads in the lower margin of every sheet."""
    book = pypdfium2.PdfDocument(settings.lots_dir / lot.number / "lot.pdf")
    found = []
    for page in book:
        width, height = page.get_size()
        picture = page.render(scale=400 / 72, crop=(0, 0, 0, height - points(16)), grayscale=True).to_pil()
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
        assert width == pytest.approx(points(210))
    return found


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_scan_marks_the_sheet_and_the_last_one_the_lot(
    lot: PrintLot, settings: Settings, client: FlaskClient
) -> None:
    addresses = margin_codes(lot, settings)
    assert len(addresses) == lot.sheets == 2
    paths = [address[address.index("/T/") :] for address in addresses]
    shown = client.get(paths[0])
    assert shown.status_code == 200
    text = shown.get_data(as_text=True)
    assert "Tờ 1/2" in text
    assert "4 bản" in text
    assert "Nguyễn Thị Mẫu" not in text
    assert {piece.state for piece in lot.pieces} == {"made"}
    assert client.post(paths[0]).status_code == 400  # without the form's token nothing is marked
    assert client.post(paths[0], data={"csrf_token": csrf(text)}).status_code == 302
    db.session.expire_all()
    assert [piece.state for piece in lot.pieces if piece.sheet == 1] == ["printed"] * 4
    assert lot.state == "ready"
    again = client.get(paths[0]).get_data(as_text=True)
    assert "đã được đánh dấu" in again
    assert client.post(paths[0], data={"csrf_token": csrf(text)}).status_code == 409
    client.post(paths[1], data={"csrf_token": csrf(client.get(paths[1]).get_data(as_text=True))})
    db.session.expire_all()
    assert lot.state == "printed"
    assert lot.printed_at is not None


def test_another_sheets_seal_an_old_and_a_void_lot_open_nothing(
    lot: PrintLot, settings: Settings, client: FlaskClient
) -> None:
    address = sheet_address("", settings.secret_key, lot.id, 1)
    assert client.get(address).status_code == 200
    for wrong in (address.replace(f"/{lot.id}.1.", f"/{lot.id}.2."), address[:-1], "/T/x", address + "A"):
        assert client.get(wrong).status_code == 404
    assert client.get(sheet_address("", settings.secret_key, lot.id, 9)).status_code == 404
    with unit_of_work():
        lot.made_at = lot.made_at - timedelta(days=91) if lot.made_at else None
    assert client.get(address).status_code == 404
    with unit_of_work():
        lot.made_at = lot.made_at + timedelta(days=91) if lot.made_at else None
        lot.state = "void"
    assert client.get(address).status_code == 404


def test_the_code_is_no_payment() -> None:
    address = sheet_address("https://cam-tan.example", "s" * 32, 12, 345)
    seen = inspect(address)
    assert not seen.valid
    assert sheet_of(address.rsplit("/", 1)[1], "s" * 32) == (12, 345)
    assert sheet_of(address.rsplit("/", 1)[1], "t" * 32) is None


@pytest.mark.parametrize(("sheet", "size"), [("a4", (95, 134)), ("a3", (105, 148)), ("sra3", (105, 148))])
@pytest.mark.parametrize("modules", [25, 29])
def test_it_has_room_beside_the_pieces_away_from_the_paper_edge(
    sheet: str, size: tuple[float, float], modules: int
) -> None:
    paper = SHEETS[sheet]
    found = beside_pieces(fill(paper, *size), paper, modules)
    assert found
    layout, box = found
    assert box.width / modules >= 0.25
    quiet = box.grown(4 * box.width / modules - 1e-6)
    assert not quiet.touches(layout.bleed)
    edge = paper.code_edge_mm - 1e-6
    assert box.right <= paper.width_mm - edge
    assert box.bottom <= paper.height_mm - edge
    across, down = layout.cut_lines()
    assert not any(quiet.x < x < quiet.right for x in across if quiet.y > layout.bleed.bottom - 1)
    assert not any(quiet.y < y < quiet.bottom for y in down if quiet.x > layout.bleed.right - 1)
