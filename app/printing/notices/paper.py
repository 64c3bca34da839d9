"""Notices on paper: each payer's code drawn, cut lines between, every code read back from the finished file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from app.money import format_vnd
from app.paper.canvas import Part
from app.paper.gate import Expected, Mark
from app.paper.imposition import Layout, Place, places, sheets_needed
from app.paper.measures import Box, number
from app.paper.prepress import Imprint, assemble
from app.paths import hidden_name
from app.printing.artwork import Artwork
from app.printing.design_files import load_design
from app.printing.designs import Design
from app.printing.gate import Failure, check
from app.printing.notices.orders import Made, NoticeOrder, PrintedNotice
from app.printing.notices.papers import write_codes, write_gate, write_manifest
from app.printing.notices.payers import Payer
from app.printing.notices.rules import FORMS
from app.printing.orders import Piece, Stock
from app.printing.payloads import payload_crc
from app.printing.points import Point
from app.qr import details, inspect, symbol, vietqr
from app.vn.dates import format_date
from app.vn.numerals import vnd_in_words

NOTICES_PER_PART = 400
DASH = "0 0 0 0.55 K 0.18 w [1.6 1.4] 0 d"
FILES = ("notices.pdf", "manifest.csv", "codes.xlsx", "gate.json")
Progress = Callable[[str, int, int], None]
"""Told after each part: what is being done ("in" or "kiểm"), how many are done, of how many."""


@dataclass(slots=True)
class _Run:
    order: NoticeOrder
    design: Design
    artwork: Artwork
    layout: Layout
    total: int
    expected: list[Expected] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    notices: list[PrintedNotice] = field(default_factory=list)


def payload_of(order: NoticeOrder, payer: Payer) -> str:
    """The payer's own code: this account, this amount, this memo, used once."""
    payee = order.payee
    return vietqr(
        payee.bank_bin,
        payee.account_number,
        amount_vnd=payer.amount_vnd,
        memo=payer.memo,
        memo_chars_max=order.memo_chars_max,
    )


def make_notices(
    order: NoticeOrder,
    payers: Sequence[Payer],
    stock: Stock,
    folder: Path,
    now: datetime,
    on_progress: Progress = lambda _what, _done, _all: None,
) -> Made:
    """Write notices.pdf, manifest.csv, codes.xlsx and gate.json; no PDF where the gate finds a fault.

    Everything is written beside the folder and moved in at the end, so nothing half-done can be taken for finished.
    """
    run = _run_of(order, stock, len(payers))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=hidden_name("notices"), dir=folder.parent) as scratch:
        pdf, parts = Path(scratch, FILES[0]), []
        for at, chunk in enumerate(_chunks(list(places(len(payers), run.layout.per_sheet, order="row")))):
            path = Path(scratch, f"part{at}.pdf")
            _draw_part(run, path, [(place, payers[place.item]) for place in chunk], stock)
            parts.append(path)
            on_progress("in", len(run.notices), len(payers))
        assemble(parts, pdf, Imprint(_title(order), now, order.theme.condition))
        report = check(pdf, run.design, "a4", run.expected, run.pieces, parts, on_progress)
        report = replace(report, failures=(*report.failures, *_misstated(run)))
        made = Made(report, tuple(run.notices), sheets_needed(len(payers), run.layout.per_sheet))
        write_manifest(Path(scratch, "manifest.csv"), made.notices)
        write_codes(Path(scratch, "codes.xlsx"), made.notices, order.payee, order.title)
        write_gate(Path(scratch, "gate.json"), made, order, pdf)
        _hand_over(Path(scratch), folder, passed=report.passed)
    return made


def _hand_over(scratch: Path, folder: Path, *, passed: bool) -> None:
    folder.mkdir(exist_ok=True)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)  # an older file must not lie beside the new verdict
    for name in FILES if passed else FILES[1:]:
        (scratch / name).replace(folder / name)


def preview_part(order: NoticeOrder, payer: Payer, stock: Stock, path: Path) -> tuple[float, float]:
    """One notice alone on a page of its own size; returns that size in mm."""
    run = _run_of(order, stock, 1)
    size = (run.design.width_mm, run.design.height_mm)
    cell = Box(0, 0, *size)
    run.layout = Layout("single", *size, 0, (replace(run.layout.cells[0], trim=cell),))
    part = Part(path, stock.fonts, run.layout, title=run.design.title)
    _draw(run, part, Place(1, 1, 0), payer)
    part.end_sheet()
    part.save()
    return size


