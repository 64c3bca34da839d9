"""Office pages of printing, and the print shop's one-time address."""

from app.printing.notices import views as notices
from app.printing.views import links, lots, orders, posters
from app.printing.views.frame import pages, public_pages

__all__ = ["links", "lots", "notices", "orders", "pages", "posters", "public_pages"]
