"""How many sheets an order takes on each paper, how much of it is thrown away, how often the knife comes down. Pure."""

from dataclasses import dataclass

from app.money import format_number
from app.paper.imposition import SHEETS, Layout, fill, sheets_needed
from app.paper.measures import PaperError
from app.printing.designs import LEAST_BLEED_MM, Design
from app.printing.rules import SHEET_LABELS


@dataclass(frozen=True, slots=True)
class PaperOption:
    """One paper with one bleed for an order."""

    sheet: str
    label: str
    trim: str
    """Size after the knife, where it is not the design's own."""
    bleed_mm: float
    per_sheet: int
    sheets: int
    waste_percent: int
    """Share of all paper that is not a piece, in whole percent."""
    cuts: int
    """How often the knife comes down on one pile of sheets."""
    is_office: bool
    """Whether an office printer takes it."""

    @property
    def bleed(self) -> str:
        """`2 mm`."""
        return f"{self.bleed_mm:g} mm".replace(".", ",")


def paper_options(design: Design, pieces: int) -> list[PaperOption]:
    """Every paper the design fits on, with each bleed that makes a difference, the least waste first."""
    found: list[PaperOption] = []
    for sheet in SHEETS:
        tried: set[int] = set()
        for bleed_mm in sorted({design.bleed_mm, min(design.bleed_mm, LEAST_BLEED_MM)}, reverse=True):
            layout = _layout(design, sheet, bleed_mm)
            if layout and layout.per_sheet not in tried:
                tried.add(layout.per_sheet)
                found.append(_option(design, sheet, layout, pieces))
    return sorted(found, key=lambda option: (option.waste_percent, option.sheets))


def _layout(design: Design, sheet: str, bleed_mm: float) -> Layout | None:
    if design.is_uncut_on(sheet):
        return design.layout_on(sheet)
    try:
        return fill(SHEETS[sheet], *design.trim_on(sheet), (bleed_mm,))
    except PaperError:
        return None


def _option(design: Design, sheet: str, layout: Layout, pieces: int) -> PaperOption:
    wide, high = design.trim_on(sheet)
    sheets = sheets_needed(pieces, layout.per_sheet)
    paper = (sheets or 1) * layout.width_mm * layout.height_mm
    across, down = layout.cut_lines()
    return PaperOption(
        sheet=sheet,
        label=SHEET_LABELS[sheet],
        trim=design.cut_on(sheet) if sheet in design.sheets or design.is_uncut_on(sheet) else "",
        bleed_mm=layout.bleed_mm,
        per_sheet=layout.per_sheet,
        sheets=sheets,
        waste_percent=round(100 * (1 - (pieces or layout.per_sheet) * wide * high / paper)),
        cuts=len(across) + len(down) if layout.marks else 0,
        is_office=sheet == "a4" or not layout.marks,
    )


def advice_line(design: Design, pieces: int) -> str:
    """The best paper in one sentence: `5.000 chiếc A6: SRA3 tràn lề 2 mm 625 tờ`."""
    options = paper_options(design, pieces)
    if not options:
        return f"{design.title} lớn hơn mọi khổ giấy: in từng chiếc một trang"
    whole = [option for option in options if not option.trim] or options
    best = min(whole, key=lambda option: (option.sheets * _area(option.sheet), option.waste_percent))
    named = f"{format_number(pieces)} chiếc {design.title}"
    return f"{named}: {best.label} tràn lề {best.bleed}, {format_number(best.sheets)} tờ"


def _area(sheet: str) -> float:
    return SHEETS[sheet].width_mm * SHEETS[sheet].height_mm
