"""Lists that were brought in, their rows and their senders."""

from collections.abc import Sequence

from sqlalchemy import case, func, or_, select

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.models import Unit
from app.places.queries import commune_of, units_seen
from app.registry.models import ImportBatch, ImportProfile, ImportRow, Merchant
from app.registry.rules.list_columns import columns_signature
from app.registry.rules.rights import KEEPERS
from app.vn.sorting import name_sort_key

SOURCE_MAX = 64
#: States of a line that is still to be written, or of which something is.
OPEN_STATES = ("new", "changed", "alike")


def source_of(unit: Unit, sender: str = "") -> str:
    """Under which name lists of this commune's sender stand in the registry: with a line's number it is unique."""
    whole = f"list:{commune_of(unit).code}"
    return f"{whole}/{sender.casefold()}"[:SOURCE_MAX] if sender else whole


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
    return db.session.scalars(query.order_by(ImportRow.id).offset(offset).limit(limit)).all(), total


def waiting_accounts(batch_id: int, offset: int, limit: int) -> tuple[Sequence[ImportRow], int]:
    """One page of the lines that go in while nobody has confirmed their account, and how many there are."""
    query = select(ImportRow).where(
        ImportRow.batch_id == batch_id, ImportRow.account_waits, ImportRow.state.in_(OPEN_STATES)
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    return db.session.scalars(query.order_by(ImportRow.id).offset(offset).limit(limit)).all(), total


def refused_rows(batch_id: int) -> Sequence[ImportRow]:
    """Every line of a list that was refused."""
    query = select(ImportRow).where(ImportRow.batch_id == batch_id, ImportRow.state == "refused")
    return db.session.scalars(query.order_by(ImportRow.id)).all()


def row_ids_of(batch_id: int, lines: Sequence[int]) -> Sequence[int]:
    """The rows of a list that stand in these lines."""
    query = select(ImportRow.id).where(ImportRow.batch_id == batch_id, ImportRow.line.in_(lines))
    return db.session.scalars(query).all()


def changed_rows(batch_id: int) -> list[tuple[ImportRow, str]]:
    """Every line of a known merchant that differs, with the merchant's code."""
    query = (
        select(ImportRow, Merchant.code)
        .join(Merchant, Merchant.id == ImportRow.merchant_id)
        .where(ImportRow.batch_id == batch_id, ImportRow.state.in_(("changed", "alike")))
    )
    return [(row, code) for row, code in db.session.execute(query.order_by(ImportRow.id))]


def noted_rows(batch_id: int) -> Sequence[ImportRow]:
    """Every line that goes in, or is known, with something to tell of it."""
    query = select(ImportRow).where(
        ImportRow.batch_id == batch_id,
        ImportRow.state.in_(("new", "applied", "unchanged")),
        ImportRow.message != "",
    )
    return db.session.scalars(query.order_by(ImportRow.id)).all()


def remembered_columns(headings: Sequence[str], unit: Unit, sender: str) -> ImportProfile | None:
    """Which column meant what when this sender's list with these headings came in last; else anybody's.

    Of others, those of the same commune come first, then whoever was learnt from last.
    """
    whole = source_of(unit)
    near = case(
        (ImportProfile.source == source_of(unit, sender), 0),
        (or_(ImportProfile.source == whole, ImportProfile.source.startswith(f"{whole}/", autoescape=True)), 1),
        else_=2,
    )
    query = select(ImportProfile).where(ImportProfile.signature == columns_signature(headings))
    return db.session.scalar(query.order_by(near, ImportProfile.updated_at.desc(), ImportProfile.id.desc()).limit(1))


def earlier_sender(unit: Unit, sha256: str) -> str | None:
    """Who sent this very file when it was applied before; None where it stands in no registry of this commune."""
    whole = source_of(unit)
    query = select(ImportBatch.sender).where(
        ImportBatch.sha256 == sha256,
        ImportBatch.state == "applied",
        or_(ImportBatch.source == whole, ImportBatch.source.startswith(f"{whole}/", autoescape=True)),
    )
    return db.session.scalar(query.order_by(ImportBatch.id.desc()).limit(1))


def senders(actor: Actor) -> Sequence[str]:
    """Who sent lists to this person's communes so far, for the suggestions of a form."""
    theirs = units_seen(ImportBatch.unit_id, actor, *KEEPERS)
    query = select(ImportBatch.sender).where(theirs, ImportBatch.sender != "").distinct()
    return sorted(db.session.scalars(query), key=name_sort_key)
