"""Honest activity on the page: who is really paid, what somebody should look at, what is left out and why."""

import io
from datetime import date

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.audit.exports import Leaving
from app.cashback.activity import queries
from app.cashback.activity.actions import (
    KEEPERS,
    add_related,
    record_suggested,
    remove_related,
    review_sign,
    undo_review,
)
from app.cashback.activity.queries import Sign, Window
from app.cashback.activity.rules import (
    DECISIONS,
    EXCLUSIONS,
    FLAG_NAMES,
    RELATIONS,
    ActivityRules,
    activity_in_words,
    flag_in_words,
)
from app.cashback.activity.writing import sheets_of
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError
from app.money import format_number
from app.registry.queries.reach import merchants_called
from app.registry.rules.stages import MILESTONES
from app.settings import Settings
from app.tables import Sheet, write_xlsx
from app.transactions.queries import READERS
from app.vn.dates import DateError, parse_date
from app.vn.text import fold
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut

VIEWS = ("points", "signs", "excluded", "zones", "related")
SHOW = {"": "Mọi điểm", "active": "Đang hoạt động", "quiet": "Chưa đủ", "suggested": "Có mốc nên ghi"}
FLOOR_MAX = 1_000_000
REFERENCES_SHOWN = 12

pages = Blueprint("activity", __name__, url_prefix="/desk/activity")


@pages.get("")
@allow(*READERS)
def activity() -> str:
    """The window in figures, and one of five lists below it."""
    actor = current_actor()
    view = request.args.get("view", "points")
    view = view if view in VIEWS else "points"
    found = _window()
    return render_template(
        "cashback/activity.html",
        view=view,
        window=found,
        page=_page(view, found) if found else None,
        related=queries.related_of(actor) if view == "related" else [],
        reviews=queries.reviews_of(actor) if view == "signs" else [],
        asked={name: request.args.get(name, "") for name in ("until", "floor", "zone", "show", "q")},
        shows=list(SHOW.items()),
        flags=FLAG_NAMES,
        exclusions=EXCLUSIONS,
        decisions=DECISIONS,
        relations=RELATIONS,
        milestones=MILESTONES,
        in_words=activity_in_words,
        sign_in_words=_sign_in_words,
        references_shown=REFERENCES_SHOWN,
        may_keep=actor.has(*KEEPERS),
    )


@pages.get("/activity.xlsx")
@allow(*READERS)
def workbook() -> Response:
    """Points, signs with what was said about them, payments left out, zones."""
    found = _window()
    if found is None:
        raise NotFoundError("Chưa có giao dịch quét QR nào.", remedy="Hãy nhận báo cáo giao dịch trước.")
    sheets = [*sheets_of(found.findings, found.rules).values(), _signs_sheet(found), _zones_sheet(found)]
    shown = {each.counted.merchant for each in found.points}
    target = io.BytesIO()
    write_xlsx(target, [_only(sheet, shown) for sheet in sheets])
    last_day = found.findings.last_day.isoformat()
    Leaving("activity.export", ("activity", last_day)).write_down("xlsx")
    return download(target.getvalue(), f"hoat-dong-{last_day}.xlsx")


@pages.post("/signs")
@allow(*KEEPERS)
def review() -> ResponseReturnValue:
    """What somebody found when they looked."""
    form, found = request.form, _window()
    key = (form.get("flag", ""), form.get("point", ""), form.get("who", ""))
    sign = next((each for each in found.signs if _key(each) == key), None) if found else None
    try:
        if sign is None or found is None:
            raise NotFoundError("Không còn dấu hiệu này.", remedy="Hãy tải lại trang.")
        with unit_of_work():
            review_sign(
                current_actor(), moment(), sign, _sign_in_words(sign, found.rules), form.get("decision", ""),
                form.get("note", ""),
            )  # fmt: skip
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã ghi kết luận.", "good")
    return _back(view="signs")


