"""The real thing on the screen: one piece drawn by the press's own engine, as a PNG."""

import hashlib
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2

from app.paper.canvas import Part
from app.paper.measures import points
from app.pdfium import PDFIUM
from app.printing.artwork import Artwork
from app.printing.contents import content_of
from app.printing.designs import Design
from app.printing.orders import Stock
from app.printing.payloads import Payee
from app.printing.points import Point
from app.printing.themes import Theme
from app.qr.vietqr import vietqr

HEIGHT_PX_MAX = 1400
SAMPLE = Point(
    line=0,
    point_code="A01-06",
    zone="Chợ Mẫu",
    row="A01",
    stall="A01-06",
    shop_name="Bún riêu cô Mẫu",
    holder_name="Nguyễn Thị Mẫu",
    payee=Payee(vietqr("970436", "0011000000000"), "Vietcombank", "0000"),
)
"""Shown where no point can be printed yet: nobody's account."""


def preview_png(design: Design, theme: Theme, point: Point, shelf: Stock, height_px: int) -> bytes:
    """One trimmed piece, so many pixels high."""
    layout = design.layout_on("single")
    content = content_of(point, design, theme)
    symbols = design.symbols_on("single", content.codes)
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "piece.pdf")
        part = Part(path, shelf.fonts, layout, title=design.title)
        Artwork(design, theme, shelf.fonts, shelf.art).draw(part, layout.cells[0], content.values, symbols)
        part.end_sheet()
        part.save()
        return _raster(path, design, layout.trim.x, min(height_px, HEIGHT_PX_MAX))


def _raster(path: Path, design: Design, margin_mm: float, height_px: int) -> bytes:
    high = design.trim_on("single")[1]
    margin = points(margin_mm)
    picture = io.BytesIO()
    with PDFIUM:
        book = pypdfium2.PdfDocument(path)
        page = book[0]
        bitmap = page.render(scale=height_px / points(high), crop=(margin, margin, margin, margin), draw_annots=False)
        bitmap.to_pil().quantize(128).save(picture, "PNG", optimize=True)
        page.close()
        book.close()
    return picture.getvalue()


def preview_tag(design: Design, theme: Theme, point: Point, height_px: int) -> str:
    """Changes whenever the picture would: for a browser's cache."""
    facts = repr(
        (
            design,
            theme.id,
            sorted(theme.texts.items()),
            sorted(theme.palette.items()),
            sorted(theme.logos.items()),
            point,
            height_px,
        )
    )
    return hashlib.sha256(facts.encode()).hexdigest()[:32]
