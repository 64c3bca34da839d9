"""A lot: points x design x theme on sheets, drawn in chunks, put together, read back, and only then handed over."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from app.errors import RefusedError
from app.paper.imposition import Place, places
from app.paper.prepress import Imprint, assemble
from app.printing.contents import leads_to_us
from app.printing.cover import write_cover
from app.printing.gate import Report, Verdict, conclude, measure_of, read_sheets
from app.printing.manifest import write_gate, write_manifest, write_manifest_book
from app.printing.orders import Order, Piece, Stock
from app.printing.points import Point
from app.printing.press import Press
from app.printing.workshop import Workshop, file_sha256, workshop
from app.qr.symbol import symbol
from app.settings import NoPublicAddressError, public_address

PIECES_PER_CHUNK = 500
"""ReportLab keeps what it drew until its file is saved: small chunks keep memory flat and are soon made again."""
SYMBOLS_KEPT = 4096
FILES = ("manifest.csv", "manifest.xlsx", "gate.json")
HANDED_OVER = ("lot.pdf", "cover.pdf")
"""Only what the gate let pass."""
Progress = Callable[[str, int, int], None]
"""Told after each chunk: what is being done (`in`, `kiểm`), how many pieces are done, of how many."""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot that was made: what the gate found, every piece, and the file's hash."""

    report: Report
    pieces: tuple[Piece, ...]
    sheets: int
    pdf_sha256: str


def make_lot(
    order: Order,
    items: Sequence[Point],
    stock: Stock,
    folder: Path,
    now: datetime,
    *,
    extra_headings: Sequence[str] = (),
    on_progress: Progress = lambda _what, _done, _all: None,
    kept: Path | None = None,
) -> Lot:
    """Make lot.pdf, cover.pdf, manifest.csv, manifest.xlsx and gate.json in the folder; the PDFs only without a fault.

    Everything is made beside the folder and moved in at the end, so nothing half-done can be taken for a lot. What is
    made in `kept` stays there until the lot is done: after a crash the same call goes on at the chunk that was begun.
    """
    require_address(order, items)
    press = Press(order, stock, len(items))
    placed = list(places(len(items), press.layout.per_sheet, order=order.order, start_cell=order.start_cell))
    chunks = list(_chunks(placed, press.layout.per_sheet))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with workshop(kept, folder.parent) as shop:
        begun = _begun(shop, now)
        pieces: list[Piece] = []
        for number, chunk in enumerate(chunks):
            pieces.extend(shop.printed(number, press, [(place, items[place.item]) for place in chunk]))
            on_progress("in", len(pieces), len(items))
        if len(items) > SYMBOLS_KEPT:
            symbol.cache_clear()  # a lot beyond the cache has pushed every older symbol out of it already
        pdf = shop.folder / "lot.pdf"
        parts = [shop.part(number) for number in range(len(chunks))]
        assemble(parts, pdf, Imprint(press.title, begun, order.theme.condition))
        lot = _checked(press, pieces, shop, parts, on_progress)
        write_manifest(shop.folder / "manifest.csv", lot.pieces, extra_headings)
        write_manifest_book(shop.folder / "manifest.xlsx", lot.pieces, extra_headings)
        write_gate(shop.folder / "gate.json", lot.report, press, lot.pdf_sha256, pdf.stat().st_size)
        if lot.report.passed:
            write_cover(shop.folder / "cover.pdf", press, lot.report, lot.pieces, lot.pdf_sha256, stock, now)
        _hand_over(shop.folder, folder, passed=lot.report.passed)
        if kept is not None:
            shutil.rmtree(kept)
    return lot


def require_address(order: Order, items: Sequence[Point]) -> None:
    """Raises NoPublicAddressError where a piece would carry an address of ours and there is none to carry."""
    if any(leads_to_us(point, order.design) for point in items):
        try:
            public_address(order.theme.texts.get("site", ""))
        except RefusedError as error:
            raise NoPublicAddressError from error


def withdraw(folder: Path) -> None:
    """Take away what an earlier order left: a lot that lies in the folder must be the one that was asked for last."""
    for name in (*HANDED_OVER, *FILES):
        (folder / name).unlink(missing_ok=True)


def _checked(
    press: Press, pieces: Sequence[Piece], shop: Workshop, parts: Sequence[Path], on_progress: Progress
) -> Lot:
    """The finished file read back chunk by chunk, then looked at as a whole."""
    pdf = shop.folder / "lot.pdf"
    design, sheet, digest = press.order.design, press.order.sheet, file_sha256(pdf)
    measure = measure_of(design, sheet, pieces)
    verdicts: list[Verdict] = []
    for number in range(len(parts)):
        before = sum(verdict.items for verdict in verdicts)

        def read(number: int = number, before: int = before) -> Verdict:
            expected = shop.expected(number)
            return read_sheets(pdf, expected, measure, lambda done: on_progress("kiểm", before + done, len(pieces)))

        verdicts.append(shop.verdict(number, digest, read))
        on_progress("kiểm", before + verdicts[-1].items, len(pieces))
    report = conclude(pdf, design, sheet, verdicts, parts)
    return Lot(report, tuple(pieces), press.sheets, digest)


def _begun(shop: Workshop, now: datetime) -> datetime:
    """When this lot was begun: the file says the same after a crash, so what was read of it still holds."""
    note = shop.folder / "begun.json"
    try:
        return datetime.fromisoformat(json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        note.write_text(json.dumps(now.isoformat()), encoding="utf-8")
        return now


def _hand_over(scratch: Path, folder: Path, *, passed: bool) -> None:
    folder.mkdir(exist_ok=True)
    # An older lot must not lie beside the new gate's verdict, so it goes first.
    for name in HANDED_OVER:
        (folder / name).unlink(missing_ok=True)
    for name in (*FILES, *(HANDED_OVER if passed else ())):
        (scratch / name).replace(folder / name)


def _chunks(placed: Sequence[Place], per_sheet: int) -> Iterator[list[Place]]:
    """Whole sheets, about as many pieces as a chunk takes."""
    sheets_per_chunk = max(1, PIECES_PER_CHUNK // per_sheet)
    for _, chunk in groupby(placed, key=lambda place: (place.sheet - 1) // sheets_per_chunk):
        yield list(chunk)
