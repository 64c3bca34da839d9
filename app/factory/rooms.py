"""Which rooms have pages, jobs and hooks: one line each."""

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, Flask
from flask_smorest import Blueprint as ApiBlueprint

from app.accounts import models as accounts_models
from app.accounts.api import api as accounts_api
from app.accounts.guard import init_guard
from app.accounts.queries import known_people
from app.accounts.views import pages as accounts_pages
from app.approval import models as approval_models
from app.approval.people import init_people
from app.audit import models as audit_models
from app.audit.api import api as audit_api
from app.audit.views import pages as audit_pages
from app.audit.words import ACTS as COMMON_ACTS
from app.audit.words import init_act_words
from app.cashback import models as cashback_models
from app.cashback.activity import models as activity_models
from app.cashback.activity.views import pages as activity_pages
from app.cashback.api import api as cashback_api
from app.cashback.conflicts.views import pages as conflict_pages
from app.cashback.decisions.views import pages as decisions_pages
from app.cashback.drafting.acts import ACTS as POLICY_ACTS
from app.cashback.drafting.views import pages as policies_pages
from app.cashback.drawing.views import pages as drawing_pages
from app.cashback.drawing.views import public_pages as draws_pages
from app.cashback.payouts import models as payouts_models
from app.cashback.payouts.book_views import pages as book_pages
from app.cashback.payouts.fund_views import pages as fund_pages
from app.cashback.payouts.rules.acts import ACTS as PAYOUT_ACTS
from app.cashback.payouts.views import pages as payouts_pages
from app.cashback.trial.views import pages as trial_pages
from app.cashback.views import pages as cashback_pages
from app.factory.api import init_api
from app.factory.doctor.summary import look as look_at_health
from app.factory.scopes import init_scope_names
from app.jobs import models as jobs_models
from app.jobs.actions import Handler
from app.mapping.api import api as mapping_api
from app.mapping.flags import init_flags
from app.mapping.views import pages as mapping_pages
from app.places import models as places_models
from app.places.actions import init_stall_followers, init_stall_objectors, init_stall_releasers
from app.places.api import api as places_api
from app.places.frame import init_frame
from app.places.views import pages as places_pages
from app.printing import models as printing_models
from app.printing.api import api as printing_api
from app.printing.jobs import HANDLERS as PRINTING_HANDLERS
from app.printing.notices import models as notices_models
from app.printing.notices.jobs import HANDLERS as NOTICE_HANDLERS
from app.printing.queries import points_with_stale_pieces
from app.printing.timeline import pieces_of
from app.printing.views import pages as printing_pages
from app.printing.views import public_pages as print_link_pages
from app.printing.views import sheet_pages as print_sheet_pages
from app.printing.words import ACTS as PRINTING_ACTS
from app.programme.health import init_health
from app.programme.views import pages as programme_pages
from app.public.cards import pages as trader_card_pages
from app.public.views import pages as public_pages
from app.registry import models as registry_models
from app.registry.actions.plan_drawing import release_stalls
from app.registry.actions.points import follow_stall, refuse_while_held
from app.registry.actions.sealing import init_sealing
from app.registry.api import api as registry_api
from app.registry.jobs import HANDLERS as REGISTRY_HANDLERS
from app.registry.queries.timeline import init_timeline
from app.registry.rules.acts import ACTS as REGISTRY_ACTS
from app.registry.views import pages as registry_pages
from app.transactions import models as transactions_models
from app.transactions.api import api as transactions_api
from app.transactions.mapping import models as mapping_models
from app.transactions.mapping.views import pages as report_file_pages
from app.transactions.views import pages as transactions_pages
from app.web.filters import init_filters
from app.web.nav import init_nav

#: Every room's tables, so that metadata is complete before the first query or migration check.
MODELS = (
    audit_models,
    jobs_models,
    approval_models,
    accounts_models,
    places_models,
    registry_models,
    printing_models,
    notices_models,
    transactions_models,
    mapping_models,
    cashback_models,
    payouts_models,
    activity_models,
)

#: Pages and API of every room, in the order of the house.
BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts_pages,
    audit_pages,
    places_pages,
    registry_pages,
    transactions_pages,
    report_file_pages,
    conflict_pages,
    activity_pages,
    cashback_pages,
    decisions_pages,
    policies_pages,
    trial_pages,
    drawing_pages,
    draws_pages,
    mapping_pages,
    printing_pages,
    print_link_pages,
    print_sheet_pages,
    public_pages,
    trader_card_pages,
    payouts_pages,
    book_pages,
    fund_pages,
    programme_pages,
)

#: Operations under /api/v1 of every room.
API_BLUEPRINTS: tuple[ApiBlueprint, ...] = (
    accounts_api,
    audit_api,
    places_api,
    registry_api,
    mapping_api,
    printing_api,
    transactions_api,
    cashback_api,
)

#: What each room's acts are called in the audit (a test names acts without words); later rooms win.
ACT_WORDS: tuple[Mapping[str, str], ...] = (COMMON_ACTS, REGISTRY_ACTS, PRINTING_ACTS, POLICY_ACTS, PAYOUT_ACTS)

#: What a room sets up on the app itself: guards, template filters, contexts.
HOOKS: tuple[Callable[[Flask], None], ...] = (
    init_guard,
    partial(init_people, source=known_people),
    partial(init_api, blueprints=API_BLUEPRINTS),
    init_scope_names,
    partial(init_act_words, rooms=ACT_WORDS),
    init_filters,
    init_nav,
    init_frame,
    init_sealing,
    lambda app: init_timeline(app, pieces_of),
    lambda app: init_stall_followers(app, follow_stall),
    lambda app: init_stall_objectors(app, refuse_while_held),
    lambda app: init_stall_releasers(app, release_stalls),
    partial(init_flags, stale_points=points_with_stale_pieces),
    partial(init_health, look=look_at_health),
)

#: Background work by kind (app.jobs).
HANDLERS: dict[str, Handler] = {**REGISTRY_HANDLERS, **PRINTING_HANDLERS, **NOTICE_HANDLERS}
