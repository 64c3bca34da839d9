"""The gate's instruments: what a finished PDF really holds, read by libraries that did not draw it.

PDFium renders, ZXing reads the symbols, qpdf (pikepdf) reads boxes, fonts and colours. ReportLab and the encoder that
made the file take no part.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import zxingcpp
from pikepdf import Name
from PIL import Image

from app.paper.colours import INK_LIMIT
from app.paper.measures import Box, points
from app.pdfium import PDFIUM, give_back

QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
PIXELS_PER_MODULE = 5.0
QUIET_MODULES = 4
LIGHT = 200
"""Grey level, 0 to 255, from which paper counts as unprinted."""
REOPEN_PAGES = 400
"""PDFium keeps what it parsed; a long file is opened anew after so many pages."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A symbol that must stand on the finished sheet: where, how many modules, and what it must say."""

    box: Box
    modules: int
    payload: str


@dataclass(frozen=True, slots=True)
class Expected:
    """One place of the finished sheet: its symbols, and the lines of text that must be found there."""

    sheet: int
    cell: int
    """0: the margin."""
    box: Box
    marks: tuple[Mark, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What was read of one symbol: text None when nothing is readable, and whether the margin around it is clear."""

    mark: Mark
    text: str | None
    module_mm: float
    quiet_clear: bool
    off_mm: float = 0.0
    """How far its middle lies from where it should."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found at one place."""

    expected: Expected
    found: tuple[Found, ...]
    missing: tuple[str, ...]
    """Lines that must be there and are not."""


def read_back(pdf: Path, expected: Sequence[Expected]) -> Iterator[Seen]:
    """Every place read from the finished file, symbols and text; `expected` goes sheet by sheet.

    PDFium is held for one place at a time, so that pages with a preview are served while a long lot is read.
    """
    reader = _Reader(pdf)
    try:
        for want in expected:
            with PDFIUM:
                page = reader.page(want.sheet)
                found = tuple(_read(page, mark) for mark in want.marks)
                missing = _missing(page, want)
            yield Seen(want, found, missing)
    finally:
        with PDFIUM:
            reader.close()
        give_back()


def _missing(page: pypdfium2.PdfPage, want: Expected) -> tuple[str, ...]:
    """Lines that cannot be found in a place's text; blanks and dashes are the reader's own guess and do not count."""
    if not want.lines:
        return ()
    box, height = want.box, page.get_size()[1]
    text = page.get_textpage()
    corners = (points(box.x), height - points(box.bottom), points(box.right), height - points(box.y))
    there = _letters(text.get_text_bounded(*corners))
    text.close()
    return tuple(line for line in want.lines if _letters(line) not in there)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text)))


class _Reader:
    """A finished file being read sheet by sheet; use it only while holding PDFIUM."""

    def __init__(self, pdf: Path) -> None:
        self._pdf = pdf
        self._book: pypdfium2.PdfDocument | None = None
        self._page: pypdfium2.PdfPage | None = None
        self._sheet = self._read = 0

    def page(self, sheet: int) -> pypdfium2.PdfPage:
        """The page of a sheet, counted from 1; the one before is given up."""
        if self._page is None or sheet != self._sheet:
            if self._read % REOPEN_PAGES == 0:
                self.close()
                give_back()
                self._book = pypdfium2.PdfDocument(self._pdf)
            elif self._page is not None:
                self._page.close()
            assert self._book is not None
            self._page, self._sheet, self._read = self._book[sheet - 1], sheet, self._read + 1
        return self._page

    def close(self) -> None:
        """Give the file up."""
        for thing in (self._page, self._book):
            if thing is not None:
                thing.close()
        self._page = self._book = None


def _read(page: pypdfium2.PdfPage, want: Mark) -> Found:
    module = want.box.width / want.modules
    window = want.box.grown((QUIET_MODULES + 1) * module)
    image, per_mm = render(page, window, PIXELS_PER_MODULE / module)
    codes = zxingcpp.read_barcodes(image, formats=QR_CODES, try_invert=False, try_downscale=False)
    if len(codes) != 1:
        return Found(want, None, module, quiet_clear=False)
    spot = codes[0].position
    wide = hypot(spot.top_right.x - spot.top_left.x, spot.top_right.y - spot.top_left.y)
    across = max(0.0, window.x) + (spot.top_left.x + spot.bottom_right.x) / 2 / per_mm
    down = max(0.0, window.y) + (spot.top_left.y + spot.bottom_right.y) / 2 / per_mm
    off = hypot(across - want.box.x - want.box.width / 2, down - want.box.y - want.box.height / 2)
    text = codes[0].bytes.decode("utf-8", "replace")
    return Found(want, text, wide / per_mm / want.modules, _quiet(image), off)


def render(page: pypdfium2.PdfPage, box: Box, pixels_per_mm: float) -> tuple[Image.Image, float]:
    """A grey picture of one box (mm from the sheet's top left), and its true pixels per mm."""
    scale = pixels_per_mm / points(1)
    with PDFIUM:
        width, height = page.get_size()
        crop = (
            max(0.0, points(box.x)),
            max(0.0, height - points(box.bottom)),
            max(0.0, width - points(box.right)),
            max(0.0, points(box.y)),
        )
        bitmap = page.render(scale=scale, crop=crop, grayscale=True, may_draw_forms=False, draw_annots=False)
        return bitmap.to_pil(), pixels_per_mm


