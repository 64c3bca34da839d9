"""Who was erased, noted beside the records: an older backup that is laid back must not bring them back.

`erased.txt` in the instance holds public codes alone, one a line; nothing about a person. It outlives the records.
"""

import os
import tempfile
from pathlib import Path

from sqlalchemy import select

from app.db import db
from app.registry.models import Merchant

FILE = "erased.txt"


def erased_codes() -> frozenset[str]:
    """Codes of everybody whose data was erased, as the records know."""
    return frozenset(db.session.scalars(select(Merchant.code).where(Merchant.erased_at.is_not(None))))


def noted_codes(instance: Path) -> frozenset[str]:
    """The same as the list beside the records knows."""
    file = instance / FILE
    return frozenset(file.read_text(encoding="utf-8").split()) if file.is_file() else frozenset()


def note_erased(instance: Path, codes: frozenset[str] | None = None) -> None:
    """Brings the list up to date, after the erasure was committed. It grows, it never loses a line."""
    known = noted_codes(instance)
    wanted = known | (erased_codes() if codes is None else codes)
    if wanted == known:
        return
    descriptor, partial = tempfile.mkstemp(dir=instance, prefix=".erased-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write("".join(f"{code}\n" for code in sorted(wanted)))
        stream.flush()
        os.fsync(stream.fileno())
    Path(partial).replace(instance / FILE)
