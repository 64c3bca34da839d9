"""What a list leaves open until a person says it: its columns, and accounts that may be another's."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError
from app.places.models import Unit
from app.registry.models import ImportBatch, ImportRow
from app.registry.queries.imports import OPEN_STATES, source_of
from app.registry.rules.list_columns import checked_sender
from app.tables import Grid, HeadingError

COLUMNS_MIN, ROWS_MIN = 3, 2


def keep_unsure(
    actor: Actor,
    now: datetime,
    unsure: HeadingError,
    unit: Unit,
    *,
    file_name: str,
    sha256: str,
    size_bytes: int,
    sender: str = "",
) -> ImportBatch:
    """Keeps a list whose headings do not tell who is meant, so that a person can say what its columns are.

    Raises the error itself where no row could be a heading, with rows below it.
    """
    if unsure.grid is None or not _is_list(unsure, unsure.grid):
        raise unsure
    sender = checked_sender(sender)
    batch = ImportBatch(
        file_name=file_name[:200],
        sha256=sha256,
        size_bytes=size_bytes,
        state="uploaded",
        unit_id=unit.id,
        source=source_of(unit, sender),
        sender=sender,
        sheets={"read": [unsure.table.sheet] if unsure.table.sheet else [], "others": list(unsure.table.others)},
        heading_line=unsure.grid.line,
        headings=list(unsure.grid.headings),
        columns=unsure.columns,
        made={},
        created_at=now,
        created_by_id=actor.id,
        created_by=actor.name,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def _is_list(unsure: HeadingError, grid: Grid) -> bool:
    """Whether it is worth asking: some column is known, or there are columns and rows enough."""
    rows = sum(row.line > grid.line for row in unsure.table.rows)
    return bool(unsure.columns and rows) or (len(set(grid.headings)) >= COLUMNS_MIN and rows >= ROWS_MIN)


def confirm_accounts(actor: Actor, now: datetime, batch: ImportBatch, row_ids: Collection[int] | None) -> int:
    """Somebody has held these lines' accounts (None: all that wait) against the paper: they may be proposed. How many.

    Raises ConflictError where the list is no longer open, RefusedError where nothing was chosen.
    """
    if batch.state != "validated":
        raise ConflictError("Tệp này không còn chờ ghi.", remedy="Hãy tải lại trang.")
    query = select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.account_waits, ImportRow.state.in_(OPEN_STATES)
    )
    rows = db.session.scalars(query if row_ids is None else query.where(ImportRow.id.in_(row_ids))).all()
    if not rows:
        raise RefusedError("Chưa chọn dòng nào.", remedy="Hãy đánh dấu những số tài khoản đã đối chiếu.")
    for row in rows:
        row.account_waits = False
        row.message = f"{actor.name} đã xác nhận số tài khoản {row.values['account_number']}."
    record(
        actor,
        now,
        "import.confirm_accounts",
        ("import_batch", batch.id),
        after={"file": batch.file_name, "lines": [row.line for row in rows]},
    )
    db.session.flush()
    return len(rows)
