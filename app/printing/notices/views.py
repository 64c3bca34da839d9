"""Pages of notices of payment: the collections, one collection from its list to its files."""

from datetime import date
from io import BytesIO
from pathlib import Path

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import NotFoundError, RefusedError
from app.printing.notices import actions, queries
from app.printing.notices.models import Collection
from app.printing.notices.payers import PayerList, Terms, payers_of, refused_book, template_book
from app.printing.notices.previews import preview_png
from app.printing.notices.rules import FORMS, MAKING, READY, STATES, STEPS, WITHHELD
from app.printing.shelf import stock
from app.printing.themes import load_theme, theme_ids
from app.printing.views.frame import ORDER, lots_dir, pages
from app.registry.rules.entries import clean
from app.tables import Cell, Sheet, TableError, read_table, write_xlsx
from app.vn.dates import DateError, format_date, format_datetime, parse_date
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut
from app.web.row_ids import row_id

FILES = {
    "notices.pdf": "Giấy báo để in (PDF)",
    "codes.xlsx": "Từng người, mã và tổng (Excel)",
    "manifest.csv": "Bảng kê (CSV)",
    "gate.json": "Kết quả kiểm (JSON)",
}
PAPER = "notices.pdf"
TITLE_MAX = 120
PREVIEW_PX = 900
EXPORT_MAX = 5_000
ROWS_SHOWN = 10
NAME_SHOWN_MAX = 80


@pages.get("/notices")
@allow(*ORDER)
def collections() -> ResponseReturnValue:
    """All collections, newest first."""
    actor, cut, wanted = current_actor(), requested_cut(), _filter()
    rows, total = queries.collections_page(actor, wanted, cut.offset, cut.per_page)
    return render_template(
        "printing/collections.html",
        page=cut.page(rows, total),
        wanted=wanted,
        totals=queries.state_totals(actor),
        states=STATES,
        forms=FORMS,
        outdated=queries.outdated(rows, moment()) if rows else set(),
    )


def _filter() -> queries.CollectionFilter:
    state = request.args.get("state", "")
    return queries.CollectionFilter(state if state in STATES else "", request.args.get("q", "").strip()[:60])


@pages.get("/notices/collections.xlsx")
@allow(*ORDER)
def collections_file() -> ResponseReturnValue:
    """The filtered list as a workbook."""
    rows, _ = queries.collections_page(current_actor(), _filter(), 0, EXPORT_MAX)
    table: list[list[Cell]] = [
        [
            each.number,
            each.payee_name,
            each.title,
            STATES[each.state],
            each.notices_count,
            each.total_vnd,
            format_date(each.due_on) if each.due_on else "",
            each.created_by,
            format_datetime(each.created_at),
        ]
        for each in rows
    ]
    heading = ["Số", "Đơn vị thu", "Đợt thu", "Trạng thái", "Số người", "Số tiền", "Hạn nộp", "Người mở", "Mở lúc"]
    stream = BytesIO()
    write_xlsx(stream, [Sheet("Đợt thu", heading, table)])
    return download(stream.getvalue(), "dot-thu.xlsx")


@pages.get("/notices/template.xlsx")
@allow(*ORDER)
def notice_template() -> ResponseReturnValue:
    """An empty list to fill in."""
    return download(template_book(), "danh-sach-nguoi-nop.xlsx")


@pages.get("/notices/new")
@allow(*ORDER)
def new_collection() -> ResponseReturnValue:
    """Choose the payee, name the collection, send the list."""
    return _new_page({})


def _new_page(faults: dict[str, str]) -> ResponseReturnValue:
    payees, missing = queries.payees_for(current_actor(), moment())
    page = render_template(
        "printing/collection_new.html", payees=payees, missing=missing, faults=faults, values=request.form
    )
    return (page, 422) if faults else page


@pages.post("/notices")
@allow(*ORDER)
def open_collection() -> ResponseReturnValue:
    """Read the list, check every row, keep the draft."""
    actor, now = current_actor(), moment()
    payees, _ = queries.payees_for(actor, now)
    payee = next((row for row in payees if str(row.point_id) == request.form.get("payee")), None)
    title = clean(request.form.get("title", ""))[:TITLE_MAX]
    faults = {} if payee else {"payee": "Hãy chọn đơn vị thu."}
    if not title:
        faults["title"] = "Hãy ghi tên đợt thu, ví dụ: Học phí tháng 11/2026."
    try:
        due_on = _day(request.form.get("due_on", ""))
    except DateError as fault:
        faults["due_on"] = str(fault)
    if faults or payee is None:
        return _new_page(faults)
    try:
        name, listed = _sent_list(title, due_on, None)
        with unit_of_work():
            wish = actions.CollectionWish(payee, title, due_on, file_name=name)
            collection = actions.open_collection(actor, now, wish, listed)
    except (TableError, RefusedError) as fault:
        return _new_page({"file": str(fault)})
    return redirect(url_for("printing.collection", collection_id=collection.id))


