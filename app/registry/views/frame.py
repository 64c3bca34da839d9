"""The blueprint that every page of the registry hangs on, and what their templates share."""

from datetime import date, datetime

from flask import Blueprint, request, url_for

from app.approval import rules as approval
from app.db import db
from app.places.models import Unit
from app.places.old_names import old_name_note
from app.places.queries import province_name
from app.qr import bank_name, banks, explain
from app.qr.banks import BankKind
from app.registry.models import Merchant
from app.registry.models.imports import BATCH_STATES, ROW_STATES
from app.registry.models.payments import ASSET_STATES
from app.registry.rules import rights, stages, words
from app.vn.dates import local_date, relative, start_of_day
from app.vn.ids import mask_id
from app.web.access import current_actor
from app.web.clock import moment

pages = Blueprint("registry", __name__, url_prefix="/desk")


@pages.context_processor
def _words() -> dict[str, object]:
    actor = current_actor()
    return {
        "words": words,
        "stages": stages,
        "account_states": approval.STATES,
        "asset_states": ASSET_STATES,
        "batch_states": BATCH_STATES,
        "row_states": ROW_STATES,
        "masked_account": rights.masked_account,
        "mask_id": mask_id,
        "bank_name": bank_name,
        "explain": explain,
        "ago": _ago,
        "sees_accounts": rights.sees_accounts(actor),
        "may_edit": actor.has(*rights.EDITORS),
        "may_record": actor.has(*rights.RECORDERS),
        "may_keep": actor.has(*rights.KEEPERS),
        "may_approve": actor.has(*rights.APPROVERS),
    }


def _ago(at: datetime | date) -> str:
    """How long ago, in words; a day of today is "hôm nay"."""
    now = moment()
    if isinstance(at, datetime):
        return relative(at, now)
    return "hôm nay" if at == local_date(now) else relative(start_of_day(at), now)


def bank_options() -> list[tuple[str, str]]:
    """Banks a code may be made for; wallets bring their own."""
    return [
        (bank.bin, f"{bank.short_name} ({bank.bin})")
        for bank in banks()
        if bank.kind is not BankKind.WALLET and bank.takes_transfers is not False
    ]


def record_address(merchant: Merchant, anchor: str = "") -> str:
    """Address of a merchant's record."""
    return url_for("registry.merchant", code=merchant.code, _anchor=anchor or None)


def place_note(merchant: Merchant, place: str) -> str:
    """What the commune that an address names is called today; "" where its name still stands."""
    unit = db.session.get(Unit, merchant.unit_id)
    return old_name_note(place, province_name(unit) if unit is not None else "")


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


__all__ = ["bank_options", "is_fragment", "pages", "place_note", "record_address"]
