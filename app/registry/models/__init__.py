"""The registry's tables."""

from app.registry.models.imports import ImportBatch, ImportProfile, ImportRow
from app.registry.models.merchants import Merchant, MerchantState, Milestone, Point, PointState, Tenancy
from app.registry.models.payments import AccountApproval, Consent, PaymentAccount, QrAsset

__all__ = [
    "AccountApproval",
    "Consent",
    "ImportBatch",
    "ImportProfile",
    "ImportRow",
    "Merchant",
    "MerchantState",
    "Milestone",
    "PaymentAccount",
    "Point",
    "PointState",
    "QrAsset",
    "Tenancy",
]
