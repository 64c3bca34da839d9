"""Where this installation keeps designs, themes, ornaments and fonts."""

from app.paper.fonts import load_fonts
from app.paths import resource_dir, vendor_dir
from app.printing.designs import Design
from app.printing.orders import Stock
from app.printing.points import Terms


def stock() -> Stock:
    """Designs, themes, ornaments and fonts of this installation; raises PaperError when a font is missing."""
    printables = resource_dir("printables")
    return Stock(printables / "designs", printables / "themes", printables / "art", load_fonts(vendor_dir() / "fonts"))


def terms_of(design: Design, shelf: Stock) -> Terms:
    """What the design asks of the rows it is printed for."""
    return Terms(design.needs, design.payment, design.shows_payee, shelf.fonts.covers)
