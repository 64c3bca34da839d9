"""What a crash left of files that never became whole: taken away when the program starts."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from app.printing.queries import numbers_in_the_making
from app.settings import Settings

RESTS = timedelta(hours=6)  # whoever still writes a file has touched it since
_MAKING = ".making-"
_SCRATCH = (".lot-*", ".headers-*", ".notices-*")


def sweep_leftovers(settings: Settings, now: datetime) -> list[Path]:
    """Takes away half-written files and the work of lots that are done or void; returns what is gone.

    The begun work of a lot that may go on stays, whatever its age.
    """
    since = (now - RESTS).timestamp()
    gone = [path for path in _leftovers(settings) if path.lstat().st_mtime < since]
    for path in gone:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return gone


def _leftovers(settings: Settings) -> Iterator[Path]:
    for folder in (settings.facts_dir, settings.evidence_dir, settings.instance / "media"):
        yield from folder.rglob(".partial-*")
    for pattern in _SCRATCH:
        yield from settings.lots_dir.glob(pattern)
    kept = numbers_in_the_making()
    for path in settings.lots_dir.glob(f"{_MAKING}*"):
        if path.name.removeprefix(_MAKING) not in kept:
            yield path
