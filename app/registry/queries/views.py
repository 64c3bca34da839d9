"""The ways of looking at a list that a person may choose."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, true

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.queries import units_around
from app.registry.models import DefaultView, SavedView


def views_of(actor: Actor, list_name: str) -> Sequence[SavedView]:
    """Their own by name, then what others share with them."""
    query = select(SavedView).where(SavedView.list_name == list_name, _seen_by(actor))
    return db.session.scalars(query.order_by(SavedView.owner_id != actor.id, SavedView.name, SavedView.id)).all()


def view_in_reach(actor: Actor, view_id: int) -> SavedView:
    """One of them. Raises NotFoundError."""
    found = db.session.scalar(select(SavedView).where(SavedView.id == view_id, _seen_by(actor)))
    if found is None:
        raise NotFoundError("Không có cách xem này.", remedy="Người lưu có thể đã xoá; hãy chọn cách khác.")
    return found


def first_view(actor: Actor, list_name: str) -> SavedView | None:
    """The one a list opens with for this person, while they may still see it."""
    query = select(SavedView).join(DefaultView, DefaultView.view_id == SavedView.id)
    mine = (DefaultView.user_id == actor.id) & (DefaultView.list_name == list_name)
    return db.session.scalar(query.where(mine, _seen_by(actor)))


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    around = units_around(actor)
    near = SavedView.unit_id.is_(None) | SavedView.unit_id.in_(around) if around is not None else true()
    return or_(SavedView.owner_id == actor.id, SavedView.is_shared & near)
