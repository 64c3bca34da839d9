"""The list of merchants, and the form that makes or changes one."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import DomainError
from app.registry import forms
from app.registry.actions.merchants import change_merchant, register_merchant
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import open_point
from app.registry.exports import FORMATS, export_file
from app.registry.models import Merchant
from app.registry.queries.issues import issue_counts
from app.registry.queries.merchants import SORTS, merchant_page, stage_counts
from app.registry.queries.reach import merchant_by_code, merchant_in_reach, require_place, require_unit
from app.registry.rules.entries import EntryError
from app.registry.rules.issues import ISSUES
from app.registry.rules.rights import EDITORS, KEEPERS, READERS, RECORDERS
from app.registry.rules.stages import CHECKED, INSTALLED, MILESTONES, SURVEYED, TRAINED
from app.registry.views.frame import pages, record_address
from app.vn.ids import mask_id
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.paging import requested_cut
from app.web.row_ids import row_id

#: What may be recorded for many at once: work that is done row by row.
BULK_KINDS = (SURVEYED, INSTALLED, TRAINED, CHECKED)
BULK_MAX = 200


@pages.get("/merchants")
@allow(*READERS)
def merchants() -> str:
    """The list: search, filters, pages."""
    actor, wanted = current_actor(), forms.merchant_filter(request.args, moment())
    return render_template(
        "registry/merchants.html",
        page=merchant_page(actor, wanted, requested_cut()),
        wanted=wanted,
        counts=stage_counts(actor, wanted),
        zones=forms.zone_options(current_actor()),
        units=forms.unit_options(current_actor()),
        sorts=list(SORTS.items()),
        formats=FORMATS,
        issue=ISSUES.get(wanted.issue),
        bulk_acts=[("", "Chọn việc"), *((kind, f"Ghi mốc: {MILESTONES[kind]}") for kind in BULK_KINDS)],
    )


@pages.post("/merchants/bulk")
@allow(*RECORDERS)
def bulk() -> ResponseReturnValue:
    """One milestone for every chosen merchant; one that may not be leaves the others alone."""
    actor, now, kind = current_actor(), moment(), request.form.get("act", "")
    chosen = [key for each in request.form.getlist("merchant") if (key := row_id(each)) is not None][:BULK_MAX]
    back = redirect(url_for("registry.merchants", **request.args.to_dict(flat=False)))  # type: ignore[arg-type]
    if kind not in BULK_KINDS or not chosen:
        flash("Chưa chọn hộ hoặc chưa chọn việc.", "warn")
        return back
    done, refused = 0, 0
    for merchant_id in chosen:
        try:
            with unit_of_work():
                record_milestone(actor, now, merchant_in_reach(actor, merchant_id, *RECORDERS), kind, now)
            done += 1
        except DomainError:
            refused += 1
    flash(f"Đã ghi “{MILESTONES[kind]}” cho {done} hộ." + (f" {refused} hộ không ghi được." if refused else ""), "good")
    return back


@pages.get("/issues")
@pages.get("/merchants/issues")
@allow(*READERS)
def issues() -> str:
    """What wants attention, the worst first; each leads to the merchants it is about."""
    return render_template("registry/issues.html", issues=issue_counts(current_actor(), moment()))


@pages.get("/merchants/export/<format_name>")
@allow(*KEEPERS)
def export(format_name: str) -> ResponseReturnValue:
    """The list as a file, with who took it out and when; written down."""
    with unit_of_work():
        return export_file(current_actor(), moment(), forms.merchant_filter(request.args, moment()), format_name)


@pages.get("/merchants/new")
@allow(*EDITORS)
def new_merchant() -> str:
    """An empty form."""
    return _form(forms.Shown({"kind": "household", "point_kind": "stall", **request.args.to_dict()}))


@pages.post("/merchants/new")
@allow(*EDITORS)
def create_merchant() -> ResponseReturnValue:
    """A new merchant and, where a place is given, their first point."""
    actor, now = current_actor(), moment()
    entry = forms.merchant_entry(request.form)
    try:
        unit_id = require_unit(actor, entry.unit_id, *EDITORS)
        place = require_place(actor, forms.point_entry(request.form), *EDITORS)
        with unit_of_work():
            merchant = register_merchant(actor, now, entry, unit_id)
            open_point(actor, now, merchant, place)
    except EntryError as wrong:
        return _form(forms.Shown(request.form.to_dict(), wrong.faults)), 422
    flash(f"Đã thêm {merchant.title}.", "good")
    return redirect(record_address(merchant))


@pages.get("/merchants/<code>/edit")
@allow(*EDITORS)
def edit_merchant(code: str) -> str:
    """The form with what is known."""
    merchant = merchant_by_code(current_actor(), code, *EDITORS)
    return _form(forms.Shown(_values(merchant)), merchant)


@pages.post("/merchants/<code>/edit")
@allow(*EDITORS)
def save_merchant(code: str) -> ResponseReturnValue:
    """Keeps the changes, unless somebody else was faster."""
    actor = current_actor()
    merchant = merchant_by_code(actor, code, *EDITORS)
    entry = forms.merchant_entry(request.form)
    if merchant.tax_code and entry.tax_code == mask_id(merchant.tax_code):  # left as it was shown
        entry = replace(entry, tax_code=merchant.tax_code)
    version = request.form.get("version", "")
    try:
        if entry.unit_id is not None:
            require_unit(actor, entry.unit_id, *EDITORS)
        with unit_of_work():
            change_merchant(actor, moment(), merchant, entry, row_id(version) or 0)
    except EntryError as wrong:
        return _form(forms.Shown(request.form.to_dict(), wrong.faults), merchant), 422
    flash("Đã lưu.", "good")
    return redirect(record_address(merchant))


def _form(shown: forms.Shown, merchant: Merchant | None = None) -> str:
    return render_template(
        "registry/merchant_form.html",
        form=shown,
        merchant=merchant,
        units=forms.unit_options(current_actor()),
        zones=forms.zone_options(current_actor()),
    )


def _values(merchant: Merchant) -> dict[str, str]:
    soundbox = {True: "yes", False: "no", None: ""}[merchant.has_soundbox]
    return {
        "holder_name": merchant.holder_name,
        "shop_name": merchant.shop_name,
        "kind": merchant.kind,
        "unit_id": str(merchant.unit_id),
        "phone": "0" + merchant.phone.removeprefix("+84") if merchant.phone else "",
        "tax_code": mask_id(merchant.tax_code) if merchant.tax_code else "",  # 12 digits are an ID number
        "line_of_business": merchant.line_of_business,
        "online_shops": "\n".join(merchant.online_shops),
        "has_soundbox": soundbox,
        "refusal": merchant.refusal,
        "note": merchant.note,
        "version": str(merchant.version),
    }
