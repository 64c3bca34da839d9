"""Millimetres and points, and boxes as a person measures them: from the top left corner, downwards."""

from dataclasses import dataclass

PT_PER_MM = 72 / 25.4


class PaperError(ValueError):
    """Something cannot be put on paper as asked; `str()` says why in Vietnamese."""


def points(mm: float) -> float:
    """Millimetres as PDF points (1/72 inch)."""
    return mm * PT_PER_MM


def number(value: float) -> str:
    """A number as short as PDF allows: three decimals, no tail of zeros."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres; x and y are its top left corner, y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + self.height

    def grown(self, by_mm: float) -> "Box":
        """The same box with every edge moved outwards."""
        return Box(self.x - by_mm, self.y - by_mm, self.width + 2 * by_mm, self.height + 2 * by_mm)

    def overlap(self, other: "Box") -> "Box":
        """What both boxes cover; width or height is 0 where they do not meet."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        return Box(
            left,
            top,
            max(0.0, min(self.right, other.right) - left),
            max(0.0, min(self.bottom, other.bottom) - top),
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def touches(self, other: "Box") -> bool:
        """Whether the two boxes share any area."""
        common = self.overlap(other)
        return common.width > 0 and common.height > 0
