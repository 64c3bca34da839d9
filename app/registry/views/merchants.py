"""The list of merchants, and the form that makes or changes one."""

from dataclasses import replace

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.db import unit_of_work
from app.registry import forms
from app.registry.actions.merchants import change_merchant, register_merchant
from app.registry.actions.points import open_point
from app.registry.exports import FORMATS, export_file
from app.registry.models import Merchant
from app.registry.queries.bulk import last_bulk
from app.registry.queries.merchants import SORTS, lines_of_business, merchant_page, stage_counts, suggested_lines
from app.registry.queries.reach import merchant_by_code, require_place, require_unit
from app.registry.queries.views import first_view
from app.registry.rules.bulk import ACTS
from app.registry.rules.entries import EntryError, Faults, NewMerchant, NewPoint
from app.registry.rules.issues import ISSUES
from app.registry.rules.merchants import checked_merchant, checked_point
from app.registry.rules.numbers import phone_note
from app.registry.rules.recency import BANDS
from app.registry.rules.rights import EDITORS, KEEPERS, READERS
from app.registry.rules.views import COLUMNS, chosen_columns
from app.registry.views.bulk import bulk_words
from app.registry.views.frame import pages, place_note, record_address
from app.registry.views.saved import view_address, view_bar
from app.vn.ids import mask_id
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.paging import requested_cut
from app.web.row_ids import row_id

#: What a new entry may be, besides a trader: point kind -> kind of merchant (MISSION, systems 5, 6 and 16).
STARTS = {
    "stall": "household",
    "one_stop": "public_body",
    "school": "public_body",
    "health_station": "public_body",
    "electricity": "enterprise",
    "service_point": "enterprise",
    "amenity": "public_body",
}


@pages.get("/merchants")
@allow(*READERS)
def merchants() -> ResponseReturnValue:
    """The list: search, filters, columns, pages; without any it opens as the person wants it."""
    actor, now = current_actor(), moment()
    first = None if request.args else first_view(actor, "merchants")
    if first is not None:
        return redirect(view_address(first))
    wanted = forms.merchant_filter(request.args, now)
    return render_template(
        "registry/merchants.html",
        page=merchant_page(actor, wanted, requested_cut()),
        wanted=wanted,
        columns=chosen_columns(request.args.getlist("col")),
        all_columns=COLUMNS,
        bands=BANDS,
        counts=stage_counts(actor, wanted),
        zones=forms.zone_options(current_actor()),
        units=forms.unit_options(current_actor()),
        lines=[(line, line) for line in lines_of_business(actor)],
        sorts=list(SORTS.items()),
        formats=FORMATS,
        issue=ISSUES.get(wanted.issue),
        acts=[act for act in ACTS.values() if actor.has(*act.roles)],
        lately=last_bulk(actor, now),
        bulk_words=bulk_words,
        views=view_bar(actor, "merchants"),
        view_address=view_address,
    )


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
        place = require_place(actor, forms.point_entry(request.form), *EDITORS)
        unit_id = _checked_unit(actor, entry, place)
        with unit_of_work():
            merchant = register_merchant(actor, now, entry, unit_id)
            open_point(actor, now, merchant, place)
    except EntryError as wrong:
        return _form(forms.Shown(forms.typed(request.form), wrong.faults)), 422
    notes = (phone_note(entry.phone), place_note(merchant, place.place))
    flash(" ".join(filter(None, (f"Đã thêm {merchant.title}.", *notes))), "good")
    return redirect(record_address(merchant))


def _checked_unit(actor: Actor, entry: NewMerchant, place: NewPoint) -> int:
    """The commune or hamlet chosen. Raises EntryError with everything that is wrong in the form, told in one round."""
    faults, unit_id = Faults(), 0
    checked_merchant(entry, faults)
    try:
        unit_id = require_unit(actor, entry.unit_id, *EDITORS)
    except EntryError as wrong:
        faults.found.extend(wrong.faults)
    checked_point(place, faults)
    faults.refuse()
    return unit_id


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
        return _form(forms.Shown(forms.typed(request.form), wrong.faults), merchant), 422
    flash(f"Đã lưu. {phone_note(entry.phone)}".strip(), "good")
    return redirect(record_address(merchant))


def _form(shown: forms.Shown, merchant: Merchant | None = None) -> str:
    return render_template(
        "registry/merchant_form.html",
        form=shown,
        merchant=merchant,
        units=forms.unit_options(current_actor()),
        zones=forms.zone_options(current_actor()),
        starts=STARTS,
        lines=suggested_lines(current_actor()),
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
