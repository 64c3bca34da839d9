"""Whose account: proposals and their approval, the QR codes made of them, and what the merchant agreed to."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.approval.rules import STATES
from app.db import Model, UtcDateTime
from app.registry.models.merchants import Merchant, Point
from app.registry.rules.words import ACCOUNT_KINDS, CONSENT_METHODS, PURPOSES

ASSET_STATES = {
    "proposed": "Chờ duyệt",
    "active": "Đang dùng",
    "refused": "Bị từ chối",
    "replaced": "Đã thay",
    "void": "Đã huỷ",
}


class PaymentAccount(Model):
    """Where a merchant's money goes: a bank account, or a provider's own QR kept byte for byte.

    A row is a version and is never changed into another account: a change is a new proposal beside the old one, which
    stays valid until the new one may be printed.
    """

    __tablename__ = "payment_account"
    __table_args__ = (
        UniqueConstraint("merchant_id", "version"),
        CheckConstraint(f"state IN {tuple(STATES)}", name="state"),
        CheckConstraint(f"kind IN {tuple(ACCOUNT_KINDS)}", name="kind"),
        CheckConstraint("(kind = 'provider_qr') = (payload IS NOT NULL)", name="payload"),
        CheckConstraint("kind <> 'bank' OR (bank_bin <> '' AND account_number <> '')", name="bank"),
        # The last wall behind app.approval: an approved account names an approver who is not its proposer.
        CheckConstraint(
            "state NOT IN ('approved', 'retired') OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL"
            " AND print_from IS NOT NULL AND (proposed_by_id IS NULL OR decided_by_id <> proposed_by_id))",
            name="four_eyes",
        ),
        Index(None, "bank_bin", "account_number", "merchant_id", "state"),
        Index(None, "state", "id"),
        Index(None, "state", "merchant_id", "proposed_at"),
        Index(None, "batch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    version: Mapped[int]  #: counts from 1 for each merchant
    kind: Mapped[str] = mapped_column(String(12), default="bank")
    bank_bin: Mapped[str] = mapped_column(
        String(6), default=""
    )  #: NAPAS BIN; for a provider's code what it says, if readable
    account_number: Mapped[str] = mapped_column(String(40), default="")  #: text: 007 is not 7
    holder_name: Mapped[str] = mapped_column(String(120), default="")  #: as the bank shows it
    provider: Mapped[str] = mapped_column(String(40), default="")  #: viettel, vnpt, momo ... for a provider's code
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)  #: the provider's code, byte for byte
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    is_change: Mapped[bool] = mapped_column(
        default=False
    )  #: the merchant had an approved account when this was approved
    proposed_by_id: Mapped[int | None]
    proposed_by: Mapped[str] = mapped_column(String(120), default="")
    proposed_session: Mapped[str] = mapped_column(String(64), default="")
    proposed_via: Mapped[str] = mapped_column(String(12), default="")
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")  #: why the change was asked for
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    print_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: approved, and rested where it was a change
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))

    merchant: Mapped[Merchant] = relationship()
    approvals: Mapped[list["AccountApproval"]] = relationship(order_by="AccountApproval.id")

    @property
    def tail(self) -> str:
        """The last four characters, which everybody may see."""
        return self.account_number[-4:]


class AccountApproval(Model):
    """One person's yes to one proposal."""

    __tablename__ = "account_approval"
    __table_args__ = (UniqueConstraint("account_id", "approver_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("payment_account.id", ondelete="CASCADE"))
    approver_id: Mapped[int]
    approver: Mapped[str] = mapped_column(String(120), default="")
    session: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class QrAsset(Model):
    """One code for one point: the exact bytes, and from when they may be printed."""

    __tablename__ = "qr_asset"
    __table_args__ = (
        CheckConstraint("kind IN ('own', 'provider')", name="kind"),
        CheckConstraint(f"state IN {tuple(ASSET_STATES)}", name="state"),
        Index(None, "point_id", "state"),
        Index(None, "account_id"),
        Index(None, "payload_sha256"),
        Index(
            "uq_qr_asset_point_id_account_id_live",
            "point_id",
            "account_id",
            unique=True,
            sqlite_where=text("state IN ('proposed', 'active')"),
            postgresql_where=text("state IN ('proposed', 'active')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[int] = mapped_column(ForeignKey("payment_account.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    payload_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8), default="active")
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by_id: Mapped[int | None]
    issued_session: Mapped[str] = mapped_column(String(64), default="")
    print_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: None while a second person has not agreed
    decided_by_id: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_change: Mapped[bool] = mapped_column(default=False)  #: came where another's code hung, or looks like another's

    account: Mapped[PaymentAccount] = relationship()
    point: Mapped[Point] = relationship()

    @property
    def text(self) -> str:
        """The code's content as text; bytes that are not UTF-8 are shown as Latin-1, as readers do."""
        try:
            return self.payload.decode("utf-8")
        except UnicodeDecodeError:
            return self.payload.decode("latin-1")


class Consent(Model):
    """What a merchant agreed to, for one purpose: which text, how, when, before whom; and whether it was taken back."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint(f"purpose IN {tuple(PURPOSES)}", name="purpose"),
        CheckConstraint(f"method IN {tuple(CONSENT_METHODS)}", name="method"),
        Index(None, "merchant_id", "purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    text_version: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(12))
    witness: Mapped[str] = mapped_column(String(120), default="")  #: for a spoken one
    evidence: Mapped[str] = mapped_column(String(200), default="")  #: signature or scan under its SHA-256
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None]
    recorded_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdraw_reason: Mapped[str] = mapped_column(Text, default="")

    merchant: Mapped[Merchant] = relationship()

    @property
    def signature_digest(self) -> str:
        """The SHA-256 of the signature drawn on the screen, "" where there is none."""
        kind, _, digest = self.evidence.partition(":")
        return digest if kind == "signature" else ""
