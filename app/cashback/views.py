"""Cashback on the page: policies, runs with their charts, and one payment explained in one sentence."""

from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.audit.exports import Leaving
from app.cashback import queries
from app.cashback.actions import FROM_REGISTRY, RunInput, decided_folder, keep_run
from app.cashback.drafting.queries import current_versions, reports_under, shown, version_seen
from app.cashback.drafting.rules import APPROVERS, KEEPERS
from app.cashback.drawing.queries import draw_input
from app.cashback.explaining import explain
from app.cashback.models import CashbackRun
from app.cashback.payouts.funds import take_homes
from app.cashback.results import DECISIONS, REFUSED
from app.cashback.run_figures import run_figures
from app.cashback.wording import PARTIES, REASON_NAMES
from app.db import unit_of_work
from app.errors import DomainError, RefusedError
from app.evidence import keep_file, path_of
from app.settings import Settings
from app.tables.cells import Cell
from app.transactions.queries import READERS, reports_in_use
from app.vn.dates import local_date, wall_clock
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download, streamed_csv
from app.web.paging import Cut, requested_cut

RUNS_MAX = 10_000
_RUNS = (
    "Lần xét", "Mã chính sách", "Bản", "Chính sách", "Xét lúc", "Người xét", "Báo cáo", "Dòng", "Trùng", "Từ chối",
    "Được thưởng", "Số tiền",
)  # fmt: skip

pages = Blueprint("cashback", __name__, url_prefix="/desk/cashback")
pages.add_url_rule("/explain", view_func=explain)


@pages.context_processor
def _words() -> dict[str, object]:
    actor = current_actor()
    return {
        "reasons": REASON_NAMES,
        "parties": PARTIES,
        "may_keep": actor.has(*KEEPERS),
        "may_approve": actor.has(*APPROVERS),
    }


@pages.get("")
@allow(*READERS)
def home() -> str:
    """Ask about a payment; which policies are in use; what the runs came to."""
    actor = current_actor()
    versions = shown(current_versions(actor), local_date(moment()))
    known = {each.version.policy_id for each in versions}
    return render_template(
        "cashback/home.html",
        versions=versions,
        shipped=[each for each in queries.shipped() if each.policy.policy_id not in known],
        page=queries.run_page(actor, requested_cut(), policy := request.args.get("policy", "")),
        policy=policy,
        policies=queries.policies_run(actor),
        reports=reports_in_use(actor),
    )


@pages.get("/runs.csv")
@allow(*READERS)
def runs_file() -> Response:
    """The runs, of one policy or of all, as a file."""
    found = queries.run_page(current_actor(), Cut(1, RUNS_MAX), request.args.get("policy", "")).items
    return streamed_csv("lan-xet.csv", _RUNS, [_run_row(run) for run in found])


def _run_row(run: CashbackRun) -> list[Cell | None]:
    version = run.policy_version
    return [
        run.id, version.policy_id, version.version, version.title, wall_clock(run.created_at), run.created_by,
        len(run.report_ids), run.line_count, run.duplicate_count, run.refused_count, run.granted_count, run.paid_vnd,
    ]  # fmt: skip


@pages.post("/policies/<int:version_id>/run")
@allow(*KEEPERS)
def start_run(version_id: int) -> ResponseReturnValue:
    """Decides every report in use under this version."""
    version = version_seen(current_actor(), version_id)
    points, points_name = _list("points")
    subscribers, subscribers_name = _list("subscribers")
    seed, closed = draw_input(_settings().facts_dir, version.id)
    given = RunInput(
        reports=tuple(reports_under(current_actor(), version)),
        points=points,
        points_name=points_name or FROM_REGISTRY,
        subscribers=subscribers,
        subscribers_name=subscribers_name,
        seed=seed,
        closed=closed,
    )
    try:
        with decided_folder(current_actor(), _settings(), version, given) as found, unit_of_work():
            run = keep_run(current_actor(), moment(), _settings(), version, given, found)
            if subscribers is not None and run.unit_id is not None:
                with suppress(RefusedError):  # a list without hamlets and branches is a whole list all the same
                    take_homes(current_actor(), moment(), run.unit_id, subscribers, subscribers_name)
    except DomainError as wrong:
        flash(str(wrong), "error")
        return redirect(url_for("policies.policy", version_id=version_id))
    return redirect(url_for("cashback.run", run_id=run.id))


@pages.get("/runs/<int:run_id>")
@allow(*READERS)
def run(run_id: int) -> str:
    """What a run came to: cost by day against the budget, caps, reasons, zones, who gets most."""
    found = queries.run_of(current_actor(), run_id)
    figures = run_figures(queries.run_folder(_settings().facts_dir, run_id), found.summary)
    return render_template("cashback/run.html", run=found, figures=figures)


@pages.get("/runs/<int:run_id>/decisions.parquet")
@allow(*READERS)
def decisions_file(run_id: int) -> Response:
    """Every decision of a run; written down, for it says who paid where."""
    found = queries.run_of(current_actor(), run_id)
    file = queries.run_file(queries.run_folder(_settings().facts_dir, found.id), DECISIONS)
    _leaving(run_id).write_down("parquet")
    return download(file, f"quyet-dinh-{run_id}.parquet")


@pages.get("/runs/<int:run_id>/refused.csv")
@allow(*READERS)
def refused_file(run_id: int) -> Response:
    """Every line that a run could not take."""
    found = queries.run_of(current_actor(), run_id)
    file = queries.run_file(queries.run_folder(_settings().facts_dir, found.id), REFUSED)
    _leaving(run_id).write_down("refused.csv")
    return download(file, f"dong-bi-tu-choi-{run_id}.csv")


def _leaving(run_id: int) -> Leaving:
    return Leaving("cashback.export", ("cashback_run", run_id))


def _list(name: str) -> tuple[Path | None, str]:
    """A list sent with the form, kept as evidence, and its name."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None, ""
    folder = _settings().evidence_dir
    return path_of(folder, keep_file(folder, sent.stream.read())), sent.filename[:200]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
