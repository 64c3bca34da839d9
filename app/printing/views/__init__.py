"""Office pages of printing, the print shop's one-time address, and the page behind a sheet's code."""

from app.printing.notices import views as notices
from app.printing.views import links, logos, lots, orders, pieces, posters, printers, sheets
from app.printing.views.frame import pages, public_pages, sheet_pages

__all__ = [
    "links",
    "logos",
    "lots",
    "notices",
    "orders",
    "pages",
    "pieces",
    "posters",
    "printers",
    "public_pages",
    "sheet_pages",
    "sheets",
]
