"""Records that may be one: while typing, as a list, side by side; made one, kept apart, taken apart again."""

import math

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.db import unit_of_work
from app.registry.actions.merging import ask_again, compare_by_hand, merge_merchants, set_apart, undo_merge
from app.registry.models.likeness import PAIR_STATES
from app.registry.queries.duplicates import (
    PairFilter,
    merge_in_reach,
    pair_counts,
    pair_in_reach,
    pair_page,
    similar,
)
from app.registry.queries.reach import merchant_by_code
from app.registry.queries.views import first_view
from app.registry.rules.entries import Faults
from app.registry.rules.likeness import LIKELY, WHY, Likeness, Place, account_key
from app.registry.rules.numbers import check_phone, check_tax_code
from app.registry.rules.rights import KEEPERS, RECORDERS
from app.registry.views.frame import pages, record_address
from app.registry.views.saved import view_address, view_bar
from app.vn.stalls import clean_code
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.paging import requested_cut
from app.web.row_ids import row_id

TYPED_MAX = 160


@pages.get("/merchants/similar")
@allow(*RECORDERS)
def similar_merchants() -> str:
    """Who is registered already and looks like what is being typed: a part of the form."""
    found = similar(current_actor(), _typed(), row_id(request.args.get("unit_id", "")))
    return render_template("registry/_similar.html", found=found, likely=LIKELY)


@pages.get("/duplicates")
@allow(*KEEPERS)
def duplicates() -> ResponseReturnValue:
    """Every pair that looks alike, the likest first."""
    actor, args = current_actor(), request.args
    first = None if args else first_view(actor, "duplicates")
    if first is not None:
        return redirect(view_address(first))
    state, why = args.get("state", "open"), args.get("why", "")
    wanted = PairFilter(
        state if state in PAIR_STATES else "open", args.get("score") == "likely", why if why in WHY else ""
    )
    return render_template(
        "registry/duplicates.html",
        page=pair_page(actor, wanted, requested_cut()),
        wanted=wanted,
        state=wanted.state,
        states=PAIR_STATES,
        counts=pair_counts(actor),
        why=WHY,
        likely=LIKELY,
        views=view_bar(actor, "duplicates"),
        view_address=view_address,
    )


@pages.post("/duplicates")
@allow(*KEEPERS)
def compare_two() -> ResponseReturnValue:
    """Puts two records side by side that somebody names by their codes."""
    actor = current_actor()
    one, other = (merchant_by_code(actor, request.form.get(name, "").strip().upper(), *KEEPERS) for name in "ab")
    with unit_of_work():
        pair = compare_by_hand(one, other)
    return redirect(url_for("registry.duplicate", pair_id=pair.id))


@pages.get("/duplicates/<int:pair_id>")
@allow(*KEEPERS)
def duplicate(pair_id: int) -> str:
    """Two records side by side, and why they look alike."""
    return render_template("registry/duplicate.html", pair=pair_in_reach(current_actor(), pair_id), likely=LIKELY)


@pages.post("/duplicates/<int:pair_id>/apart")
@allow(*KEEPERS)
def keep_apart(pair_id: int) -> ResponseReturnValue:
    """They are two; not asked again."""
    actor = current_actor()
    pair = pair_in_reach(actor, pair_id)
    with unit_of_work():
        set_apart(actor, moment(), pair.row, request.form.get("note", "").strip()[:500])
    flash("Đã nhớ: hai hồ sơ khác nhau.", "good")
    return redirect(url_for("registry.duplicates"))


@pages.post("/duplicates/<int:pair_id>/again")
@allow(*KEEPERS)
def look_again(pair_id: int) -> ResponseReturnValue:
    """Takes "they are two" back."""
    actor = current_actor()
    pair = pair_in_reach(actor, pair_id)
    with unit_of_work():
        ask_again(actor, moment(), pair.row)
    flash("Cặp này trở lại danh sách cần xem.", "good")
    return redirect(url_for("registry.duplicates"))


@pages.post("/duplicates/<int:pair_id>/merge")
@allow(*KEEPERS)
@present
def merge(pair_id: int) -> ResponseReturnValue:
    """They are one: the record named in `kept` stays."""
    actor = current_actor()
    pair = pair_in_reach(actor, pair_id).row
    first = request.form.get("kept", "") != str(pair.other_id)
    kept, gone = (pair.one, pair.other) if first else (pair.other, pair.one)
    with unit_of_work():
        done = merge_merchants(actor, moment(), kept, gone, request.form.get("reason", "").strip()[:500])
    flash(f"Đã gộp {gone.code} vào {kept.code}. Hoàn tác được bất cứ lúc nào.", "good")
    if done.moved["proposed"] is not None:
        flash("Tài khoản của hồ sơ được gộp đã gửi duyệt lại.", "info")
    return redirect(record_address(kept))


@pages.post("/merges/<int:merge_id>/undo")
@allow(*KEEPERS)
@present
def unmerge(merge_id: int) -> Response:
    """Both records as they were."""
    actor = current_actor()
    found = merge_in_reach(actor, merge_id)
    with unit_of_work():
        undo_merge(actor, moment(), found.id)
    flash(f"Đã tách lại {found.gone.code} khỏi {found.kept.code}.", "good")
    return redirect(record_address(found.gone))


def _typed() -> Likeness:
    """The form as far as it is filled in; what is not yet a telephone number or a place says nothing."""
    args, unread = request.args, Faults()
    zone, code = row_id(args.get("zone_id", "")), clean_code(args.get("code", "")[:TYPED_MAX])
    account = account_key("bank", args.get("bank_bin", ""), args.get("account_number", "").strip(), "")
    return Likeness(
        args.get("holder_name", "")[:TYPED_MAX],
        args.get("shop_name", "")[:TYPED_MAX],
        check_phone(args.get("phone", "").strip()[:TYPED_MAX], unread) or "",
        check_tax_code(args.get("tax_code", "").strip()[:TYPED_MAX], unread) or "",
        accounts=frozenset({account} - {""}),
        stalls=frozenset({(zone, code)} if zone is not None and code else ()),
        places=_place(args.get("lat", ""), args.get("lng", "")),
    )


def _place(lat: str, lng: str) -> tuple[Place, ...]:
    try:
        place = Place(float(lat.replace(",", ".")), float(lng.replace(",", ".")))
    except ValueError:
        return ()
    on_earth = math.isfinite(place.lat) and math.isfinite(place.lng) and abs(place.lat) <= 90 and abs(place.lng) <= 180  # noqa: PLR2004 - degrees
    return (place,) if on_earth else ()
