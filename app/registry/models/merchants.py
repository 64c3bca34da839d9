"""Who: merchants, the points where they are paid, who held which point when, and the dated facts about both."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime
from app.places.models import Stall, Unit, Zone
from app.registry.rules.stages import MILESTONES, STAGES
from app.registry.rules.words import LOCATED_HOW, MERCHANT_KINDS, POINT_KINDS

OPEN_ENDED = text("valid_to IS NULL")


class Merchant(Model):
    """A household business, a person or a public body, whatever number of stalls they hold."""

    __tablename__ = "merchant"
    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        CheckConstraint(f"kind IN {tuple(MERCHANT_KINDS)}", name="kind"),
        CheckConstraint("merged_into_id <> id", name="merged"),
        Index(None, "unit_id"),
        Index(None, "phone"),
        Index(None, "batch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)  #: HK-7K3M9Q: public, not to be guessed, never reused
    kind: Mapped[str] = mapped_column(String(12), default="household")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  #: commune, or the hamlet where known
    holder_name: Mapped[str] = mapped_column(String(120))  #: NFC, one field: Vietnamese names are not split
    shop_name: Mapped[str] = mapped_column(String(160), default="")
    phone: Mapped[str | None] = mapped_column(String(16))  #: E.164; families share one, so never a key
    tax_code: Mapped[str | None] = mapped_column(String(14))  #: 10, 12 or 13 digits; 12 are an ID number: masked
    line_of_business: Mapped[str] = mapped_column(String(120), default="")
    online_shops: Mapped[list[str]] = mapped_column(JSON, default=list)  #: https addresses
    has_soundbox: Mapped[bool | None]
    refusal: Mapped[str] = mapped_column(String(12), default="")  #: a key of REFUSAL_REASONS, or empty
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str | None] = mapped_column(String(64))  #: who sent the record: file sender, phone, partner
    external_id: Mapped[str | None] = mapped_column(String(120))  #: their number for it, unique for the source
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    is_sample: Mapped[bool] = mapped_column(default=False)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(
        default=1
    )  #: rises with every change; a form filled in on an older one is told
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]  #: no foreign key: a person may be erased, what they did stays
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship()
    state: Mapped["MerchantState | None"] = relationship(viewonly=True)
    tenancies: Mapped[list["Tenancy"]] = relationship(back_populates="merchant", order_by="Tenancy.id")

    @property
    def title(self) -> str:
        """What the sign says: the shop's name, else the holder's."""
        return self.shop_name or self.holder_name


class Point(Model):
    """Where one can pay: a stall, a shop, a spot on the pavement, a desk, a school, a service point."""

    __tablename__ = "point"
    __table_args__ = (
        UniqueConstraint("zone_id", "code"),
        CheckConstraint(f"kind IN {tuple(POINT_KINDS)}", name="kind"),
        CheckConstraint(f"located_how IN {('', *LOCATED_HOW)}", name="located_how"),
        CheckConstraint("(lat IS NULL) = (lng IS NULL) AND (lat IS NULL) = (cell IS NULL)", name="located"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name="on_earth"),
        Index(None, "unit_id"),
        Index(None, "stall_id"),
        Index(None, "batch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24))  #: the stall's code (A01-06), or a short one of our own
    kind: Mapped[str] = mapped_column(String(16), default="stall")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    stall_id: Mapped[int | None] = mapped_column(ForeignKey("stall.id"))
    row: Mapped[str] = mapped_column(String(12), default="")
    stall_text: Mapped[str] = mapped_column(String(24), default="")  #: the stall as the list writes it
    place: Mapped[str] = mapped_column(String(200), default="")  #: in words, where there is no plan
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    cell: Mapped[int | None] = mapped_column(BigInteger)  #: rules.cells.cell_of(lat, lng)
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    located_how: Mapped[str] = mapped_column(String(8), default="")
    services: Mapped[list[str]] = mapped_column(JSON, default=list)  #: keys of SERVICES
    opening_hours: Mapped[str] = mapped_column(String(120), default="")
    detail: Mapped[str] = mapped_column(String(60), default="")  #: mầm non, tiểu học, THCS ...
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id"))
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship()
    zone: Mapped[Zone | None] = relationship()
    stall: Mapped[Stall | None] = relationship()
    state: Mapped["PointState | None"] = relationship(viewonly=True)


class Tenancy(Model):
    """Who holds a point, from when to when: one stall, successive merchants; never two at a time."""

    __tablename__ = "tenancy"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        Index(
            "uq_tenancy_point_id_current", "point_id", unique=True, sqlite_where=OPEN_ENDED, postgresql_where=OPEN_ENDED
        ),
        Index(None, "merchant_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  #: last day, included

    point: Mapped[Point] = relationship()
    merchant: Mapped[Merchant] = relationship(back_populates="tenancies")


class Milestone(Model):
    """A dated fact about a merchant, or about one of its points; taken back by a mark, never removed."""

    __tablename__ = "milestone"
    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(MILESTONES)}", name="kind"),
        Index(None, "merchant_id", "kind"),
        Index(None, "point_id"),
        Index(None, "kind", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("point.id"))  #: None: holds for all points of the merchant
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence: Mapped[str] = mapped_column(String(200), default="")  #: scan:…, photo:…, report:…, file:…
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None]
    recorded_by: Mapped[str] = mapped_column(String(120), default="")
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoke_reason: Mapped[str] = mapped_column(Text, default="")

    merchant: Mapped[Merchant] = relationship()
    point: Mapped[Point | None] = relationship()


class MerchantState(Model):
    """What lists read about a merchant: worked out from the record by `actions.states`, always rebuildable."""

    __tablename__ = "merchant_state"
    __table_args__ = (
        CheckConstraint(f"stage IN {tuple(STAGES)}", name="stage"),
        Index(None, "sort_key", "merchant_id"),
        Index(None, "walk_key", "merchant_id"),
        Index(None, "stage"),
        Index(None, "unit_id"),
    )

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    stage: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    points: Mapped[int] = mapped_column(default=0)  #: points held today
    sort_key: Mapped[str] = mapped_column(String(400))  #: Vietnamese order by given name
    walk_key: Mapped[str] = mapped_column(String(200), default="")  #: market by market, then by the first stall
    words: Mapped[str] = mapped_column(Text)  #: names in small letters with accents: exact matches come first
    search: Mapped[str] = mapped_column(Text)  #: folded names, phone, account tails, stalls, tax code


class PointState(Model):
    """What map and coverage read about a point: who holds it, its stage, whether residents may see it."""

    __tablename__ = "point_state"
    __table_args__ = (
        CheckConstraint(f"stage IN {tuple(STAGES)}", name="stage"),
        Index(None, "cell", "stage", "lat", "lng"),
        Index(None, "zone_id", "stage"),
        Index(None, "unit_id", "stage"),
        Index(None, "merchant_id"),
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True)
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))  #: who holds it today
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    kind: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  #: when somebody of the programme last stood there
    public_until: Mapped[date | None]  #: last day on the public map; None: never; 9999-12-31: no end set
    cell: Mapped[int | None] = mapped_column(BigInteger)
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
