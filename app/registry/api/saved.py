"""Ways of looking at a list: kept, renewed, shared, opened with, forgotten."""

from typing import Any

from marshmallow import fields, validate

from app.accounts.repeats import repeatable
from app.actors import Actor
from app.db import unit_of_work
from app.registry.actions.views import forget_view, keep_view, open_with, rename_view, renew_view
from app.registry.api.frame import api
from app.registry.models import SavedView
from app.registry.queries.views import first_view, view_in_reach, views_of
from app.registry.rules.rights import READERS
from app.registry.rules.views import LISTS, NAME_MAX, kept_query, query_values
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import Done, Entry, Shown, YesNo, one_of, paged

QUERY_MAX = 2000
LABELS = {name: kind.label for name, kind in LISTS.items()}


class ViewIn(Entry):
    """A way of looking to be kept; the same name again takes the new filters."""

    list_name = one_of(LABELS, "danh sách", required=True)
    name = fields.String(required=True, validate=validate.Length(min=1, max=NAME_MAX))
    query = fields.String(
        load_default="",
        validate=validate.Length(max=QUERY_MAX),
        metadata={"description": "bộ lọc như trong địa chỉ, ví dụ stage=active&sort=new; từ tìm kiếm không được giữ"},
    )
    is_shared = YesNo(load_default=False, metadata={"description": "cả xã cùng thấy"})
    is_first = YesNo(load_default=False, metadata={"description": "danh sách mở ra với cách xem này"})


class ViewChange(Entry):
    """New values; what is left out stays."""

    name = fields.String(validate=validate.Length(min=1, max=NAME_MAX))
    query = fields.String(validate=validate.Length(max=QUERY_MAX))
    is_shared = YesNo()
    is_first = YesNo(metadata={"description": "cũng dùng được với cách xem người khác chia sẻ"})


class ViewOut(Shown):
    """A way of looking."""

    id = fields.Integer(required=True)
    list_name = fields.String()
    name = fields.String()
    query = fields.String()
    owner = fields.String()
    is_own = fields.Boolean()
    is_shared = fields.Boolean()
    is_first = fields.Boolean()
    changed_at = fields.AwareDateTime()


class ViewQuery(Entry):
    """Of which list."""

    list_name = one_of(LABELS, "danh sách", load_default="merchants")


def _again(kept: Any) -> dict[str, Any]:  # noqa: ANN401 - what was kept of the answer
    actor = current_actor()
    return _shown(actor, view_in_reach(actor, int(kept["id"])))


@api.get("/views")
@allow(*READERS)
@api.arguments(ViewQuery, location="query")
@api.response(200, paged(ViewOut))
def list_views(query: dict[str, Any]) -> dict[str, Any]:
    """Cách xem của mình, rồi những cách xem được chia sẻ."""
    actor = current_actor()
    rows = views_of(actor, query["list_name"])
    return {"items": [_shown(actor, row) for row in rows], "total": len(rows)}


@api.post("/views")
@allow(*READERS)
@api.arguments(ViewIn, example={"list_name": "merchants", "name": "Chợ chưa lắp bảng", "query": "stage=qr_issued"})
@api.response(201, ViewOut)
@repeatable("id", again=_again)
def make_view(entry: dict[str, Any]) -> dict[str, Any]:
    """Lưu một cách xem; trùng tên cách xem của mình thì thay bộ lọc."""
    actor, name = current_actor(), entry["list_name"]
    with unit_of_work():
        view = keep_view(
            actor, moment(), name, entry["name"], _query(name, entry["query"]), is_shared=entry["is_shared"]
        )
        if entry["is_first"]:
            open_with(actor, name, view)
    return _shown(actor, view)


@api.patch("/views/<int:view_id>")
@allow(*READERS)
@api.arguments(ViewChange, example={"name": "Chợ chờ lắp bảng", "is_first": True})
@api.response(200, ViewOut)
def change_view(entry: dict[str, Any], view_id: int) -> dict[str, Any]:
    """Đổi tên, bộ lọc, chia sẻ; chỉ người lưu đổi được, riêng “mở đầu” thì ai thấy cũng chọn được."""
    actor, now = current_actor(), moment()
    view = view_in_reach(actor, view_id)
    with unit_of_work():
        if "query" in entry:
            renew_view(actor, now, view, _query(view.list_name, entry["query"]))
        if "name" in entry or "is_shared" in entry:
            name, shared = entry.get("name", view.name), entry.get("is_shared", view.is_shared)
            rename_view(actor, now, view, name, is_shared=shared)
        if "is_first" in entry:
            open_with(actor, view.list_name, view if entry["is_first"] else None)
    return _shown(actor, view)


@api.delete("/views/<int:view_id>")
@allow(*READERS)
@api.response(200, Done, example={"state": "forgotten"})
def drop_view(view_id: int) -> dict[str, Any]:
    """Xoá cách xem của mình."""
    actor = current_actor()
    with unit_of_work():
        forget_view(actor, view_in_reach(actor, view_id))
    return {"state": "forgotten"}


def _query(list_name: str, query: str) -> str:
    pairs = [(key, value) for key, values in query_values(query).items() for value in values]
    return kept_query(list_name, pairs)


def _shown(actor: Actor, view: SavedView) -> dict[str, Any]:
    first = first_view(actor, view.list_name)
    return {
        "id": view.id,
        "list_name": view.list_name,
        "name": view.name,
        "query": view.query,
        "owner": view.owner_name,
        "is_own": view.owner_id == actor.id,
        "is_shared": view.is_shared,
        "is_first": first is not None and first.id == view.id,
        "changed_at": view.changed_at,
    }
