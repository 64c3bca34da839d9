"""A payment provider's own people: the merchants who bank with them and agreed that it is shared."""

from flask import Response, render_template, request

from app.actors import PROVIDER
from app.approval.rules import STATES
from app.db import unit_of_work
from app.registry.provider_book import provider_book
from app.registry.queries.providers import (
    LIVE,
    ProviderFilter,
    provider_merchant,
    provider_names,
    provider_page,
    providers_of,
)
from app.registry.rules.stages import STAGES
from app.registry.views.frame import pages
from app.vn.dates import local_date
from app.web.access import allow, current_actor
from app.web.clock import moment
from app.web.downloads import download
from app.web.paging import requested_cut

QUERY_MAX = 120


@pages.get("/provider")
@allow(PROVIDER)
def provider_merchants() -> str:
    """Who banks with this provider."""
    actor, wanted = current_actor(), _wanted()
    providers = providers_of(actor)
    return render_template(
        "registry/provider_merchants.html",
        page=provider_page(actor, wanted, moment(), requested_cut()),
        wanted=wanted,
        names=provider_names(actor),
        placed=providers is None or bool(providers),
        stage_options=list(STAGES.items()),
        state_options=[(state, STATES[state]) for state in LIVE],
        query=request.query_string.decode(),
        now=moment(),
    )


@pages.get("/provider/<code>")
@allow(PROVIDER)
def provider_record(code: str) -> str:
    """One of them: account, points, codes."""
    now = moment()
    return render_template(
        "registry/provider_merchant.html", found=provider_merchant(current_actor(), code, now), now=now
    )


@pages.get("/provider/merchants.xlsx")
@allow(PROVIDER)
def provider_file() -> Response:
    """The same list as a workbook; who takes it out is written down, and stands in the file."""
    actor, now, wanted = current_actor(), moment(), _wanted()
    with unit_of_work():
        book = provider_book(actor, now, wanted)
    return download(book, f"ho-cua-don-vi-{local_date(now):%Y%m%d}.xlsx")


def _wanted() -> ProviderFilter:
    asked = request.args
    return ProviderFilter(asked.get("q", "").strip()[:QUERY_MAX], asked.get("stage", ""), asked.get("state", ""))
