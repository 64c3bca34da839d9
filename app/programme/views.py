"""`/desk/`, `/desk/help` and what is set for the whole instance."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.actors import ADMIN, COORDINATOR, OFFICE, PROVINCE
from app.db import unit_of_work
from app.errors import DomainError
from app.money import format_number
from app.programme import queries
from app.programme.actions import SETTERS, set_public_address
from app.programme.health import health
from app.programme.rules import ACTS, setup_steps, share, tasks
from app.settings import Settings
from app.vn.dates import format_datetime, local_date
from app.web.access import allow, current_actor, may_open, signed_in
from app.web.address import public_url
from app.web.clock import moment

pages = Blueprint("programme", __name__)

ON_PAPER = ("printed", *queries.REACHED)
#: label, note, icon and the stages counted, which are also the filter of the list behind the number
FIGURES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("Đã lắp bảng QR", "trên tổng số hộ", "qr", queries.REACHED),
    ("Đã có giao dịch", "ít nhất một lần", "money", ("first_paid", "active", "dormant")),
    ("Dùng đều", "trong tháng", "check", ("active",)),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One tile: a number, what it counts, and the list behind it."""

    label: str
    value: str
    note: str
    url: str
    icon: str
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """Coverage of one zone."""

    name: str
    percent: int
    done: int
    total: int
    url: str


@dataclass(frozen=True, slots=True)
class Act:
    """One line of "just done"."""

    title: str
    when: str
    note: str
    who: str
    icon: str


@pages.get("/desk/")
@signed_in
def home() -> str:
    """Where the commune stands and what comes next."""
    actor, now = current_actor(), moment()
    counts = dict(queries.stage_counts(actor))
    merchants = sum(counts.values())
    waiting = queries.waiting_accounts(actor)
    ready = sum(counts.get(stage, 0) for stage in ("account_ready", "qr_issued", *ON_PAPER))
    steps = setup_steps(
        commune=queries.has_communes(),
        zones=queries.has_zones(),
        merchants=merchants,
        ready=ready,
        address=bool(public_url()),
        printed=sum(counts.get(stage, 0) for stage in ON_PAPER),
    )
    decide = [*queries.money(actor, local_date(now)), *queries.logos(actor)]
    todo = tasks(waiting, counts, queries.care(actor, now), decide)
    office = actor.has(*OFFICE)
    return render_template(
        "desk/home.html",
        greeting=f"Chào {actor.name}",
        steps=steps if office else [],
        figures=_figures(counts, merchants),
        counts=list(counts.items()),
        todo=[task for task in todo if may_open(task.url)],
        zones=[
            {
                "name": zone.name,
                "percent": zone.percent,
                "done": zone.done,
                "total": zone.total,
                "url": f"/z/{zone.slug}",
            }
            for zone in queries.zone_coverage(actor)
        ],
        recent=[
            Act(ACTS[event.action], format_datetime(event.at), event.reason, "", "check")
            for event in queries.recent_acts(actor, now)
            if event.action in ACTS
        ],
        kept_together=queries.kept_together(actor, now) if actor.has(PROVINCE, ADMIN) else [],
        health=health(now) if actor.has(ADMIN) else None,
        action=("Nhập danh sách", "/desk/imports", "upload") if actor.has(COORDINATOR) else None,
    )


@pages.route("/desk/settings/address", methods=["GET", "POST"])
@allow(*SETTERS)
def address() -> ResponseReturnValue:
    """The address under which residents reach the pages: it is printed on posters, plates and slips."""
    settings: Settings = current_app.config["SETTINGS"]
    error, typed = "", public_url()
    if request.method == "POST" and not settings.public_url:
        typed = request.form.get("address", "")
        try:
            with unit_of_work():
                kept = set_public_address(current_actor(), moment(), settings, typed)
        except DomainError as wrong:
            error = str(wrong)
        else:
            flash("Đã ghi địa chỉ công khai." if kept else "Đã bỏ địa chỉ công khai.", "good")
            return redirect(url_for("programme.address"))
    page = render_template("desk/address.html", error=error, typed=typed, fixed=settings.public_url)
    return page, 422 if error else 200


@pages.get("/desk/help")
@signed_in
def help_page() -> str:
    """Ten minutes for each role."""
    return render_template("programme/help.html", roles=current_actor().roles)


def _figures(counts: dict[str, int], merchants: int) -> list[Figure]:
    """Tiles: all merchants, those with a code on the wall, those who are paid, those who use it every month."""
    total = Figure("Hộ kinh doanh", format_number(merchants), "trong sổ", "/desk/merchants", "store")
    return [total, *(_figure(*each, counts, merchants) for each in FIGURES)]


def _figure(
    label: str, note: str, icon: str, stages: tuple[str, ...], counts: dict[str, int], merchants: int
) -> Figure:
    found = [counts.get(stage, 0) for stage in stages]
    address = "/desk/merchants?" + urlencode([("stage", stage) for stage in stages])
    return Figure(label, format_number(sum(found)), note, address, icon, share(found, merchants))
