"""Looking at what is masked: allowed to those who need it, and written down each time."""

from datetime import datetime

from app.actors import Actor
from app.audit.actions import record
from app.errors import ForbiddenError, RefusedError
from app.registry.models import Merchant
from app.registry.rules.rights import KEEPERS, SEE_PERSONAL

#: Field -> who may ask to see it.
FIELDS = {"phone": SEE_PERSONAL, "tax_code": KEEPERS}


def show_personal(actor: Actor, now: datetime, merchant: Merchant, field: str) -> str:
    """The value in full. Raises ForbiddenError where this person has no need of it."""
    if field not in FIELDS:
        raise RefusedError("Không có mục này.")
    if not actor.has(*FIELDS[field]):
        raise ForbiddenError("Bạn không được xem mục này.", remedy="Hãy nhờ điều phối viên.")
    record(actor, now, f"merchant.show_{field}", ("merchant", merchant.id))
    return getattr(merchant, field) or ""
