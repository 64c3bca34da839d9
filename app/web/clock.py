"""The clock of the pages: everything under them is handed the time."""

from datetime import UTC, datetime

from flask import g


def moment() -> datetime:
    """When this request came in (UTC): one request, one time."""
    if "moment" not in g:
        g.moment = datetime.now(UTC)
    now: datetime = g.moment
    return now
