"""What a person did to many merchants at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from app.actors import ADMIN, Actor
from app.db import db
from app.errors import NotFoundError
from app.registry.models import BulkAct, BulkChange, PointState
from app.registry.rules.bulk import ACTS

#: So long the list offers to take the last act back; its own page does so for ever.
OFFERED = timedelta(minutes=15)
SHOWN = 20


def bulk_in_reach(actor: Actor, bulk_id: int) -> BulkAct:
    """One act of this person (of anybody, for who administers the whole system). Raises NotFoundError."""
    found = db.session.get(BulkAct, bulk_id)
    everywhere = any(scope.kind == "all" for scope in actor.scopes_of(ADMIN)) and actor.has(ADMIN)
    if found is None or not (found.made_by_id == actor.id or everywhere):
        raise NotFoundError("Không có việc này.", remedy="Chỉ người đã làm và quản trị xem được.")
    return found


def bulk_acts(actor: Actor) -> Sequence[BulkAct]:
    """The last acts of this person that changed something, newest first."""
    kinds = [kind for kind, act in ACTS.items() if not act.leads_away]
    query = select(BulkAct).where(BulkAct.made_by_id == actor.id, BulkAct.kind.in_(kinds))
    return db.session.scalars(query.order_by(BulkAct.id.desc()).limit(SHOWN)).all()


def last_bulk(actor: Actor, now: datetime) -> BulkAct | None:
    """What this person did just now and may want back."""
    kinds = [kind for kind, act in ACTS.items() if not act.leads_away]
    query = select(BulkAct).where(
        BulkAct.made_by_id == actor.id, BulkAct.kind.in_(kinds), BulkAct.made_at > now - OFFERED
    )
    found = db.session.scalars(query.order_by(BulkAct.id.desc()).limit(1)).one_or_none()
    return found if found is not None and found.done and found.undone_at is None else None


def chosen_by(actor: Actor, bulk_id: int) -> Select[int]:
    """The merchants this person chose for a file or for printing; nobody where it is not theirs."""
    query = select(BulkChange.merchant_id).join(BulkAct, BulkAct.id == BulkChange.bulk_id)
    return query.where(BulkAct.id == bulk_id, BulkAct.made_by_id == actor.id)


def chosen_points(actor: Actor, bulk_id: int) -> frozenset[int]:
    """The points these merchants hold today."""
    query = select(PointState.point_id).where(PointState.merchant_id.in_(chosen_by(actor, bulk_id)))
    return frozenset(db.session.scalars(query))
