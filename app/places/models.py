"""Where things are: units of administration over time, zones, and the stalls of a market's floor plan."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model
from app.places.rules import titled

LEVELS = ("province", "commune", "hamlet")
ZONE_KINDS = ("market", "street", "centre")


class Unit(Model):
    """A province, a commune, or a hamlet (thôn, xóm, tổ dân phố) during the time it exists.

    The name stands without its kind ("Cẩm Tân", kind "xã"). A code is unique among the units of a level that exist
    today; no join ever goes by code alone, sources number the same commune differently (`code_source`).
    """

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint(f"level IN {LEVELS}", name="level"),
        CheckConstraint("(level = 'province') = (parent_id IS NULL)", name="parent"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        Index(
            "uq_unit_level_code_current",
            "level",
            "code",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index(None, "parent_id", "name_fold"),
        Index(None, "name_fold"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(20))  #: 2 digits, 5 digits, or commune code-number for a hamlet
    code_source: Mapped[str] = mapped_column(String(60), default="")
    kind: Mapped[str] = mapped_column(String(20))  #: tỉnh, thành phố, xã, phường, đặc khu, thôn, tổ dân phố ...
    name: Mapped[str] = mapped_column(String(80))  #: NFC, without the kind
    name_fold: Mapped[str] = mapped_column(String(80))  #: for search, never a key: Văn Lăng and Văn Lang fold alike
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  #: last day, included
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    boundary: Mapped[dict[str, Any] | None] = mapped_column(JSON)  #: GeoJSON Polygon or MultiPolygon, WGS 84
    is_sample: Mapped[bool] = mapped_column(default=False)

    parent: Mapped["Unit | None"] = relationship(remote_side="Unit.id")

    @property
    def title(self) -> str:
        """Kind and name as people write them: Xã Cẩm Tân, Thôn 3, Thành phố Hà Nội."""
        return titled(self.kind, self.name)


class UnitAlias(Model):
    """What a unit, or a part of it, was called: a former commune, a district, another spelling; dated where known."""

    __tablename__ = "unit_alias"
    __table_args__ = (
        UniqueConstraint("unit_id", "kind", "name"),
        Index(None, "name_fold"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20), default="")  #: xã, phường, thị trấn, huyện, quận, thị xã ...
    name: Mapped[str] = mapped_column(String(80))
    name_fold: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(120), default="")

    unit: Mapped[Unit] = relationship()


class Zone(Model):
    """A market, a cashless street or a commune centre: what a plan rolls out in phases, with a target and a lead.

    For a market with a floor plan, `lat`, `lng` is the middle of the plan and `bearing_deg` the direction its upper
    edge faces (0 north, clockwise); without them the plan has metres only, from its upper left corner.
    """

    __tablename__ = "zone"
    __table_args__ = (
        CheckConstraint(f"kind IN {ZONE_KINDS}", name="kind"),
        CheckConstraint("phase >= 1", name="phase"),
        CheckConstraint("target_percent BETWEEN 0 AND 100", name="target"),
        Index(None, "unit_id", "name_fold"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  #: commune, or the hamlet it lies in
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    name_fold: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(80), unique=True)  #: given once, stands in printed addresses
    phase: Mapped[int] = mapped_column(default=1)
    planned_on: Mapped[date | None]
    target_percent: Mapped[int] = mapped_column(default=100)
    lead: Mapped[str] = mapped_column(String(120), default="")
    partner: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    bearing_deg: Mapped[float] = mapped_column(Float, default=0.0)
    width_m: Mapped[float | None] = mapped_column(Float)  #: floor plan, left to right
    depth_m: Mapped[float | None] = mapped_column(Float)  #: floor plan, top to bottom
    geometry: Mapped[dict[str, Any] | None] = mapped_column(JSON)  #: GeoJSON, WGS 84: a street's line, an outline
    closed_on: Mapped[date | None]
    is_sample: Mapped[bool] = mapped_column(default=False)

    unit: Mapped[Unit] = relationship()


class Stall(Model):
    """A stall of a market's floor plan. Its code is painted on the wall and printed on standees: never given twice."""

    __tablename__ = "stall"
    __table_args__ = (
        UniqueConstraint("zone_id", "code"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
        Index(None, "zone_id", "sort_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"))
    row: Mapped[str] = mapped_column(String(12))  #: A01
    code: Mapped[str] = mapped_column(String(24))  #: A01-06, a split-off part A01-06a
    sort_key: Mapped[str] = mapped_column(String(80))  #: orders A2 before A10
    polygon: Mapped[list[list[float]] | None] = mapped_column(JSON)  #: corners in metres: x right, y down
    x_m: Mapped[float | None] = mapped_column(Float)  #: middle, metres
    y_m: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    lng: Mapped[float | None] = mapped_column(Float)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    split_from_id: Mapped[int | None] = mapped_column(ForeignKey("stall.id"))
    became_id: Mapped[int | None] = mapped_column(ForeignKey("stall.id"))  #: merged into it, or renamed to it

    zone: Mapped[Zone] = relationship()
