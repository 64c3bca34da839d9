"""Policies on the page: the list, the form beside its words, versions compared, the second person's decision."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.cashback.drafting import queries
from app.cashback.drafting.actions import approve_policy, propose_policy, refuse_policy, withdraw_policy
from app.cashback.drafting.differences import differences
from app.cashback.drafting.editor import Draft, draft_of, draft_sent
from app.cashback.drafting.open_points import open_points
from app.cashback.drafting.rules import APPROVERS, KEEPERS
from app.cashback.drafting.words import editor_words
from app.cashback.drawing.queries import desk, draw_of
from app.cashback.drawing.rules import period_words
from app.cashback.models import POLICY_STATES, PolicyVersion
from app.cashback.plain import plain_words
from app.cashback.policy_file import parse_policy
from app.cashback.queries import policy_in, shipped
from app.cashback.rules import Policy
from app.cashback.seeds import is_chained
from app.db import unit_of_work
from app.errors import DomainError
from app.settings import Settings
from app.tables import csv_text
from app.transactions.queries import READERS
from app.vn.dates import local_date
from app.web.access import allow, current_actor, present
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import Cut, requested_cut
from app.web.row_ids import row_id

EXPORT_MAX = 10_000
#: Which states a chip above the list asks for.
CHOICES = {
    "": ("Tất cả", ()),
    "active": ("Đang áp dụng", ("active",)),
    "draft": ("Chờ duyệt", ("draft",)),
    "past": ("Không dùng nữa", ("retired", "refused", "withdrawn")),
}

pages = Blueprint("policies", __name__, url_prefix="/desk/cashback/policies")


@pages.context_processor
def _words() -> dict[str, object]:
    actor = current_actor()
    return {
        "policy_states": POLICY_STATES,
        "may_keep": actor.has(*KEEPERS),
        "may_approve": actor.has(*APPROVERS),
        "editor_words": editor_words,
    }


@pages.get("")
@allow(*READERS)
def every_version() -> str:
    """Every version of every policy, by state."""
    chosen = request.args.get("state", "")
    _, states = CHOICES.get(chosen, CHOICES[""])
    page = queries.version_page(current_actor(), requested_cut(), states)
    rows = queries.shown(page.items, local_date(moment()))
    return render_template("policies/list.html", page=page, rows=rows, choices=CHOICES, chosen=chosen)


@pages.get("/versions.csv")
@allow(*READERS)
def versions_file() -> Response:
    """The same list as a file."""
    page = queries.version_page(current_actor(), Cut(1, EXPORT_MAX))
    heading = ("Mã", "Bản", "Tên", "Của", "Trạng thái", "Từ ngày", "Đến ngày", "Người soạn", "Người duyệt")
    rows = (
        (
            each.version.policy_id, each.version.version, each.version.title, each.whose, each.standing.words,
            each.policy.first_day, each.policy.last_day, each.version.created_by, each.version.approved_by,
        )
        for each in queries.shown(page.items, local_date(moment()))
    )  # fmt: skip
    text = csv_text(heading, [tuple("" if cell is None else str(cell) for cell in row) for row in rows], bom=True)
    return download(text.encode(), "chinh-sach.csv")


@pages.get("/new")
@allow(*KEEPERS)
def new_policy() -> ResponseReturnValue:
    """The form, with a shipped policy, a version, or nothing to start from."""
    actor = current_actor()
    whose = queries.owners(actor, *KEEPERS)
    if not whose:
        flash("Bạn chưa phụ trách xã nào nên chưa soạn chính sách được.", "error")
        return redirect(url_for("cashback.home"))
    draft = draft_of(actor, _start(actor), request.args.get("end") == "1", whose, local_date(moment()))
    return _editor(draft)


@pages.post("/new")
@allow(*KEEPERS)
def propose() -> ResponseReturnValue:
    """One press of a button of the form: a part more or less, the other tab, the words, or keeping it."""
    actor = current_actor()
    draft = draft_sent(request.form, queries.owners(actor, *KEEPERS))
    if request.form.get("do") != "keep" or draft.document == "" or draft.fault or draft.form.faults:
        return _editor(draft, is_asked=request.form.get("do") in ("keep", "show"))
    try:
        with unit_of_work():
            version = propose_policy(actor, moment(), draft.document, draft.unit_id)
    except DomainError as wrong:
        return _editor(draft.with_fault(str(wrong)), is_asked=True)
    flash("Đã lưu; chính sách chờ người khác duyệt.", "good")
    return redirect(url_for("policies.policy", version_id=version.id))


@pages.post("/preview")
@allow(*KEEPERS)
def preview() -> str:
    """What the form says so far, in words, and what would change: a part of the page, asked for as one types."""
    draft = draft_sent(request.form, queries.owners(current_actor(), *KEEPERS))
    return render_template("policies/_said.html", **_said(draft))


@pages.get("/<int:version_id>")
@allow(*READERS)
def policy(version_id: int) -> str:
    """What a version says, what changed, who wrote and decided it, and what can be done with it."""
    actor, today = current_actor(), local_date(moment())
    version = queries.version_seen(actor, version_id)
    before = queries.version_before(version)
    said, names = policy_in(version), queries.zone_names(policy_in(version).zones)
    draw, reports = draw_of(version.id), queries.reports_under(actor, version)
    return render_template(
        "policies/policy.html",
        shown=queries.shown([version], today)[0],
        version=version,
        policy=said,
        words=plain_words(said, names),
        points=open_points(said),
        before=before,
        changes=differences(_written(before), _written(version), names) if before else [],
        history=queries.shown(queries.history(version), today),
        runs=queries.runs_of(actor, version),
        reports=reports,
        draw=draw,
        draw_desk=desk(draw, said, today, max((one.last_day for one in reports if one.last_day), default=None))
        if draw
        else None,
        is_chained=is_chained(said),
        period_words=period_words,
        is_author=actor.id is not None and actor.id == version.created_by_id,
    )


@pages.get("/<int:version_id>/compare")
@allow(*READERS)
def compare(version_id: int) -> str:
    """Two versions side by side, in words."""
    actor = current_actor()
    version = queries.version_seen(actor, version_id)
    others = [each for each in queries.history(version) if each.id != version.id]
    wanted = request.args.get("with", type=row_id)
    other = next((each for each in others if each.id == wanted), others[0] if others else None)
    pair = sorted([version, *([other] if other else [])], key=lambda each: each.version)
    changes = differences(_written(pair[0]), _written(pair[-1]), queries.zone_names(_written(version).zones))
    return render_template("policies/compare.html", version=version, others=others, pair=pair, changes=changes)


@pages.get("/<int:version_id>/policy.yaml")
@allow(*READERS)
def document_file(version_id: int) -> Response:
    """The version as its YAML file."""
    version = queries.version_seen(current_actor(), version_id)
    return download(version.document.encode(), f"{version.policy_id}-ban-{version.version}.yaml")


@pages.post("/<int:version_id>/approve")
@allow(*APPROVERS)
@present
def approve(version_id: int) -> ResponseReturnValue:
    """A second person puts a version into use."""
    secret = _settings().secret_key
    return _decided(
        version_id,
        lambda actor, now: approve_policy(actor, now, version_id, secret),
        "Chính sách đã được duyệt và áp dụng.",
    )


@pages.post("/<int:version_id>/refuse")
@allow(*APPROVERS)
def refuse(version_id: int) -> ResponseReturnValue:
    """A second person says no, and why."""
    reason = request.form.get("reason", "")
    return _decided(
        version_id,
        lambda actor, now: refuse_policy(actor, now, version_id, reason),
        "Đã ghi là không duyệt; người soạn thấy lý do.",
    )


@pages.post("/<int:version_id>/withdraw")
@allow(*KEEPERS)
def withdraw(version_id: int) -> ResponseReturnValue:
    """Takes a draft back."""
    reason = request.form.get("reason", "")
    return _decided(version_id, lambda actor, now: withdraw_policy(actor, now, version_id, reason))


def _decided(version_id: int, act: Callable[[Actor, datetime], PolicyVersion], done: str = "") -> ResponseReturnValue:
    """`done`: what the page does not say by itself afterwards."""
    actor = current_actor()
    queries.version_seen(actor, version_id)  # another commune's: 404, not a message
    try:
        with unit_of_work():
            act(actor, moment())
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        if done:
            flash(done, "good")
    return redirect(url_for("policies.policy", version_id=version_id))


def _start(actor: Actor) -> str | PolicyVersion:
    """What the editor starts from: a version the person sees, a shipped policy's document, or nothing."""
    if (version_id := request.args.get("version", type=row_id)) is not None:
        return queries.version_seen(actor, version_id)
    wanted = request.args.get("from", "")
    return next((each.document for each in shipped() if each.policy.policy_id == wanted), "")


def _editor(draft: Draft, *, is_asked: bool = False) -> str:
    return render_template(
        "policies/editor.html",
        form=draft.form,
        is_asked=is_asked,
        whose=queries.owners(current_actor(), *KEEPERS),
        zones=queries.zones_of(draft.unit_id),
        **_said(draft),
    )


def _said(draft: Draft) -> dict[str, object]:
    """The words of a draft and its differences to the version in use."""
    said = draft.policy
    live = queries.live_version(draft.unit_id, said.policy_id) if said else None
    names = queries.zone_names(said.zones) if said else {}
    return {
        "draft": draft,
        "words": plain_words(said, names) if said else [],
        "points": open_points(said) if said else [],
        "live": live,
        "changes": differences(_written(live), said, names) if said and live else [],
    }


def _written(version: PolicyVersion) -> Policy:
    """What the version says, with the dates as written."""
    return parse_policy(version.document.encode(), "chính sách")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
