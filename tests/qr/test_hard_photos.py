"""Pictures that other readers take (findings/qr.md, sections S3-2, S3-3, S4): dark grounds, chats, pages, cut files."""

import io
import random
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from app.qr import photo as photo_reader
from app.qr import symbol, vietqr
from app.qr.drawing import image
from app.qr.photo import read_photo

PAYLOAD = vietqr("970436", "0011001234567", name="TIEM VI DU", memo="SAP 12 CHO DONG HA")


def on_ground(ground: tuple[int, int, int], degrees: float, pixels: int = 6) -> Image.Image:
    """The code without its white border, on a ground of this colour, turned."""
    drawn = image(symbol(PAYLOAD), module_pixels=pixels).convert("RGB")
    border = 4 * pixels
    bare = drawn.crop((border, border, drawn.width - border, drawn.height - border))
    board = Image.new("RGB", (600, 800), ground)
    board.paste(bare, ((600 - bare.width) // 2, 260))
    return board.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=ground)


def jpeg_of(picture: Image.Image, quality: int) -> bytes:
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=quality)
    return data.getvalue()


@pytest.mark.parametrize("degrees", [0.0, 7.0, -9.0])
@pytest.mark.parametrize("ground", [(24, 67, 84), (32, 32, 36), (12, 12, 12), (0, 0, 0)], ids=str)
def test_a_code_without_its_border_on_a_dark_ground_is_read(ground: tuple[int, int, int], degrees: float) -> None:
    shot = jpeg_of(on_ground(ground, degrees), 85)
    assert [code.text for code in read_photo(shot)] == [PAYLOAD]


def test_a_small_code_that_a_chat_compressed_twice_is_read() -> None:
    chance = random.Random(4)
    for _ in range(4):
        pixels = chance.randint(3, 6)
        board = Image.new("RGB", (900, 1200), (200, 190, 170))
        board.paste(image(symbol(PAYLOAD), module_pixels=pixels).convert("RGB"), (300, 400))
        turned = board.rotate(chance.uniform(-12, 12), Image.Resampling.BICUBIC, fillcolor=(200, 190, 170))
        blurred = turned.filter(ImageFilter.GaussianBlur(pixels / 4))
        small = blurred.resize((round(900 * 1.8 / pixels), round(1200 * 1.8 / pixels)), Image.Resampling.BILINEAR)
        sent = Image.open(io.BytesIO(jpeg_of(small, 35)))
        assert [code.text for code in read_photo(jpeg_of(sent, 35))] == [PAYLOAD]


def test_what_came_of_a_picture_that_ends_early_is_looked_at() -> None:
    board = Image.new("RGB", (800, 1400), "white")
    board.paste(image(symbol(PAYLOAD), module_pixels=8).convert("RGB"), (80, 60))
    whole = jpeg_of(board, 85)
    assert [code.text for code in read_photo(whole[: len(whole) * 4 // 5])] == [PAYLOAD]


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_every_page_is_looked_at(kind: str) -> None:
    pages = [Image.new("L", (400, 400), 255), image(symbol(PAYLOAD), module_pixels=4).convert("L")]
    data = io.BytesIO()
    pages[0].save(data, kind, save_all=True, append_images=pages[1:])
    (code,) = read_photo(data.getvalue())
    assert (code.text, code.page) == (PAYLOAD, 2)


@pytest.mark.parametrize("text", ["a\x01b\x1dc", "Quán Bún", "日本"])
def test_the_text_is_what_the_bytes_say(text: str) -> None:
    shown = Image.fromarray(zxingcpp.create_barcode(text.encode(), zxingcpp.QRCode).to_image(scale=4))
    data = io.BytesIO()
    shown.save(data, "PNG")
    assert [code.text for code in read_photo(data.getvalue())] == [text]


def test_a_code_that_names_its_code_page_is_believed() -> None:
    """ECI 3 (ISO 8859-1): these bytes would be valid UTF-8 for another text. zxing-cpp makes no such code itself."""
    for identifier, right in (("]Q2", "Ã©"), ("]Q1", "é")):
        made: Any = SimpleNamespace(symbology_identifier=identifier, bytes=b"\xc3\xa9", text="Ã©")
        assert photo_reader._text(made) == right
