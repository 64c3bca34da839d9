"""Logos come in as they are, or are refused with what to ask their owner for."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image, ImageDraw

from app.paper.colours import WHITE
from app.paper.logos import ink_of, read_logo
from app.paper.measures import PaperError

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="10 10 200 50">'


def svg(body: str, head: str = HEAD) -> bytes:
    return f'<?xml version="1.0"?>{head}{body}</svg>'.encode()


def png(draw: Callable[[ImageDraw.ImageDraw], None], mode: str = "RGBA", size: tuple[int, int] = (1200, 400)) -> bytes:
    image = Image.new(mode, size, (255, 255, 255, 0) if mode == "RGBA" else "white")
    draw(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def pdf(code: bytes, **resources: pikepdf.Object) -> bytes:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(200, 50))
    page.Contents = book.make_stream(code)
    page.Resources = pikepdf.Dictionary({f"/{key}": value for key, value in resources.items()})
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_exported_svg_keeps_its_shapes_and_colours_become_ink() -> None:
    body = (
        "<style>.st0{fill:#E03;}</style><title>x</title>"
        '<g><path class="st0" d="M30 15a10 10 0 1110 10A10 10 0 0130 15z"/>'
        '<rect x="60" y="15" width="140" height="10" style="fill:#000"/><circle cx="190" cy="40" r="4"/></g>'
    )
    logo = read_logo(svg(body), "nganhang.svg")
    assert (logo.width, logo.height) == (200, 50)
    assert logo.art
    assert [shape.fill for shape in logo.art.shapes] == ["#e03", "#000", "#000000"]
    assert logo.art.shapes[1].reach.x == pytest.approx(50)
    code = logo.art.operators(ink_of)
    assert "0 0 0 1 k" in code
    assert not {"rg", "RG", "g"} & set(code.split())
    assert ink_of("#ee0033").black == pytest.approx(6.7, abs=0.1)
    assert ink_of("#000000").ink == 100
    assert ink_of("#050402").ink <= 280
    assert logo.seen_on(WHITE) > 4


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<text>VIETBANK</text>", "chuyển thành nét"),
        ('<defs><linearGradient id="a"/></defs><rect width="9" height="9" fill="url(#a)"/>', "không in được"),
        ('<rect width="9" height="9" style="opacity:.5"/>', "trong suốt"),
        ('<rect width="9" height="9" clip-path="url(#c)"/>', "clip-path"),
        ('<image href="x.png"/>', "image"),
        ("", "không có nét"),
        ("<rect", "không đọc được"),
    ],
)
def test_an_svg_no_plate_can_hold_is_refused_with_what_to_ask_for(body: str, reason: str) -> None:
    with pytest.raises(PaperError, match=reason):
        read_logo(svg(body), "x.svg")


def test_entities_are_refused() -> None:
    with pytest.raises(PaperError, match="ENTITY"):
        read_logo(b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg('<rect width="9" height="9"/>')[21:], "x.svg")


def test_a_png_becomes_cmyk_with_black_in_one_plate_and_its_margin_cut() -> None:
    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rectangle((100, 100, 499, 299), fill=(0, 0, 0, 255))
        on.rectangle((500, 100, 899, 299), fill=(238, 0, 51, 255))

    logo = read_logo(png(draw), "x.png")
    assert (logo.width, logo.height) == (800, 200)
    assert logo.picture
    assert logo.picture.mode == "CMYK"
    assert logo.picture.getpixel((10, 10)) == (0, 0, 0, 255)
    cyan, magenta, yellow, black = logo.picture.getpixel((600, 100))  # type: ignore[misc]
    assert (cyan, magenta) == (0, 255)
    assert (yellow, black) == (200, 17)
    assert logo.width_at_most_mm() == pytest.approx(81.3, abs=0.1)


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"GIF89a", "x.gif", "SVG, PDF hoặc PNG"),
        (b"\x89PNG....", "x.png", "không đọc được"),
        (b"%PDF-1.4", "x.pdf", "không đọc được"),
        (b" " * 5_000_001, "x.svg", "5 MB"),
        (png(lambda on: on.rectangle((0, 0, 9, 9), fill="white"), "RGB"), "x.png", "ảnh trắng"),
    ],
)
def test_what_is_no_logo_is_refused(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(PaperError, match=reason):
        read_logo(data, name)


def test_a_pdf_stays_a_drawing_in_its_own_inks() -> None:
    code = (
        b"q 0 0.9 0.8 0.05 k 10 10 100 30 re f Q 2 w 0 0 1 RG 0 0 m 50 50 l S q 1 0 0 1 120 5 cm 0 g 0 0 40 40 re f Q"
    )
    logo = read_logo(pdf(code), "x.pdf")
    assert (logo.width, logo.height) == (200, 50)
    assert logo.art
    first, second, third = logo.art.shapes
    assert first.fill == "cmyk 0 90 80 5"
    assert (first.reach.x, first.reach.y) == pytest.approx((10, 10))
    assert second.stroke
    assert second.stroke.role == "#0000ff"
    assert third.fill == "#000000"
    assert third.reach.x == pytest.approx(120)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"BT (VIETBANK) Tj ET", "chuyển thành nét"),
        (b"/S sh", "chuyển sắc"),
        (b"1 1 1 1 k 0 0 90 40 re f", "400 % mực"),
        (b"", "không có nét"),
    ],
)
def test_a_pdf_that_is_no_flat_drawing_is_refused(code: bytes, reason: str) -> None:
    with pytest.raises(PaperError, match=reason):
        read_logo(pdf(code), "x.pdf")


def test_transparency_in_a_pdf_is_refused() -> None:
    state = pikepdf.Dictionary(S=pikepdf.Dictionary(ca=0.5))
    with pytest.raises(PaperError, match="trong suốt"):
        read_logo(pdf(b"/S gs 0 g 0 0 90 40 re f", ExtGState=state), "x.pdf")