def _day(written: str) -> date | None:
    return parse_date(written) if written.strip() else None


def _sent_list(title: str, due_on: date | None, collection: Collection | None) -> tuple[str, PayerList]:
    """The list that was sent with this request. Raises TableError or RefusedError for the file as a whole."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise RefusedError("Chưa chọn tệp danh sách.")
    name = sent.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][-NAME_SHOWN_MAX:]
    terms = Terms(stock().fonts.covers, title, due_on, taken=actions.taken_memos(collection))
    return name, payers_of(read_table(sent.stream.read(), name=name), terms)


@pages.get("/notices/<int:collection_id>")
@allow(*ORDER)
def collection(collection_id: int) -> ResponseReturnValue:
    """One collection: what its list said, what it will look like, its files."""
    found, cut = queries.collection_in_reach(current_actor(), collection_id), requested_cut(ROWS_SHOWN)
    q = request.args.get("q", "").strip()[:60]
    rows, total = queries.notices_page(collection_id, q, cut.offset, cut.per_page)
    shelf = stock()
    form, theme = _chosen(found)
    return render_template(
        "printing/collection.html",
        collection=found,
        state_name=STATES[found.state],
        page=cut.page(rows, total),
        q=q,
        refusals=queries.refusals_of(found),
        groups=queries.group_totals(collection_id),
        forms=FORMS,
        form=form,
        themes=[load_theme(shelf.themes, name) for name in theme_ids(shelf.themes)],
        theme=theme,
        shown=row_id(request.args.get("notice", "")),
        files=_files(found),
        steps=STEPS[actions.standing(found)],
        outdated=found.id in queries.outdated([found], moment()),
    )


def _chosen(found: Collection) -> tuple[str, str]:
    """Form and theme as the address asks for them, else as they were."""
    form, theme = request.values.get("form", found.form), request.values.get("theme", found.theme)
    known = theme_ids(stock().themes)
    return form if form in FORMS else found.form, theme if theme in known else found.theme


def _files(found: Collection) -> list[tuple[str, str]]:
    """What may be fetched: paper only while it pays into the payee's present account."""
    if found.state not in {READY, WITHHELD}:
        return []
    fit = found.state == READY and not queries.outdated([found], moment())
    names = [name for name in FILES if fit or name != PAPER]
    return [(name, FILES[name]) for name in names if (_folder(found) / name).is_file()]


def _folder(found: Collection) -> Path:
    return lots_dir() / found.number


@pages.get("/notices/<int:collection_id>/preview.png")
@allow(*ORDER)
def notice_preview(collection_id: int) -> ResponseReturnValue:
    """One payer's notice as the press will print it."""
    found, shelf = queries.collection_in_reach(current_actor(), collection_id), stock()
    notice = queries.notice_of(collection_id, row_id(request.args.get("notice", "")))
    payee = queries.payee_now(found.point_id, moment())
    if notice is None or payee is None:
        raise NotFoundError("Chưa có gì để xem trước.", remedy="Hãy duyệt tài khoản của đơn vị thu.")
    order = actions.order_of(found, payee, shelf, moment(), *_chosen(found))
    picture = preview_png(order, queries.payer_of(notice), shelf, PREVIEW_PX)
    return Response(picture, mimetype="image/png", headers={"Cache-Control": "private, no-cache"})


@pages.post("/notices/<int:collection_id>/rows")
@allow(*ORDER)
def add_rows(collection_id: int) -> ResponseReturnValue:
    """More rows of the list: those that were refused, mended."""
    actor = current_actor()
    try:
        with unit_of_work():
            found = queries.collection_in_reach(actor, collection_id)
            _, listed = _sent_list(found.title, found.due_on, found)
            actions.add_rows(actor, moment(), found, listed)
    except (TableError, RefusedError) as fault:
        flash(str(fault), "error")
    else:
        flash(f"Đã thêm {len(listed.payers)} người nộp.", "good")
    return redirect(url_for("printing.collection", collection_id=collection_id))


