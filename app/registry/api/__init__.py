"""The registry under /api/v1: merchants, points, accounts and codes, consents, requests, likenesses, lists, work."""

from app.registry.api import (
    accounts,
    bulk,
    consents,
    duplicates,
    imports,
    list_lines,
    merchants,
    milestones,
    persons,
    points,
    providers,
    saved,
    worklist,
)
from app.registry.api.frame import api

__all__ = [
    "accounts",
    "api",
    "bulk",
    "consents",
    "duplicates",
    "imports",
    "list_lines",
    "merchants",
    "milestones",
    "persons",
    "points",
    "providers",
    "saved",
    "worklist",
]
