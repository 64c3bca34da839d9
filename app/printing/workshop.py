"""Where a lot is made, chunk by chunk: what is finished is kept, so that a crash costs one chunk and not the lot.

A chunk counts as finished once its record lies beside its file; the record's key holds everything the chunk was made
of. Whatever differs the next time (an account changed, a theme, the sheet) gives another key, and the chunk is made
anew: nothing stale can slip in.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.paper.gate import Expected, Mark
from app.paper.legibility import Writing
from app.paper.measures import Box
from app.paths import hidden_name
from app.printing.gate import Failure, Verdict
from app.printing.orders import Piece
from app.printing.press import Entry, Press, Printed

FORMAT = 1
"""Raised when records or drawing change: what an older program left is not used."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """A folder with a lot in the making."""

    folder: Path

    def part(self, number: int) -> Path:
        """The file of one chunk's sheets."""
        return self.folder / f"part{number}.pdf"

    def printed(self, number: int, press: Press, entries: Sequence[Entry]) -> tuple[Piece, ...]:
        """The pieces on the chunk's sheets: as they lie here, else drawn now."""
        key, path = _key(press, entries), self.part(number)
        kept = self._kept(f"part{number}.json", key)
        if kept is None or not path.is_file() or file_sha256(path) != kept["sha256"]:
            made = press.draw(path, entries)
            self._keep(f"part{number}.json", {"key": key, "sha256": file_sha256(path), **_facts(made)})
            return made.pieces
        return tuple(
            Piece(place.sheet, place.cell, point, identity, tuple(codes), tuple(warnings))
            for (place, point), (identity, codes, warnings) in zip(entries, kept["pieces"], strict=True)
        )

    def expected(self, number: int) -> tuple[Expected, ...]:
        """What the gate must find on the chunk's sheets; read when needed, for a long lot must not fill memory."""
        record = json.loads((self.folder / f"part{number}.json").read_text(encoding="utf-8"))
        return tuple(_expected(*each) for each in record["expected"])

    def verdict(self, number: int, key: str, read: Callable[[], Verdict]) -> Verdict:
        """What the gate found on the chunk's sheets: as it was written down for this very file, else read now."""
        kept = self._kept(f"read{number}.json", key)
        if kept is not None:
            failures = tuple(Failure(**failure) for failure in kept.pop("failures"))
            return Verdict(**{name: value for name, value in kept.items() if name != "key"}, failures=failures)
        verdict = read()
        self._keep(f"read{number}.json", {"key": key, **asdict(verdict)})
        return verdict

    def _kept(self, name: str, key: str) -> dict[str, Any] | None:
        try:
            record: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return record if record.get("key") == key else None

    def _keep(self, name: str, record: dict[str, Any]) -> None:
        beside = self.folder / f"{name}.new"
        with beside.open("w", encoding="utf-8") as stream:
            json.dump(record, stream, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self.folder / name)


@contextmanager
def workshop(kept: Path | None, beside: Path) -> Iterator[Workshop]:
    """A place to make a lot in: the folder that is kept until the lot is done, else one that is gone afterwards."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield Workshop(kept)
        return
    with TemporaryDirectory(prefix=hidden_name("lot"), dir=beside) as scratch:
        yield Workshop(Path(scratch))


def file_sha256(path: Path) -> str:
    """The hash of a file, read in pieces: a long lot is larger than the memory it is made in."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _key(press: Press, entries: Sequence[Entry]) -> str:
    order = press.order
    codes = [
        order.sheet_codes[sheet - 1] for sheet in sorted({place.sheet for place, _ in entries}) if order.sheet_codes
    ]
    facts = (FORMAT, order.design, order.theme, press.layout, press.sheets, order.name, order.order, codes, *entries)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _facts(printed: Printed) -> dict[str, Any]:
    pieces = [(piece.print_id, piece.codes, piece.warnings) for piece in printed.pieces]
    expected = [
        (
            want.sheet,
            want.cell,
            _corners(want.box),
            [(_corners(mark.box), mark.modules, mark.payload) for mark in want.marks],
            want.lines,
            [(line.text, _corners(line.box)) for line in want.writing],
            [_corners(box) for box in want.logos],
        )
        for want in printed.expected
    ]
    return {"pieces": pieces, "expected": expected}


def _expected(
    sheet: int,
    cell: int,
    box: list[float],
    marks: list[tuple[list[float], int, str]],
    lines: list[str],
    writing: Sequence[tuple[str, list[float]]] = (),  # a lot begun by an earlier version has none
    logos: Sequence[list[float]] = (),
) -> Expected:
    return Expected(
        sheet,
        cell,
        Box(*box),
        tuple(Mark(Box(*at), size, text) for at, size, text in marks),
        tuple(lines),
        tuple(Writing(text, Box(*at)) for text, at in writing),
        tuple(Box(*at) for at in logos),
    )


def _corners(box: Box) -> tuple[float, float, float, float]:
    return (box.x, box.y, box.width, box.height)
