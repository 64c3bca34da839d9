"""A notice on the screen, drawn by the press's own engine, as a PNG."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2

from app.paper.measures import points
from app.pdfium import PDFIUM
from app.printing.notices.orders import NoticeOrder
from app.printing.notices.paper import preview_part
from app.printing.notices.payers import Payer
from app.printing.orders import Stock

WIDTH_PX_MAX = 1400


def preview_png(order: NoticeOrder, payer: Payer, stock: Stock, width_px: int) -> bytes:
    """One payer's notice, so many pixels wide."""
    picture = io.BytesIO()
    with TemporaryDirectory() as scratch:
        path = Path(scratch, "notice.pdf")
        wide, _ = preview_part(order, payer, stock, path)
        with PDFIUM:
            book = pypdfium2.PdfDocument(path)
            page = book[0]
            bitmap = page.render(scale=min(width_px, WIDTH_PX_MAX) / points(wide), draw_annots=False)
            bitmap.to_pil().quantize(128).save(picture, "PNG", optimize=True)
            page.close()
            book.close()
    return picture.getvalue()
