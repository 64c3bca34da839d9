"""Payouts on the page: books, runs written into them, and each payout's way to reconciled."""

import io
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.approval.queries import objection
from app.audit.exports import Leaving
from app.audit.refusals import tell_refusal
from app.cashback.payouts import queries
from app.cashback.payouts.actions import (
    Comparison,
    approve_payout,
    draft_payout,
    export_payout,
    kept_comparison,
    pay_payout,
    reconcile_payout,
    withdraw_payout,
)
from app.cashback.payouts.comparison import Told, comparison_letter, reason_in_words, sheets
from app.cashback.payouts.documents import letter_pdf
from app.cashback.payouts.models import PayoutBatch, Reconciliation
from app.cashback.payouts.own_runs import ForeignDecisionsError, require_same_again, run_to_post
from app.cashback.payouts.posting import check_plan, post_decisions
from app.cashback.payouts.provenance import keepers_note, people_behind, sources_of, steps_of
from app.cashback.payouts.rules.batches import NEXT, STATES
from app.cashback.payouts.rules.matching import KIND_NAMES, Kind, tallies
from app.cashback.payouts.rules.postings import CAUSES, ROLE_NAMES
from app.cashback.payouts.rules.roles import APPROVERS, KEEPERS, PAYERS, READERS
from app.cashback.payouts.statements import (
    Names,
    batch_letter,
    batch_workbook,
    file_name,
    month_in_words,
    payee_statement,
    statement_workbook,
)
from app.cashback.queries import approved_runs
from app.db import unit_of_work
from app.errors import DomainError, NotFoundError, RefusedError
from app.money import format_number
from app.places.queries import communes_in_reach
from app.places.queries import unit as place
from app.settings import Settings
from app.tables import write_xlsx
from app.vn.dates import local_date
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut
from app.web.row_ids import row_id

STEPS: dict[str, Callable[[Actor, datetime, int], PayoutBatch]] = {
    "export": export_payout,
    "pay": pay_payout,
}
DONE = {
    "approve": "Đã duyệt đợt chi trả.",
    "export": "Đã ghi nhận gửi đơn vị thanh toán; tải danh sách ở trang này.",
    "pay": "Đã ghi nhận chi trả.",
    "withdraw": "Đã bỏ bản thảo; các khoản chờ đợt khác.",
}

pages = Blueprint("payouts", __name__, url_prefix="/desk/payouts")


@pages.context_processor
def _words() -> dict[str, object]:
    actor = current_actor()
    return {
        "batch_states": STATES,
        "payee_roles": ROLE_NAMES,
        "causes": CAUSES,
        "kinds": {kind.value: name for kind, name in KIND_NAMES.items()},
        "month_in_words": month_in_words,
        "reason_in_words": reason_in_words,
        "may_keep": actor.has(*KEEPERS),
        "may_approve": actor.has(*APPROVERS),
        "may_pay": actor.has(*PAYERS),
    }


@pages.get("")
@allow(*READERS)
def home() -> str:
    """The books in figures, the payouts, and the two things that move them on."""
    actor = current_actor()
    units = communes_in_reach(actor, *READERS)
    if not units:
        return render_template("payouts/home.html", units=[], unit=None)
    unit = queries.commune_in_reach(actor, request.args.get("unit", type=row_id), *READERS)
    return render_template(
        "payouts/home.html",
        units=units,
        unit=unit,
        balance=queries.balance_of(unit.id),
        batches=queries.batches_of(unit.id),
        postings=queries.postings_of(unit.id),
        runs=approved_runs(unit.id),
        outside_vnd=queries.outside_vnd(unit.id),
    )


@pages.post("/postings")
@allow(*KEEPERS)
def preview() -> ResponseReturnValue:
    """What a run would change in the books, before anything is written."""
    actor = current_actor()
    unit = queries.commune_in_reach(actor, request.form.get("unit", type=row_id), *KEEPERS)
    try:
        found = run_to_post(actor, _settings(), unit.id, _asked_run())
        plan = queries.planned_posting(unit.id, found.file, found.versions)
        check_plan(unit.id, found, plan)
    except DomainError as wrong:
        return _not_posted(wrong, unit.id)
    if not plan.transfers:
        flash("Sổ đã ghi đúng như lần xét này; không có gì thay đổi.", "good")
        return redirect(url_for("payouts.home", unit=unit.id))
    return render_template("payouts/posting.html", unit=unit, plan=plan, run=found.run)


