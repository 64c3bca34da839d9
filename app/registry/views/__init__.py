"""Pages of the registry: merchants, their records, approvals, lists."""

from app.registry.views import (
    accounts,
    approvals,
    duplicates,
    imports,
    merchants,
    persons,
    points,
    records,
    trader_links,
)
from app.registry.views.frame import pages

__all__ = [
    "accounts",
    "approvals",
    "duplicates",
    "imports",
    "merchants",
    "pages",
    "persons",
    "points",
    "records",
    "trader_links",
]
