"""A symbol as a file of its own: SVG, PNG or PDF, quiet zone included. Printed lots draw `Symbol.runs()` themselves."""

import io

from PIL import Image

from app.qr.symbol import QUIET_MODULES, Symbol

SIDE_MM = 60.0
MODULE_PIXELS = 12
POINTS_PER_MM = 72 / 25.4


def side_modules(drawn: Symbol) -> int:
    """Modules a side with the quiet zone of four on every edge."""
    return drawn.size + 2 * QUIET_MODULES


def svg(drawn: Symbol, *, side_mm: float = SIDE_MM, title: str = "") -> str:
    """The symbol as one path on white; `side_mm` includes the quiet zone."""
    side = side_modules(drawn)
    path = "".join(f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{width}v1h-{width}z" for x, y, width in drawn.runs())
    named = f"<title>{_xml(title)}</title>" if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side_mm:g}mm" height="{side_mm:g}mm" '
        f'viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges" role="img">{named}<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" d="{path}"/></svg>\n'
    )


def image(drawn: Symbol, *, module_pixels: int = MODULE_PIXELS) -> Image.Image:
    """The symbol in black and white, every module a whole number of pixels."""
    side = side_modules(drawn)
    # Mode 1 packs eight pixels a byte, rows padded, 1 for white.
    row_bytes = (side + 7) // 8
    light = (1 << 8 * row_bytes) - 1
    shift = 8 * row_bytes - side + QUIET_MODULES
    quiet = [light] * QUIET_MODULES
    rows = [*quiet, *(light ^ row << shift for row in drawn.rows), *quiet]
    packed = b"".join(row.to_bytes(row_bytes) for row in rows)
    small = Image.frombytes("1", (side, side), packed)
    return small.resize((side * module_pixels, side * module_pixels), Image.Resampling.NEAREST)


def png(drawn: Symbol, *, side_mm: float = SIDE_MM, module_pixels: int = MODULE_PIXELS) -> bytes:
    """The symbol as a PNG that prints `side_mm` wide."""
    drawing = image(drawn, module_pixels=module_pixels)
    dots_per_inch = drawing.width / side_mm * 25.4
    with io.BytesIO() as file:
        drawing.save(file, "PNG", optimize=True, dpi=(dots_per_inch, dots_per_inch))
        return file.getvalue()


def pdf(drawn: Symbol, *, side_mm: float = SIDE_MM, title: str = "") -> bytes:
    """The symbol on a page of its own size: one path in black ink only, no fonts; always the same bytes."""
    side_points = side_mm * POINTS_PER_MM
    module = side_points / side_modules(drawn)
    margin = QUIET_MODULES * module
    content = f"q 0 0 0 1 k {module:.6f} 0 0 {module:.6f} {margin:.4f} {margin:.4f} cm {drawn.pdf_path()} Q".encode(
        "ascii"
    )
    box = f"[0 0 {side_points:.3f} {side_points:.3f}]"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /TrimBox {box} /Resources << >> /Contents 4 0 R >>".encode(
            "ascii"
        ),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Title <FEFF%b> >>" % title.encode("utf-16-be").hex().upper().encode("ascii"),
    )
    return _pdf_file(objects)


def _pdf_file(objects: tuple[bytes, ...]) -> bytes:
    """Objects numbered from 1, the catalogue first and the information last, as a PDF 1.4 file."""
    body = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    count = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        count - 1,
        len(body),
    )
    return bytes(body) + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
