"""Cashback on the page: policies, runs with their charts, and one payment explained in one sentence."""

from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, APPROVER, COORDINATOR
from app.cashback import queries
from app.cashback.actions import FROM_REGISTRY, RunInput, approve_policy, propose_policy, run_policy
from app.cashback.explaining import explain
from app.cashback.models import POLICY_STATES
from app.cashback.plain import plain_words
from app.cashback.policy_file import parse_policy
from app.cashback.results import DECISIONS, REFUSED
from app.cashback.wording import PARTIES, REASON_NAMES
from app.db import unit_of_work
from app.errors import DomainError
from app.registry.evidence import keep_file
from app.settings import Settings
from app.transactions.queries import READERS, reports_in_use
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut

KEEPERS = (COORDINATOR, ADMIN)
APPROVERS = (COORDINATOR, APPROVER, ADMIN)

pages = Blueprint("cashback", __name__, url_prefix="/desk/cashback")
pages.add_url_rule("/explain", view_func=explain)


@pages.context_processor
def _words() -> dict[str, object]:
    actor = current_actor()
    return {
        "policy_states": POLICY_STATES,
        "reasons": REASON_NAMES,
        "parties": PARTIES,
        "may_keep": actor.has(*KEEPERS),
        "may_approve": actor.has(*APPROVERS),
    }


@pages.get("")
@allow(*READERS)
def home() -> str:
    """Ask about a payment; which policies are in use; what the runs came to."""
    actor, versions = current_actor(), queries.versions()
    known = {version.policy_id for version in versions}
    return render_template(
        "cashback/home.html",
        versions=versions,
        shipped=[each for each in queries.shipped() if each.policy.policy_id not in known],
        page=queries.run_page(actor, requested_cut()),
        reports=reports_in_use(actor),
    )


@pages.get("/policies/new")
@allow(*KEEPERS)
def new_policy() -> str:
    """The editor, with a shipped policy or the last version to start from."""
    document = request.args.get("from", "")
    texts = {each.policy.policy_id: each.document for each in queries.shipped()}
    texts |= {version.policy_id: version.document for version in reversed(queries.versions())}
    return render_template("cashback/editor.html", document=texts.get(document, ""), words=[], fault="")


@pages.post("/policies/new")
@allow(*KEEPERS)
def propose() -> ResponseReturnValue:
    """Shows the document in plain words, or keeps it as a version that waits for another person."""
    document = request.form.get("document", "").replace("\r\n", "\n")
    words: list[str] = []
    fault = ""
    try:
        words = plain_words(parse_policy(document.encode(), "chính sách"))
        if "keep" in request.form:
            with unit_of_work():
                version = propose_policy(current_actor(), moment(), document)
            flash("Đã lưu; chính sách chờ người khác duyệt.", "good")
            return redirect(url_for("cashback.policy", version_id=version.id))
    except DomainError as wrong:
        fault = str(wrong)
    return render_template("cashback/editor.html", document=document, words=words, fault=fault)


@pages.get("/policies/<int:version_id>")
@allow(*READERS)
def policy(version_id: int) -> str:
    """What a version says, who wrote and approved it, and the button that runs it."""
    version = queries.version_of(version_id)
    said = queries.policy_in(version)
    actor = current_actor()
    return render_template(
        "cashback/policy.html",
        version=version,
        policy=said,
        words=plain_words(said),
        reports=reports_in_use(actor),
        is_author=actor.id == version.created_by_id,
    )


@pages.post("/policies/<int:version_id>/approve")
@allow(*APPROVERS)
def approve(version_id: int) -> ResponseReturnValue:
    """Puts a version into use."""
    version = queries.version_of(version_id)
    try:
        with unit_of_work():
            approve_policy(current_actor(), moment(), version)
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash("Chính sách đã được duyệt và áp dụng.", "good")
    return redirect(url_for("cashback.policy", version_id=version_id))


@pages.post("/policies/<int:version_id>/run")
@allow(*KEEPERS)
def start_run(version_id: int) -> ResponseReturnValue:
    """Decides every report in use under this version."""
    version = queries.version_of(version_id)
    points, points_name = _list("points")
    subscribers, subscribers_name = _list("subscribers")
    given = RunInput(
        reports=tuple(reports_in_use(current_actor())),
        points=points,
        points_name=points_name or FROM_REGISTRY,
        subscribers=subscribers,
        subscribers_name=subscribers_name,
        seed=request.form.get("seed", "") or None,
    )
    try:
        with unit_of_work():
            run = run_policy(current_actor(), moment(), _settings(), version, given)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("cashback.policy", version_id=version_id))
    return redirect(url_for("cashback.run", run_id=run.id))


@pages.get("/runs/<int:run_id>")
@allow(*READERS)
def run(run_id: int) -> str:
    """What a run came to: cost by day, reasons, who gets most."""
    found = queries.run_of(current_actor(), run_id)
    folder = queries.run_folder(_settings().facts_dir, run_id)
    roles = dict.fromkeys(reward["to"] for reward in found.summary["rewards"] if reward["to"] != "fund")
    return render_template(
        "cashback/run.html",
        run=found,
        days=queries.cost_by_day(folder),
        why=queries.top_reasons(folder, REASON_NAMES),
        payees=[(role, queries.top_payees(folder, role)) for role in roles],
    )


@pages.get("/runs/<int:run_id>/decisions.parquet")
@allow(*READERS)
def decisions_file(run_id: int) -> Response:
    """Every decision of a run."""
    found = queries.run_of(current_actor(), run_id)
    return download(queries.run_folder(_settings().facts_dir, found.id) / DECISIONS, f"quyet-dinh-{run_id}.parquet")


@pages.get("/runs/<int:run_id>/refused.csv")
@allow(*READERS)
def refused_file(run_id: int) -> Response:
    """Every line that a run could not take."""
    found = queries.run_of(current_actor(), run_id)
    return download(queries.run_folder(_settings().facts_dir, found.id) / REFUSED, f"dong-bi-tu-choi-{run_id}.csv")


def _list(name: str) -> tuple[Path | None, str]:
    """A list sent with the form, kept as evidence, and its name."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None, ""
    folder = _settings().evidence_dir
    digest = keep_file(folder, sent.stream.read())
    return folder / digest[:2] / digest, sent.filename[:200]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