@pages.post("/postings/confirm")
@allow(*KEEPERS)
@present
def post() -> ResponseReturnValue:
    """Writes a run that was looked at into the books, once the files it comes from have given the same again."""
    actor, unit_id = current_actor(), request.form.get("unit", type=row_id) or 0
    try:
        run_id = _asked_run()
        require_same_again(_settings(), run_to_post(actor, _settings(), unit_id, run_id))
        with unit_of_work():
            made = post_decisions(actor, moment(), _settings(), unit_id, run_id)
    except DomainError as wrong:
        return _not_posted(wrong, unit_id)
    written = f"Đã ghi {format_number(made.entry_count)} khoản vào sổ." if made else ""
    flash(written or "Sổ đã ghi đúng như lần xét này.", "good")
    return redirect(url_for("payouts.home", unit=unit_id or None))


def _asked_run() -> int:
    """The number of the run that the form names. Raises RefusedError without one, and for decisions from elsewhere."""
    if request.files:
        raise ForeignDecisionsError
    run_id = request.form.get("run", type=row_id)
    if run_id is None:
        raise RefusedError("Chưa chọn lần xét.", remedy="Hãy chọn một lần xét rồi xem trước.")
    return run_id


def _not_posted(wrong: DomainError, unit_id: int) -> ResponseReturnValue:
    """Back to the books with the reason, which is written down; decisions from elsewhere get a page of it."""
    tell_refusal(current_actor(), moment(), "ledger.refused", ("page", "payouts.post"), str(wrong))
    if isinstance(wrong, ForeignDecisionsError):
        raise wrong
    flash(str(wrong), "error")
    return redirect(url_for("payouts.home", unit=unit_id or None))


@pages.post("")
@allow(*KEEPERS)
@present
def draft() -> ResponseReturnValue:
    """A new payout for a month that is over."""
    unit_id = request.form.get("unit", type=row_id) or 0
    try:
        with unit_of_work():
            made = draft_payout(current_actor(), moment(), unit_id, request.form.get("month", ""))
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("payouts.home", unit=unit_id or None))
    flash("Đã lập bản thảo; hãy nhờ người khác duyệt.", "good")
    return redirect(url_for("payouts.batch", batch_id=made.id))


@pages.get("/<int:batch_id>")
@allow(*READERS)
def batch(batch_id: int) -> str:
    """One payout: who gets what, what is adjusted and why, and the next step."""
    actor = current_actor()
    found = queries.batch_in_reach(actor, batch_id, *READERS)
    sources = sources_of(batch_id)
    role = request.args.get("role", "")
    role = role if role in ROLE_NAMES else ""
    page = queries.lines_page(batch_id, requested_cut(), request.args.get("q", ""), role)
    return render_template(
        "payouts/batch.html",
        batch=found,
        unit=place(found.unit_id),
        page=page,
        names=queries.payee_names(line.payee for line in page.items),
        q=request.args.get("q", ""),
        role=role,
        roles=queries.totals_by_role(batch_id),
        adjustments=queries.adjustments_of(batch_id),
        reconciliations=queries.reconciliations_of(batch_id),
        verbs=NEXT[found.state],
        steps=steps_of(found, sources),
        keepers=keepers_note(found, sources),
        objection=objection(actor, people_behind(found, sources), now=moment()) if found.state == "draft" else None,
    )


@pages.post("/<int:batch_id>/<verb>")
@allow(*READERS)
@present
def step(batch_id: int, verb: str) -> ResponseReturnValue:
    """The next step; what may be done by whom is decided below."""
    actor, now = current_actor(), moment()
    if verb not in DONE:
        raise NotFoundError("Không có bước này.")
    queries.batch_in_reach(actor, batch_id, *READERS)
    try:
        with unit_of_work():
            if verb == "withdraw":
                withdraw_payout(actor, now, batch_id, request.form.get("reason", ""))
            elif verb == "approve":
                approve_payout(actor, now, batch_id, _settings().evidence_dir)
            else:
                STEPS[verb](actor, now, batch_id)
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash(DONE[verb], "good")
    return redirect(url_for("payouts.batch", batch_id=batch_id))


@pages.get("/<int:batch_id>/payout.<kind>")
@allow(*READERS)
def workbook(batch_id: int, kind: str) -> Response:
    """The list to pay from, with all it rests on: a workbook to work with, a paper to sign."""
    found = queries.batch_in_reach(current_actor(), batch_id, *READERS)
    _check_kind(kind)
    lines, sources = queries.lines_of(batch_id), sources_of(batch_id)
    steps, note = steps_of(found, sources), keepers_note(found, sources)
    name = file_name(found, "chi-tra", kind)
    leaving(found).write_down(kind)
    if kind == "xlsx":
        return download(batch_workbook(found, lines, queries.entries_of(batch_id), steps, note), name)
    names = Names(queries.payee_names(line.payee for line in lines))
    unit, today = place(found.unit_id), local_date(moment())
    issuer = f"Uỷ ban nhân dân {unit.title}"
    paper = batch_letter(found, lines, names, steps, note, issuer=issuer, place=unit.name, today=today)
    return download(letter_pdf(paper), name)


