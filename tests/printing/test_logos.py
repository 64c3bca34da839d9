"""A commune's logo and its provider's: placed once, on every piece made afterwards, as the press will print them."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from PIL import Image, ImageChops
from werkzeug.test import TestResponse

from app.actors import APPROVER, COORDINATOR, Scope
from app.factory.cli import run
from app.paper.logos import Logo
from app.paper.preflight import inspect
from app.places.queries import communes
from app.printing.artwork import Artwork
from app.printing.design_files import load_design
from app.printing.designs import DesignError
from app.printing.own_logos import logo_file, waiting_logo
from app.printing.previews import SAMPLE, preview_png
from app.printing.shelf import stock
from app.printing.themes import ThemeError, own_theme
from app.registry.models import Point
from tests.conftest import Browser
from tests.printing.lists import row, write
from tests.printing.test_pages import ordered, stalls, worked
from tests.registry.scene import commune

Browsers = Callable[..., Browser]
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


BEYOND = RED.replace("<rect", '<rect x="-900" y="-900" width="2000" height="2000" fill="#003a70"/><rect', 1)


def test_a_logo_marks_nothing_outside_its_place(tmp_path: Path) -> None:
    pictures = []
    for name, text in (("a.svg", RED), ("b.svg", BEYOND)):
        theme = theme_file(tmp_path, f"{{provider: {{file: {name}}}, commune: {{file: {name}}}}}")
        (tmp_path / name).write_text(text, encoding="utf-8")
        shelf = stock()
        png = preview_png(load_design(shelf.designs, "standee-a6"), own_theme(theme, shelf.themes), SAMPLE, shelf, 900)
        pictures.append(Image.open(io.BytesIO(png)).convert("RGB"))
    off = ImageChops.difference(*pictures).convert("L").histogram()
    assert sum(off[40:]) <= 40  # at most the edge of the place, where a renderer rounds


def test_what_repaints_a_name_withholds_the_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F1 of the print study: a logo that paints the whole piece in the colour of the holder's name."""
    theme = theme_file(tmp_path, "{commune: {file: do.svg}}")
    whole = "0.9 0.5 0.4 0.4 k -500 -500 2000 2000 re f"
    monkeypatch.setattr(Logo, "operators", lambda _logo, _box: whole)
    data = write(tmp_path / "points.csv", [row(1)])
    order = ["print", "--design", "standee-a6", "--data", str(data), "--out", str(tmp_path / "lot")]
    assert run([*order, "--theme", str(theme)]) == 1
    gate = (tmp_path / "lot" / "gate.json").read_text(encoding="utf-8")
    assert "không nổi trên nền" in gate


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


def sent(browser: Browser, page: str, name: str, data: bytes) -> TestResponse:
    form = {"csrf_token": browser.form_token(), "file": (io.BytesIO(data), name)}
    return browser.post(page, data=form, content_type="multipart/form-data")


def press(browser: Browser, address: str, **fields: str) -> int:
    return browser.post(address, data={"csrf_token": browser.form_token(), **fields}).status_code


def poster_words(browser: Browser) -> str:
    poster = pypdfium2.PdfDocument(browser.get("/desk/prints/posters/poster-a4.pdf").data)
    return re.sub(r"\s+", " ", poster[0].get_textpage().get_text_bounded())


