"""When an approved account's code may go on paper. Pure."""

from datetime import datetime, timedelta
from typing import Final

REST: Final = timedelta(hours=24)


def print_from(approved_at: datetime, *, is_change: bool) -> datetime:
    """From when the code may go on paper: at once for a first account, after 24 hours' rest for a changed one."""
    return approved_at + REST if is_change else approved_at
