"""Asking on the page: a payment, a customer or a merchant, two clicks from a phone number or a reference."""

from flask import current_app, render_template, request

from app.cashback.asking import Decided, decided, last_day, left_undecided, payments_of, spellings, standings
from app.cashback.queries import latest_runs
from app.cashback.wording import PARTIES, PERIODS, clock
from app.registry.models import Merchant
from app.registry.queries.reach import merchants_called
from app.settings import Settings
from app.transactions.queries import READERS
from app.vn.dates import format_date
from app.web.access import allow, current_actor
from app.web.paging import requested_cut

ASKED_MAX = 80
BEFORE_SHOWN = 10


@allow(*READERS)
def explain() -> str:
    """Every payment that bears the asked name, with the reasons; for a party also where it stands."""
    asked = request.args.get("q", "").strip()[:ASKED_MAX]
    sources = _sources() if asked else []
    names = spellings(asked)
    page = payments_of(sources, names, requested_cut())
    is_payment = page.total == 1 and page.items[0].reference in names
    day = None if is_payment else last_day(sources, names)
    return render_template(
        "cashback/explain.html",
        asked=asked,
        page=page,
        is_payment=is_payment,
        standings=standings(sources, names, day) if day else [],
        day=day,
        runs=[each.run for each in sources] if page.total and not is_payment else [],
        undecided=left_undecided(sources, asked) if asked and not page.total else [],
        merchant=_merchant(names),
        parties=PARTIES,
        periods=PERIODS,
        clock=clock,
        ngay=format_date,
        before_shown=BEFORE_SHOWN,
    )


def _sources() -> list[Decided]:
    settings: Settings = current_app.config["SETTINGS"]
    return decided(settings.facts_dir, latest_runs(current_actor()))


def _merchant(names: list[str]) -> Merchant | None:
    """The merchant of the registry that was asked for, if this person may open the record."""
    found = merchants_called(current_actor(), names)
    return found[0] if len(found) == 1 else None
