"""What of an order can be printed: a piece with too fine a code or too small a text is left out, the rest is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.paper.measures import PaperError, points
from app.printing.artwork import Artwork
from app.printing.contents import Content, content_of, quoted
from app.printing.elements import Words
from app.printing.lots import require_address
from app.printing.orders import Order, Stock
from app.printing.points import Point, Refusal
from app.qr.symbol import QUIET_MODULES, SymbolError

LEAST_PT = 4.0
"""Below it a text is a smudge, on any paper and in any ink."""
WIDEST_EM = 1.3
"""No sign is wider: a text that is short enough for its box at LEAST_PT by this measure is not set to find out."""
BYTES_TRIED_MAX = 1000
"""As many as a cell of a list may hold; every symbol holds them."""
SLACK_MM = 1e-6
SHOWN_MAX = 40
"""Characters of a text that a refusal repeats."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """The points that can be printed, and the others with the line they stand on."""

    points: tuple[Point, ...]
    refusals: tuple[Refusal, ...]


def fitting(order: Order, items: Sequence[Point], stock: Stock) -> Fitting:
    """Which of these points can be printed in this design on this sheet, and why the others cannot.

    Raises NoPublicAddressError where none of ours is set and a piece would carry it.
    """
    require_address(order, items)
    ruler = Ruler(order, stock)
    good: list[Point] = []
    refusals: list[Refusal] = []
    for point in items:
        reason = ruler.refusal(point)
        if reason:
            refusals.append(Refusal(point.line, reason))
        else:
            good.append(point)
    return Fitting(tuple(good), tuple(refusals))


class Ruler:
    """Measures a piece before it is drawn."""

    def __init__(self, order: Order, stock: Stock) -> None:
        self._order = order
        self._artwork = Artwork(order.design, order.theme, stock.fonts, stock.art)
        self._scale = order.design.scale_on(order.sheet)
        self._type_scale = order.design.type_scale_on(order.sheet)
        self._sure_bytes = self._bytes_that_fit() if order.design.codes else 0
        self._words = [layer for layer in self._artwork.layers if isinstance(layer, Words)]

    def refusal(self, point: Point) -> str:
        """Why this point has no piece, without a full stop; "" where it has one."""
        content = content_of(point, self._order.design, self._order.theme)
        try:
            is_short = all(0 < len(code.encode()) <= self._sure_bytes for code in content.codes)
            return ("" if is_short else self._fine_code(content.codes)) or self._tiny_text(content)
        except (SymbolError, PaperError) as error:
            reason = str(error).rstrip(".")
            return reason[:1].lower() + reason[1:]

    def _bytes_that_fit(self) -> int:
        """How long a code may be, whatever its signs: shorter ones need not be made to find out."""
        least, most = 0, BYTES_TRIED_MAX
        while least < most:
            middle = (least + most + 1) // 2
            if self._fine_code(["x" * middle] * len(self._order.design.codes)):
                most = middle - 1
            else:
                least = middle
        return least

    def _fine_code(self, codes: Sequence[str]) -> str:
        design, sheet = self._order.design, self._order.sheet
        floor = design.floor_mm(sheet)
        for text, code, symbol in zip(codes, design.codes, design.symbols_on(sheet, codes), strict=True):
            module = code.box.width * self._scale / (symbol.size + 2 * QUIET_MODULES)
            if module < floor - SLACK_MM:
                return (
                    f"mã QR dài {len(text)} ký tự, ô mã chỉ còn {_said(module)} mm, cần {_said(floor)} mm để quét "
                    "được; hãy chọn mẫu hoặc khổ giấy lớn hơn"
                )
        return ""

    def _tiny_text(self, content: Content) -> str:
        for words in self._words:
            text = words.resolve(content.values)
            if len(text) * WIDEST_EM * LEAST_PT <= points(words.box.width) * self._type_scale:
                continue
            size = self._artwork.size_of(words, text) * self._type_scale
            if size < LEAST_PT:
                shown = quoted(text, content.codes)
                start = shown[:SHOWN_MAX] + "…" if len(shown) > SHOWN_MAX else shown
                return f"chữ “{start}” chỉ còn {_said(size)} pt, dưới {LEAST_PT:g} pt không đọc được; hãy viết ngắn lại"
        return ""


def sentence(reason: str) -> str:
    """A reason as it stands alone."""
    return reason[:1].upper() + reason[1:] + "."


def _said(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".").replace(".", ",")
