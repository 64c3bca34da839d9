"""Ends of the chain noted beside the records: a chain that is cut and given a new end no longer passes them.

Whoever can write the instance folder can write this file too; so backups, exported lists and `choso audit head` tell
the end as well, for paper and other people's machines (`choso audit verify --anchor`).
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from app.audit.rules import Anchor, parse_anchor

FILE = "audit-anchors.txt"


def note_anchor(instance: Path, anchor: Anchor, now: datetime) -> None:
    """Writes an end down, after it was committed; the same one only once. Where nothing can be written, nothing is."""
    if anchor.events and anchor not in set(noted_anchors(instance)):
        with suppress(OSError), (instance / FILE).open("a", encoding="utf-8") as stream:
            stream.write(f"{now.isoformat(timespec='seconds')} {anchor}\n")


def noted_anchors(instance: Path) -> Iterator[Anchor]:
    """Every end that was noted here."""
    file = instance / FILE
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        anchor = parse_anchor(line.rpartition(" ")[2])
        if anchor is not None:
            yield anchor
