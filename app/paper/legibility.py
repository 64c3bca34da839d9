"""Whether a line of a finished page can be read: how its letters stand out from their ground, measured on the raster.

What a design says of its colours is checked before; here it is what a logo, an ornament or a fault made of the page.
"""

from dataclasses import dataclass

import pypdfium2
from PIL import Image

from app.paper.colours import DARK_LINEAR
from app.paper.measures import Box
from app.paper.rendering import render

CONTRAST_LEAST = 3.0
"""WCAG 2.2, 1.4.3, for large letters: small ones are held to more where their colours are chosen."""
BESIDE_LEAST = 2.0
"""The same for what lies beside them: an ornament in a lighter tone may run into a line."""
ROWS_LEAST = 14
"""Pixels that a capital is high in the picture."""
INK_SHARE = 0.04
"""The darkest (or lightest) share of a line's box that is letters for certain."""
SIDE_SHARE = 0.3
"""How far beside a line its ground is looked at, of the height of its capitals."""
EVEN_SHARE = 0.7
"""How much of what lies beside a line must let its letters stand out; ornaments in two tones do."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A line of text and where it stands on the sheet, from its baseline to the height of its capitals."""

    text: str
    box: Box


def contrast_on(page: pypdfium2.PdfPage, line: Writing) -> float:
    """How a line's letters stand out from their ground, 1 to 21; 1 where what lies beside it is like them."""
    box = line.box
    lying = box.height > box.width  # a piece on its side
    capital = max(0.1, box.width if lying else box.height)
    per_mm, side = ROWS_LEAST / capital, SIDE_SHARE * capital
    across, down = (0.0, side) if lying else (side, 0.0)
    window = Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)
    image, _ = render(page, window, per_mm)
    return _contrast(image.transpose(Image.Transpose.ROTATE_90) if lying else image, round(side * per_mm))


def _contrast(image: Image.Image, side: int) -> float:
    wide, high = image.size
    levels = image.histogram()
    sides = (image.crop((0, 0, side, high)), image.crop((wide - side, 0, wide, high)))
    beside = sorted(b"".join(part.tobytes() for part in sides))
    ground = beside[len(beside) // 2]
    letters, left = ground, round(sum(levels) * INK_SHARE)
    for level in sorted(range(256), key=lambda level: -abs(level - ground)):
        left -= levels[level]
        if left <= 0:
            letters = level
            break
    for part in sides:
        clear = sum(_apart(level, letters) >= BESIDE_LEAST for level in part.tobytes())
        if clear < EVEN_SHARE * part.width * part.height:
            return 1.0
    return _apart(letters, ground)


def _apart(one: int, other: int) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(level: int) -> float:
    part = level / 255
    return part / 12.92 if part <= DARK_LINEAR else float(((part + 0.055) / 1.055) ** 2.4)
