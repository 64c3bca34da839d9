"""Single lines of a list on its page: left out, taken in, said to be another, and known merchants put right."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db, unit_of_work
from app.errors import DomainError, NotFoundError
from app.registry.actions.imports import count_rows
from app.registry.actions.list_changes import apply_changes
from app.registry.actions.list_lines import ACTS, do_with_lines
from app.registry.models import ImportBatch
from app.registry.queries import imports as queries
from app.registry.queries.reach import require_unit
from app.registry.rules.rights import KEEPERS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.row_ids import row_id

DONE = {
    "leave": "Đã bỏ {count} dòng ra.",
    "take": "Đã đưa {count} dòng vào lại.",
    "add": "{count} dòng sẽ được thêm như hộ mới.",
    "change": "Đã sửa {count} hộ.",
}
#: Which tab shows what was just done.
NEXT = {"leave": "label", "take": "new", "add": "new", "change": "changed"}


@pages.post("/imports/<int:batch_id>/lines")
@allow(*KEEPERS)
def list_lines(batch_id: int) -> ResponseReturnValue:
    """Does one thing to the lines that were ticked."""
    found, act = _batch(batch_id), request.form.get("act", "")
    if act not in ACTS:
        raise NotFoundError("Không có việc này.")
    ids = {number for each in request.form.getlist("row") if (number := row_id(each)) is not None}
    try:
        with unit_of_work():
            count = do_with_lines(current_actor(), moment(), found, act, ids)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("registry.batch", batch_id=batch_id, show=request.form.get("show", "")))
    flash(DONE[act].format(count=count), "good")
    return redirect(url_for("registry.batch", batch_id=batch_id, show=NEXT[act]))


@pages.post("/imports/<int:batch_id>/changes")
@allow(*KEEPERS)
def list_changes(batch_id: int) -> ResponseReturnValue:
    """Puts right every known merchant that the list says otherwise of."""
    found = _batch(batch_id)
    with unit_of_work():
        count = apply_changes(current_actor(), moment(), found)
        db.session.flush()
        count_rows(found)
    flash(f"Đã sửa {count} hộ. Tài khoản khác thành đề nghị, chờ người khác duyệt.", "good")
    return redirect(url_for("registry.batch", batch_id=batch_id, show="changed"))


def _batch(batch_id: int) -> ImportBatch:
    found = queries.batch(batch_id)
    if found.unit_id is None:
        raise NotFoundError("Không có lần nhập này.")
    require_unit(current_actor(), found.unit_id, *KEEPERS)
    return found
