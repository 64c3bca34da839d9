"""What is ordered and what comes of it: the stock drawn on, the order, and each printed piece."""

from dataclasses import dataclass
from pathlib import Path

from app.paper.fonts import Fonts
from app.printing.designs import Design
from app.printing.points import Point
from app.printing.themes import Theme


@dataclass(frozen=True, slots=True)
class Stock:
    """Where designs, themes, ornaments and fonts lie."""

    designs: Path
    themes: Path
    art: Path
    fonts: Fonts


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be printed, and how."""

    design: Design
    theme: Theme
    sheet: str = "single"
    order: str = "stack"
    start_cell: int = 1
    name: str = ""
    """The lot's number or the file it came from, as it stands in the slug."""
    sheet_codes: tuple[str, ...] = ()
    """For each sheet an address of ours: scanned in the press room it marks the sheet's pieces printed."""
    moved_mm: tuple[float, float] = (0.0, 0.0)
    """To the right and down: what an office printer needs so that the print lies where it should."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One printed piece: where it lies, whose it is, its id."""

    sheet: int
    cell: int
    point: Point
    print_id: str
    codes: tuple[str, ...]
    """What its codes say."""
    warnings: tuple[str, ...]
