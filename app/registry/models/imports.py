"""Lists as they were received, step by step: uploaded, parsed, validated, applied, undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Model, UtcDateTime

BATCH_STATES = {
    "uploaded": "Chờ chọn cột",
    "validated": "Đã kiểm tra",
    "applied": "Đã ghi vào sổ",
    "undone": "Đã hoàn tác",
    "dropped": "Đã bỏ",
}
#: How the columns of a list were known.
COLUMNS_FROM = {
    "headings": "nhận ra theo tên cột",
    "chosen": "do người nhập chọn",
    "sender": "đã nhớ của nơi gửi này",
    "other": "đã nhớ của danh sách khác có cùng tên cột",
}
ROW_STATES = {
    "new": "Sẽ thêm",
    "unchanged": "Đã có",
    "changed": "Đã có, khác",
    "alike": "Có thể đã có",
    "refused": "Bị từ chối",
    "applied": "Đã thêm",
    "undone": "Đã hoàn tác",
    "kept": "Giữ lại",
    "label": "Không phải hộ",
    "left": "Bỏ ra",
}


class ImportBatch(Model):
    """One file, kept as evidence under its SHA-256, and what became of it."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(BATCH_STATES)}", name="state"),
        CheckConstraint(f"columns_from IN {tuple(COLUMNS_FROM)}", name="columns_from"),
        Index(None, "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="uploaded")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    source: Mapped[str] = mapped_column(String(64), default="")
    sender: Mapped[str] = mapped_column(String(60), default="")  #: as a person named them, "" where nobody did
    columns_from: Mapped[str] = mapped_column(String(10), default="headings")
    columns_told: Mapped[str] = mapped_column(String(200), default="")  #: whose remembered columns these are
    sheet: Mapped[str] = mapped_column(String(80), default="")
    #: of a workbook: the sheets that were "read", those "alike" that were not, and the "others" with content
    sheets: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    heading_line: Mapped[int] = mapped_column(default=0)  #: as a person counts, 0 before it is known
    headings: Mapped[list[str]] = mapped_column(JSON, default=list)
    columns: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  #: field -> place of its column, from 0
    accepted: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)  #: known, and different: told, applied when somebody says so
    refused: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None]
    created_by: Mapped[str] = mapped_column(String(120), default="")
    made: Mapped[dict[str, list[int]]] = mapped_column(JSON, default=dict)  #: ids of zones and units made for it
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    rows: Mapped[list["ImportRow"]] = relationship(order_by="ImportRow.id", viewonly=True)


class ImportRow(Model):
    """One line of the file: what stood there, what was understood, what is wrong with it."""

    __tablename__ = "import_row"
    __table_args__ = (
        CheckConstraint(f"state IN {tuple(ROW_STATES)}", name="state"),
        Index(None, "batch_id", "state", "line"),
        Index(None, "merchant_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    line: Mapped[int]  #: as a person counts
    sheet: Mapped[str] = mapped_column(String(80), default="")  #: where several are read as one list
    account_waits: Mapped[bool] = mapped_column(default=False)  #: nobody has confirmed yet that its account is right
    state: Mapped[str] = mapped_column(String(10))
    cells: Mapped[list[str]] = mapped_column(JSON)  #: as they stood
    values: Mapped[dict[str, Any]] = mapped_column(JSON)  #: as understood
    message: Mapped[str] = mapped_column(Text, default="")
    differs: Mapped[list[str]] = mapped_column(JSON, default=list)  #: fields in which a known merchant is another
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))


class ImportProfile(Model):
    """Which column means what for a sender: learnt from a person once, remembered by sender and headings."""

    __tablename__ = "import_profile"
    __table_args__ = (UniqueConstraint("source", "signature"), Index(None, "signature"))

    id: Mapped[int] = mapped_column(primary_key=True)
    signature: Mapped[str] = mapped_column(String(64))  #: SHA-256 over the folded headings in their order
    source: Mapped[str] = mapped_column(String(64), default="")
    sender: Mapped[str] = mapped_column(String(60), default="")
    columns: Mapped[dict[str, int]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(120), default="")

    def __repr__(self) -> str:
        return f"<ImportProfile {self.source} {self.signature[:8]}>"
