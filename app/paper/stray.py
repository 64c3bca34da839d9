"""Codes on a finished sheet that nobody placed there: in a logo, a design's art, or by accident.

A phone held over a sheet reads them too. A whole sheet is rendered and searched only where it holds something that no
searched sheet before it held: the art that every piece shares is searched once, and a sheet that has one more drawing
than its own codes need is searched by itself. That costs a tenth of a millisecond a sheet, searching fifty.
"""

import ctypes
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw
from pypdfium2 import raw

from app.paper.hidden_codes import code_in
from app.paper.measures import PT_PER_MM, Box
from app.paper.rendering import QR_CODES, render

PIXELS_PER_MM = 10.0
"""Three pixels for the smallest module a phone makes out, 0.33 mm, and two for one of 0.2 mm."""
PIXELS_MAX = 16_000_000
LOGO_PX = 1000
"""The longer side of a logo when it is searched by itself."""
SYMBOL_SEGMENTS = 200
"""The smallest symbol has 21 rows of about six runs, each a rectangle of four lines: no lesser path is one."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A code that is too many: what it says, and where its middle lies, in mm from the sheet's top left."""

    text: str
    x: float
    y: float


class Own(Protocol):
    """A code that belongs on the sheet."""

    @property
    def box(self) -> Box:
        """Where it stands."""


class Place(Protocol):
    """A piece on the sheet."""

    @property
    def marks(self) -> Sequence[Own]:
        """Its own codes."""

    @property
    def logos(self) -> Sequence[Box]:
        """Where somebody else's drawings stand."""


class Search:
    """The sheets of one file, looked through one after the other; hold PDFIUM while using it."""

    def __init__(self) -> None:
        self._shared: set[Any] = set()
        self._beside_codes: set[int] = set()
        self._light = -1
        self._hidden: dict[frozenset[Any], tuple[Stray, ...]] = {}

    def on(self, page: pypdfium2.PdfPage, places: Sequence[Place]) -> tuple[bool, tuple[Stray, ...]]:
        """Whether a sheet holds anything new, and if so its stray codes; every place names its own codes and logos."""
        marks = [mark.box for place in places for mark in place.marks]
        shared, heavy, light = _drawn(page)
        beside = heavy - len(marks)
        if shared <= self._shared and beside in self._beside_codes and light <= self._light + SYMBOL_SEGMENTS:
            return False, ()
        found = _search(page, marks) or self._hidden_in(page, places[0].logos, frozenset(shared))
        if not found:  # what has one is searched on every sheet, so that each is named
            self._shared |= shared
            self._beside_codes.add(beside)
            self._light = max(self._light, light)
        return True, found

    def _hidden_in(self, page: pypdfium2.PdfPage, logos: Sequence[Box], art: frozenset[Any]) -> tuple[Stray, ...]:
        """What hides in the logos of a sheet: its first piece is looked at, once for all sheets with the same art."""
        if art not in self._hidden:
            self._hidden[art] = _hidden(page, logos)
        return self._hidden[art]


def _search(page: pypdfium2.PdfPage, marks: Sequence[Box]) -> tuple[Stray, ...]:
    """Every code that is read once the sheet's own ones are painted over."""
    width, height = (side / PT_PER_MM for side in page.get_size())
    image, per_mm = render(page, Box(0, 0, width, height), min(PIXELS_PER_MM, sqrt(PIXELS_MAX / (width * height))))
    paint = ImageDraw.Draw(image)
    for box in marks:
        paint.rectangle([side * per_mm for side in (box.x, box.y, box.right, box.bottom)], fill=255)
    return _read(image, per_mm) or _read(image.reduce(2), per_mm / 2)  # what is ragged up close is whole from afar


def _hidden(page: pypdfium2.PdfPage, logos: Sequence[Box]) -> tuple[Stray, ...]:
    """Codes in somebody else's drawings, however they are drawn."""
    found = []
    for box in logos:
        picture, _ = render(page, box, LOGO_PX / max(box.width, box.height), grey=False)
        said = code_in(picture.convert("RGB"))
        if said is not None:
            found.append(Stray(said, box.x + box.width / 2, box.y + box.height / 2))
    return tuple(found)


def _read(image: Image.Image, per_mm: float) -> tuple[Stray, ...]:
    return tuple(
        Stray(
            code.bytes.decode("utf-8", "replace"),
            (code.position.top_left.x + code.position.bottom_right.x) / 2 / per_mm,
            (code.position.top_left.y + code.position.bottom_right.y) / 2 / per_mm,
        )
        for code in zxingcpp.read_barcodes(image, formats=QR_CODES)
    )


def _drawn(page: pypdfium2.PdfPage) -> tuple[set[Any], int, int]:
    """What a sheet holds: prints of its forms and pictures, its paths with lines enough for a symbol, other lines."""
    shared: set[Any] = set()
    heavy = light = 0
    for at in range(raw.FPDFPage_CountObjects(page)):
        thing = raw.FPDFPage_GetObject(page, at)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            lines = raw.FPDFPath_CountSegments(thing)
            heavy, light = (heavy + 1, light) if lines >= SYMBOL_SEGMENTS else (heavy, light + lines)
        elif kind != raw.FPDF_PAGEOBJ_TEXT:
            shared.add(_print(thing, kind))
    return shared, heavy, light


def _print(thing: Any, kind: int) -> Any:  # noqa: ANN401 - PDFium's handles have no type
    """What tells this form or picture from another, wherever it is placed."""
    if kind == raw.FPDF_PAGEOBJ_FORM:
        parts = [raw.FPDFFormObj_GetObject(thing, at) for at in range(raw.FPDFFormObj_CountObjects(thing))]
        return tuple(_print(part, raw.FPDFPageObj_GetType(part)) for part in parts)
    if kind == raw.FPDF_PAGEOBJ_PATH:
        return raw.FPDFPath_CountSegments(thing)
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        size = raw.FPDFImageObj_GetImageDataRaw(thing, None, 0)
        data = ctypes.create_string_buffer(size)
        raw.FPDFImageObj_GetImageDataRaw(thing, data, size)
        return kind, zlib.crc32(data.raw)
    return kind, 0