@pages.get("/notices/<int:collection_id>/refused.xlsx")
@allow(*ORDER)
def refused_rows(collection_id: int) -> ResponseReturnValue:
    """The rows that got no notice, to be mended and sent again."""
    actor = current_actor()
    with unit_of_work():
        found = queries.collection_in_reach(actor, collection_id)
        actions.note_download(actor, moment(), found, "refused.xlsx")
    return download(refused_book(queries.refusals_of(found)), f"{found.number}-bi-tu-choi.xlsx")


@pages.post("/notices/<int:collection_id>/make")
@allow(*ORDER)
def make_notices(collection_id: int) -> ResponseReturnValue:
    """Make the notices in the background."""
    actor = current_actor()
    with unit_of_work():
        found = queries.collection_in_reach(actor, collection_id)
        form, theme = _chosen(found)
        actions.order_notices(actor, moment(), found, form, theme, stock())
    return redirect(url_for("printing.collection", collection_id=collection_id))


@pages.get("/notices/<int:collection_id>/progress")
@allow(*ORDER)
def collection_progress(collection_id: int) -> ResponseReturnValue:
    """How far the making is, for the moving bar."""
    found = queries.collection_in_reach(current_actor(), collection_id)
    job = found.job
    running = found.state == MAKING and job is not None and job.state in {"queued", "running"}
    percent = round(job.done * 100 / job.total) if job and job.total else 0
    ended = "failed" if job is not None and job.state == "failed" else "done"
    message = (job.message if job else "") or "Đang chờ tới lượt"
    return jsonify(percent=percent, message=message, state="running" if running else ended, next=None)


@pages.get("/notices/<int:collection_id>/files/<name>")
@allow(*ORDER)
def collection_file(collection_id: int, name: str) -> ResponseReturnValue:
    """One file of the collection; who took it is written down."""
    actor = current_actor()
    with unit_of_work():
        found = queries.collection_in_reach(actor, collection_id)
        if name not in dict(_files(found)):
            raise NotFoundError("Đợt thu này không có tệp ấy.", remedy="Hãy tải lại trang đợt thu.")
        actions.note_download(actor, moment(), found, name)
    return download(_folder(found) / name, f"{found.number}-{name}")


@pages.post("/notices/<int:collection_id>/stop")
@allow(*ORDER)
def stop_collection(collection_id: int) -> ResponseReturnValue:
    """Stop the making."""
    actor = current_actor()
    with unit_of_work():
        actions.stop_collection(actor, moment(), queries.collection_in_reach(actor, collection_id))
    return redirect(url_for("printing.collection", collection_id=collection_id))


@pages.post("/notices/<int:collection_id>/void")
@allow(*ORDER)
def void_collection(collection_id: int) -> ResponseReturnValue:
    """The collection must not be used."""
    actor, reason = current_actor(), request.form.get("reason", "")[:200]
    with unit_of_work():
        found = queries.collection_in_reach(actor, collection_id)
        actions.void_collection(actor, moment(), found, reason)
    flash(f"Đã huỷ đợt thu {found.number}. Có thể khôi phục ở trang này.", "good")
    return redirect(url_for("printing.collection", collection_id=collection_id))


@pages.post("/notices/<int:collection_id>/restore")
@allow(*ORDER)
def restore_collection(collection_id: int) -> ResponseReturnValue:
    """Take the voiding back."""
    actor = current_actor()
    with unit_of_work():
        found = queries.collection_in_reach(actor, collection_id)
        actions.restore_collection(actor, moment(), found)
    flash(f"Đã khôi phục đợt thu {found.number}: {STATES[found.state].lower()}.", "good")
    return redirect(url_for("printing.collection", collection_id=collection_id))


@pages.post("/notices/<int:collection_id>/purge")
@allow(*ORDER)
def purge_collection(collection_id: int) -> ResponseReturnValue:
    """Remove the payers of a void collection for good."""
    actor = current_actor()
    with unit_of_work():
        found = queries.collection_in_reach(actor, collection_id)
        actions.purge_collection(actor, moment(), found, _folder(found))
    flash(f"Đã xoá tên và mã của người nộp trong đợt thu {found.number}.", "good")
    return redirect(url_for("printing.collection", collection_id=collection_id))
