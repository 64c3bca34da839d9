"""Lists that were brought in, their rows and their senders."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.models import Unit
from app.places.queries import commune_of, units_seen
from app.registry.models import ImportBatch, ImportProfile, ImportRow
from app.registry.rules.lists import columns_signature
from app.registry.rules.rights import KEEPERS


def source_of(unit: Unit) -> str:
    """Under which name lists of this commune stand in the registry: with a line's number it is unique."""
    return f"list:{commune_of(unit).code}"


def batch(batch_id: int) -> ImportBatch:
    """The batch with this id. Raises NotFoundError."""
    found = db.session.get(ImportBatch, batch_id)
    if found is None:
        raise NotFoundError("Không có lần nhập này.")
    return found


def batches(actor: Actor, offset: int, limit: int) -> tuple[Sequence[ImportBatch], int]:
    """One page of the lists brought into this person's communes, newest first, and how many there are."""
    theirs = units_seen(ImportBatch.unit_id, actor, *KEEPERS)
    total = db.session.scalar(select(func.count()).select_from(ImportBatch).where(theirs)) or 0
    query = select(ImportBatch).where(theirs).order_by(ImportBatch.id.desc()).offset(offset).limit(limit)
    return db.session.scalars(query).all(), total


def batch_rows(batch_id: int, states: Sequence[str], offset: int, limit: int) -> tuple[Sequence[ImportRow], int]:
    """One page of a list's lines in these states, and how many there are."""
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state.in_(states))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return db.session.scalars(query.order_by(ImportRow.line).offset(offset).limit(limit)).all(), total


def refused_rows(batch_id: int) -> Sequence[ImportRow]:
    """Every line of a list that was refused."""
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state == "refused")
    return db.session.scalars(query.order_by(ImportRow.line)).all()


def remembered_columns(headings: Sequence[str]) -> dict[str, int] | None:
    """Which column meant what when a list with these headings came in last."""
    found = db.session.scalar(select(ImportProfile).where(ImportProfile.signature == columns_signature(headings)))
    return dict(found.columns) if found else None
