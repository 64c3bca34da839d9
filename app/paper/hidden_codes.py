"""Codes in a picture, however they are drawn: what a phone or a bank's app makes out from afar, out of focus, in glare.

A code of dots, of round or broken modules, in pale or two equal greys, is not read as it stands; blurred, thickened,
thinned, level or smaller it is. So a picture is looked at in many ways, with two of ZXing's ways to tell dark from
light, each a reader of its own. Many looks cost time: they are for art that is the same on every piece.
"""

from collections.abc import Iterator

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

CODES = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.DataMatrix]
)
READERS = (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram)
SIZES = 3
PIXELS_LEAST = 100
"""Below this side no code is left to read."""
BORDER_SHARE = 0.1
WHITE = 255


def code_in(picture: Image.Image) -> str | None:
    """What a code hidden in an RGB picture says; None where none is found."""
    for look in looks(picture):
        for reader in READERS:
            for code in zxingcpp.read_barcodes(look, formats=CODES, binarizer=reader):
                return code.bytes.decode("utf-8", "replace")
    return None


def looks(picture: Image.Image) -> Iterator[Image.Image]:
    """The picture in grey in every way it is looked at, in three sizes.

    Chosen among sixteen ways by what they add on a hundred drawings of a code: each plane of colour by itself (a code
    in two colours of one grey), smeared (dots), against its neighbourhood (pale), thicker and thinner.
    """
    grey, bands = picture.convert("L"), picture.split() if picture.mode == "RGB" else ()
    planes = [_framed(plane, WHITE) for plane in (grey, *bands)] + [_framed(grey, grey.tobytes()[0])]
    for _ in range(SIZES):
        grey = planes[0]
        smeared = grey.filter(ImageFilter.BoxBlur(2))
        yield from planes
        yield ImageOps.autocontrast(smeared)
        yield ImageOps.autocontrast(grey.filter(ImageFilter.BoxBlur(5)))
        yield _levelled(grey)
        yield _levelled(smeared)
        yield grey.filter(ImageFilter.MinFilter(3))
        yield grey.filter(ImageFilter.MaxFilter(3))
        planes = [plane.reduce(2) for plane in planes]
        if min(grey.size) < 2 * PIXELS_LEAST:
            return


def _framed(plane: Image.Image, light: int) -> Image.Image:
    """With a border, of the paper or of its own corner: a code up to the edge has no quiet zone else."""
    return ImageOps.expand(plane, round(max(plane.size) * BORDER_SHARE), fill=light)


def _levelled(grey: Image.Image) -> Image.Image:
    """Every pixel against its neighbourhood, four times as strong."""
    around = grey.filter(ImageFilter.BoxBlur(max(8, min(grey.size) // 12)))
    return ImageOps.autocontrast(ImageChops.subtract(grey, around, scale=0.25, offset=128))
