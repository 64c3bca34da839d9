"""The trial on the page: what is tried, how it is turned, what it comes to."""

from flask import Blueprint, current_app, render_template, request

from app.cashback.charts import cost_chart
from app.cashback.drafting.document import policy_document
from app.cashback.drafting.rules import KEEPERS
from app.cashback.plain import plain_words
from app.cashback.trial import trying
from app.cashback.trial.knobs import knob_texts, knobs_of
from app.cashback.wording import PARTIES, REASON_NAMES
from app.errors import RefusedError
from app.settings import Settings
from app.transactions.queries import READERS
from app.vn.dates import local_date
from app.web.access import allow, current_actor
from app.web.clock import moment

NAME_MAX = 200

pages = Blueprint("trial", __name__, url_prefix="/desk/cashback/simulate")


@pages.context_processor
def _words() -> dict[str, object]:
    return {"reasons": REASON_NAMES, "parties": PARTIES, "may_keep": current_actor().has(*KEEPERS)}


@pages.get("")
@allow(*READERS)
def trial() -> str:
    """The sliders beside what they come to."""
    choices = trying.choices(current_actor())
    if not choices:
        return render_template("simulate/page.html", choices=[], trial=None)
    tried = trying.trial_of(current_actor(), request.args, choices[0][0], local_date(moment()))
    texts = knob_texts(tried.written) | {name: text for name, text in request.args.items() if name.startswith("k-")}
    return render_template(
        "simulate/page.html",
        choices=choices,
        knobs=knobs_of(tried.written),
        texts=texts,
        args=request.args,
        spans=trying.spans(tried, local_date(moment())),
        turned=[(name, text) for name, text in _asked(tried) if name not in ("first_day", "last_day")],
        **_came_to(tried),
    )


@pages.get("/outcome")
@allow(*READERS)
def outcome() -> str:
    """What the sliders come to: the part of the page that changes."""
    tried = trying.trial_of(current_actor(), request.args, "", local_date(moment()))
    return render_template("simulate/_outcome.html", **_came_to(tried))


@pages.get("/party")
@allow(*READERS)
def party() -> str:
    """One party's payments under the draft and under the version in use."""
    tried = trying.trial_of(current_actor(), request.args, "", local_date(moment()))
    role, payee = request.args.get("role", ""), request.args.get("payee", "")[:NAME_MAX]
    if role not in PARTIES:
        raise RefusedError("Chưa rõ hỏi về ai.", remedy="Hãy mở từ danh sách ở trang thử.")
    payments = trying.payments_of(_settings(), tried, role, payee) if tried.reports else []
    return render_template(
        "simulate/party.html",
        trial=tried,
        payments=payments,
        role=role,
        payee=payee,
        most=trying.PAYMENTS_MAX,
        asked=_asked(tried),
    )


def _came_to(tried: trying.Trial) -> dict[str, object]:
    """What the template shows of a trial."""
    if not tried.reports:
        return {"trial": tried, "result": None}
    result = trying.result_of(_settings(), tried)
    live_days = result.live.by_day if result.live else ()
    return {
        "trial": tried,
        "result": result,
        "chart": cost_chart(result.draft.by_day, result.draft.budget_vnd, live_days, result.draft.budget_ends_on),
        "document": policy_document(tried.to_write),
        "words": plain_words(tried.turned),
        "asked": _asked(tried),
    }


def _asked(tried: trying.Trial) -> list[tuple[str, str]]:
    """The address of this trial."""
    others = [(name, value) for name, value in request.args.items() if name not in ("role", "payee", "policy")]
    return [("policy", tried.choice), *others]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
