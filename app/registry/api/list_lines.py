"""Known merchants that a list says otherwise of, put right; single lines left out, taken in, said to be another."""

from typing import Any

from marshmallow import fields, validate

from app.db import db, unit_of_work
from app.registry.actions.imports import count_rows
from app.registry.actions.list_changes import apply_changes
from app.registry.actions.list_lines import ACTS, do_with_lines
from app.registry.api.frame import api
from app.registry.api.imports import own_batch
from app.registry.queries.imports import row_ids_of
from app.registry.rules.rights import KEEPERS
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.described import Done, Entry, Whole, one_of


class LinesIn(Entry):
    """Which lines of the file, as a person counts them, and what to do with them."""

    act = one_of(list(ACTS), "việc", required=True)
    lines = fields.List(Whole(validate=validate.Range(min=1)), required=True, validate=validate.Length(min=1, max=5000))


class LinesOut(Done):
    """To how many it was done."""

    count = fields.Integer()


@api.post("/imports/<int:batch_id>/lines")
@allow(*KEEPERS)
@api.arguments(LinesIn, example={"act": "leave", "lines": [12, 13]})
@api.response(200, LinesOut, example={"state": "done", "count": 2})
def act_on_lines(entry: dict[str, Any], batch_id: int) -> dict[str, Any]:
    """Từng dòng: leave bỏ ra, take đưa vào lại, add là hộ khác, change sửa hộ đã có theo dòng này."""
    found = own_batch(batch_id)
    with unit_of_work():
        ids = row_ids_of(batch_id, entry["lines"])
        count = do_with_lines(current_actor(), moment(), found, entry["act"], ids)
    return {"state": "done", "count": count}


@api.post("/imports/<int:batch_id>/changes")
@allow(*KEEPERS)
@api.response(200, LinesOut, example={"state": "done", "count": 5})
def apply_differences(batch_id: int) -> dict[str, Any]:
    """Sửa mọi hộ đã có theo danh sách; số tài khoản khác thành đề nghị chờ duyệt."""
    found = own_batch(batch_id)
    with unit_of_work():
        count = apply_changes(current_actor(), moment(), found)
        db.session.flush()
        count_rows(found)
    return {"state": "done", "count": count}
