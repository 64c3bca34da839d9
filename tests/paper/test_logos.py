"""Logos come in as they are, or are refused with what to ask their owner for."""

import io
import struct
import zlib
from collections.abc import Callable
from time import process_time

import pikepdf
import pytest
from PIL import Image, ImageDraw

from app import confined
from app.paper.colours import WHITE
from app.paper.logo_reader import draw_logo
from app.paper.logos import answer_of, ink_of, logo_of, read_logo
from app.paper.measures import PaperError
from tests.paper.logo_files import SVGS

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
    assert (logo.width, logo.height) == (1000, 250)
    assert logo.art
    assert [shape.fill for shape in logo.art.shapes] == ["#ee0033", "#000000", "#000000"]
    assert logo.art.shapes[1].reach.x == pytest.approx(250)
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
        ('<rect width="9" height="9" mask="url(#c)"/>', "mặt nạ"),
        ('<rect width="9" height="9" style="filter:blur(2px)"/>', "hiệu ứng"),
        ('<rect width="9" height="9" style="transform:rotate(9deg)"/>', "transform"),
        ('<rect width="9em" height="9"/>', "đơn vị 'em'"),
        ('<rect width="9" height="9" fill="mauve-ish"/>', "màu lạ"),
        ('<rect width="9" height="9" fill="#ff000080"/>', "trong suốt"),
        ('<path d="M0 0L9"/>', "đường vẽ viết sai"),
        ('<path d="M0 0 B9 9"/>', "viết sai"),
        ('<polygon points="0,0 9"/>', "toạ độ lẻ"),
        ('<rect width="9" height="9"><animate attributeName="x"/></rect>', "chuyển động"),
        ("<style>g > rect{fill:red}</style><rect width='9' height='9'/>", "Presentation Attributes"),
        ("<style>@import 'x.css';</style><rect width='9' height='9'/>", "CSS"),
        ('<use href="x.svg#a"/>', "không có trong tệp"),
        ('<g id="a"><use href="#a"/></g>', "tự lặp lại"),
        ("<blink/>", "blink"),
        ("<script>1</script>", "mã lệnh"),
        ('<rect x="-99999" width="999999" height="90"/>', "rất xa ngoài khung"),
        ('<rect x="1e300" width="1e300" height="90" transform="scale(1e300)"/>', "quá mức|viết sai"),
        ('<rect x="900" y="900" width="9" height="9"/>', "không có nét"),
        ('<image href="x.png"/>', "image"),
        ("", "không có nét"),
        ("<rect", "không đọc được"),
    ],
)
def test_an_svg_no_plate_can_hold_is_refused_with_what_to_ask_for(body: str, reason: str) -> None:
    with pytest.raises(PaperError, match=reason):
        draw_logo(svg(body), ".svg")


def test_entities_are_refused() -> None:
    with pytest.raises(PaperError, match="ENTITY"):
        draw_logo(b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg('<rect width="9" height="9"/>')[21:], ".svg")
    plain = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert draw_logo(plain + svg('<rect x="20" y="20" width="9" height="9"/>')[21:], ".svg").art


def uses(level: int) -> str:
    return f'<use href="#u{level}"/>' * 10


def laughs(level: int) -> str:
    return f"&l{level};" * 10


