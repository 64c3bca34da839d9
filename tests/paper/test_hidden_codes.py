"""A code within a logo is found however it is drawn; a logo without one is left in peace."""

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from app.paper.hidden_codes import code_in
from app.paper.logo_picture import picture_of
from app.paper.logo_reader import draw_logo
from app.qr.symbol import symbol
from tests.paper.logo_files import SVGS

SAID = "00020101021138540010A00000072701240006970422011066666666660208QRIBFTTA53037045802VN63041A2B"
STEP, QUIET, FINDER = 16, 4, 7
Colour = tuple[int, int, int]
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def code(
    drawn: str = "square", *, ink: Colour = BLACK, ground: Colour = WHITE, share: float = 1.0, finders: bool = False
) -> Image.Image:
    """A symbol whose modules are squares or dots of a share of their cell; `finders`: its three corners stay whole."""
    it = symbol(SAID, "L")
    side = (it.size + 2 * QUIET) * STEP
    image = Image.new("RGB", (side, side), ground)
    draw = ImageDraw.Draw(image)
    for x, y in ((x + each, y) for x, y, wide in it.runs() for each in range(wide)):
        whole = finders and min(x, it.size - 1 - x) < FINDER and min(y, it.size - 1 - y) < FINDER
        reach = STEP / 2 * (1.0 if whole else share)
        middle = ((x + QUIET + 0.5) * STEP, (y + QUIET + 0.5) * STEP)
        box = (middle[0] - reach, middle[1] - reach, middle[0] + reach - 1, middle[1] + reach - 1)
        (draw.ellipse if drawn == "dot" and not whole else draw.rectangle)(box, fill=ink)
    return image


def logo_with(part: Image.Image, side: int = 420) -> Image.Image:
    """A mark with a code beside it."""
    image = Image.new("RGB", (1000, 500), WHITE)
    ImageDraw.Draw(image).ellipse((30, 60, 430, 460), fill=(227, 6, 19))
    image.paste(part.resize((side, side), Image.Resampling.LANCZOS), (520, 40))
    return image


def noisy(image: Image.Image) -> Image.Image:
    dice = random.Random(1)
    for _ in range(image.width * image.height // 300):
        x, y = dice.randrange(image.width), dice.randrange(image.height)
        image.paste(dice.choice([BLACK, WHITE]), (x, y, x + 6, y + 6))
    return image


def leaning(image: Image.Image) -> Image.Image:
    wide, high = image.size
    corners = (wide * 0.02, 0, 0, high, wide, high * 0.97, wide * 0.96, high * 0.03)
    return image.transform(image.size, Image.Transform.QUAD, corners, fillcolor=WHITE)


WAYS: dict[str, Callable[[], Image.Image]] = {
    "plain": lambda: logo_with(code()),
    "dots": lambda: logo_with(code("dot", share=0.6)),
    "small dots, whole corners": lambda: logo_with(code("dot", share=0.4, finders=True)),
    "round modules": lambda: logo_with(code("dot", share=0.95)),
    "thin": lambda: logo_with(code(share=0.5)),
    "blurred": lambda: logo_with(code().filter(ImageFilter.GaussianBlur(STEP / 3))),
    "pale": lambda: logo_with(code(ink=(238, 238, 238))),
    "inverted": lambda: logo_with(code(ink=WHITE, ground=(20, 20, 60))),
    "inverted dots": lambda: logo_with(code("dot", share=0.6, ink=WHITE, ground=(20, 20, 60))),
    "coloured": lambda: logo_with(code(ink=(200, 0, 40), ground=(255, 230, 0))),
    "two colours of one grey": lambda: logo_with(code(ink=(220, 0, 0), ground=(0, 110, 0))),
    "turned": lambda: logo_with(code().rotate(33, expand=True, fillcolor=WHITE)),
    "mirrored": lambda: logo_with(ImageOps.mirror(code())),
    "leaning": lambda: logo_with(leaning(code())),
    "noisy": lambda: logo_with(noisy(code())),
    "small": lambda: logo_with(code(), 130),
    "up to the edge": lambda: ImageOps.crop(code(), QUIET * STEP),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_code_is_found_however_it_is_drawn(way: str) -> None:
    assert code_in(WAYS[way]()) == SAID


@pytest.mark.parametrize("name", ["rules", "clip", "sheet", "polygons"])
def test_a_logo_without_a_code_is_left_in_peace(name: str) -> None:
    assert code_in(picture_of(draw_logo(SVGS[name], ".svg"), 900)) is None
