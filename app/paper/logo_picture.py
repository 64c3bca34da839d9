"""A logo as a screen shows it: for the eye, and for readers that look for a code in it."""

import io

import pikepdf
import pypdfium2
from PIL import Image

from app.paper.art import Ink
from app.paper.colours import WHITE, Light
from app.paper.logos import Logo, ink_of, light_of
from app.paper.measures import Box, number
from app.pdfium import PDFIUM

FAINT = 1.5
"""A logo with less contrast than this on white is made for dark grounds."""


def picture_of(logo: Logo, longer_px: int) -> Image.Image:
    """The logo on white, or on black where it is made for dark grounds; its longer side has at most so many pixels."""
    if logo.picture is not None:
        picture = logo.picture.convert("RGB")
    else:
        with PDFIUM:
            document = pypdfium2.PdfDocument(page_of(logo))
            picture = document[0].render(scale=longer_px / max(logo.width, logo.height)).to_pil().convert("RGB")
            document.close()
    picture.thumbnail((longer_px, longer_px))
    return picture


def page_of(logo: Logo) -> bytes:
    """A PDF of a drawing alone, one point a unit, in screen colours where it came in them."""
    operators = logo.operators(Box(0, 0, logo.width, logo.height), _shown)
    if logo.seen_on(WHITE) < FAINT:
        operators = f"0 g 0 0 {number(logo.width)} {number(logo.height)} re f {operators}"
    with pikepdf.new() as book:
        page = book.add_blank_page(page_size=(logo.width, logo.height))
        page.Contents = book.make_stream(f"1 0 0 -1 0 {number(logo.height)} cm {operators}".encode())
        out = io.BytesIO()
        book.save(out)
    return out.getvalue()


def _shown(role: str) -> Ink:
    light = light_of(role)
    return Light(*light) if light else ink_of(role)
