"""The lot's papers: which piece lies where, and what the gate said."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from app.printing.gate import Report
from app.printing.orders import Piece
from app.printing.payloads import payload_crc
from app.printing.press import Press
from app.tables import Sheet, write_csv, write_xlsx

HEADINGS = (
    "sheet", "cell", "point_code", "zone", "row", "stall", "shop_name", "holder_name", "account_tail", "print_id",
    "payload_crc", "warnings",
)  # fmt: skip


def write_manifest(path: Path, pieces: Sequence[Piece], extra_headings: Sequence[str]) -> None:
    """One row a piece, in the order of sheets and cells."""
    extras = _extras(pieces, extra_headings)
    write_csv(path, (*HEADINGS, *extras), _rows(pieces, extras.values()))


def write_manifest_book(path: Path, pieces: Sequence[Piece], extra_headings: Sequence[str]) -> None:
    """The same as a workbook, for people who count with Excel."""
    extras = _extras(pieces, extra_headings)
    write_xlsx(path, [Sheet("Từng bản", (*HEADINGS, *extras), _rows(pieces, extras.values()))])


def _extras(pieces: Sequence[Piece], extra_headings: Sequence[str]) -> dict[str, str]:
    """Heading of the manifest -> heading of the list; one that the manifest has itself is called `input_…`."""
    kept = [name for name in ("lat", "lng", "stage") if any(name in piece.point.extras for piece in pieces[:1])]
    found = {name: name for name in kept}
    for heading in extra_headings:
        name = heading
        while name in HEADINGS or name in found:
            name = f"input_{name}"
        found[name] = heading
    return found


def _rows(pieces: Sequence[Piece], extras: Collection[str]) -> Iterator[tuple[str | int, ...]]:
    for piece in pieces:
        point = piece.point
        yield (
            piece.sheet,
            piece.cell,
            point.point_code,
            point.zone,
            point.row,
            point.stall,
            point.shop_name,
            point.holder_name,
            point.payee.account_tail,
            piece.print_id,
            payload_crc(piece.codes[0]) if piece.codes else "",
            "; ".join(piece.warnings),
            *(point.extras.get(heading, "") for heading in extras),
        )


def write_gate(path: Path, report: Report, press: Press, pdf_sha256: str, pdf_bytes: int) -> None:
    """The gate's verdict for people and programs."""
    order = press.order
    facts = {
        "items": report.items,
        "codes": report.codes,
        "codes_right": report.codes_right,
        "read_back": report.read_back,
        "sheet_codes": report.sheet_codes,
        "failures": [asdict(failure) for failure in report.failures],
        "passed": report.passed,
        "design": order.design.id,
        "theme": order.theme.id,
        "sheet": order.sheet,
        "order": order.order,
        "start_cell": order.start_cell,
        "moved_mm": list(order.moved_mm),
        "sheets": press.sheets,
        "bleed_mm": press.layout.bleed_mm,
        "trim_mm": list(order.design.trim_on(order.sheet)),
        "least_module_mm": report.least_module_mm,
        "scan_distance_m": order.design.distance_m,
        "pdf_sha256": pdf_sha256,
        "pdf_bytes": pdf_bytes,
    }
    if report.areas:
        facts["areas"] = {f"{owner}_mm2": mm2 for owner, mm2 in report.areas.items()}
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
