"""The gate's instruments: what a finished PDF really holds, read by libraries that did not draw it.

PDFium renders and reads the text, ZXing reads the symbols; ReportLab and the encoder that made the file take no part.
What a print shop would stumble over is looked for in `app.paper.preflight`.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import hypot
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image

from app.paper.legibility import CONTRAST_LEAST, Writing, contrast_on
from app.paper.measures import Box, points
from app.paper.rendering import QR_CODES, render
from app.paper.stray import Search, Stray
from app.pdfium import PDFIUM, give_back

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
    writing: tuple[Writing, ...] = ()
    """The same lines where they stand, to be seen against their ground."""
    logos: tuple[Box, ...] = ()
    """Where somebody else's drawings stand, to be searched for codes in them."""


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
    stray: tuple[Stray, ...] = ()
    """Codes that are read here although nobody placed them."""
    faint: tuple[str, ...] = ()
    """Lines that do not stand out from what lies under or over them."""


def read_back(pdf: Path, expected: Sequence[Expected]) -> Iterator[Seen]:
    """Every place read from the finished file, symbols and text; `expected` goes sheet by sheet, all of a sheet.

    What stands on a sheet outside its places comes last, as a place of the margin. PDFium is held for one place at a
    time, so that pages with a preview are served while a long lot is read.
    """
    reader, search = _Reader(pdf), Search()
    try:
        for sheet, group in groupby(expected, key=lambda want: want.sheet):
            places = list(group)
            with PDFIUM:
                page = reader.page(sheet)
                is_new, stray = search.on(page, places)
            for want in places:
                with PDFIUM:
                    found = tuple(_read(page, mark) for mark in want.marks)
                    missing = _missing(reader.text(), page, want)
                    faint = _faint(page, want) if is_new else ()
                here = tuple(each for each in stray if want.box.holds(each.x, each.y))
                stray = tuple(each for each in stray if each not in here)
                yield Seen(want, found, missing, here, faint)
            if stray:
                yield Seen(Expected(sheet, 0, Box(0, 0, 0, 0), ()), (), (), stray)
    finally:
        with PDFIUM:
            reader.close()
        give_back()


def _missing(text: pypdfium2.PdfTextPage, page: pypdfium2.PdfPage, want: Expected) -> tuple[str, ...]:
    """Lines that cannot be found in a place's text; blanks and dashes are the reader's own guess and do not count."""
    if not want.lines:
        return ()
    box, height = want.box, page.get_size()[1]
    corners = (points(box.x), height - points(box.bottom), points(box.right), height - points(box.y))
    there = _letters(text.get_text_bounded(*corners))
    return tuple(line for line in want.lines if _letters(line) not in there)


def _faint(page: pypdfium2.PdfPage, want: Expected) -> tuple[str, ...]:
    return tuple(line.text for line in want.writing if contrast_on(page, line) < CONTRAST_LEAST)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text)))


class _Reader:
    """A finished file being read sheet by sheet; use it only while holding PDFIUM."""

    def __init__(self, pdf: Path) -> None:
        self._pdf = pdf
        self._book: pypdfium2.PdfDocument | None = None
        self._page: pypdfium2.PdfPage | None = None
        self._text: pypdfium2.PdfTextPage | None = None
        self._sheet = self._read = 0

    def page(self, sheet: int) -> pypdfium2.PdfPage:
        """The page of a sheet, counted from 1; the one before is given up."""
        if self._page is None or sheet != self._sheet:
            if self._read % REOPEN_PAGES == 0:
                self.close()
                give_back()
                self._book = pypdfium2.PdfDocument(self._pdf)
            else:
                self._close_page()
            assert self._book is not None
            self._page, self._sheet, self._read = self._book[sheet - 1], sheet, self._read + 1
        return self._page

    def text(self) -> pypdfium2.PdfTextPage:
        """The text of the page that is open; PDFium puts it together once a page."""
        if self._text is None:
            assert self._page is not None
            self._text = self._page.get_textpage()
        return self._text

    def _close_page(self) -> None:
        for thing in (self._text, self._page):
            if thing is not None:
                thing.close()
        self._page = self._text = None

    def close(self) -> None:
        """Give the file up."""
        self._close_page()
        if self._book is not None:
            self._book.close()
        self._book = None


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


def pages_in(pdf: Path) -> int:
    """How many pages a file holds, as PDFium counts them: qpdf would keep 100 MB of table for 20,000."""
    with PDFIUM:
        book = pypdfium2.PdfDocument(pdf)
        count = len(book)
        book.close()
    give_back()
    return count
