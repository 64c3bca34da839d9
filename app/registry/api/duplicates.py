"""Records that may be one: found, kept apart, made one, taken apart again."""

from typing import Any

from marshmallow import fields, validate

from app.actors import Actor
from app.db import unit_of_work
from app.errors import RefusedError
from app.registry.actions.merging import ask_again, compare_by_hand, merge_merchants, set_apart, undo_merge
from app.registry.api.frame import MerchantOut, api, shown_merchant
from app.registry.models.likeness import PAIR_STATES
from app.registry.queries.duplicates import Pair, PairFilter, merge_in_reach, pair_in_reach, pair_page, similar
from app.registry.queries.reach import merchant_by_code
from app.registry.rules.entries import Faults
from app.registry.rules.likeness import Likeness, Place, account_key
from app.registry.rules.numbers import check_phone, check_tax_code
from app.registry.rules.rights import KEEPERS, RECORDERS
from app.vn.stalls import clean_code
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.described import Entry, PageQuery, Reason, Shown, cut_of, one_of, paged, row_query, shown_page

TYPED = validate.Length(max=160)


class Typed(Entry):
    """What somebody is typing about a merchant."""

    holder_name = fields.String(load_default="", validate=TYPED)
    shop_name = fields.String(load_default="", validate=TYPED)
    phone = fields.String(load_default="", validate=TYPED)
    tax_code = fields.String(load_default="", validate=TYPED)
    bank_bin = fields.String(load_default="", validate=TYPED)
    account_number = fields.String(load_default="", validate=TYPED)
    unit_id = row_query("số của xã, thôn")
    zone_id = row_query("số của khu vực")
    code = fields.String(load_default="", validate=TYPED, metadata={"description": "mã quầy"})
    lat = fields.Float(load_default=None, validate=validate.Range(min=-90, max=90))
    lng = fields.Float(load_default=None, validate=validate.Range(min=-180, max=180))


class ReasonOut(Shown):
    """One thing that speaks for, or against, two records being one."""

    code = fields.String()
    words = fields.String()
    weight = fields.Integer()


class AlikeOut(Shown):
    """A merchant that looks like what is typed, and why."""

    merchant = fields.Nested(MerchantOut)
    score = fields.Integer(metadata={"description": "0 đến 100; từ 75 là rất giống"})
    reasons = fields.List(fields.Nested(ReasonOut))


class PairOut(Shown):
    """Two records side by side, why they look alike, what was decided."""

    id = fields.Integer(required=True)
    state = fields.String(required=True)
    score = fields.Integer()
    reasons = fields.List(fields.Nested(ReasonOut))
    one = fields.Nested(MerchantOut, allow_none=True)
    other = fields.Nested(MerchantOut, allow_none=True)
    decided_by = fields.String()
    decided_at = fields.AwareDateTime(allow_none=True)
    note = fields.String()
    merge_id = fields.Integer(allow_none=True, metadata={"description": "lần gộp, hoàn tác được"})


class PairQuery(PageQuery):
    """Which pairs."""

    state = one_of(PAIR_STATES, "trạng thái", load_default="open")


class TwoCodes(Entry):
    """Two records to be looked at side by side."""

    one = fields.String(required=True, validate=validate.Length(max=12), metadata={"description": "mã hồ sơ"})
    other = fields.String(required=True, validate=validate.Length(max=12), metadata={"description": "mã hồ sơ"})


class MergeIn(Reason):
    """Which record stays."""

    kept = fields.String(required=True, validate=validate.Length(max=12), metadata={"description": "mã hồ sơ giữ lại"})


class MergeOut(Shown):
    """Two records that are one now."""

    id = fields.Integer(required=True)
    kept = fields.String()
    gone = fields.String()
    merged_at = fields.AwareDateTime()
    undone_at = fields.AwareDateTime(allow_none=True)


@api.get("/duplicates/similar")
@allow(*RECORDERS)
@api.arguments(Typed, location="query")
@api.response(200, paged(AlikeOut))
def look_alikes(query: dict[str, Any]) -> dict[str, Any]:
    """Ai trong sổ giống với những gì đang gõ, giống nhất trước, kèm lý do."""
    actor = current_actor()
    found = similar(actor, _typed(query), query["unit_id"])
    items = [
        {"merchant": shown_merchant(actor, each.line), "score": each.score, "reasons": each.reasons} for each in found
    ]
    return {"items": items, "total": len(items)}


@api.get("/duplicates")
@allow(*KEEPERS)
@api.arguments(PairQuery, location="query")
@api.response(200, paged(PairOut))
def pairs(query: dict[str, Any]) -> dict[str, Any]:
    """Các cặp hồ sơ giống nhau, giống nhất trước."""
    actor = current_actor()
    return shown_page(pair_page(actor, PairFilter(query["state"]), cut_of(query)), lambda pair: _shown(actor, pair))


