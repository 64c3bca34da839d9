"""Flat drawings: outlines with their colours and clips, written as PDF path operators."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from math import hypot, isclose, sqrt
from typing import Protocol

from app.paper.measures import Box, number
from app.paper.outlines import UNMOVED, Matrix, Segment, hull, inverse, moved, written

MITER = 10.0
"""PDF's own limit (PDF 1.4, 4.3.2)."""


class Ink(Protocol):
    """A colour as PDF operators set it."""

    @property
    def fills(self) -> str:
        """The operator and operands for areas."""

    @property
    def strokes(self) -> str:
        """The same for lines."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How an outline is drawn; ends and corners are PDF's numbers (0 butt or miter, 1 round, 2 square or bevel)."""

    role: str
    width: float
    ends: int = 0
    corners: int = 0
    miter: float = MITER
    dash: tuple[float, ...] = ()
    phase: float = 0.0
    skew: Matrix = UNMOVED
    """What stretches the line itself, width and dashes are before it."""

    def under(self, matrix: Matrix) -> "Stroke | None":
        """The line as a matrix scales it; what stretches it unevenly is kept apart. None where nothing is left."""
        a, b, c, d = matrix[:4]
        scale = sqrt(abs(a * d - b * c))
        if not scale:
            return None
        even = isclose(a * c + b * d, 0, abs_tol=1e-6 * scale**2) and isclose(hypot(a, b), hypot(c, d), rel_tol=1e-6)
        return replace(
            self,
            width=self.width * scale,
            dash=tuple(each * scale for each in self.dash),
            phase=self.phase * scale,
            skew=UNMOVED if even else (a / scale, b / scale, c / scale, d / scale, 0.0, 0.0),
        )

    @property
    def is_plain(self) -> bool:
        """Whether its state may stand until the next line sets its own: no dashes, no matrix."""
        return not self.dash and self.skew == UNMOVED

    @property
    def settings(self) -> str:
        """Everything but the colour, as operators."""
        miter = f" {number(self.miter)} M" if self.miter != MITER else ""
        dash = f" [{' '.join(map(number, self.dash))}] {number(self.phase)} d" if self.dash else ""
        return f"{number(self.width)} w {self.ends} J {self.corners} j{miter}{dash}"


@dataclass(frozen=True, slots=True)
class Clip:
    """An outline outside which nothing is drawn."""

    segments: tuple[Segment, ...]
    even_odd: bool = False

    @property
    def operators(self) -> str:
        """As PDF sets it; an empty one hides everything."""
        return f"{written(self.segments) or '0 0 0 0 re'} W{'*' if self.even_odd else ''} n"


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline of a drawing, in the drawing's own units, with its colours by role."""

    segments: tuple[Segment, ...]
    fill: str | None
    stroke: Stroke | None
    even_odd: bool
    clips: tuple[Clip, ...] = ()

    @property
    def reach(self) -> Box:
        """The box it may mark."""
        return hull(self.segments).grown(self.stroke.width if self.stroke else 0)

    @property
    def style(self) -> tuple[object, ...]:
        """Neighbours with the same style that are only stroked can be drawn as one path."""
        alone = self.fill or (self.stroke and not self.stroke.is_plain)
        return (self.fill, self.stroke, self.even_odd, id(self) if alone else 0)


@dataclass(frozen=True, slots=True)
class Art:
    """A drawing: its size in its own units and its shapes, from the back to the front."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    def operators(self, colour: Callable[[str], Ink], window: Box | None = None) -> str:
        """PDF operators in the drawing's own units; `colour` gives the ink of a role.

        Shapes that lie wholly outside the window are left out: what cannot be seen need not be parsed on every page.
        """
        seen = [shape for shape in self.shapes if window is None or shape.reach.touches(window)]
        painted: list[str] = []
        for clips, group in groupby(seen, key=lambda shape: shape.clips):
            inner = [_paint(list(alike), colour) for _, alike in groupby(group, key=lambda shape: shape.style)]
            painted.extend(["q", *(clip.operators for clip in clips), *inner, "Q"] if clips else inner)
        return "\n".join(painted)

    def roles(self) -> set[str]:
        """The colour roles this drawing asks for."""
        fills = {shape.fill for shape in self.shapes if shape.fill}
        return fills | {shape.stroke.role for shape in self.shapes if shape.stroke}


def _paint(shapes: list[Shape], colour: Callable[[str], Ink]) -> str:
    fill, stroke, star = shapes[0].fill, shapes[0].stroke, "*" if shapes[0].even_odd else ""
    path = " ".join(written(shape.segments) for shape in shapes)
    code = [colour(fill).fills] if fill else []
    if stroke is None or stroke.is_plain:
        code += [colour(stroke.role).strokes, stroke.settings] if stroke else []
        return " ".join((*code, path, f"B{star}" if fill and stroke else f"f{star}" if fill else "S"))
    code += [path, f"f{star}"] if fill else []
    back = inverse(stroke.skew) or UNMOVED
    line = " ".join(written(moved(shape.segments, back)) for shape in shapes)
    matrix = " ".join(f"{part:.6f}" for part in stroke.skew)
    return " ".join((*code, "q", matrix, "cm", colour(stroke.role).strokes, stroke.settings, line, "S Q"))
