"""A trader's own card: what they earned, what is left this month, what was paid. Open to whoever has the address."""

from flask import Blueprint, Response, current_app, make_response, render_template

from app.cashback.payouts.rules.batches import STATES
from app.cashback.payouts.statements import month_in_words
from app.cashback.traders import card_of
from app.places.frame import frame
from app.registry.queries.trader_links import merchant_behind
from app.settings import Settings
from app.vn.dates import local_date
from app.web.access import public
from app.web.clock import moment

pages = Blueprint("trader_cards", __name__)
pages.context_processor(frame)


@pages.get("/c/<token>")
@public
def card(token: str) -> Response:
    """The card; never in a search engine, and the address is told to no other page."""
    settings: Settings = current_app.config["SETTINGS"]
    today = local_date(moment())
    merchant = merchant_behind(token)
    page = render_template(
        "public/card.html",
        merchant=merchant,
        card=card_of(merchant, settings.facts_dir, today),
        today=today,
        batch_states=STATES,
        month_in_words=month_in_words,
    )
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
