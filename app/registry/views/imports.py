"""Lists on the page: sent, looked at column by column, applied, undone."""

from collections.abc import Sequence

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db, unit_of_work
from app.errors import DomainError, NotFoundError
from app.evidence import keep_file, kept_file
from app.places.models import Unit
from app.registry import forms
from app.registry.actions.imports import apply_batch, drop_batch, stage_list, undo_batch
from app.registry.actions.list_doubts import confirm_accounts, keep_unsure
from app.registry.models import ImportBatch
from app.registry.models.imports import COLUMNS_FROM
from app.registry.queries import imports as queries
from app.registry.queries.list_plans import plan_fits
from app.registry.queries.reach import require_unit
from app.registry.receiving import arranged, headed_list, refused_book, unit_for_list
from app.registry.rules.list_columns import SENDER_MAX
from app.registry.rules.list_headings import FIELDS, LABELS
from app.registry.rules.rights import KEEPERS
from app.registry.views.frame import pages
from app.settings import Settings
from app.tables import Headed, HeadingError, TableError, text
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut
from app.web.row_ids import row_id

SHOWN = {
    "new": ("new", "applied"),
    "changed": ("changed", "alike"),
    "unchanged": ("unchanged", "kept", "undone"),
    "refused": ("refused",),
    "label": ("label", "left"),
}
SAMPLE_ROWS = 5
WAITS = "waits"


@pages.get("/imports")
@allow(*KEEPERS)
def imports() -> str:
    """Where a list is dropped, and the lists that came before."""
    cut = requested_cut()
    batches, total = queries.batches(current_actor(), cut.offset, cut.per_page)
    units = forms.unit_options(current_actor())
    return render_template(
        "registry/imports.html",
        page=cut.page(batches, total),
        units=units,
        senders=queries.senders(current_actor()),
        sender_max=SENDER_MAX,
    )


