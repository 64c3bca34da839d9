"""Setting what holds for the whole instance."""

from datetime import datetime

from app.actors import ADMIN, COORDINATOR, Actor
from app.audit.actions import record
from app.db import db
from app.errors import ForbiddenError
from app.places.queries import communes, communes_in_reach
from app.settings import Settings, keep_public_address, public_address

SETTERS = (COORDINATOR, ADMIN)


def set_public_address(actor: Actor, now: datetime, settings: Settings, text: str) -> str:
    """Keeps the address that is printed on posters, plates and slips; "" takes it away. Returns it as it is kept.

    Raises RefusedError for an address that residents can't open, ForbiddenError where somebody's part is not the whole.
    """
    real = [each for each in communes() if not each.is_sample]
    if sum(not each.is_sample for each in communes_in_reach(actor, *SETTERS)) < len(real):
        raise ForbiddenError(
            "Địa chỉ công khai là của mọi xã trên máy này, bạn chỉ phụ trách một phần.",
            remedy="Hãy nhờ quản trị của cả máy.",
        )
    before, after = {"address": settings.public_address}, {"address": public_address(text) if text.strip() else ""}
    record(actor, now, "instance.address", ("instance", "public-url"), before=before, after=after)
    db.session.flush()
    return keep_public_address(settings, text)
