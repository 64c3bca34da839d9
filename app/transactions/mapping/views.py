"""A file that was sent: looked at, its columns said by hand once, taken as a report; and the profiles there are."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import DomainError, NotFoundError
from app.settings import Settings
from app.tables import EVERY, Table, column_letter
from app.transactions.mapping import actions, forms, queries, rules
from app.transactions.mapping.models import WAITING, ReportUpload
from app.transactions.mapping.queries import Fitting
from app.transactions.mapping.rules import Choice
from app.transactions.profiles import AMOUNTS, CLOCKS, DATES, MIXED, NEGATIVES, REFERENCES, UNITS, Profile
from app.transactions.queries import READERS, REPORT_MB_MAX, SENDERS, on_sheet, profile_of, profiles, report_of
from app.transactions.report_files import ReportRefusedError
from app.transactions.rules import REQUIRED
from app.transactions.understanding import tables_of
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.uploads import takes_up_to

RAW_ROWS = 12
RAW_COLUMNS = 12
SHEET_MAX = 120

pages = Blueprint("report_files", __name__, url_prefix="/desk/reports")


@pages.post("/uploads")
@takes_up_to(REPORT_MB_MAX)
@allow(*SENDERS)
def upload() -> ResponseReturnValue:
    """Keeps the file and leads to what it holds; nothing counts yet."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        flash("Chưa chọn tệp.", "error")
        return redirect(url_for("transactions.reports"))
    try:
        with unit_of_work():
            kept = actions.keep_upload(current_actor(), moment(), _settings(), sent.stream.read(), sent.filename)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("transactions.reports"))
    return redirect(url_for("report_files.preview", upload_id=kept.id))


@pages.post("/<int:report_id>/again")
@allow(*SENDERS)
def again(report_id: int) -> ResponseReturnValue:
    """A report's file once more, to say its columns anew."""
    found = report_of(current_actor(), report_id)
    with unit_of_work():
        kept = actions.open_again(current_actor(), moment(), found)
    return redirect(url_for("report_files.preview", upload_id=kept.id))


@pages.get("/uploads/<int:upload_id>")
@allow(*READERS)
def preview(upload_id: int) -> ResponseReturnValue:
    """What the file would count as through a profile, before anything is taken."""
    found = queries.upload_of(current_actor(), upload_id)
    if found.state != WAITING:
        back = url_for("transactions.report", report_id=found.report_id) if found.report_id else None
        return redirect(back or url_for("transactions.reports"))
    path = queries.upload_path(_settings(), found)
    asked = request.args.get("profile", "")
    fitting, tried, doubts, fault = Fitting(None), None, None, ""
    sheet = request.args.get("sheet", "")[:SHEET_MAX]
    try:
        fitting = _fitting(path, found, asked, sheet)
        if fitting.profile is not None:
            tried = queries.tried_upload(_settings(), found, fitting.profile, fitting.tables)
            doubts = queries.doubts_about(current_actor(), _settings(), found, fitting.profile)
    except ReportRefusedError as wrong:
        fault = str(wrong)
    return render_template(
        "transactions/upload.html",
        upload=found,
        profile=fitting.profile,
        profiles=[(each.name, each.title or each.name) for each in profiles().values()],
        tried=tried,
        doubts=doubts,
        fault=fault,
        sheet=sheet,
        sheets=queries.sheets_of(fitting),
        every=EVERY,
        used=queries.report_in_use(found.sha256),
        may_send=current_actor().has(*SENDERS),
        kinds=rules.WORD_NAMES["kind"],
        statuses=rules.WORD_NAMES["status"],
    )


def _fitting(path: Path, found: ReportUpload, asked: str, sheet: str) -> Fitting:
    if asked:
        return queries.fitted(path, found.file_name, on_sheet(profile_of(asked), sheet))
    fitting = queries.fitting_profile(path, found.file_name)
    return replace(fitting, profile=on_sheet(fitting.profile, sheet)) if fitting.profile else fitting


@pages.post("/uploads/<int:upload_id>")
@allow(*SENDERS)
def take(upload_id: int) -> ResponseReturnValue:
    """The file becomes a report."""
    found = queries.upload_of(current_actor(), upload_id)
    name, sheet = request.form.get("profile", ""), request.form.get("sheet", "")[:SHEET_MAX]
    try:
        profile = on_sheet(profile_of(name), sheet)
        ahead = actions.read_upload_ahead(current_actor(), _settings(), found, profile)
        with unit_of_work():
            report, is_new = actions.take_upload(current_actor(), moment(), _settings(), found, profile, ahead)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("report_files.preview", upload_id=upload_id, profile=name or None, sheet=sheet or None))
    flash("Đã nhận báo cáo." if is_new else "Tệp này đã nhận từ trước, không có gì thay đổi.", "good")
    return redirect(url_for("transactions.report", report_id=report.id))


