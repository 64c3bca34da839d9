"""Parts of a finished page as pictures, by a library that did not draw it."""

import pypdfium2
import zxingcpp
from PIL import Image

from app.paper.measures import Box, points
from app.pdfium import PDFIUM

QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


def render(page: pypdfium2.PdfPage, box: Box, pixels_per_mm: float, *, grey: bool = True) -> tuple[Image.Image, float]:
    """A picture of one box (mm from the sheet's top left), grey or in colour, and its true pixels per mm."""
    scale = pixels_per_mm / points(1)
    with PDFIUM:
        width, height = page.get_size()
        crop = (
            max(0.0, points(box.x)),
            max(0.0, height - points(box.bottom)),
            max(0.0, width - points(box.right)),
            max(0.0, points(box.y)),
        )
        bitmap = page.render(scale=scale, crop=crop, grayscale=grey, may_draw_forms=False, draw_annots=False)
        return bitmap.to_pil(), pixels_per_mm
