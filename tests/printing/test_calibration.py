"""An office printer is measured once; from then on sheets lie where they should."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient

from app.actors import APPROVER, COORDINATOR, Scope
from app.errors import RefusedError
from app.factory.cli import run
from app.paper.measures import points
from app.printing.calibration import shift_of
from app.registry.models import Point
from tests.printing.lists import row, write
from tests.printing.test_pages import ordered, stalls, token, worked
from tests.registry.scene import commune

Browsers = Callable[..., FlaskClient]
__all__ = ["stalls"]


@pytest.mark.parametrize(
    ("measures", "reason"), [((30, 30, 147.2), "phóng hoặc thu"), ((41, 30, 150), "quá 8"), ((30, 21, 150), "quá 8")]
)
def test_a_measure_no_shift_can_mend_says_why(measures: tuple[float, float, float], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        shift_of(*measures)


def code_middles(pdf: Path | bytes) -> list[tuple[float, float]]:
    """Middles of the codes as the printer puts them on the paper, in mm from its top left."""
    page = pypdfium2.PdfDocument(pdf)[0]
    scale = 300 / 72
    found = zxingcpp.read_barcodes(page.render(scale=scale, grayscale=True).to_pil())
    per_mm = scale * points(1)
    spots = [code.position for code in found if code.text.startswith("000201")]
    return sorted(
        (
            round((spot.top_left.x + spot.bottom_right.x) / 2 / per_mm, 1),
            round((spot.top_left.y + spot.bottom_right.y) / 2 / per_mm, 1),
        )
        for spot in spots
    )


def test_the_sheet_has_its_lines_where_people_measure(tmp_path: Path) -> None:
    assert run(["printer", "calibrate", "--out", str(tmp_path / "do.pdf")]) == 0
    page = pypdfium2.PdfDocument(tmp_path / "do.pdf")[0]
    assert page.get_size() == pytest.approx((points(210), points(297)), abs=0.1)
    picture = page.render(scale=10 / points(1), grayscale=True).to_pil()
    dark = [x for x in range(1000) if picture.getpixel((x, 2000)) < 128]
    assert sum(dark) / len(dark) == pytest.approx(300, abs=1.5)
    dark = [y for y in range(1000) if picture.getpixel((1000, y)) < 128]
    assert min(dark) == pytest.approx(300, abs=2)


def test_the_command_line_remembers_a_printer_and_moves_its_sheets(
    app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del app
    assert run(["printer", "measure", "Máy Nhà văn hoá", "--left", "28.5", "--top", "31"]) == 0
    assert run(["printer", "list"]) == 0
    assert "Máy Nhà văn hoá\t+1.5\t-1\n" in capsys.readouterr().out
    data = write(tmp_path / "points.csv", [row(number) for number in range(1, 5)])
    order = ["--design", "standee-a6", "--data", str(data), "--sheet", "a4"]
    assert run(["print", *order, "--out", str(tmp_path / "plain")]) == 0
    assert run(["printer", "print", "may nha VAN HOA", *order, "--out", str(tmp_path / "moved")]) == 0
    plain, moved = (code_middles(tmp_path / name / "lot.pdf") for name in ("plain", "moved"))
    assert len(plain) == 4
    for (x, y), (there_x, there_y) in zip(plain, moved, strict=True):
        assert (there_x - x, there_y - y) == pytest.approx((1.5, -1), abs=0.15)
    assert json.loads((tmp_path / "moved" / "gate.json").read_text(encoding="utf-8"))["moved_mm"] == [1.5, -1]
    with pikepdf.open(tmp_path / "moved" / "lot.pdf") as book:
        page = book.pages[0]
        assert float(page.trimbox[0]) - points(1.5) > 0
    assert run(["printer", "print", "máy lạ", *order, "--out", str(tmp_path / "x")]) == 1
    assert "choso printer calibrate" in capsys.readouterr().err
    assert run(["printer", "print", "Máy Nhà văn hoá", *order[:-2], "--out", str(tmp_path / "x")]) == 2, "wrong usage"
    assert "--sheet a4" in capsys.readouterr().err


def test_measuring_on_the_page_and_fetching_the_moved_file(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    lot = worked(app, ordered(browser))
    assert browser.get("/desk/prints/printers/calibration.pdf").data.startswith(b"%PDF")
    form = {"name": "Canon phòng một cửa", "left": "31,5", "top": "30", "bar": "150", "csrf_token": token(browser)}
    assert browser.post("/desk/prints/printers", data=form).status_code == 302
    page = browser.get(f"/desk/prints/{lot.id}").get_data(as_text=True)
    found = re.search(rf"/desk/prints/{lot.id}/printer/\d+\.pdf", page)
    assert found
    plain = code_middles(browser.get(f"/desk/prints/{lot.id}/files/lot.pdf").data)
    moved = code_middles(browser.get(found[0]).data)
    for (x, y), (there_x, there_y) in zip(plain, moved, strict=True):
        assert (there_x - x, there_y - y) == pytest.approx((-1.5, 0), abs=0.15)
    for wrong in ({"left": "ba mươi"}, {"bar": "140"}, {"name": " "}):
        assert browser.post("/desk/prints/printers", data={**form, **wrong}).status_code == 422
    assert "Canon phòng một cửa" in browser.get("/desk/prints/printers").get_data(as_text=True)
    assert "Ghi số đo" not in as_role(APPROVER).get("/desk/prints/printers").get_data(as_text=True)
    elsewhere = commune(lot.created_at, "99002", "Nơi khác")
    stranger = as_role(COORDINATOR, scope=Scope("unit", elsewhere.id))
    assert "Canon phòng" not in stranger.get("/desk/prints/printers").get_data(as_text=True)
    forget = found[0].rsplit("/", 1)[1].removesuffix(".pdf")
    assert (
        stranger.post(f"/desk/prints/printers/{forget}/forget", data={"csrf_token": token(stranger)}).status_code == 404
    )
    assert (
        browser.post(f"/desk/prints/printers/{forget}/forget", data={"csrf_token": token(browser)}).status_code == 302
    )
    assert browser.get(found[0]).status_code == 404
    assert stalls
