"""One thing done to many merchants: chosen by hand or by the filter, asked with the number, and taken back."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.actors import Actor
from app.db import db, unit_of_work
from app.errors import DomainError
from app.places.models import Unit, Zone
from app.registry import forms
from app.registry.bulk_work import job_of, start_bulk, take_back
from app.registry.models import BulkAct
from app.registry.queries.bulk import bulk_acts, bulk_in_reach
from app.registry.queries.merchants import merchant_ids, merchant_lines, suggested_lines
from app.registry.rules.bulk import ACTS, AT_ONCE_MAX, Act
from app.registry.rules.rights import RECORDERS
from app.registry.rules.words import REFUSAL_REASONS
from app.registry.views.frame import pages
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.paging import PER_PAGE_MAX, same_filter
from app.web.row_ids import row_id

NAMED = 8


@pages.post("/merchants/bulk")
@allow(*RECORDERS)
def bulk() -> ResponseReturnValue:
    """Does what was chosen to everyone chosen; asks first where many, or a value, are concerned."""
    actor, form = current_actor(), request.form
    act = ACTS.get(form.get("act", ""))
    ids = _chosen(actor)
    if act is None or not ids or not actor.has(*act.roles):
        flash("Chưa chọn hộ hoặc chưa chọn việc.", "warn")
        return _back()
    sure = form.get("sure") == str(len(ids))
    if not sure and (act.asks or _all()):
        return _question(act, ids)
    try:
        with unit_of_work():
            made = start_bulk(actor, moment(), act.kind, form.get("value", ""), ids)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return (_question(act, ids), wrong.status) if act.asks else _back()
    return _after(act, made)


def _after(act: Act, made: BulkAct) -> Response:
    if made.job_id is not None:
        return redirect(url_for("registry.bulk_done", bulk_id=made.id))
    if act.kind == "print":
        return redirect(url_for("printing.choose", zone="all", chosen=made.id))
    if act.kind == "export":
        return redirect(url_for("registry.export", format_name="xlsx", chosen=made.id))
    left = f" {made.asked - made.done} hộ không làm được." if made.asked > made.done else ""
    flash(f"{bulk_words(made)} cho {made.done} hộ.{left}", "good" if made.done else "warn")
    return _back() if made.asked == made.done else redirect(url_for("registry.bulk_done", bulk_id=made.id))


@pages.get("/merchants/bulk")
@allow(*RECORDERS)
def bulk_list() -> str:
    """What this person did to many at once, each to be taken back."""
    return render_template("registry/bulk_list.html", acts=bulk_acts(current_actor()), bulk_words=bulk_words)


@pages.get("/merchants/bulk/<int:bulk_id>")
@allow(*RECORDERS)
def bulk_done(bulk_id: int) -> str:
    """One of them: how many, who was left out and why."""
    made = bulk_in_reach(current_actor(), bulk_id)
    job = job_of(made)
    return render_template("registry/bulk_done.html", made=made, job=job, bulk_words=bulk_words, act=ACTS[made.kind])


@pages.get("/merchants/bulk/<int:bulk_id>/progress")
@allow(*RECORDERS)
def bulk_progress(bulk_id: int) -> ResponseReturnValue:
    """How far it is, for the bar on the page."""
    made = bulk_in_reach(current_actor(), bulk_id)
    job = job_of(made)
    if job is None or job.state in {"done", "failed", "cancelled"}:
        state = "done" if job is None or job.state == "done" else "failed"
        here = url_for("registry.bulk_done", bulk_id=made.id)
        return {"percent": 100, "message": job.message if job else "", "state": state, "next": here}
    percent = job.done * 100 // job.total if job.total else 0
    return {"percent": percent, "message": job.message or "Đang chờ đến lượt…", "state": "running", "next": None}


@pages.post("/merchants/bulk/<int:bulk_id>/undo")
@allow(*RECORDERS)
def undo_many(bulk_id: int) -> ResponseReturnValue:
    """Takes it back where nobody has changed it since."""
    actor, now = current_actor(), moment()
    made = bulk_in_reach(actor, bulk_id)
    with unit_of_work():
        undone = take_back(actor, now, made)
    if undone is None:
        return redirect(url_for("registry.bulk_done", bulk_id=made.id))
    left = made.done - undone
    flash(f"Đã hoàn tác cho {undone} hộ." + (f" {left} hộ đã được sửa sau đó nên để nguyên." if left else ""), "good")
    return redirect(url_for("registry.merchants", view="all"))


def bulk_words(made: BulkAct) -> str:
    """What was done, in words: Đã ghi mốc “Khảo sát”."""
    match made.kind:
        case "line":
            return f"Đã đặt ngành hàng “{made.value}”"
        case "unit":
            unit = db.session.get(Unit, int(made.value))
            return f"Đã chuyển về {unit.title if unit else 'thôn'}"
        case "zone":
            zone = db.session.get(Zone, int(made.value))
            return f"Đã đưa điểm bán vào {zone.name if zone else 'khu vực'}"
        case "stopped":
            return f"Đã ghi dừng, lý do: {REFUSAL_REASONS.get(made.value, made.value).lower()}"
        case "print" | "export":
            return "Đã chọn"
    return f"Đã ghi mốc “{ACTS[made.kind].label.removeprefix('Ghi mốc: ')}”"


def _all() -> bool:
    return request.form.get("all") == "1"


def _chosen(actor: Actor) -> list[int]:
    """Everyone of the filter in the address, or those ticked."""
    if _all():
        return list(merchant_ids(actor, forms.merchant_filter(request.args, moment())))
    ticked = (row_id(each) for each in request.form.getlist("merchant"))
    return list(dict.fromkeys(key for key in ticked if key is not None))[:PER_PAGE_MAX]


def _question(act: Act, ids: Sequence[int]) -> str:
    return render_template(
        "registry/bulk.html",
        act=act,
        count=len(ids),
        whole=_all(),
        ids=[] if _all() else ids,
        named=merchant_lines(ids[:NAMED]),
        value=request.form.get("value", ""),
        lines=suggested_lines(current_actor()),
        units=forms.unit_options(current_actor()),
        zones=forms.zone_options(current_actor()),
        at_once=len(ids) <= AT_ONCE_MAX,
        grew=request.form.get("sure", ""),
    )


def _back() -> Response:
    return redirect(same_filter("registry.merchants") if request.args else url_for("registry.merchants", view="all"))