def _quiet(image: Image.Image) -> bool:
    """Whether the margin of four modules around the symbol is unprinted; the picture has five on each side."""
    margin, edge = round(QUIET_MODULES * PIXELS_PER_MODULE), round(PIXELS_PER_MODULE)
    width, height = image.size
    inner = margin + edge - 1
    bands = (
        (edge, edge, width - edge, inner),
        (edge, height - inner, width - edge, height - edge),
        (edge, edge, inner, height - edge),
        (width - inner, edge, width - edge, height - edge),
    )
    return not any(dark for band in bands for dark in image.crop(band).histogram()[:LIGHT])


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something a print shop would stumble over; sheet 0 is the whole file."""

    sheet: int
    reason: str


def inspect(pdf: Path, *, before: int = 0, finished: bool = True) -> list[Flaw]:
    """Boxes, fonts, colours and ink of every page; an empty list when all is well.

    `before` sheets stand before this file in the lot; a part that is not yet `finished` has no output intent.
    """
    flaws: list[Flaw] = []
    seen: set[tuple[int, int]] = set()
    with pikepdf.open(pdf) as book:
        if finished and not book.Root.get(Name.OutputIntents):
            flaws.append(Flaw(0, "tệp thiếu điều kiện in (OutputIntent)"))
        for sheet, page in enumerate(_leaves(book.Root.Pages), start=before + 1):
            reasons = (*_boxes(page), *_colours(page.Contents), *_resources(page.get(Name.Resources), seen))
            flaws.extend(Flaw(sheet, reason) for reason in dict.fromkeys(reasons))
    return flaws


def pages_in(pdf: Path) -> int:
    """How many pages a file holds, as PDFium counts them: qpdf would keep 100 MB of table for 20,000."""
    with PDFIUM:
        book = pypdfium2.PdfDocument(pdf)
        count = len(book)
        book.close()
    give_back()
    return count


def _leaves(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The pages under a node of the page tree, in their order."""
    if Name.Kids in node:
        for kid in node.Kids:
            yield from _leaves(kid)
    else:
        yield node


def _boxes(page: pikepdf.Object) -> Iterator[str]:
    if any(key not in page for key in (Name.MediaBox, Name.BleedBox, Name.TrimBox)):
        yield "trang thiếu khung giấy (MediaBox), tràn lề (BleedBox) hoặc cắt (TrimBox)"
        return
    media, bleed, trim = ([float(edge) for edge in page[key]] for key in (Name.MediaBox, Name.BleedBox, Name.TrimBox))
    slack = 0.01
    for outer, inner in ((media, bleed), (bleed, trim)):
        if any(outer[i] > inner[i] + slack for i in (0, 1)) or any(outer[i] < inner[i] - slack for i in (2, 3)):
            yield "các khung trang không lồng nhau (khổ giấy, tràn lề, cắt)"


_STRINGS = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_FOREIGN = frozenset(b"rg RG g G cs CS sc SC scn SCN sh gs BI".split())
"""Operators for other colours than CMYK, shadings, transparency and inline images."""
_INKS = 4


def _colours(contents: pikepdf.Object) -> Iterator[str]:
    """Colour operators other than CMYK's, and inks beyond the limit, in one content stream or several."""
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    code = b"\n".join(stream.read_bytes() for stream in streams)
    words = (_STRINGS.sub(b" ", code) if b"(" in code else code).split()
    foreign = _FOREIGN.intersection(words)
    if foreign:
        yield f"có màu ngoài CMYK hoặc hiệu ứng trong suốt (lệnh {b' '.join(sorted(foreign)).decode()})"
    mixed = {tuple(words[at - _INKS : at]) for at, word in enumerate(words) if word in {b"k", b"K"}}
    for inks in mixed:
        total = sum(map(float, inks)) * 100
        if total > INK_LIMIT:
            yield f"lượng mực {total:.0f} % vượt {INK_LIMIT} %"


def _resources(resources: pikepdf.Object | None, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Fonts and forms a page uses, each looked at once."""
    if resources is None:
        return
    for font in _values(resources, Name.Font, seen):
        yield from _font(font)
    for thing in _values(resources, Name.XObject, seen):
        if thing.get(Name.Subtype) == Name.Form:
            yield from _colours(thing)
            yield from _resources(thing.get(Name.Resources), seen)
        elif thing.get(Name.ColorSpace) != Name.DeviceCMYK or Name.SMask in thing:
            yield "có ảnh không phải CMYK hoặc có nền trong suốt"


def _values(resources: pikepdf.Object, kind: Name, seen: set[tuple[int, int]]) -> Iterator[pikepdf.Object]:
    for value in dict(resources.get(kind, {})).values():
        if value.objgen == (0, 0) or value.objgen not in seen:
            seen.add(value.objgen)
            yield value


def _font(font: pikepdf.Object) -> Iterator[str]:
    inner = font.DescendantFonts[0] if Name.DescendantFonts in font else font
    descriptor: Any = inner.get(Name.FontDescriptor, {})
    if not any(key in descriptor for key in (Name.FontFile, Name.FontFile2, Name.FontFile3)):
        yield f"phông chữ {font.get(Name.BaseFont)} chưa được nhúng"
