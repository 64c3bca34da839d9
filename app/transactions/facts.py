"""Facts: what the lines of one report came to, parsed strictly once and kept as a Parquet file that never changes.

The file lies in the instance beside the raw evidence it was made from and carries its own SHA-256 in its name: a
damaged one is known and made anew from the evidence. Whatever decides, tries out or explains reads facts, never the
sender's file.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from app.evidence import digest_of_file
from app.transactions.intake import Received, read_lines
from app.transactions.line_sql import literal
from app.transactions.profiles import Profile

_FORMAT = 2  # of the columns in the file; a new one is made from the evidence when first asked for


def keep_facts(facts_dir: Path, sha256: str, profile: Profile, raw: Callable[[], Received]) -> Path:
    """The facts file of the evidence `sha256` read through this profile; made now where there is no whole one, and only
    then the `raw` report is asked for.

    It appears whole, on the disk, or not at all. Raises ReportRefusedError where the report cannot be read,
    EvidenceError where its file is not what was received.
    """
    for found in facts_files(facts_dir, sha256, profile):
        if digest_of_file(found) == found.suffixes[-2].removeprefix("."):
            return found
        found.unlink(missing_ok=True)
    folder = _folder(facts_dir, sha256)
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".partial-")
    os.close(descriptor)
    partial = Path(name)
    try:
        _write(partial, raw())
        kept = folder / f"{_stem(sha256, profile)}.{digest_of_file(partial)}.parquet"
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)
    return kept


def facts_files(facts_dir: Path, sha256: str, profile: Profile | None = None) -> list[Path]:
    """What is kept of this evidence, whether whole or not: by one profile, or by all."""
    stem = _stem(sha256, profile) if profile else sha256
    return sorted(_folder(facts_dir, sha256).glob(f"{stem}.*.parquet"))


def _folder(facts_dir: Path, sha256: str) -> Path:
    return facts_dir / "reports" / sha256[:2]


def _stem(sha256: str, profile: Profile) -> str:
    sheet = f"\n{profile.sheet}" if profile.sheet else ""
    read_as = hashlib.sha256(f"{_FORMAT}\n{profile.name}\n{profile.version}{sheet}".encode()).hexdigest()
    return f"{sha256}.{read_as[:16]}"


def _write(target: Path, report: Received) -> None:
    with duckdb.connect() as db:
        read_lines(db, 0, report)
        db.execute(f"copy (select * exclude (file) from lines_0) to {literal(str(target))} (format parquet)")
    descriptor = os.open(target, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
