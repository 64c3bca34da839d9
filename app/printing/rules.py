"""What lots and pieces may become, what a press needs how many sheets for, and which stalls somebody means."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.actors import ADMIN, APPROVER, COORDINATOR, PRINT_SHOP
from app.paper.imposition import SHEETS, sheets_needed
from app.paper.measures import PaperError
from app.printing.designs import Design
from app.vn.text import fold

ORDERERS: Final = (COORDINATOR, ADMIN)
"""Who may have something printed; elsewhere the same person may only be a volunteer."""
VIEWERS: Final = (COORDINATOR, APPROVER, PRINT_SHOP, ADMIN)
"""Who may see what is printed, and fetch it."""

MAKING: Final = "making"
READY: Final = "ready"
WITHHELD: Final = "withheld"
STOPPED: Final = "stopped"
PRINTED: Final = "printed"
HANDED: Final = "handed"
VOID: Final = "void"

LOT_STATES: Final = {
    MAKING: "Đang làm",
    READY: "Sẵn sàng để in",
    WITHHELD: "Bị giữ lại",
    STOPPED: "Đã dừng",
    PRINTED: "Đã in",
    HANDED: "Đã giao cho đội",
    VOID: "Đã huỷ",
}
LOT_STEPS: Final = {
    MAKING: {READY, WITHHELD, STOPPED},
    READY: {PRINTED, HANDED, VOID},
    PRINTED: {HANDED, VOID},
    HANDED: {VOID},
    WITHHELD: {VOID},
    STOPPED: {MAKING, VOID},
    VOID: set(),
}
"""What a lot may become from each state."""

MADE: Final = "made"
INSTALLED: Final = "installed"
CHECKED: Final = "checked"
REPLACED: Final = "replaced"
PIECE_STATES: Final = {
    MADE: "Đã dựng",
    PRINTED: "Đã in",
    HANDED: "Đã giao",
    INSTALLED: "Đã lắp",
    CHECKED: "Đã kiểm tra",
    REPLACED: "Đã thay",
    VOID: "Đã huỷ",
}
PIECE_STEPS: Final = {
    MADE: {PRINTED, HANDED, INSTALLED, REPLACED, VOID},
    PRINTED: {HANDED, INSTALLED, REPLACED, VOID},
    HANDED: {INSTALLED, REPLACED, VOID},
    INSTALLED: {CHECKED, REPLACED, VOID},
    CHECKED: {CHECKED, REPLACED, VOID},
    REPLACED: {VOID},
    VOID: set(),
}
IN_USE: Final = (MADE, PRINTED, HANDED, INSTALLED, CHECKED)
"""Pieces that are on their way to a stall or hang there."""


BY_HAND: Final = (PRINTED, HANDED, INSTALLED, CHECKED, VOID)
"""What a person may say of pieces; replaced is what a reprint makes of them."""
CHANGE_SOURCES: Final = {"by_hand": "bằng tay", "lot": "theo lô", "sheet": "quét mã tờ", "reprint": "in lại"}


def may_become(steps: Mapping[str, set[str]], state: str, wanted: str) -> bool:
    """Whether this step is allowed."""
    return wanted in steps.get(state, set())


@dataclass(frozen=True, slots=True)
class Advice:
    """What a sheet means for an order: how many lie on it, how many sheets, at which bleed."""

    sheet: str
    label: str
    size: str
    per_sheet: int
    sheets: int
    bleed_mm: float


SHEET_LABELS: Final = {"single": "Từng chiếc một trang", "a4": "A4", "a3": "A3", "sra3": "SRA3"}


def advise(design: Design, pieces: int, start_cell: int = 1) -> list[Advice]:
    """For each sheet the design fits on: how many sheets the order takes."""
    found = []
    for sheet in ("single", *SHEETS):
        try:
            layout = design.layout_on(sheet)
        except PaperError:
            continue
        sheets = sheets_needed(pieces, layout.per_sheet, min(start_cell, layout.per_sheet)) if pieces else 0
        cut = design.cut_on(sheet)
        size = cut if design.is_uncut_on(sheet) else f"cắt {cut}"
        found.append(Advice(sheet, SHEET_LABELS[sheet], size, layout.per_sheet, sheets, layout.bleed_mm))
    return found


def picked(codes: Sequence[str], wanted: str) -> list[int]:
    """Places of the codes somebody typed: `A01-06, A02, B01-01..B01-20`; a part of a code means all that begin so.

    >>> picked(["A01-01", "A01-02", "A02-01", "B01-01"], "a02; A01-02..A01-09")
    [1, 2]
    """
    tokens = [token for token in re.split(r"[,;\s]+", wanted.casefold()) if token]
    if not tokens:
        return list(range(len(codes)))
    return [at for at, code in enumerate(codes) if any(_means(token, code.casefold()) for token in tokens)]


def _means(token: str, code: str) -> bool:
    first, dots, last = token.partition("..")
    if dots:
        return walk(first) <= walk(code) <= walk(last)
    return code == token or code.startswith((f"{token}-", f"{token}."))


def walk(code: str) -> list[tuple[int, str]]:
    """A code in the order people walk: A2 before A10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"\d+|\D+", code)]


def initials(name: str) -> str:
    """Capitals of a commune's name, for print ids: Cẩm Tân -> CT; ASCII only.

    >>> initials("Đức Phổ"), initials("")
    ('DP', 'CS')
    """
    letters = "".join(word[0] for word in fold(name).split() if word[0].isalpha())
    return letters.upper()[:4] or "CS"


def row_ranges(places: Iterable[tuple[int, str]]) -> list[tuple[str, int, int, int]]:
    """Of pieces as (sheet, row): each row with its pieces and the first and last sheet it lies on, in order."""
    found: dict[str, list[int]] = {}
    for sheet, row in places:
        found.setdefault(row, []).append(sheet)
    return [(row, len(sheets), min(sheets), max(sheets)) for row, sheets in found.items()]
