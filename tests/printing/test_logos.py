"""A commune's logo and its provider's: placed once, on every piece made afterwards, as the press will print them."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.actors import APPROVER, COORDINATOR, Scope
from app.factory.cli import run
from app.paper.preflight import inspect
from app.places.queries import communes
from app.printing.artwork import Artwork
from app.printing.design_files import load_design
from app.printing.designs import DesignError
from app.printing.shelf import stock
from app.printing.themes import ThemeError, own_theme
from app.registry.models import Point
from tests.printing.lists import row, write
from tests.printing.test_pages import ordered, stalls, token, worked
from tests.registry.scene import commune

Browsers = Callable[..., FlaskClient]
__all__ = ["stalls"]
RED = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60"><rect width="120" height="60" fill="#e00000"/></svg>'
)
PALE = RED.replace("#e00000", "#fffbe6")


def theme_file(folder: Path, logos: str) -> Path:
    (folder / "do.svg").write_text(RED, encoding="utf-8")
    (folder / "nhat.svg").write_text(PALE, encoding="utf-8")
    Image.new("RGB", (900, 450), (0, 90, 200)).save(folder / "xanh.png")
    path = folder / "xa.yaml"
    path.write_text(f"extends: default\ntitle: Xã Mẫu\nlogos: {logos}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("file", "as_picture"), [("do.svg", False), ("xanh.png", True)])
def test_a_logo_stands_in_its_slot_with_clear_space(file: str, as_picture: bool, tmp_path: Path) -> None:
    theme = theme_file(tmp_path, f"{{provider: {{file: {file}}}}}")
    data = write(tmp_path / "points.csv", [row(1)])
    out = tmp_path / "lot"
    assert run(["print", "--design", "poster-a3", "--data", str(data), "--out", str(out), "--theme", str(theme)]) == 0
    page = pypdfium2.PdfDocument(out / "lot.pdf")[0]
    assert "Mọi ngân hàng" not in page.get_textpage().get_text_bounded()
    picture = page.render(scale=72 / 72).to_pil()
    slot = [(10 + 30) * 72 / 25.4, (10 + 377) * 72 / 25.4, (10 + 106) * 72 / 25.4, (10 + 400) * 72 / 25.4]
    inside = picture.crop(tuple(round(edge) for edge in slot))
    middle = inside.getpixel((inside.width // 2, inside.height // 2))
    assert isinstance(middle, tuple)
    assert max(middle) - min(middle) > 60
    clear = inside.crop((0, 0, inside.width, round(inside.height * 0.12)))
    assert all(low > 235 for low, _ in clear.getextrema())
    assert inspect(out / "lot.pdf") == []
    with pikepdf.open(out / "lot.pdf") as book:
        images = [thing for thing in book.objects if isinstance(thing, pikepdf.Stream) and "/ColorSpace" in thing]
        assert [str(image.ColorSpace) for image in images] == (["/DeviceCMYK"] if as_picture else [])


def test_without_a_logo_its_name_stands_there_and_else_nothing_false(tmp_path: Path) -> None:
    data = write(tmp_path / "points.csv", [row(1)])
    order = ["print", "--design", "sign-vertical-1m2", "--data", str(data), "--out", str(tmp_path / "lot")]
    theme = tmp_path / "xa.yaml"
    theme.write_text("extends: default\ntitle: Xã\ntexts: {provider: Ví Mẫu}\n", encoding="utf-8")
    assert run([*order, "--theme", str(theme)]) == 0
    text = pypdfium2.PdfDocument(tmp_path / "lot" / "lot.pdf")[0].get_textpage().get_text_bounded()
    assert "Ví Mẫu" in text
    assert "biểu trưng" not in text.casefold()


def test_a_logo_nobody_sees_or_too_small_for_its_owner(tmp_path: Path) -> None:
    shelf = stock()
    design = load_design(shelf.designs, "poster-a3")
    pale = own_theme(theme_file(tmp_path, "{provider: {file: nhat.svg}}"), shelf.themes)
    with pytest.raises(DesignError, match="khó thấy"):
        Artwork(design, pale, shelf.fonts, shelf.art)
    large = own_theme(theme_file(tmp_path, "{provider: {file: do.svg, least_mm: 300}}"), shelf.themes)
    assert Artwork(design, large, shelf.fonts, shelf.art).layers  # falls back to the name


@pytest.mark.parametrize(
    ("logos", "reason"),
    [
        ("{provider: {file: khong-co.svg}}", "khong-co.svg"),
        ("{bank: {file: do.svg}}", "bank"),
        ("{provider: {file: do.svg, colour: red}}", "colour"),
        ("{provider: {file: xa.yaml}}", "SVG, PDF hoặc PNG"),
    ],
)
def test_a_theme_whose_logo_is_not_there_says_so(tmp_path: Path, logos: str, reason: str) -> None:
    with pytest.raises(ThemeError, match=reason):
        own_theme(theme_file(tmp_path, logos), stock().themes)


def test_a_commune_places_its_logo_and_takes_it_away(app: Flask, as_role: Browsers, stalls: list[Point]) -> None:
    browser = as_role(COORDINATOR)
    unit = communes()[0].id
    page = f"/desk/prints/logos/{unit}/provider"

    def sent(name: str, data: bytes, at: str = page) -> int:
        form = {"csrf_token": token(browser), "file": (io.BytesIO(data), name)}
        return browser.post(at, data=form, content_type="multipart/form-data").status_code

    assert sent("x.svg", PALE.encode()) == 422
    assert sent("x.exe", b"MZ") == 422
    assert sent("x.svg", RED.encode(), page.replace("provider", "bank")) == 404
    assert sent("../../x.svg", RED.encode()) == 302
    assert "Đã có tệp SVG" in browser.get("/desk/prints/logos").get_data(as_text=True)
    assert browser.get(f"/desk/prints/logos/{unit}/preview.png").data.startswith(b"\x89PNG")
    with_logo = browser.get("/desk/prints/posters/poster-a4.pdf").data
    assert "Mọi ngân hàng" not in pypdfium2.PdfDocument(with_logo)[0].get_textpage().get_text_bounded()
    elsewhere = commune(stalls[0].created_at, "99002", "Nơi khác")
    stranger = as_role(COORDINATOR, scope=Scope("unit", elsewhere.id))
    assert stranger.get(f"/desk/prints/logos/{unit}/preview.png").status_code == 404
    assert stranger.post(f"{page}/drop", data={"csrf_token": token(stranger)}).status_code == 404
    assert as_role(APPROVER).get("/desk/prints/logos").status_code == 403
    assert browser.post(f"{page}/drop", data={"csrf_token": token(browser)}).status_code == 302
    assert browser.post(f"{page}/drop", data={"csrf_token": token(browser)}).status_code == 404
    without = browser.get("/desk/prints/posters/poster-a4.pdf").data
    assert "Mọi ngân hàng" in re.sub(r"\s+", " ", pypdfium2.PdfDocument(without)[0].get_textpage().get_text_bounded())
    made = worked(app, ordered(browser))
    assert made.state == "ready", made.failures


def test_the_page_keeps_the_communes_name_in_its_frame(as_role: Browsers, stalls: list[Point]) -> None:
    del stalls
    page = as_role(COORDINATOR).get("/desk/prints/logos").get_data(as_text=True)
    assert "Unit " not in page
    assert "Xã Cẩm Thử" in page
