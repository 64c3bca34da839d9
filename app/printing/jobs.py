"""The making of lots in the background."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.jobs.actions import Progress
from app.printing.actions import KIND, make
from app.printing.shelf import stock
from app.settings import Settings


def print_lot(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Make one lot; a worker that died is followed by another that goes on at the chunk that was begun."""
    settings: Settings = current_app.config["SETTINGS"]
    lot = make(int(params["lot_id"]), stock(), settings.lots_dir, progress.clock(), progress, seal=settings.secret_key)
    return {"lot": lot.number, "state": lot.state, "pieces": lot.pieces_count}


HANDLERS = {KIND: print_lot}
