"""The registry under /api/v1: merchants, points, accounts and codes, consents, requests, likenesses, lists."""

from app.registry.api import accounts, duplicates, imports, merchants, milestones, persons, points, providers
from app.registry.api.frame import api

__all__ = ["accounts", "api", "duplicates", "imports", "merchants", "milestones", "persons", "points", "providers"]
