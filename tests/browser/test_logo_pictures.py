"""A logo is drawn as a viewer shows it: SVG beside Chromium's picture, PDF beside pdftoppm's, within 1 % of pixels."""

import base64
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import Browser, Page

from app.paper.logo_picture import page_of, picture_of
from app.paper.logo_reader import draw_logo
from tests.paper.logo_files import PDFS, SVGS

WIDE = 400
SLACK = 28
SHARE_MAX = 0.01


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Share of pixels of one that the other has nowhere within a pixel: edges smoothed another way do not count."""
    assert abs(one.width - other.width) <= 1
    assert abs(one.height - other.height) <= 1
    size = (min(one.width, other.width), min(one.height, other.height))
    one, other = (each.convert("RGB").crop((0, 0, *size)) for each in (one, other))
    low, high = other.filter(ImageFilter.MinFilter(3)), other.filter(ImageFilter.MaxFilter(3))
    off = ImageChops.lighter(ImageChops.subtract(low, one), ImageChops.subtract(one, high))
    worst = off.split()[0]
    for band in off.split()[1:]:
        worst = ImageChops.lighter(worst, band)
    return sum(worst.histogram()[SLACK:]) / (size[0] * size[1])


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": WIDE, "height": WIDE})
    yield opened
    opened.close()


def in_chromium(page: Page, data: bytes, size: tuple[int, int]) -> Image.Image:
    source = "data:image/svg+xml;base64," + base64.b64encode(data).decode()
    page.set_content(
        f"<body style='margin:0;background:white'><img src='{source}' width='{size[0]}' height='{size[1]}'>"
    )
    page.wait_for_function("document.images[0].complete && document.images[0].naturalWidth > 0")
    return Image.open(io.BytesIO(page.screenshot(clip={"x": 0, "y": 0, "width": size[0], "height": size[1]})))


@pytest.mark.browser
@pytest.mark.parametrize("name", SVGS)
def test_an_svg_is_drawn_as_chromium_shows_it(name: str, page: Page) -> None:
    ours = picture_of(draw_logo(SVGS[name], ".svg"), WIDE)
    theirs = in_chromium(page, SVGS[name], ours.size)
    assert unlike(ours, theirs) + unlike(theirs.convert("RGB"), ours) <= SHARE_MAX


def in_poppler(data: bytes, folder: Path) -> Image.Image:
    file = folder / "logo.pdf"
    file.write_bytes(data)
    command = ["pdftoppm", "-cropbox", "-png", "-singlefile", "-scale-to", str(WIDE), str(file), str(folder / "logo")]
    subprocess.run(command, check=True, capture_output=True)
    return Image.open(folder / "logo.png")


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="máy này không có pdftoppm")
@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_is_drawn_as_poppler_shows_it(name: str, tmp_path: Path) -> None:
    ours = in_poppler(page_of(draw_logo(PDFS[name], ".pdf")), tmp_path)
    ours.load()
    theirs = in_poppler(PDFS[name], tmp_path)
    assert unlike(ours, theirs) + unlike(theirs, ours) <= SHARE_MAX