@pages.get("/<int:batch_id>/lines/<int:line_id>.<kind>")
@allow(*READERS)
def statement(batch_id: int, line_id: int, kind: str) -> Response:
    """One payee's statement."""
    found = queries.batch_in_reach(current_actor(), batch_id, *READERS)
    line = queries.line_of(batch_id, line_id)
    _check_kind(kind)
    entries = queries.entries_of(batch_id, line.role, line.payee)
    leaving(found).write_down(f"{line.id}.{kind}")
    name = file_name(found, f"sao-ke-{line.payee}", kind)
    if kind == "xlsx":
        return download(statement_workbook(found, line, entries), name)
    unit = place(found.unit_id)
    today = local_date(moment())
    names = Names(queries.payee_names([line.payee]), queries.policy_titles(each.entry.policy for each in entries))
    issuer = f"Uỷ ban nhân dân {unit.title}"
    paper = payee_statement(found, line, entries, names, issuer=issuer, place=unit.name, today=today)
    return download(letter_pdf(paper), name)


@pages.get("/<int:batch_id>/reconcile")
@allow(*READERS)
def comparison(batch_id: int) -> str:
    """The latest comparison with the provider's file, class by class, and the form for a file."""
    found = queries.batch_in_reach(current_actor(), batch_id, *READERS)
    made = _chosen(batch_id)
    compared = kept_comparison(found, _settings().evidence_dir, made) if made else None
    kind = request.args.get("kind", "")
    findings = [each for each in compared.findings if not kind or each.kind.value == kind] if compared else []
    cut = requested_cut()
    return render_template(
        "payouts/reconcile.html",
        batch=found,
        unit=place(found.unit_id),
        made=made,
        compared=compared,
        sums=tallies(compared.findings) if compared else [],
        kind=kind if kind in set(Kind) else "",
        page=cut.page(findings[cut.offset : cut.offset + cut.per_page], len(findings)),
        may_reconcile="reconcile" in NEXT[found.state],
    )


@pages.post("/<int:batch_id>/reconcile")
@allow(*PAYERS)
def reconcile(batch_id: int) -> ResponseReturnValue:
    """A provider's file comes in."""
    queries.batch_in_reach(current_actor(), batch_id, *PAYERS)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise RefusedError("Chưa chọn tệp.", remedy="Hãy chọn tệp chi trả của đơn vị thanh toán.")
        with unit_of_work():
            evidence = _settings().evidence_dir
            reconcile_payout(current_actor(), moment(), batch_id, evidence, sent.stream.read(), sent.filename)
    except NotFoundError:
        raise
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Đã đối chiếu; tệp gốc được lưu làm chứng cứ.", "good")
    return redirect(url_for("payouts.comparison", batch_id=batch_id))


@pages.get("/<int:batch_id>/reconcile.<kind>")
@allow(*READERS)
def comparison_file(batch_id: int, kind: str) -> Response:
    """The letter to the provider, or the workbook that goes with it."""
    found = queries.batch_in_reach(current_actor(), batch_id, *READERS)
    _check_kind(kind)
    made = _chosen(batch_id)
    if made is None:
        raise NotFoundError("Đợt này chưa được đối chiếu.")
    told = _told(kept_comparison(found, _settings().evidence_dir, made), made)
    leaving(found).write_down(f"reconcile.{kind}")
    if kind == "xlsx":
        target = io.BytesIO()
        write_xlsx(target, list(sheets(told)))
        return download(target.getvalue(), f"doi-chieu-{found.month}.xlsx")
    unit = place(found.unit_id)
    letter = comparison_letter(
        told,
        issuer=f"Uỷ ban nhân dân {unit.title}",
        place=unit.name,
        to="Đơn vị thanh toán",
        period=month_in_words(found.month).capitalize(),
        today=local_date(made.made_at),
    )
    return download(letter_pdf(letter), f"cong-van-doi-chieu-{found.month}.pdf")


def leaving(batch: PayoutBatch) -> Leaving:
    """A file of this payout, as the audit names it."""
    return Leaving("payout.file", ("payout", batch.id))


def _check_kind(kind: str) -> None:
    if kind not in ("pdf", "xlsx"):
        raise NotFoundError("Không có tệp này.", remedy="Tệp có hai dạng: PDF và Excel.")


def _told(compared: Comparison, made: Reconciliation) -> Told:
    return Told(compared.findings, compared.file.refused, made.name, made.sha256, compared.file.failed_count)


def _chosen(batch_id: int) -> Reconciliation | None:
    """The comparison asked for, else the latest."""
    made = queries.reconciliations_of(batch_id)
    asked = request.args.get("file", type=row_id)
    return next((each for each in made if asked is None or each.id == asked), None)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