def test_a_commune_places_its_logo_another_agrees_and_it_is_taken_away(
    app: Flask, as_role: Browsers, stalls: list[Point]
) -> None:
    browser, second = as_role(COORDINATOR), as_role(APPROVER)
    unit = communes()[0].id
    page = f"/desk/prints/logos/{unit}/provider"
    assert sent(browser, page, "x.exe", b"MZ").status_code == 422
    assert sent(browser, page.replace("provider", "bank"), "x.svg", RED.encode()).status_code == 404
    assert sent(browser, page, "../../x.svg", RED.encode()).status_code == 302
    waiting = waiting_logo(unit, "provider")
    assert waiting
    assert "Mọi ngân hàng" in poster_words(browser)  # nothing is printed on one person's word
    for which, status in (("waiting", 200), ("now", 404)):
        assert browser.get(f"{page}/{which}.png").status_code == status
    decide = f"/desk/prints/logos/{unit}/{waiting.id}"
    assert press(browser, f"{decide}/approve") == 302
    assert waiting_logo(unit, "provider")
    assert "không được tự duyệt" in browser.get("/desk/prints/logos").get_data(as_text=True)
    assert "1 biểu trưng chờ duyệt" in second.get("/desk/").get_data(as_text=True)
    assert "biểu trưng chờ duyệt" not in browser.get("/desk/").get_data(as_text=True)
    shown = second.get("/desk/prints/logos").get_data(as_text=True)
    assert f"{decide}/approve" in shown
    assert "Nhận biểu trưng" not in shown  # who only decides places nothing
    assert press(second, page) == 403
    assert press(second, f"{decide}/approve") == 302
    assert not waiting_logo(unit, "provider")
    assert browser.get(f"/desk/prints/logos/{unit}/preview.png").data.startswith(b"\x89PNG")
    assert "Mọi ngân hàng" not in poster_words(browser)
    assert sent(browser, page, "moi.svg", RED.replace("e00000", "00a").encode()).status_code == 302
    used = app.config["SETTINGS"].logos_dir / str(unit) / f"{waiting.sha256}.svg"
    assert logo_file(app.config["SETTINGS"].logos_dir, str(unit), "provider") == used  # the old one until then
    newer = waiting_logo(unit, "provider")
    assert newer
    assert press(second, f"/desk/prints/logos/{unit}/{newer.id}/refuse") == 302
    assert waiting_logo(unit, "provider")  # a no needs its reason
    assert press(second, f"/desk/prints/logos/{unit}/{newer.id}/refuse", reason="sai màu") == 302
    assert not waiting_logo(unit, "provider")
    used.write_text(RED.replace("e00000", "00a"), encoding="utf-8")
    assert "Mọi ngân hàng" in poster_words(browser)  # a file changed behind the records is nobody's logo
    elsewhere = commune(stalls[0].created_at, "99002", "Nơi khác")
    stranger = as_role(COORDINATOR, scope=Scope("unit", elsewhere.id))
    assert stranger.get(f"/desk/prints/logos/{unit}/preview.png").status_code == 404
    assert press(stranger, f"{page}/drop") == 404
    assert press(stranger, f"{decide}/approve") == 404
    assert press(browser, f"{page}/drop") == 302
    assert press(browser, f"{page}/drop") == 404
    made = worked(app, ordered(browser))
    assert made.state == "ready", made.failures


def test_a_logo_placed_before_four_eyes_is_printed_until_the_next_is_agreed_to(
    app: Flask, as_role: Browsers, stalls: list[Point]
) -> None:
    del stalls
    browser, unit = as_role(COORDINATOR), communes()[0].id
    old = app.config["SETTINGS"].logos_dir / str(unit) / "provider.svg"
    old.parent.mkdir(parents=True)
    old.write_text(RED, encoding="utf-8")
    assert "Mọi ngân hàng" not in poster_words(browser)
    page = f"/desk/prints/logos/{unit}/provider"
    assert sent(browser, page, "x.svg", RED.replace("e00000", "00a").encode()).status_code == 302
    assert logo_file(old.parents[1], str(unit), "provider") == old
    old.write_text("<svg", encoding="utf-8")
    assert "không in được nữa" in browser.get("/desk/prints/logos").get_data(as_text=True)
    assert "Mọi ngân hàng" in poster_words(browser)


def small_png(wide: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (wide, wide // 3), (0, 90, 200)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.svg", PALE.encode(), "quá nhạt"),
        ("x.svg", RED.encode()[:-7] + b"<!--" * 20_000, "không đọc được SVG"),
        ("x.svg", (RED[:-6] + "<g>" * 20_000 + "</g>" * 20_000 + "</svg>").encode(), "lồng nhau quá sâu"),
        ("x.png", small_png(60), "chỉ in được rộng 5 mm"),
        ("x.jpg", b"\xff\xd8\xff", "SVG, PDF hoặc PNG"),
        ("", b"", "Chưa chọn tệp"),
    ],
)
def test_a_refused_file_is_told_on_the_same_page_with_its_form(
    as_role: Browsers, stalls: list[Point], name: str, data: bytes, said: str
) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    answer = sent(browser, f"/desk/prints/logos/{communes()[0].id}/provider", name, data)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in text
    assert text.count('type="file"') == 2
    assert not waiting_logo(communes()[0].id, "provider")


def test_a_picture_is_told_how_wide_it_can_be_printed(as_role: Browsers, stalls: list[Point]) -> None:
    del stalls
    browser = as_role(COORDINATOR)
    assert sent(browser, f"/desk/prints/logos/{communes()[0].id}/commune", "x.png", small_png(600)).status_code == 302
    assert "Ảnh 600 điểm in đẹp tới rộng 51 mm" in browser.get("/desk/prints/logos").get_data(as_text=True)


def test_the_page_keeps_the_communes_name_in_its_frame(as_role: Browsers, stalls: list[Point]) -> None:
    del stalls
    page = as_role(COORDINATOR).get("/desk/prints/logos").get_data(as_text=True)
    assert "Unit " not in page
    assert "Xã Cẩm Thử" in page
