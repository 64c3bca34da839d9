"""Points of a merchant: opening, changing, handing over, leaving."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import NotFoundError
from app.registry import forms
from app.registry.actions.points import change_point, hand_over, open_point, vacate_point
from app.registry.models import Merchant, Point
from app.registry.queries.reach import merchant_by_code, point_in_reach, require_place
from app.registry.rules.entries import EntryError
from app.registry.rules.rights import EDITORS
from app.registry.views.frame import pages, place_note, record_address
from app.vn.dates import local_date
from app.web.access import allow, current_actor
from app.web.clock import moment


@pages.get("/merchants/<code>/points/new")
@allow(*EDITORS)
def new_point(code: str) -> str:
    """An empty form for one more point."""
    return _form(merchant_by_code(current_actor(), code, *EDITORS), forms.Shown({"point_kind": "stall"}))


@pages.post("/merchants/<code>/points/new")
@allow(*EDITORS)
def create_point(code: str) -> ResponseReturnValue:
    """One more point of this merchant."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *EDITORS)
    try:
        entry = require_place(actor, forms.point_entry(request.form), *EDITORS)
        with unit_of_work():
            point = open_point(actor, moment(), merchant, entry)
    except EntryError as wrong:
        return _form(merchant, forms.Shown(forms.typed(request.form), wrong.faults)), 422
    flash(f"Đã thêm điểm {point.code}. {place_note(merchant, entry.place)}".strip(), "good")
    return redirect(record_address(merchant, "diem"))


@pages.get("/merchants/<code>/points/<int:point_id>/edit")
@allow(*EDITORS)
def edit_point(code: str, point_id: int) -> str:
    """The form with what is known."""
    merchant, point = _both(code, point_id)
    return _form(merchant, forms.Shown(_values(point)), point)


@pages.post("/merchants/<code>/points/<int:point_id>/edit")
@allow(*EDITORS)
def save_point(code: str, point_id: int) -> ResponseReturnValue:
    """Keeps the changes."""
    actor, (merchant, point) = current_actor(), _both(code, point_id)
    try:
        entry = require_place(actor, forms.point_entry(request.form), *EDITORS, now_in=point.zone_id)
        with unit_of_work():
            change_point(actor, moment(), point, entry)
    except EntryError as wrong:
        return _form(merchant, forms.Shown(forms.typed(request.form), wrong.faults), point), 422
    flash(f"Đã lưu. {place_note(merchant, entry.place)}".strip(), "good")
    return redirect(record_address(merchant, "diem"))


@pages.post("/merchants/<code>/points/<int:point_id>/hand-over")
@allow(*EDITORS)
def pass_point_on(code: str, point_id: int) -> ResponseReturnValue:
    """The point goes to another merchant; a code for them waits for a second person where one hung here before."""
    actor, now = current_actor(), moment()
    merchant, point = _both(code, point_id)
    successor = merchant_by_code(actor, request.form.get("successor", "").strip().upper(), *EDITORS)
    with unit_of_work():
        hand_over(actor, now, point, successor, local_date(now))
    flash(f"Đã chuyển điểm {point.code} từ {merchant.title} sang {successor.title}.", "good")
    return redirect(record_address(successor, "diem"))


@pages.post("/merchants/<code>/points/<int:point_id>/vacate")
@allow(*EDITORS)
def leave_point(code: str, point_id: int) -> ResponseReturnValue:
    """The merchant leaves the point."""
    now = moment()
    merchant, point = _both(code, point_id)
    with unit_of_work():
        vacate_point(current_actor(), now, point, local_date(now), request.form.get("reason", ""))
    flash(f"Điểm {point.code} đã trống.", "good")
    return redirect(record_address(merchant, "diem"))


def _both(code: str, point_id: int) -> tuple[Merchant, Point]:
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *EDITORS)
    point = point_in_reach(actor, point_id, *EDITORS)
    if point.state is None or point.state.merchant_id != merchant.id:
        raise NotFoundError("Điểm này không phải của hộ.", remedy="Hãy mở lại hồ sơ.")
    return merchant, point


def _form(merchant: Merchant, shown: forms.Shown, point: Point | None = None) -> str:
    return render_template(
        "registry/point_form.html",
        merchant=merchant,
        point=point,
        form=shown,
        zones=forms.zone_options(current_actor()),
        units=forms.unit_options(current_actor()),
    )


def _values(point: Point) -> dict[str, str]:
    return {
        "point_kind": point.kind,
        "code": point.code,
        "zone_id": str(point.zone_id or ""),
        "point_unit_id": str(point.unit_id),
        "row": point.row,
        "place": point.place,
        "lat": "" if point.lat is None else f"{point.lat:.6f}",
        "lng": "" if point.lng is None else f"{point.lng:.6f}",
        "opening_hours": point.opening_hours,
        "detail": point.detail,
        "services": ",".join(point.services),
    }
