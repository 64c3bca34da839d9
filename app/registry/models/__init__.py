"""The registry's tables."""

from app.registry.models.imports import ImportBatch, ImportProfile, ImportRow
from app.registry.models.issues import IssueRecord, IssueSweep
from app.registry.models.labels import CodeLabel
from app.registry.models.likeness import DuplicatePair, MerchantKey, Merge
from app.registry.models.lists import BulkAct, BulkChange, DefaultView, SavedView
from app.registry.models.merchants import Merchant, MerchantState, Milestone, Point, PointState, Tenancy
from app.registry.models.payments import AccountApproval, Consent, PaymentAccount, QrAsset
from app.registry.models.persons import PersonKey, PersonRequest
from app.registry.models.trader_links import TraderLink

__all__ = [
    "AccountApproval",
    "BulkAct",
    "BulkChange",
    "CodeLabel",
    "Consent",
    "DefaultView",
    "DuplicatePair",
    "ImportBatch",
    "ImportProfile",
    "ImportRow",
    "IssueRecord",
    "IssueSweep",
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
    "SavedView",
    "Tenancy",
    "TraderLink",
]
