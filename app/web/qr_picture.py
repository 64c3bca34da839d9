"""A small QR on a screen: for setting up phones, never for payments (those are app.qr and app.paper)."""

import base64
import io

import qrcode
import qrcode.constants
import qrcode.image.svg


def svg_data(text: str) -> str:
    """An address for <img src>: SVG, level M, quiet zone of four modules."""
    image = qrcode.make(
        text,
        image_factory=qrcode.image.svg.SvgPathImage,
        error_correction=qrcode.constants.ERROR_CORRECT_M,
        border=4,
    )
    buffer = io.BytesIO()
    image.save(buffer)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