@pages.post("/imports")
@allow(*KEEPERS)
def upload() -> ResponseReturnValue:
    """Keeps the file, reads and checks every line; nothing stands in the registry yet."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        flash("Chưa chọn tệp.", "error")
        return redirect(url_for("registry.imports"))
    try:
        batch = _stage(sent.stream.read(), sent.filename, request.form.get("unit", ""), request.form.get("sender", ""))
    except NotFoundError:
        raise
    except (DomainError, TableError) as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("registry.imports"))
    return redirect(url_for("registry.batch", batch_id=batch.id))


@pages.get("/imports/<int:batch_id>")
@allow(*KEEPERS)
def batch(batch_id: int) -> str:
    """Line by line what the list says, and the one button that applies it."""
    found = _batch(batch_id)
    cut = requested_cut()
    waiting, waiting_count = queries.waiting_accounts(batch_id, cut.offset, cut.per_page)
    show = request.args.get("show", "")
    if show != WAITS or not waiting_count:
        show = (
            show
            if show in SHOWN
            else "refused"
            if found.refused
            else "changed"
            if found.changed and not found.accepted
            else "new"
        )
    rows, total = (
        (waiting, waiting_count)
        if show == WAITS
        else queries.batch_rows(batch_id, SHOWN[show], cut.offset, cut.per_page)
    )
    return render_template(
        "registry/batch.html",
        batch=found,
        page=cut.page(rows, total),
        show=show,
        waiting_count=waiting_count,
        fits=plan_fits(found),
        samples=_samples(found),
        fields=LABELS,
        columns_from=COLUMNS_FROM,
    )


@pages.post("/imports/<int:batch_id>/columns")
@allow(*KEEPERS)
def choose_columns(batch_id: int) -> ResponseReturnValue:
    """Reads the same file again with the columns a person chose."""
    found = _batch(batch_id)
    chosen = {
        name: index
        for index in range(len(found.headings))
        if (name := request.form.get(f"column-{index}", "")) in FIELDS
    }
    return _read_again(found, found.sheets.get("read", []), chosen)


@pages.post("/imports/<int:batch_id>/sheets")
@allow(*KEEPERS)
def choose_sheets(batch_id: int) -> ResponseReturnValue:
    """Reads other sheets of the same file, or several of one shape as one list."""
    found = _batch(batch_id)
    known = [name for names in found.sheets.values() for name in names]
    return _read_again(found, [name for name in known if name in request.form.getlist("sheet")], None)


@pages.post("/imports/<int:batch_id>/accounts")
@allow(*KEEPERS)
def confirm(batch_id: int) -> ResponseReturnValue:
    """Somebody has held these accounts against the paper: they are right as they stand."""
    found = _batch(batch_id)
    chosen = [number for each in request.form.getlist("row") if (number := row_id(each)) is not None]
    try:
        with unit_of_work():
            count = confirm_accounts(current_actor(), moment(), found, None if "all" in request.form else chosen)
        flash(f"Đã xác nhận {count} số tài khoản.", "good")
    except DomainError as wrong:
        flash(str(wrong), "error")
    return redirect(url_for("registry.batch", batch_id=batch_id, show=WAITS))


def _read_again(found: ImportBatch, sheets: Sequence[str], columns: dict[str, int] | None) -> ResponseReturnValue:
    """The list from the same file, read otherwise; it waits on as it was where it cannot be read so."""
    try:
        data = kept_file(_settings().evidence_dir, found.sha256)
        with unit_of_work():
            drop_batch(current_actor(), moment(), found)
            unit = db.session.get_one(Unit, found.unit_id)
            again = _stage(data, found.file_name, "", found.sender, columns, unit, sheets)
    except (DomainError, TableError) as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("registry.batch", batch_id=found.id))
    return redirect(url_for("registry.batch", batch_id=again.id))


@pages.post("/imports/<int:batch_id>/apply")
@allow(*KEEPERS)
def apply(batch_id: int) -> ResponseReturnValue:
    """Writes every accepted line into the registry, in one piece."""
    found = _batch(batch_id)
    with unit_of_work():
        apply_batch(current_actor(), moment(), found)
    flash(f"Đã thêm {found.accepted} hộ. Tài khoản đi kèm đang chờ người khác duyệt.", "good")
    return redirect(url_for("registry.batch", batch_id=batch_id))


@pages.post("/imports/<int:batch_id>/drop")
@allow(*KEEPERS)
def drop(batch_id: int) -> ResponseReturnValue:
    """Puts a list aside that was not applied."""
    with unit_of_work():
        drop_batch(current_actor(), moment(), _batch(batch_id))
    flash("Đã bỏ tệp này.", "good")
    return redirect(url_for("registry.imports"))


@pages.post("/imports/<int:batch_id>/undo")
@allow(*KEEPERS)
def undo(batch_id: int) -> ResponseReturnValue:
    """Takes the list out again."""
    found = _batch(batch_id)
    with unit_of_work():
        kept = undo_batch(current_actor(), moment(), found, request.form.get("reason", ""))
    left = f" Giữ lại {kept} hộ đã có người làm tiếp." if kept else ""
    flash(f"Đã hoàn tác tệp {found.file_name}.{left}", "good")
    return redirect(url_for("registry.batch", batch_id=batch_id))


@pages.get("/imports/<int:batch_id>/refused.xlsx")
@allow(*KEEPERS)
def refused_file(batch_id: int) -> Response:
    """Only the refused lines with their reasons, to be mended and sent again."""
    found = _batch(batch_id)
    return download(refused_book(found), f"{found.file_name.rsplit('.', 1)[0]}-bi-tu-choi.xlsx")


def _stage(
    data: bytes,
    name: str,
    code: str,
    sender: str,
    columns: dict[str, int] | None = None,
    unit: Unit | None = None,
    sheets: Sequence[str] = (),
) -> ImportBatch:
    """The list read and checked; one whose headings do not tell who is meant waits for a person to say it."""
    actor, now = current_actor(), moment()
    found = _opened(data, name, sheets, columns)
    digest = keep_file(_settings().evidence_dir, data)
    with unit_of_work():
        place = unit or unit_for_list(actor, now, code or None)
        require_unit(actor, place.id, *KEEPERS)
        try:
            headed, origin = arranged(found, place, digest, sender, columns)
        except HeadingError as unsure:
            return keep_unsure(
                actor, now, unsure, place, file_name=name, sha256=digest, size_bytes=len(data), sender=sender
            )
        return stage_list(actor, now, headed, place, file_name=name, sha256=digest, size_bytes=len(data), origin=origin)


def _opened(
    data: bytes, name: str, sheets: Sequence[str], columns: dict[str, int] | None = None
) -> Headed | HeadingError:
    try:
        return headed_list(data, name, sheets, columns=columns)
    except HeadingError as unsure:
        return unsure


def _samples(found: ImportBatch) -> Sequence[Sequence[str]]:
    """The first rows of the list, for the table that says which column is what."""
    if found.state != "uploaded":
        rows, _ = queries.batch_rows(found.id, [each for group in SHOWN.values() for each in group], 0, SAMPLE_ROWS)
        return [row.cells for row in rows]
    opened = _opened(kept_file(_settings().evidence_dir, found.sha256), found.file_name, found.sheets.get("read", []))
    if not isinstance(opened, HeadingError):
        return []
    return [[text(cell) for cell in row.cells] for row in opened.table.rows if row.line > found.heading_line][
        :SAMPLE_ROWS
    ]


def _batch(batch_id: int) -> ImportBatch:
    """The list, where it is this person's to see."""
    found = queries.batch(batch_id)
    if found.unit_id is None:
        raise NotFoundError("Không có lần nhập này.")
    require_unit(current_actor(), found.unit_id, *KEEPERS)
    return found


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
