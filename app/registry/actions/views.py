"""Keeping, sharing and forgetting ways of looking at a list. Nobody's record changes, so nothing goes to the audit."""

from datetime import datetime

from sqlalchemy import delete, func, select

from app.actors import Actor
from app.db import db
from app.errors import ConflictError, NotFoundError, RefusedError
from app.places.queries import communes_in_reach
from app.registry.models import DefaultView, SavedView
from app.registry.rules.entries import clean
from app.registry.rules.rights import SHARERS
from app.registry.rules.views import NAME_MAX

VIEWS_MAX = 40


def keep_view(
    actor: Actor, now: datetime, list_name: str, name: str, query: str, *, is_shared: bool = False
) -> SavedView:
    """A way of looking under a name; the same name again is the same view with new filters. Raises RefusedError."""
    if actor.id is None:
        raise RefusedError("Chỉ người đã đăng nhập mới lưu được cách xem.")
    name = clean(name)[:NAME_MAX]
    if not name:
        raise RefusedError("Cách xem chưa có tên.", remedy="Hãy đặt tên ngắn, ví dụ: Chợ chưa lắp bảng.")
    view = own_view(actor, list_name, name)
    if view is None:
        own = select(func.count()).where(SavedView.owner_id == actor.id, SavedView.list_name == list_name)
        if (db.session.scalar(own) or 0) >= VIEWS_MAX:
            raise RefusedError(f"Đã có {VIEWS_MAX} cách xem.", remedy="Hãy xoá bớt cách xem không dùng nữa.")
        view = SavedView(list_name=list_name, name=name, owner_id=actor.id)
        db.session.add(view)
    view.owner_name, view.query, view.changed_at = actor.name, query, now
    view.is_shared, view.unit_id = is_shared, _audience(actor) if is_shared else None
    db.session.flush()
    return view


def own_view(actor: Actor, list_name: str, name: str) -> SavedView | None:
    """What this person keeps under this name already."""
    named = SavedView.name == clean(name)[:NAME_MAX]
    query = select(SavedView).where(SavedView.owner_id == actor.id, SavedView.list_name == list_name, named)
    return db.session.scalar(query)


def renew_view(actor: Actor, now: datetime, view: SavedView, query: str) -> None:
    """The view with the filters of this moment."""
    _refuse_stranger(actor, view)
    view.query, view.changed_at = query, now


def rename_view(actor: Actor, now: datetime, view: SavedView, name: str, *, is_shared: bool) -> None:
    """Another name, shared or not."""
    _refuse_stranger(actor, view)
    name = clean(name)[:NAME_MAX]
    twin = select(SavedView.id).where(
        SavedView.owner_id == view.owner_id,
        SavedView.list_name == view.list_name,
        SavedView.name == name,
        SavedView.id != view.id,
    )
    if not name or db.session.scalar(twin) is not None:
        raise ConflictError("Tên này còn trống hoặc đã có.", remedy="Hãy đặt tên khác.")
    view.name, view.changed_at = name, now
    view.is_shared, view.unit_id = is_shared, _audience(actor) if is_shared else None


def forget_view(actor: Actor, view: SavedView) -> None:
    """Removes the view, also as anybody's first one."""
    _refuse_stranger(actor, view)
    db.session.execute(delete(DefaultView).where(DefaultView.view_id == view.id))
    db.session.delete(view)
    db.session.flush()


def open_with(actor: Actor, list_name: str, view: SavedView | None) -> None:
    """The list opens with this view for this person; None: with everything again."""
    mine = (DefaultView.user_id == actor.id) & (DefaultView.list_name == list_name)
    db.session.execute(delete(DefaultView).where(mine))
    if view is not None:
        db.session.add(DefaultView(user_id=actor.id, list_name=list_name, view_id=view.id))
    db.session.flush()


def _refuse_stranger(actor: Actor, view: SavedView) -> None:
    if view.owner_id != actor.id:
        raise NotFoundError("Cách xem này do người khác lưu.", remedy="Hãy lưu một cách xem của bạn.")


def _audience(actor: Actor) -> int | None:
    """Who a shared view is for: the commune this person works in, or (None) everybody for who works everywhere."""
    if not actor.has(*SHARERS):
        raise RefusedError("Chỉ đội trưởng, điều phối viên và quản trị chia sẻ được cách xem.")
    if any(scope.kind == "all" for scope in actor.scopes_of(*SHARERS)):
        return None
    reached = communes_in_reach(actor, *SHARERS)
    if len(reached) != 1:
        raise RefusedError("Chưa rõ chia sẻ với xã nào.", remedy="Hãy lưu cho riêng bạn.")
    return reached[0].id
