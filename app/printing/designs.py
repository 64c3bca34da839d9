"""Designs: the kinds of printed pieces, their sizes and elements, and how they lie on a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.errors import RefusedError
from app.paper.imposition import SHEETS, Layout, fill, single, uncut
from app.printing.elements import PAYEE_FIELDS, Code, Element, Eyelets, Words, widened
from app.qr.frame import Level
from app.qr.symbol import QUIET_MODULES, Symbol, symbol

LARGEST_PAGE_MM = 5000.0
"""A PDF page holds 14,400 points, 5,080 mm (PDF 1.4, appendix C): beyond it the page is one tenth."""
LEAST_BLEED_MM = 2.0
"""The least a knife needs."""
MODULE_PER_METRE_MM = 2.0
"""Module for each metre of scanning distance: 2 pixels a module in a 1,280 pixel preview of a 65 degree lens."""
FALLBACK_LEVEL: Level = "M"
OFFICE_SHEETS = ("a4", "a3")
SAME_SIZE_MM = 3.0
"""By how much a piece may differ from the paper it is as large as."""


class DesignError(RefusedError):
    """A design file is not as it must be."""

    code = "mau-in-sai"


@dataclass(frozen=True, slots=True)
class Design:
    """One kind of printed piece."""

    id: str
    title: str
    purpose: str
    width_mm: float
    height_mm: float
    bleed_mm: float
    distance_m: float
    """From how far its code is scanned."""
    least_module_mm: float
    payment: bool
    """Whether its code must be a payment code."""
    sheets: Mapping[str, tuple[float, float]]
    """Sheet -> trim size there, where it is not the design's own (an office variant)."""
    elements: tuple[Element, ...]
    needs: tuple[str, ...] = ()
    ratio: Mapping[str, float] | None = None
    """Owner -> share of the area, for signs that a provider and the commune pay together."""
    widths_mm: tuple[float, float] | None = None
    """Narrowest and widest, for a banner that is made to measure."""
    eyelets: Eyelets | None = None
    folds_mm: tuple[float, ...] = ()
    """Where it is creased and folded, from its upper edge."""

    @property
    def codes(self) -> tuple[Code, ...]:
        """Its QR symbols."""
        return tuple(element for element in self.elements if isinstance(element, Code))

    @property
    def shows_payee(self) -> bool:
        """Whether it says whom one pays: then a bad account must not be printed."""
        texts = (element for element in self.elements if isinstance(element, Words))
        return any(code.source == "payload" for code in self.codes) or any(text.fields & PAYEE_FIELDS for text in texts)

    @property
    def shows_card(self) -> bool:
        """Whether a code of it leads to the trader's own card, where it has the card's secret."""
        return any("{card}" in address for code in self.codes for address in code.addresses)

    @property
    def shows_address(self) -> bool:
        """Whether a code of it leads to our pages, where a row brings no link of its own."""
        return any("{site}" in address for code in self.codes for address in code.addresses)

    @property
    def folds_said(self) -> str:
        """`148, 296, 356`, from the upper edge."""
        return ", ".join(f"{fold:g}" for fold in self.folds_mm)

    @property
    def size(self) -> str:
        """`105×148 mm`."""
        return f"{self.width_mm:g}×{self.height_mm:g} mm"

    def made_to(self, width_mm: float) -> "Design":
        """The same design in another width; raises DesignError where the design has one width or not this one."""
        if self.widths_mm is None:
            raise DesignError(f"Mẫu {self.id} chỉ có một cỡ {self.size}.", remedy="Hãy bỏ --width.")
        least, most = self.widths_mm
        if not least <= width_mm <= most:
            raise DesignError(f"Mẫu {self.id} rộng từ {least:g} đến {most:g} mm.", remedy="Hãy chọn lại --width.")
        more = width_mm - self.width_mm
        return replace(self, width_mm=width_mm, elements=tuple(widened(element, more) for element in self.elements))

    @property
    def is_tenth(self) -> bool:
        """Whether its page is drawn at one tenth, being too large for a PDF page."""
        return max(self.width_mm, self.height_mm) > LARGEST_PAGE_MM

    def is_uncut_on(self, sheet: str) -> bool:
        """Whether the piece is as large as this office paper: then it is scaled into what the machine prints."""
        if sheet not in OFFICE_SHEETS or sheet in self.sheets:
            return False
        paper = (SHEETS[sheet].width_mm, SHEETS[sheet].height_mm)
        sides = zip(sorted((self.width_mm, self.height_mm)), sorted(paper), strict=True)
        return all(abs(own - side) <= SAME_SIZE_MM for own, side in sides)

    @property
    def office_sheets(self) -> tuple[str, ...]:
        """Papers of an office printer that it fills without a cut."""
        return tuple(sheet for sheet in OFFICE_SHEETS if self.is_uncut_on(sheet))

    def trim_on(self, sheet: str) -> tuple[float, float]:
        """Width and height in mm of the piece on this sheet."""
        if self.is_uncut_on(sheet):
            paper = SHEETS[sheet]
            room = sorted((paper.width_mm - 2 * paper.edge_mm, paper.height_mm - 2 * paper.edge_mm))
            scale = min(side / own for own, side in zip(sorted((self.width_mm, self.height_mm)), room, strict=True))
            return self.width_mm * scale, self.height_mm * scale
        if sheet == "single" and self.is_tenth:
            return self.width_mm / 10, self.height_mm / 10
        return self.sheets.get(sheet, (self.width_mm, self.height_mm))

    def cut_on(self, sheet: str) -> str:
        """How large the piece is after the knife on this sheet: `95×134 mm`."""
        if self.is_uncut_on(sheet):
            return "không cắt"
        wide, high = self.trim_on(sheet)
        return f"{wide:g}×{high:g} mm"

    def scale_on(self, sheet: str) -> float:
        """By how much the artwork is scaled on this sheet so that it covers the piece."""
        wide, high = self.trim_on(sheet)
        return max(wide / self.width_mm, high / self.height_mm)

    def type_scale_on(self, sheet: str) -> float:
        """By how much its type is scaled in what people read: a drawing at one tenth is enlarged again."""
        return 1.0 if sheet == "single" and self.is_tenth else self.scale_on(sheet)

    def floor_mm(self, sheet: str) -> float:
        """The smallest module there: the design's own least, and what its scanning distance asks of a cheap camera."""
        far = self.distance_m / 10 if sheet == "single" and self.is_tenth else self.distance_m
        return max(self.least_module_mm * min(1.0, self.scale_on(sheet)), MODULE_PER_METRE_MM * far)

    def symbols_on(self, sheet: str, texts: Sequence[str]) -> list[Symbol]:
        """The symbols of a piece in the order of its codes: each at the design's level of error correction, or at M
        where that would make the module smaller than the floor. Raises SymbolError.
        """
        return [self._symbol_on(sheet, code, text) for text, code in zip(texts, self.codes, strict=True)]

    def _symbol_on(self, sheet: str, code: Code, text: str) -> Symbol:
        wanted = symbol(text, code.level)
        plain = symbol(text, FALLBACK_LEVEL)
        width_mm = code.box.width * self.scale_on(sheet)
        is_small = width_mm / (wanted.size + 2 * QUIET_MODULES) < self.floor_mm(sheet)
        return plain if is_small and plain.size < wanted.size else wanted

    def layout_on(self, sheet: str) -> Layout:
        """Where its pieces lie on the sheet; raises PaperError when it does not fit."""
        wide, high = self.trim_on(sheet)
        if sheet == "single":
            return single(wide, high, self.bleed_mm / 10 if self.is_tenth else self.bleed_mm)
        if self.is_uncut_on(sheet):
            return uncut(SHEETS[sheet], wide, high)
        bleeds = (self.bleed_mm, LEAST_BLEED_MM) if self.bleed_mm > LEAST_BLEED_MM else (self.bleed_mm,)
        return fill(SHEETS[sheet], wide, high, bleeds)
