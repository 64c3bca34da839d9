"""Printing inks: CMYK in percent, how dark they are, how well one stands on another."""

from dataclasses import dataclass

from app.paper.measures import number


@dataclass(frozen=True, slots=True)
class Cmyk:
    """One colour as four inks, 0 to 100 percent each."""

    cyan: float
    magenta: float
    yellow: float
    black: float

    @property
    def ink(self) -> float:
        """Total ink in percent; more than 280 does not dry on a small press."""
        return self.cyan + self.magenta + self.yellow + self.black

    @property
    def operands(self) -> str:
        """The four numbers of PDF's `k` and `K` operators (PDF 1.4, 4.5.7)."""
        inks = (self.cyan, self.magenta, self.yellow, self.black)
        return " ".join(number(ink / 100) for ink in inks)

    @property
    def fills(self) -> str:
        """The operator that gives areas this ink."""
        return f"{self.operands} k"

    @property
    def strokes(self) -> str:
        """The operator that gives lines this ink."""
        return f"{self.operands} K"

    @property
    def rgb(self) -> tuple[float, float, float]:
        """An estimate for the eye, each 0 to 1; never used on paper."""
        light = 1 - self.black / 100
        return tuple((1 - ink / 100) * light for ink in (self.cyan, self.magenta, self.yellow))  # type: ignore[return-value]

    @property
    def hex(self) -> str:
        """The same estimate as #RRGGBB, for swatches on a page."""
        return "#" + "".join(f"{round(part * 255):02X}" for part in self.rgb)


@dataclass(frozen=True, slots=True)
class Light:
    """A colour as a screen shows it, 0 to 1 each: for pictures that are looked at, never for paper."""

    red: float
    green: float
    blue: float

    @property
    def fills(self) -> str:
        """The operator that gives areas this light."""
        return f"{number(self.red)} {number(self.green)} {number(self.blue)} rg"

    @property
    def strokes(self) -> str:
        """The operator that gives lines this light."""
        return f"{number(self.red)} {number(self.green)} {number(self.blue)} RG"


INK_LIMIT = 280
"""Percent of ink on one spot that still dries on a small press."""
DARK_LINEAR = 0.04045
"""Below this sRGB is linear (IEC 61966-2-1)."""
BLACK = Cmyk(0, 0, 0, 100)
WHITE = Cmyk(0, 0, 0, 0)


def luminance(colour: Cmyk) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    linear = [part / 12.92 if part <= DARK_LINEAR else ((part + 0.055) / 1.055) ** 2.4 for part in colour.rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Cmyk, other: Cmyk) -> float:
    """How well one colour is read on the other, 1 to 21 (WCAG 2.2, contrast ratio)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
