"""Lots and their pieces: what was printed for whom, from which code, and where it is now."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.approval.rules import APPROVED, STATES
from app.db import Model, UtcDateTime
from app.jobs.models import Job
from app.printing.rules import CHANGE_SOURCES, LOT_STATES, MADE, MAKING, PIECE_STATES, STOPPED
from app.printing.themes import LOGO_ROLES
from app.registry.models import Point, QrAsset

_IN_USE = text(f"state = '{APPROVED}'")


class PrintLot(Model):
    """One order to the press: design, theme and sheet, the points it was made for, and what the gate said."""

    __tablename__ = "print_lot"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(LOT_STATES)}", name="state"),
        Index(None, "unit_id", "id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)  #: IN-2611-07: year, month, count
    state: Mapped[str] = mapped_column(String(10), default=MAKING)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  #: whose lot it is: the commune's
    place: Mapped[str] = mapped_column(String(160), default="")  #: zone or commune, as lists show it
    design: Mapped[str] = mapped_column(String(40))
    theme: Mapped[str] = mapped_column(String(40))
    sheet: Mapped[str] = mapped_column(String(8))
    filling: Mapped[str] = mapped_column(String(8))  #: stack | row
    start_cell: Mapped[int] = mapped_column(default=1)
    point_ids: Mapped[list[int]] = mapped_column(JSON)
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  #: words of this commune over the theme's
    reason: Mapped[str] = mapped_column(Text, default="")  #: of a reprint
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    pieces_count: Mapped[int] = mapped_column(default=0)
    sheets: Mapped[int] = mapped_column(default=0)
    codes_right: Mapped[int] = mapped_column(default=0)
    failures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  #: points without a piece, and why
    pdf_sha256: Mapped[str] = mapped_column(String(64), default="")
    pdf_bytes: Mapped[int] = mapped_column(default=0)
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120), default="")
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_to: Mapped[str] = mapped_column(String(120), default="")

    job: Mapped[Job | None] = relationship()
    pieces: Mapped[list["PrintPiece"]] = relationship(back_populates="lot", order_by="PrintPiece.id", viewonly=True)

    @property
    def standing(self) -> str:
        """Its state; where its job broke down it has stopped, whatever the row says."""
        broken = self.state == MAKING and self.job is not None and self.job.state == "failed"
        return STOPPED if broken else self.state


class PrintPiece(Model):
    """One printed piece: a code on paper, with an id that can be read out over the phone."""

    __tablename__ = "print_piece"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(PIECE_STATES)}", name="state"),
        UniqueConstraint("lot_id", "sheet", "cell"),
        Index(None, "point_id", "state"),
        Index(None, "asset_id"),
        Index(None, "print_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("print_lot.id", ondelete="CASCADE"))
    sheet: Mapped[int]
    cell: Mapped[int]
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"))
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("qr_asset.id", ondelete="CASCADE"))
    print_id: Mapped[str] = mapped_column(String(40))
    serial: Mapped[int]  #: 1 for the first piece of this design at this point, 2 for its reprint
    row: Mapped[str] = mapped_column(String(12), default="")
    payload_crc: Mapped[str] = mapped_column(String(4), default="")
    payload_sha256: Mapped[str] = mapped_column(String(64), default="")
    warnings: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default=MADE)
    state_at: Mapped[datetime] = mapped_column(UtcDateTime)

    lot: Mapped[PrintLot] = relationship(back_populates="pieces")
    point: Mapped[Point] = relationship()
    asset: Mapped[QrAsset | None] = relationship()


class PieceChange(Model):
    """One step of many pieces at once: who, when, why; what a person did by hand can be taken back as a whole."""

    __tablename__ = "piece_change"
    __table_args__ = (
        CheckConstraint(f"source IN {tuple(CHANGE_SOURCES)}", name="source"),
        CheckConstraint(f"state IN {tuple(PIECE_STATES)}", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(8))  #: by_hand | lot | sheet | reprint
    state: Mapped[str] = mapped_column(String(10))  #: what the pieces became
    pieces_count: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(120), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str] = mapped_column(String(120), default="")


class PieceStep(Model):
    """One piece's part in a change: its history is all of these."""

    __tablename__ = "piece_step"
    __table_args__ = (Index(None, "piece_id", "id"), Index(None, "change_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("piece_change.id", ondelete="CASCADE"))
    piece_id: Mapped[int] = mapped_column(ForeignKey("print_piece.id", ondelete="CASCADE"))
    before: Mapped[str] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))

    change: Mapped[PieceChange] = relationship()


class LogoFile(Model):
    """A commune's or its provider's logo, from one person's upload to another's yes; printed from then on."""

    __tablename__ = "logo_file"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(STATES)}", name="state"),
        CheckConstraint(f"role IN {LOGO_ROLES}", name="role"),
        Index(None, "unit_id", "role", "state"),
        Index("uq_logo_file_approved", "unit_id", "role", unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(8))
    sha256: Mapped[str] = mapped_column(String(64))  #: the file's name, and what its content must be
    suffix: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(9))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_by_id: Mapped[int | None]
    proposed_by: Mapped[str] = mapped_column(String(120), default="")
    proposed_session: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(Text, default="")


class PrintLink(Model):
    """A one-time way for a print shop to fetch a lot without an account; only the hash of its secret is kept."""

    __tablename__ = "print_link"
    __table_args__ = (Index(None, "lot_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("print_lot.id", ondelete="CASCADE"))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]

    lot: Mapped[PrintLot] = relationship()


class OfficePrinter(Model):
    """An office printer by the name people call it, and by how much its print lies off."""

    __tablename__ = "office_printer"
    __table_args__ = (UniqueConstraint("unit_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  #: whose printer; none: this machine's
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(60))  #: folded, so that nobody has to hit the capitals
    right_um: Mapped[int]  #: by how much a sheet is moved to the right, in thousandths of a millimetre
    down_um: Mapped[int]
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime)
    measured_by: Mapped[str] = mapped_column(String(120), default="")

    @property
    def right_mm(self) -> float:
        """To the right, in millimetres."""
        return self.right_um / 1000

    @property
    def down_mm(self) -> float:
        """Down, in millimetres."""
        return self.down_um / 1000