def _run_of(order: NoticeOrder, stock: Stock, total: int) -> _Run:
    design = load_design(stock.designs.parent / "notices", order.form.id)
    theme = replace(order.theme, texts={**order.theme.texts, **order.texts})
    return _Run(order, design, Artwork(design, theme, stock.fonts, stock.art), FORMS[order.form.id].layout, total)


def _title(order: NoticeOrder) -> str:
    return f"{order.payee.name} – {order.title}" if order.title else order.payee.name


def _chunks(placed: Sequence[Place]) -> Iterator[list[Place]]:
    """Whole sheets, about as many notices as a part takes."""
    for _, chunk in groupby(placed, key=lambda place: (place.sheet - 1) // NOTICES_PER_PART):
        yield list(chunk)


def _draw_part(run: _Run, path: Path, chunk: Sequence[tuple[Place, Payer]], stock: Stock) -> None:
    part = Part(path, stock.fonts, run.layout, title=_title(run.order))
    for _, group in groupby(chunk, key=lambda entry: entry[0].sheet):
        for place, payer in group:
            _draw(run, part, place, payer)
        _cut_lines(part, run.layout)
        part.end_sheet()
    part.save()


def _cut_lines(part: Part, layout: Layout) -> None:
    """Dashed, between the notices only: the sheet's own edge is cut already."""
    across, down = layout.cut_lines()
    wide, high = layout.width_mm, layout.height_mm
    strokes = [f"{number(x)} 0 m {number(x)} {number(high)} l" for x in across[1:-1]]
    strokes += [f"0 {number(y)} m {number(wide)} {number(y)} l" for y in down[1:-1]]
    if strokes:
        part.form("cuts", f"{DASH} {' '.join(strokes)} S", (), Box(0, 0, wide, high), high)
        part.reuse("cuts")


def _draw(run: _Run, part: Part, place: Place, payer: Payer) -> None:
    payload = payload_of(run.order, payer)
    serial, code = len(run.notices) + 1, symbol(payload, "M")
    cell = run.layout.cells[place.cell - 1]
    drawn = run.artwork.draw(part, cell, run.order.texts | _values(payer, serial, run.total), [code])
    box, modules = drawn.codes[0]
    marks = (Mark(box, modules, payload),)
    run.expected.append(Expected(place.sheet, place.cell, cell.trim, marks, drawn.lines, drawn.writing, drawn.logos))
    remark = "; ".join(filter(None, (payer.remark, *(f"chữ nhỏ: {text}" for text in drawn.small))))
    point = Point(payer.line, payer.payer_code, shop_name=payer.payer_name)
    run.pieces.append(Piece(place.sheet, place.cell, point, payload_crc(payload), (payload,), ()))
    run.notices.append(PrintedNotice(payer, payload, place.sheet, place.cell, remark))


def _values(payer: Payer, serial: int, total: int) -> dict[str, str]:
    return {
        "payer_code": payer.payer_code,
        "payer_name": payer.payer_name,
        "group": payer.group,
        "purpose": payer.purpose,
        "amount": format_vnd(payer.amount_vnd),
        "amount_words": vnd_in_words(payer.amount_vnd),
        "due": format_date(payer.due_on) if payer.due_on else "",
        "memo": payer.memo,
        "serial": f"{serial}/{total}",
    }


def _misstated(run: _Run) -> Iterator[Failure]:
    """Codes that say another account, amount or memo than the payer's row; the page was read to say what they say."""
    payee = run.order.payee
    for notice in run.notices:
        said = details(inspect(notice.payload))
        wanted = {
            "ngân hàng": (said.bin, payee.bank_bin),
            "số tài khoản": (said.account, payee.account_number),
            "số tiền": (said.amount_vnd, notice.payer.amount_vnd),
            "nội dung": (said.memo, notice.payer.memo),
        }
        wrong = [name for name, (found, right) in wanted.items() if found != right]
        if wrong:
            reason = f"mã QR ghi sai {', '.join(wrong)} của người nộp"
            yield Failure(notice.sheet, notice.cell, notice.payer.payer_code, reason)
