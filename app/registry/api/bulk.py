"""One thing done to many merchants: by their codes or by a filter, told with reasons, taken back as a whole."""

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema
from sqlalchemy import select

from app.accounts.repeats import repeatable
from app.actors import Actor
from app.db import db, unit_of_work
from app.errors import ConflictError, NotFoundError
from app.registry.api.frame import api
from app.registry.api.merchants import MerchantFilterQuery, wanted_of
from app.registry.bulk_work import AT_WORK, job_of, start_bulk, take_back
from app.registry.models import BulkAct, Merchant, MerchantState
from app.registry.queries.bulk import bulk_acts, bulk_in_reach
from app.registry.queries.merchants import merchant_ids
from app.registry.queries.reach import CODE_MAX, merchants_in_reach
from app.registry.rules.bulk import ACTS
from app.registry.rules.merchants import LINE_MAX
from app.registry.rules.rights import RECORDERS
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import Entry, Shown, Whole, one_of, paged, text_field

CODES_MAX = 200
KINDS = {kind: act.label for kind, act in ACTS.items() if not act.leads_away}


class BulkIn(Entry):
    """What is to be done, and to whom: named one by one, or everyone of a filter with the number that is expected."""

    kind = one_of(KINDS, "việc", required=True)
    value = text_field("ngành hàng, số của thôn hay khu vực, hoặc lý do dừng, tuỳ việc", LINE_MAX)
    merchants = fields.List(
        fields.String(validate=validate.Length(min=1, max=CODE_MAX)),
        validate=validate.Length(min=1, max=CODES_MAX),
        metadata={"description": "mã hộ"},
    )
    filter = fields.Nested(MerchantFilterQuery, metadata={"description": "cả bộ lọc, như khi đọc danh sách"})
    expected = Whole(
        validate=validate.Range(min=1),
        metadata={"description": "số hộ của bộ lọc bạn đã thấy; khác đi thì 409, không làm gì"},
    )

    @validates_schema
    def one_way_of_choosing(self, data: dict[str, Any], **_: object) -> None:
        """Either names, or a filter with its number."""
        if ("merchants" in data) == ("filter" in data):
            raise ValidationError("Gửi merchants hoặc filter, đúng một trong hai.", "merchants")
        if "filter" in data and "expected" not in data:
            raise ValidationError("Chọn theo bộ lọc thì cần expected: số hộ bạn đã thấy.", "expected")


class BulkLeft(Shown):
    """A merchant to whom it was not done, and why."""

    merchant = fields.String()
    message = fields.String()


class BulkOut(Shown):
    """One act and what became of it."""

    id = fields.Integer(required=True)
    kind = fields.String()
    value = fields.String()
    state = fields.String(metadata={"description": "done, working (máy đang làm), undone"})
    asked = fields.Integer()
    done = fields.Integer()
    left = fields.List(fields.Nested(BulkLeft), metadata={"description": "hộ không làm được, vài chục hộ đầu"})
    made_at = fields.AwareDateTime()
    undone_at = fields.AwareDateTime(allow_none=True)


class BulkUndone(BulkOut):
    """The same, taken back."""

    undone = fields.Integer(allow_none=True, metadata={"description": "số hộ đã trả lại; trống khi máy đang làm"})


def _again(kept: Any) -> dict[str, Any]:  # noqa: ANN401 - what was kept of the answer
    return _shown(bulk_in_reach(current_actor(), int(kept["id"])))


@api.get("/bulk")
@allow(*RECORDERS)
@api.response(200, paged(BulkOut))
def list_bulk() -> dict[str, Any]:
    """Những việc mình đã làm cho nhiều hộ, mới nhất trước."""
    rows = bulk_acts(current_actor())
    return {"items": [_shown(row) for row in rows], "total": len(rows)}


@api.post("/bulk")
@allow(*RECORDERS)
@api.arguments(BulkIn, example={"kind": "surveyed", "merchants": ["HK-7K3M9Q"]})
@api.response(201, BulkOut)
@repeatable("id", again=_again)
def do_to_many(entry: dict[str, Any]) -> dict[str, Any]:
    """Làm một việc cho nhiều hộ; từng hộ được xét riêng, hộ không làm được thì kể lại lý do."""
    actor, now = current_actor(), moment()
    ids = _named(actor, entry["kind"], entry["merchants"]) if "merchants" in entry else _filtered(actor, entry)
    with unit_of_work():
        made = start_bulk(actor, now, entry["kind"], entry["value"], ids)
    return _shown(made)


@api.get("/bulk/<int:bulk_id>")
@allow(*RECORDERS)
@api.response(200, BulkOut)
def one_bulk(bulk_id: int) -> dict[str, Any]:
    """Một việc: đã làm bao nhiêu, ai không làm được và vì sao."""
    return _shown(bulk_in_reach(current_actor(), bulk_id))


@api.post("/bulk/<int:bulk_id>/undo")
@allow(*RECORDERS)
@api.response(200, BulkUndone)
def undo_bulk(bulk_id: int) -> dict[str, Any]:
    """Trả lại như trước ở những hộ chưa ai sửa tiếp."""
    actor = current_actor()
    made = bulk_in_reach(actor, bulk_id)
    with unit_of_work():
        undone = take_back(actor, moment(), made)
    return _shown(made) | {"undone": undone}


def _named(actor: Actor, kind: str, codes: Sequence[str]) -> list[int]:
    """The merchants with these codes. Raises NotFoundError where one is not this person's to work on."""
    wanted = list(dict.fromkeys(code.upper() for code in codes))
    query = select(Merchant.code, Merchant.id).join(MerchantState, MerchantState.merchant_id == Merchant.id)
    query = query.where(Merchant.code.in_(wanted), merchants_in_reach(actor, *ACTS[kind].roles))
    known = {code: merchant_id for code, merchant_id in db.session.execute(query)}  # noqa: C416 - rows, not pairs
    missing = [code for code in wanted if code not in known]
    if missing:
        raise NotFoundError(f"Không có hộ {missing[0]} trong phạm vi của bạn.", remedy="Hãy đọc lại danh sách hộ.")
    return [known[code] for code in wanted]


def _filtered(actor: Actor, entry: dict[str, Any]) -> list[int]:
    """Everyone of the filter. Raises ConflictError where they are not as many as was said."""
    ids = list(merchant_ids(actor, wanted_of(entry["filter"])))
    if len(ids) != entry["expected"]:
        raise ConflictError(
            f"Bộ lọc nay có {len(ids)} hộ, không phải {entry['expected']}.", remedy="Hãy đọc lại danh sách rồi gửi lại."
        )
    return ids


def _shown(made: BulkAct) -> dict[str, Any]:
    job = job_of(made)
    working = job is not None and job.state in AT_WORK
    return {
        "id": made.id,
        "kind": made.kind,
        "value": made.value,
        "state": "working" if working else "undone" if made.undone_at else "done",
        "asked": made.asked,
        "done": made.done,
        "left": [{"merchant": code, "message": message} for code, message in made.refused],
        "made_at": made.made_at,
        "undone_at": made.undone_at,
    }
