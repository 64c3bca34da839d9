"""Draws on the page: the desk's steps, and the public protocol that anybody can check."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import Actor
from app.cashback.drafting.queries import require_reach, version_seen
from app.cashback.drafting.rules import APPROVERS, KEEPERS
from app.cashback.drawing import queries
from app.cashback.drawing.actions import close_list, draw_again, reveal_seed
from app.cashback.drawing.rules import period_words
from app.cashback.models import DrawStep, PolicyVersion
from app.cashback.plain import plain_words
from app.cashback.queries import policy_in
from app.cashback.seeds import is_chained
from app.db import unit_of_work
from app.errors import DomainError
from app.places.frame import frame
from app.places.queries import unit as place
from app.settings import Settings
from app.vn.dates import local_date
from app.web.access import allow, current_actor, present, public
from app.web.clock import moment
from app.web.downloads import download

pages = Blueprint("drawing", __name__, url_prefix="/desk/cashback/draws")
public_pages = Blueprint("draws", __name__, url_prefix="/draws")
public_pages.context_processor(frame)


@pages.post("/<int:version_id>/close")
@allow(*KEEPERS)
@present
def close(version_id: int) -> ResponseReturnValue:
    """Closes the ticket list, or that of the next periods, and publishes its hash."""
    through = request.form.get("through", "")

    def act(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion) -> DrawStep:
        return close_list(actor, now, settings, version, through)

    return _done(version_id, KEEPERS, act, "Đã chốt và công bố danh sách phiếu.")


@pages.post("/<int:version_id>/reveal")
@allow(*APPROVERS)
@present
def reveal(version_id: int) -> ResponseReturnValue:
    """Opens the seed and draws."""
    typed = request.form.get("seed", "")

    def act(actor: Actor, now: datetime, settings: Settings, version: PolicyVersion) -> DrawStep:
        return reveal_seed(actor, now, settings, version, typed)

    return _done(version_id, APPROVERS, act, "Đã công bố hạt giống và người trúng.")


@pages.post("/<int:version_id>/again")
@allow(*APPROVERS)
@present
def again(version_id: int) -> ResponseReturnValue:
    """The winners as of today's reports."""
    return _done(version_id, APPROVERS, draw_again, "Đã quay lại theo các báo cáo hiện có.")


@public_pages.get("")
@public
def every_draw() -> str:
    """The draws that were promised."""
    return render_template("draws/list.html", draws=queries.draws())


@public_pages.get("/<slug>")
@public
def protocol(slug: str) -> str:
    """Everything published of a draw, in its order, and how to check it oneself."""
    draw = queries.draw_at(slug)
    version = draw.policy_version
    policy = policy_in(version)
    winners, rounds = queries.shown_winners(draw), queries.rounds(draw, policy)
    if is_chained(policy):
        winners.sort(key=lambda one: one.period, reverse=True)
    return render_template(
        "draws/protocol.html",
        draw=draw,
        version=version,
        policy=policy,
        words=plain_words(policy),
        is_chained=is_chained(policy),
        rounds=rounds[: queries.WINNERS_SHOWN],
        round_count=len(rounds),
        drawn_through=next((each.period for each in rounds if each.seed), ""),
        period_words=period_words,
        whose=place(version.unit_id).title if version.unit_id is not None else "",
        closed=queries.last_step(draw, "list"),
        steps=queries.steps_of(draw),
        redraws=queries.redraws(draw),
        winners=winners[: queries.WINNERS_SHOWN],
        winner_count=len(winners),
        is_over=policy.last_day is None or policy.last_day < local_date(moment()),
    )


@public_pages.get("/<slug>/tickets.csv")
@public
def tickets_file(slug: str) -> Response:
    """The closed list, masked; after the reveal with each ticket's number and prize."""
    return download(queries.published_list(_settings().facts_dir, queries.draw_at(slug)), f"phieu-{slug}.csv")


@public_pages.get("/<slug>/policy.yaml")
@public
def policy_file(slug: str) -> Response:
    """The policy with the hash of the seed."""
    return download(queries.draw_at(slug).policy_version.document.encode(), f"{slug}.yaml")


def _done(version_id: int, roles: tuple[str, ...], act: Callable[..., DrawStep], done: str) -> ResponseReturnValue:
    actor = current_actor()
    version = version_seen(actor, version_id)
    try:
        require_reach(actor, version.unit_id, *roles)
        with unit_of_work():
            act(actor, moment(), _settings(), version)
    except DomainError as wrong:
        flash(str(wrong), "error")
    else:
        flash(done, "good")
    return redirect(url_for("policies.policy", version_id=version_id))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