USES = "".join(f'<g id="u{level}">{uses(level + 1)}</g>' for level in range(9))
LAUGHS = "".join(f'<!ENTITY l{level + 1} "{laughs(level)}">' for level in range(9))
HEAVY = {
    "comments": HEAD.encode()[:-1] + b"/>" + b"<!--" * 250_000,
    "uses": svg(USES + '<rect id="u9" width="9" height="9"/>'),
    "deep": svg("<g>" * 20_000 + "</g>" * 20_000),
    "many": svg("<g/>" * 400_000),
    "laughs": b'<!DOCTYPE svg [<!ENTITY l0 "ha">' + LAUGHS.encode() + b"]>" + svg("&l9;")[21:],
    "digits": svg(f'<path d="M0 0A{"1" * 200_000}x"/><rect width="{"1" * 200_000}x"/>'),
    "style": svg(f'<style>{"/*" * 200_000}</style><style>{"a{" * 200_000}</style><rect width="9" height="9"/>'),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_file_made_to_be_heavy_is_refused_at_once(name: str) -> None:
    started = process_time()
    with pytest.raises(PaperError):
        draw_logo(HEAVY[name], ".svg")
    assert process_time() - started < 3


@pytest.mark.parametrize("side", [30_000, 2**31 - 1])
def test_a_png_that_claims_to_be_huge_is_refused_by_its_head(side: int) -> None:
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + bytes(40)
    with pytest.raises(PaperError, match=r"quá nhiều điểm|không đọc được"):
        draw_logo(data, ".png")


def test_a_reader_that_is_ended_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MEMORY_MAX_BYTES", 30_000_000)
    with pytest.raises(PaperError, match="quá nặng"):
        read_logo(svg('<rect x="20" width="7" height="9"/>'), "x.svg")
    monkeypatch.setattr(confined, "MEMORY_MAX_BYTES", 2**30)
    monkeypatch.setattr(confined, "WAIT_S", 0.01)
    with pytest.raises(PaperError, match="quá nặng"):
        read_logo(svg('<rect x="20" width="7" height="9"/>'), "x.svg")


@pytest.mark.parametrize("data", [*SVGS.values()])
def test_a_logo_comes_back_from_its_reader_as_it_was(data: bytes) -> None:
    logo = draw_logo(data, ".svg")
    assert logo_of(answer_of(logo), logo.sha256) == logo


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
    logo = draw_logo(pdf(code), ".pdf")
    assert (logo.width, logo.height) == (1000, 250)
    assert logo.art
    first, second, third = logo.art.shapes
    assert first.fill == "cmyk 0 90 80 5"
    assert (first.reach.x, first.reach.y) == pytest.approx((50, 50))
    assert second.stroke
    assert second.stroke.role == "#0000ff"
    assert third.fill == "#000000"
    assert third.reach.x == pytest.approx(600)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"BT (VIETBANK) Tj ET", "chuyển thành nét"),
        (b"/S sh", "chuyển sắc"),
        (b"1 1 1 1 k 0 0 90 40 re f", "400 % mực"),
        (b"", "không có nét"),
        (b"0 0 9 9 re f 1 2 XX", "lệnh PDF chưa đọc được"),
        (b"0 w 0 0 m 9 9 l S", "nét dày 0"),
        (b"/Cs1 cs 1 scn 0 0 9 9 re f", "không đọc được"),
        (b"/Pattern cs /P scn 0 0 9 9 re f", "hoa văn"),
        (b"/F Do", "không đọc được"),
        (b"9 9 l S", "viết sai"),
        (b"Q 0 0 9 9 re f", "viết sai"),
        (b"W n 0 0 9 9 re f", "viết sai"),
        (b"[0 0] 0 d 0 0 m 9 9 l S", "viết sai"),
        (b"q " * 300 + b"0 0 9 9 re f", "lồng nhau"),
    ],
)
def test_a_pdf_that_is_no_flat_drawing_is_refused(code: bytes, reason: str) -> None:
    with pytest.raises(PaperError, match=reason):
        draw_logo(pdf(code), ".pdf")


def test_a_logo_of_many_small_shapes_is_seen_by_all_of_them_together() -> None:
    body = "".join(f'<rect x="{12 + 4 * each}" y="20" width="2" height="9" fill="#00a"/>' for each in range(40))
    assert draw_logo(svg(body), ".svg").seen_on(WHITE) > 4


def test_a_pdf_that_holds_itself_is_refused() -> None:
    book = pikepdf.new()
    page = book.add_blank_page(page_size=(200, 50)).obj
    form = book.make_indirect(book.make_stream(b"/F Do /F Do 0 0 9 9 re f"))
    form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, pikepdf.Array([0, 0, 200, 50])
    form.Resources = page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page.Contents = book.make_stream(b"/F Do")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(PaperError, match="lồng nhau"):
        draw_logo(out.getvalue(), ".pdf")


def test_transparency_in_a_pdf_is_refused() -> None:
    state = pikepdf.Dictionary(S=pikepdf.Dictionary(ca=0.5))
    with pytest.raises(PaperError, match="trong suốt"):
        draw_logo(pdf(b"/S gs 0 g 0 0 90 40 re f", ExtGState=state), ".pdf")
