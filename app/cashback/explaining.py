"""Asking on the page: a payment, a customer or a merchant, two clicks from a phone number or a reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app, render_template, request

from app.cashback.asking import Decided, Payment, decided, last_day, left_undecided, payments_of, spellings, standings
from app.cashback.payouts.queries import payee_names
from app.cashback.queries import latest_runs
from app.cashback.standings import Standing
from app.cashback.traders import names_of
from app.cashback.wording import PARTIES, PERIODS, clock
from app.registry.models import Merchant
from app.registry.queries.reach import merchants_asked
from app.settings import Settings
from app.transactions.queries import READERS
from app.vn.dates import format_date
from app.web.access import allow, current_actor
from app.web.paging import requested_cut

ASKED_MAX = 80
BEFORE_SHOWN = 10
PAYMENTS_SHOWN = 10  # each with every reason: more is a long way on a phone


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who was asked about, and where they stand; `merchant` where it is one of the registry."""

    name: str
    standings: Sequence[Standing]
    merchant: Merchant | None = None


@allow(*READERS)
def explain() -> str:
    """Every payment that bears the asked name, with the reasons; for a party also where it stands.

    A trader's telephone stands for the codes under which reports know the trader.
    """
    asked = request.args.get("q", "").strip()[:ASKED_MAX]
    sources = _sources() if asked else []
    merchants = merchants_asked(current_actor(), asked) if asked else []
    sold_as = {merchant.id: names_of(merchant) for merchant in merchants}
    names = list(dict.fromkeys([*spellings(asked), *(name for found in sold_as.values() for name in found)]))
    page = payments_of(sources, names, requested_cut(PAYMENTS_SHOWN))
    is_payment = page.total == 1 and page.items[0].reference in names
    day = None if is_payment else last_day(sources, names)
    stands = _parties(sources, asked, merchants, sold_as, day) if day else []
    return render_template(
        "cashback/explain.html",
        asked=asked,
        page=page,
        is_payment=is_payment,
        stands=stands,
        listed_as=stands[0].merchant.code if stands and stands[0].merchant else asked,
        day=day,
        runs=[each.run for each in sources] if page.total and not is_payment else [],
        undecided=left_undecided(sources, list(dict.fromkeys((asked, asked.upper()))))
        if asked and not page.total
        else [],
        merchants=merchants,
        shops=payee_names(_sellers(page.items)),
        parties=PARTIES,
        periods=PERIODS,
        clock=clock,
        ngay=format_date,
        before_shown=BEFORE_SHOWN,
    )


def _parties(
    sources: Sequence[Decided],
    asked: str,
    merchants: Sequence[Merchant],
    sold_as: dict[int, list[str]],
    day: date,
) -> list[Party]:
    """Whoever was asked about, each for themselves: one telephone may be a customer's and that of two shops."""
    sellers = {name for names in sold_as.values() for name in names}
    found = [Party(asked, standings(sources, [name for name in spellings(asked) if name not in sellers], day))]
    found += [Party(each.title, standings(sources, sold_as[each.id], day), each) for each in merchants]
    return [each for each in found if each.standings]


def _sellers(payments: Sequence[Payment]) -> set[str]:
    told = (each.explained.told for payment in payments for each in payment.verdicts)
    return {one.payee for one in told if one.role == "merchant"}


def _sources() -> list[Decided]:
    settings: Settings = current_app.config["SETTINGS"]
    return decided(settings.facts_dir, latest_runs(current_actor()))