@api.post("/duplicates")
@allow(*KEEPERS)
@api.arguments(TwoCodes, example={"one": "HK-7K3M9Q", "other": "HK-2B4C6D"})
@api.response(201, PairOut)
def compare_two(entry: dict[str, Any]) -> dict[str, Any]:
    """Đặt hai hồ sơ cạnh nhau."""
    actor = current_actor()
    one, other = (merchant_by_code(actor, entry[name].strip().upper(), *KEEPERS) for name in ("one", "other"))
    with unit_of_work():
        pair = compare_by_hand(one, other)
    return _shown(actor, pair_in_reach(actor, pair.id))


@api.get("/duplicates/<int:pair_id>")
@allow(*KEEPERS)
@api.response(200, PairOut)
def one_pair(pair_id: int) -> dict[str, Any]:
    """Một cặp hồ sơ."""
    actor = current_actor()
    return _shown(actor, pair_in_reach(actor, pair_id))


@api.post("/duplicates/<int:pair_id>/apart")
@allow(*KEEPERS)
@api.arguments(Reason, example={"reason": "Hai chị em bán hai quầy"})
@api.response(200, PairOut)
def keep_apart(entry: dict[str, Any], pair_id: int) -> dict[str, Any]:
    """Ghi nhớ: không phải một hộ; không hỏi lại."""
    actor = current_actor()
    pair = pair_in_reach(actor, pair_id)
    with unit_of_work():
        set_apart(actor, moment(), pair.row, entry["reason"])
    return _shown(actor, pair_in_reach(actor, pair_id))


@api.post("/duplicates/<int:pair_id>/again")
@allow(*KEEPERS)
@api.response(200, PairOut)
def look_again(pair_id: int) -> dict[str, Any]:
    """Thôi ghi nhớ "không phải một hộ"."""
    actor = current_actor()
    pair = pair_in_reach(actor, pair_id)
    with unit_of_work():
        ask_again(actor, moment(), pair.row)
    return _shown(actor, pair_in_reach(actor, pair_id))


@api.post("/duplicates/<int:pair_id>/merge")
@allow(*KEEPERS)
@present
@api.arguments(MergeIn, example={"kept": "HK-7K3M9Q", "reason": "Cùng một quầy"})
@api.response(201, MergeOut)
def merge(entry: dict[str, Any], pair_id: int) -> dict[str, Any]:
    """Gộp hai hồ sơ; hoàn tác được. Tài khoản của hồ sơ được gộp phải duyệt lại."""
    actor = current_actor()
    pair = pair_in_reach(actor, pair_id).row
    kept = merchant_by_code(actor, entry["kept"].strip().upper(), *KEEPERS)
    if kept.id not in {pair.one_id, pair.other_id}:
        raise RefusedError("Hồ sơ giữ lại không thuộc cặp này.", remedy="Hãy ghi mã của một trong hai hồ sơ.")
    gone = pair.other if kept.id == pair.one_id else pair.one
    with unit_of_work():
        done = merge_merchants(actor, moment(), kept, gone, entry["reason"])
    return _merged(done.id, actor)


@api.post("/merges/<int:merge_id>/undo")
@allow(*KEEPERS)
@present
@api.response(200, MergeOut)
def unmerge(merge_id: int) -> dict[str, Any]:
    """Tách lại hai hồ sơ như trước khi gộp."""
    actor = current_actor()
    found = merge_in_reach(actor, merge_id)
    with unit_of_work():
        undo_merge(actor, moment(), found.id)
    return _merged(found.id, actor)


def _merged(merge_id: int, actor: Actor) -> dict[str, Any]:
    row = merge_in_reach(actor, merge_id)
    same = {name: getattr(row, name) for name in ("id", "merged_at", "undone_at")}
    return same | {"kept": row.kept.code, "gone": row.gone.code}


def _shown(actor: Actor, pair: Pair) -> dict[str, Any]:
    row = pair.row
    return {
        "id": row.id,
        "state": row.state,
        "score": row.score,
        "reasons": pair.reasons,
        "one": shown_merchant(actor, pair.one) if pair.one else None,
        "other": shown_merchant(actor, pair.other) if pair.other else None,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "note": row.note,
        "merge_id": pair.merge.id if pair.merge else None,
    }


def _typed(query: dict[str, Any]) -> Likeness:
    """What is not yet a telephone number or a place says nothing."""
    unread, code = Faults(), clean_code(query["code"])
    account = account_key("bank", query["bank_bin"], query["account_number"].strip(), "")
    placed = query["lat"] is not None and query["lng"] is not None
    return Likeness(
        query["holder_name"],
        query["shop_name"],
        check_phone(query["phone"].strip(), unread) or "",
        check_tax_code(query["tax_code"].strip(), unread) or "",
        accounts=frozenset({account} - {""}),
        stalls=frozenset({(query["zone_id"], code)} if query["zone_id"] and code else ()),
        places=(Place(query["lat"], query["lng"]),) if placed else (),
    )
