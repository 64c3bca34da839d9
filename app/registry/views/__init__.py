"""Pages of the registry: merchants, their records, approvals, lists."""

from app.registry.views import (
    accounts,
    approvals,
    bulk,
    duplicates,
    imports,
    issues,
    list_lines,
    merchants,
    persons,
    plan_from_list,
    points,
    providers,
    records,
    saved,
    trader_links,
)
from app.registry.views.frame import pages

__all__ = [
    "accounts",
    "approvals",
    "bulk",
    "duplicates",
    "imports",
    "issues",
    "list_lines",
    "merchants",
    "pages",
    "persons",
    "plan_from_list",
    "points",
    "providers",
    "records",
    "saved",
    "trader_links",
]
