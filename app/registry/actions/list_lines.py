"""Single lines of a list that waits: left out by a tick, taken in again, said to be somebody else."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from app.actors import Actor
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError
from app.registry.actions.imports import count_rows
from app.registry.actions.list_changes import add_as_new, apply_row
from app.registry.actions.states import states_refreshed_once
from app.registry.models import ImportBatch, ImportRow

#: What may be done to ticked lines -> the states they may be in, and whether the list must still wait to be applied.
ACTS: Final = {
    "leave": (("new", "changed", "alike"), True),
    "take": (("left",), True),
    "add": (("alike",), True),
    "change": (("changed", "alike"), False),
}
LEFT: Final = "Người nhập bỏ dòng này ra."


def do_with_lines(actor: Actor, now: datetime, batch: ImportBatch, act: str, ids: Collection[int]) -> int:
    """Does one of ACTS to these lines of the list (ids of import rows); to how many. Raises ConflictError."""
    states, must_wait = ACTS[act]
    if batch.state not in ({"validated"} if must_wait else {"validated", "applied"}):
        raise ConflictError("Tệp này không còn chờ ghi.", remedy="Hãy tải lại trang.")
    query = select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.id.in_(list(ids)), ImportRow.state.in_(states)
    )
    rows = db.session.scalars(query.order_by(ImportRow.line)).all()
    if not rows:
        raise ConflictError("Chưa đánh dấu dòng nào làm được việc này.", remedy="Hãy đánh dấu ở đầu dòng rồi làm lại.")
    count = _done(actor, now, batch, act, rows)
    db.session.flush()
    count_rows(batch)
    after = {"file": batch.file_name, "act": act, "lines": [row.line for row in rows][:100], "count": count}
    record(actor, now, "import.lines", ("import_batch", batch.id), after=after)
    return count


def _done(actor: Actor, now: datetime, batch: ImportBatch, act: str, rows: Sequence[ImportRow]) -> int:
    if act == "change":
        with states_refreshed_once():
            return sum([apply_row(actor, now, batch, row) for row in rows])
    one: dict[str, Callable[[ImportRow], None]] = {"leave": _leave, "take": _take, "add": add_as_new}
    for row in rows:
        one[act](row)
    return len(rows)


def _leave(row: ImportRow) -> None:
    row.state, row.message = "left", f"{LEFT} {row.message}".strip()


def _take(row: ImportRow) -> None:
    row.state = "alike" if row.merchant_id is not None else "new"
    row.message = row.message.removeprefix(LEFT).strip()