@pages.post("/signs/<int:review_id>/undo")
@allow(*KEEPERS)
def undo(review_id: int) -> ResponseReturnValue:
    """Takes a word back."""
    row = queries.review_of(current_actor(), review_id)
    try:
        with unit_of_work():
            undo_review(current_actor(), moment(), row, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã rút lại; dấu hiệu chờ người xem.", "good")
    return redirect(url_for("activity.activity", view="signs"))


@pages.post("/related")
@allow(*KEEPERS)
def relate() -> ResponseReturnValue:
    """Somebody is close to a merchant."""
    form, actor = request.form, current_actor()
    merchants = merchants_called(actor, [form.get("merchant", "").strip()])
    try:
        if not merchants:
            raise NotFoundError("Không có hộ mang mã này.", remedy="Mã có trên hồ sơ, ví dụ HK-7K3M9Q.")
        with unit_of_work():
            add_related(
                actor, moment(), merchants[0], form.get("payer", ""), form.get("relation", ""), form.get("note", "")
            )
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã thêm; giao dịch của người này không tính là hoạt động.", "good")
    return redirect(url_for("activity.activity", view="related"))


@pages.post("/related/<int:related_id>/remove")
@allow(*KEEPERS)
def unrelate(related_id: int) -> ResponseReturnValue:
    """Somebody is close to a merchant no more."""
    row = queries.related_payer(current_actor(), related_id)
    try:
        with unit_of_work():
            remove_related(current_actor(), moment(), row, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã bỏ khỏi danh sách.", "good")
    return redirect(url_for("activity.activity", view="related"))


@pages.post("/milestones")
@allow(*KEEPERS)
def milestones() -> ResponseReturnValue:
    """Writes the suggested milestones of the whole window into the records."""
    found = _window()
    if found is not None:
        with unit_of_work():
            last_day = found.findings.last_day.isoformat()
            written = record_suggested(current_actor(), moment(), found.points, last_day)
        flash(f"Đã ghi mốc cho {format_number(written)} hộ.", "good")
    return _back(show="suggested")


def _window() -> Window | None:
    settings: Settings = current_app.config["SETTINGS"]
    return queries.window(current_actor(), settings, _until(), _rules())


def _until() -> date | None:
    try:
        return parse_date(request.values.get("until", ""))
    except DateError:
        return None


def _rules() -> ActivityRules:
    text = request.values.get("floor", "")
    floor = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(FLOOR_MAX)) else None
    return ActivityRules() if floor is None else ActivityRules(floor_vnd=min(floor, FLOOR_MAX))


def _back(view: str = "", show: str = "") -> ResponseReturnValue:
    """To the same window again."""
    until, floor = (request.values.get(name) or None for name in ("until", "floor"))
    return redirect(url_for("activity.activity", view=view or None, show=show or None, until=until, floor=floor))


def _page(view: str, found: Window) -> object:
    cut = requested_cut()
    lists = {"points": _points(found), "signs": found.signs, "excluded": found.excluded}
    rows: list[object] = list(lists.get(view, []))
    return cut.page(rows[cut.offset : cut.offset + cut.per_page], len(rows))


def _points(found: Window) -> list[object]:
    show, zone, text = (request.args.get(name, "") for name in ("show", "zone", "q"))
    wanted = fold(text)
    return [
        each
        for each in found.points
        if (not zone or each.zone == zone)
        and (show not in {"active", "quiet"} or each.is_active == (show == "active"))
        and (show != "suggested" or each.suggestion)
        and wanted in fold(f"{each.counted.merchant} {each.place.merchant.title if each.place else ''}")
    ]


def _key(sign: Sign) -> tuple[str, str, str]:
    return sign.flag.flag, sign.flag.merchant, sign.flag.who


def _sign_in_words(sign: Sign, rules: ActivityRules) -> str:
    return flag_in_words(sign.flag.flag, sign.flag.count, sign.flag.amount_vnd, sign.flag.who, rules)


def _only(sheet: Sheet, shown: set[str]) -> Sheet:
    """A sheet without the points that are not this person's to see."""
    if "Điểm bán" not in sheet.header:
        return sheet
    at = list(sheet.header).index("Điểm bán")
    return Sheet(sheet.name, sheet.header, [row for row in sheet.rows if row[at] in shown])


def _signs_sheet(found: Window) -> Sheet:
    rows = [
        (
            each.flag.merchant, FLAG_NAMES[each.flag.flag], _sign_in_words(each, found.rules),
            "chờ xem" if each.review is None else DECISIONS[each.review.decision],
            each.review.note if each.review else "", each.review.created_by if each.review else "",
        )
        for each in found.signs
    ]  # fmt: skip
    return Sheet("Đã xem lại", ("Điểm bán", "Dấu hiệu", "Lý do", "Kết luận", "Ghi chú", "Người xem"), rows)


def _zones_sheet(found: Window) -> Sheet:
    rows = [(line.name, line.active, line.points, line.payments) for line in found.zones]
    return Sheet("Theo khu", ("Khu", "Điểm hoạt động", "Điểm có giao dịch", "Giao dịch được tính"), rows)
