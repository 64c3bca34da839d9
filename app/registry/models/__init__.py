"""The registry's tables."""

from app.registry.models.imports import ImportBatch, ImportProfile, ImportRow
from app.registry.models.likeness import DuplicatePair, MerchantKey, Merge
from app.registry.models.merchants import Merchant, MerchantState, Milestone, Point, PointState, Tenancy
from app.registry.models.payments import AccountApproval, Consent, PaymentAccount, QrAsset
from app.registry.models.persons import PersonKey, PersonRequest
from app.registry.models.trader_links import TraderLink

__all__ = [
    "AccountApproval",
    "Consent",
    "DuplicatePair",
    "ImportBatch",
    "ImportProfile",
    "ImportRow",
    "Merchant",
    "MerchantKey",
    "MerchantState",
    "Merge",
    "Milestone",
    "PaymentAccount",
    "PersonKey",
    "PersonRequest",
    "Point",
    "PointState",
    "QrAsset",
    "Tenancy",
    "TraderLink",
]
