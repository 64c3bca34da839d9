"""Ways of looking at a list: keeping, renewing, sharing, opening with, forgetting."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError
from app.registry.actions.views import forget_view, keep_view, open_with, own_view, rename_view, renew_view
from app.registry.models import SavedView
from app.registry.queries.views import first_view, view_in_reach, views_of
from app.registry.rules.rights import READERS, SHARERS
from app.registry.rules.views import LISTS, kept_query, query_values
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.row_ids import row_id


@dataclass(frozen=True, slots=True)
class ViewBar:
    """What stands above a list: its views, which one is open, and whether the filters differ from it by now."""

    list_name: str
    all_url: str
    views: Sequence[SavedView]
    current: SavedView | None
    first_id: int | None
    query: str
    changed: bool
    may_share: bool


def view_bar(actor: Actor, list_name: str) -> ViewBar:
    """The views of this list for this person, as the address stands."""
    views = views_of(actor, list_name)
    number, query = row_id(request.args.get("view", "")), kept_query(list_name, request.args.items(multi=True))
    current = next((view for view in views if view.id == number), None)
    first = first_view(actor, list_name)
    return ViewBar(
        list_name,
        url_for(LISTS[list_name].endpoint, view="all"),
        views,
        current,
        first.id if first is not None else None,
        query,
        current is not None and current.query != query,
        actor.has(*SHARERS),
    )


def view_address(view: SavedView) -> str:
    """Where the list opens with this view."""
    values: dict[str, object] = {**query_values(view.query), "view": view.id}
    return url_for(LISTS[view.list_name].endpoint, **values)  # type: ignore[arg-type]


@pages.post("/views/<list_name>")
@allow(*READERS)
def keep_list_view(list_name: str) -> ResponseReturnValue:
    """Keeps the filters of this moment under a name."""
    if list_name not in LISTS:
        raise NotFoundError("Không có danh sách này.")
    actor, form = current_actor(), request.form
    query = kept_query(list_name, query_pairs(form.get("query", "")))
    try:
        with unit_of_work():
            replaced = own_view(actor, list_name, form.get("name", "")) is not None
            view = keep_view(
                actor, moment(), list_name, form.get("name", ""), query, is_shared=form.get("share") == "1"
            )
            if form.get("first") == "1":
                open_with(actor, list_name, view)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(f"{url_for(LISTS[list_name].endpoint)}?{query or 'view=all'}")
    told = f"Đã thay cách xem “{view.name}” bằng bộ lọc này." if replaced else f"Đã lưu cách xem “{view.name}”."
    flash(told, "good")
    return redirect(view_address(view))


@pages.post("/views/<int:view_id>/renew")
@allow(*READERS)
def renew_list_view(view_id: int) -> ResponseReturnValue:
    """The view takes the filters of this moment."""
    actor, now = current_actor(), moment()
    view = view_in_reach(actor, view_id)
    query = kept_query(view.list_name, query_pairs(request.form.get("query", "")))
    with unit_of_work():
        renew_view(actor, now, view, query)
    return _kept(view)


@pages.post("/views/<int:view_id>/rename")
@allow(*READERS)
def rename_list_view(view_id: int) -> ResponseReturnValue:
    """Another name, shared or for oneself."""
    actor, form = current_actor(), request.form
    view = view_in_reach(actor, view_id)
    try:
        with unit_of_work():
            rename_view(actor, moment(), view, form.get("name", ""), is_shared=form.get("share") == "1")
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(view_address(view))
    return _kept(view)


@pages.post("/views/<int:view_id>/first")
@allow(*READERS)
def open_with_view(view_id: int) -> ResponseReturnValue:
    """The list opens with this view, or (`first=0`) with everything again."""
    actor = current_actor()
    view = view_in_reach(actor, view_id)
    with unit_of_work():
        open_with(actor, view.list_name, view if request.form.get("first") != "0" else None)
    return _kept(view)


@pages.post("/views/<int:view_id>/forget")
@allow(*READERS)
def forget_list_view(view_id: int) -> ResponseReturnValue:
    """Removes a view."""
    actor = current_actor()
    view = view_in_reach(actor, view_id)
    name, target = view.name, url_for(LISTS[view.list_name].endpoint, view="all")
    with unit_of_work():
        forget_view(actor, view)
    flash(f"Đã xoá cách xem “{name}”.", "good")
    return redirect(target)


def _kept(view: SavedView) -> ResponseReturnValue:
    flash(f"Đã lưu cách xem “{view.name}”.", "good")
    return redirect(view_address(view))


def query_pairs(query: str) -> list[tuple[str, str]]:
    """The parts of a query that a form sends back."""
    return [(key, value) for key, values in query_values(query[:4000]).items() for value in values]
