"""Vector ornaments: a small, strict part of SVG turned into PDF path operators, colours named by the theme.

Read: svg viewBox; g, use (of an element with an id), path (all commands), circle, ellipse, rect, line, polyline,
polygon; transform; fill, stroke, stroke-width as attributes, stroke-linecap and stroke-linejoin round. Colours are
`none`, `var(--role)` or `var(--role, #fallback)`: the fallback is for viewing the file alone. Anything else is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import cos, radians, sin, sqrt
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from app.paper.colours import Cmyk
from app.paper.measures import Box, PaperError, number
from app.paper.outlines import NUMBER, UNMOVED, Matrix, Segment, combined, hull, moved, outline, written

SVG = "{http://www.w3.org/2000/svg}"
VIEW_BOX = 4
_COLOUR = re.compile(r"var\(--([a-z0-9-]+)\s*(?:,\s*#[0-9A-Fa-f]{3,6})?\)")
_TRANSFORM = re.compile(r"(translate|scale|rotate|matrix)\(([^)]*)\)")
_STYLE = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "fill-rule")


@dataclass(frozen=True, slots=True)
class Stroke:
    """How an outline is drawn."""

    role: str
    width: float
    round_ends: bool
    round_corners: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline of an ornament, in the ornament's own units, with its colours by role."""

    segments: tuple[Segment, ...]
    fill: str | None
    stroke: Stroke | None
    even_odd: bool

    @property
    def reach(self) -> Box:
        """The box it may mark."""
        return hull(self.segments).grown(self.stroke.width if self.stroke else 0)

    @property
    def style(self) -> tuple[object, ...]:
        """Neighbours with the same style that are only stroked can be drawn as one path."""
        return (self.fill, self.stroke, self.even_odd, id(self) if self.fill else 0)


@dataclass(frozen=True, slots=True)
class Art:
    """An ornament: its size in its own units and its shapes, from the back to the front."""

    width: float
    height: float
    shapes: tuple[Shape, ...]

    def operators(self, colour: Callable[[str], Cmyk], window: Box | None = None) -> str:
        """PDF operators in the ornament's own units; `colour` gives the ink of a role.

        Shapes that lie wholly outside the window are left out: what cannot be seen need not be parsed on every page.
        """
        seen = [shape for shape in self.shapes if window is None or shape.reach.touches(window)]
        painted = [_paint(list(group), colour) for _, group in groupby(seen, key=lambda shape: shape.style)]
        return "\n".join(painted)

    def roles(self) -> set[str]:
        """The colour roles this ornament asks the theme for."""
        fills = {shape.fill for shape in self.shapes if shape.fill}
        return fills | {shape.stroke.role for shape in self.shapes if shape.stroke}


def _paint(shapes: list[Shape], colour: Callable[[str], Cmyk]) -> str:
    first = shapes[0]
    code = []
    if first.fill:
        code.append(f"{colour(first.fill).operands} k")
    if first.stroke:
        stroke = first.stroke
        ends, corners = int(stroke.round_ends), int(stroke.round_corners)
        code.append(f"{colour(stroke.role).operands} K {number(stroke.width)} w {ends} J {corners} j")
    code.extend(written(shape.segments) for shape in shapes)
    star = "*" if first.even_odd else ""
    code.append(f"B{star}" if first.fill and first.stroke else f"f{star}" if first.fill else "S")
    return " ".join(code)


def read_art(path: Path) -> Art:
    """An ornament from its SVG file; raises PaperError naming the file and what in it is not understood."""
    text = path.read_text(encoding="utf-8")
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):
        raise PaperError(f"{path.name}: hình vẽ không được có DOCTYPE hay ENTITY")
    try:
        root = fromstring(text)  # noqa: S314 -- declarations are refused above, so nothing can expand
        box = [float(part) for part in root.get("viewBox", "").split()]
    except (ParseError, ValueError) as error:
        raise PaperError(f"{path.name}: không đọc được SVG ({error})") from error
    if len(box) != VIEW_BOX or box[:2] != [0, 0]:
        raise PaperError(f"{path.name}: viewBox phải có dạng '0 0 rộng cao'")
    reader = Reader(path.name, {element.get("id", ""): element for element in root.iter() if element.get("id")})
    return Art(box[2], box[3], tuple(reader.shapes(root, {"fill": "none", "stroke": "none"}, UNMOVED)))


def role_of(name: str, value: str) -> str | None:
    """The theme's colour an ornament names; None for none."""
    if value == "none":
        return None
    match = _COLOUR.fullmatch(value)
    if not match:
        raise PaperError(f"{name}: màu {value!r} phải là none hoặc var(--tên-màu)")
    return match[1]


@dataclass(frozen=True, slots=True)
class Reader:
    """One SVG file being read; `role` says what a colour in it means."""

    name: str
    ids: Mapping[str, Element]
    role: Callable[[str, str], str | None] = role_of

    def shapes(self, element: Element, inherited: Mapping[str, str], matrix: Matrix) -> Iterator[Shape]:
        """All shapes under an element, moved to where they are seen."""
        tag = element.tag.removeprefix(SVG)
        if tag in {"defs", "title", "desc"}:
            return
        style = {**inherited, **{key: value for key, value in element.attrib.items() if key in _STYLE}}
        for kind, values in self._transforms(element.get("transform", "")):
            matrix = combined(matrix, _matrix(kind, values))
        if tag in {"svg", "g"}:
            for child in element:
                yield from self.shapes(child, style, matrix)
        elif tag == "use":
            target = self.ids.get(element.get("href", "").removeprefix("#"))
            if target is None or target.tag == f"{SVG}use":
                raise PaperError(f"{self.name}: use trỏ tới hình không có: {element.get('href')!r}")
            yield from self.shapes(target, style, matrix)
        else:
            yield self._shape(outline(self.name, tag, element.attrib), style, matrix)

    def _shape(self, segments: list[Segment], style: Mapping[str, str], matrix: Matrix) -> Shape:
        role = self.role(self.name, style["stroke"])
        scale = sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
        stroke = role and Stroke(
            role,
            float(style.get("stroke-width", "1")) * scale,
            style.get("stroke-linecap") == "round",
            style.get("stroke-linejoin") == "round",
        )
        even_odd = style.get("fill-rule") == "evenodd"
        return Shape(tuple(moved(segments, matrix)), self.role(self.name, style["fill"]), stroke or None, even_odd)

    def _transforms(self, text: str) -> Iterator[tuple[str, list[float]]]:
        rest = _TRANSFORM.sub("", text).strip(" ,")
        if rest:
            raise PaperError(f"{self.name}: transform {rest!r} không được hỗ trợ")
        for match in _TRANSFORM.finditer(text):
            yield match[1], [float(part) for part in NUMBER.findall(match[2])]


def _matrix(kind: str, values: list[float]) -> Matrix:
    if kind == "translate":
        return (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
    if kind == "scale":
        return (values[0], 0, 0, values[-1], 0, 0)
    if kind == "matrix":
        return (values[0], values[1], values[2], values[3], values[4], values[5])
    angle, (x, y) = radians(values[0]), (values[1], values[2]) if len(values) > 1 else (0.0, 0.0)
    c, s = cos(angle), sin(angle)
    return (c, s, -s, c, x - c * x + s * y, y - s * x - c * y)