@pages.post("/uploads/<int:upload_id>/drop")
@allow(*SENDERS)
def drop(upload_id: int) -> ResponseReturnValue:
    """Sets a file aside."""
    found = queries.upload_of(current_actor(), upload_id)
    try:
        with unit_of_work():
            actions.drop_upload(current_actor(), moment(), _settings(), found, request.form.get("reason", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("report_files.preview", upload_id=upload_id))
    flash(f"Đã bỏ qua {found.file_name}; tệp vẫn được giữ làm chứng cứ.", "good")
    return redirect(url_for("transactions.reports"))


@pages.get("/uploads/<int:upload_id>/columns")
@allow(*SENDERS)
def columns(upload_id: int) -> ResponseReturnValue:
    """Which column is what: the best guess, or a profile to start from."""
    found = queries.upload_of(current_actor(), upload_id)
    based_on = request.args.get("profile", "")
    try:
        base = profile_of(based_on) if based_on else None
        tables = tables_of(queries.upload_path(_settings(), found), found.file_name)
        table = _table_on(tables, base.sheet if base else "")
    except ReportRefusedError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("report_files.preview", upload_id=upload_id))
    choice = rules.choice_of(base, table) if base and base.is_exact else rules.first_guess(table)
    if choice is None:
        flash("Tệp không có dòng nào.", "error")
        return redirect(url_for("report_files.preview", upload_id=upload_id))
    return _mapping_page(found, tables, choice, based_on if base and base.is_exact else "")


def _table_on(tables: Sequence[Table], sheet: str) -> Table:
    """The sheet of this name, else the first one that holds something."""
    return next((table for table in tables if table.sheet == sheet), tables[0])


@pages.post("/uploads/<int:upload_id>/columns")
@allow(*SENDERS)
def choose(upload_id: int) -> ResponseReturnValue:
    """Reads the heading anew, shows what the choice makes of the file, or keeps it as a profile."""
    found = queries.upload_of(current_actor(), upload_id)
    name = request.form.get("name", "")
    path = queries.upload_path(_settings(), found)
    try:
        tables = tables_of(path, found.file_name)
        table = _table_on(tables, request.form.get("sheet", ""))
    except ReportRefusedError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("report_files.preview", upload_id=upload_id))
    choice = forms.choice_from(request.form, table)
    if choice is None:
        flash(f"Tệp không có dòng {request.form.get('line', '')[:10]}.", "error")
        return redirect(url_for("report_files.columns", upload_id=upload_id))
    if "heading" in request.form:
        anew = rules.guess_at(table, *forms.heading_asked(request.form))
        kept = {each: getattr(choice, each) for each in ("title", "sender", "marker", "sheet", "stop", "has_totals")}
        return _mapping_page(found, tables, replace(anew, **kept) if anew else choice, name)
    if request.form.get("seen-paid_at", "") != str(choice.columns.get("paid_at", "")):
        choice = rules.with_times_of(choice, table)
    if "keep" not in request.form:
        return _mapping_page(found, tables, choice, name, is_tried="look" in request.form)
    return _keep(found, tables, choice, name)


def _keep(found: ReportUpload, tables: Sequence[Table], choice: Choice, name: str) -> ResponseReturnValue:
    try:
        with unit_of_work():
            profile = actions.keep_profile(current_actor(), moment(), choice, name)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return _mapping_page(found, tables, choice, name, is_tried=True), 422
    flash(f"Đã lưu hồ sơ “{profile.title}” bản {profile.version}; lần sau tệp cùng mẫu được nhận ra.", "good")
    return redirect(url_for("report_files.preview", upload_id=found.id, profile=profile.name))


def _mapping_page(
    found: ReportUpload, tables: Sequence[Table], choice: Choice, name: str, *, is_tried: bool = False
) -> str:
    """The form; what is missing is an error once somebody tried, a hint before."""
    table = _table_on(tables, choice.sheet)
    rows = rules.data_rows(table, choice.grid)
    faults = rules.faults_of(choice)
    tried, refusal = None, ""
    if all(fault.field == "title" for fault in faults):
        try:
            tried = queries.tried_tables(tables, rules.profile_of_choice(choice, "thu", 1))
        except ReportRefusedError as wrong:
            refusal = str(wrong)
    return render_template(
        "transactions/columns.html",
        upload=found,
        name=name,
        base=_known(name),
        choice=choice,
        headings=[
            (index, column_letter(index), heading, rules.samples_of(rows, index))
            for index, heading in enumerate(choice.grid.headings)
        ],
        raw=[(row.line, [str(cell)[:60] for cell in row.cells[:RAW_COLUMNS]]) for row in table.rows[:RAW_ROWS]],
        sheets=[(each.sheet, each.sheet) for each in tables] if len(tables) > 1 else [],
        every=EVERY,
        words=rules.strange_words(rows, choice),
        names=rules.COLUMN_NAMES,
        word_names=rules.WORD_NAMES,
        required=REQUIRED,
        faults=faults,
        is_tried=is_tried,
        tried=tried,
        refusal=refusal,
        amounts=AMOUNTS,
        units=UNITS,
        dates=DATES,
        clocks=CLOCKS,
        mixed=MIXED,
        negatives=NEGATIVES,
        references=REFERENCES,
        kinds=rules.WORD_NAMES["kind"],
        statuses=rules.WORD_NAMES["status"],
    )


@pages.get("/profiles")
@allow(*READERS)
def report_profiles() -> str:
    """Every profile with its versions: who made them, when, and how many reports came through them."""
    return render_template(
        "transactions/profiles.html",
        known=queries.known_profiles(current_actor()),
        names=rules.COLUMN_NAMES,
        word_names=rules.WORD_NAMES,
        amounts=AMOUNTS,
        units=UNITS,
        dates=DATES,
        clocks=CLOCKS,
        mixed=MIXED,
        negatives=NEGATIVES,
        references=REFERENCES,
        may_send=current_actor().has(*SENDERS),
    )


def _known(name: str) -> Profile | None:
    try:
        return profile_of(name) if name else None
    except NotFoundError:
        return None


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
