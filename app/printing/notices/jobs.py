"""The making of notices in the background."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.db import db
from app.jobs.actions import Progress
from app.printing.notices.actions import KIND, make
from app.printing.notices.models import Collection
from app.printing.shelf import stock
from app.settings import Settings


def fee_notices(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Make one collection's notices; a worker that died is followed by another that begins anew."""
    settings: Settings = current_app.config["SETTINGS"]
    collection_id = int(params["collection_id"])
    number = db.session.get_one(Collection, collection_id).number
    made = make(collection_id, stock(), settings.lots_dir / number, progress.clock(), progress)
    return {"collection": number, "state": made.state, "notices": made.notices_count}


HANDLERS = {KIND: fee_notices}
