"""Vector ornaments: a small, strict part of SVG turned into PDF path operators, colours named by the theme.

Read: svg viewBox; g, use (of an element with an id), path (all commands), circle, ellipse, rect, line, polyline,
polygon; transform; fill, stroke, stroke-width as attributes, stroke-linecap and stroke-linejoin round. Colours are
`none`, `var(--role)` or `var(--role, #fallback)`: the fallback is for viewing the file alone. Anything else is refused.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

from app.paper.colours import Cmyk
from app.paper.measures import PaperError, number
from app.paper.outlines import NUMBER, outline

SVG = "{http://www.w3.org/2000/svg}"
_COLOUR = re.compile(r"var\(--([a-z0-9-]+)\s*(?:,\s*#[0-9A-Fa-f]{3,6})?\)")


@dataclass(frozen=True, slots=True)
class Art:
    """An ornament: its size in its own units and the operators that draw it, y downwards."""

    width: float
    height: float
    root: Element
    ids: dict[str, Element]
    name: str

    def operators(self, colour: Callable[[str], Cmyk]) -> str:
        """PDF operators in the ornament's own units; `colour` gives the ink of a role."""
        return "\n".join(_draw(self, self.root, {"fill": "none", "stroke": "none"}, colour))

    def roles(self) -> set[str]:
        """The colour roles this ornament asks the theme for."""
        found: set[str] = set()
        for element in self.root.iter():
            for key in ("fill", "stroke"):
                match = _COLOUR.fullmatch(element.get(key, ""))
                if match:
                    found.add(match[1])
        return found


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
    if len(box) != 4 or box[:2] != [0, 0]:  # noqa: PLR2004 -- min-x, min-y, width, height
        raise PaperError(f"{path.name}: viewBox phải có dạng '0 0 rộng cao'")
    ids = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    return Art(box[2], box[3], root, ids, path.name)


def _draw(art: Art, element: Element, inherited: dict[str, str], colour: Callable[[str], Cmyk]) -> Iterator[str]:
    tag = element.tag.removeprefix(SVG)
    if tag in {"defs", "title", "desc", "style"}:
        return
    style = {**inherited, **{key: value for key, value in element.attrib.items() if key in _STYLE}}
    matrices = [_matrix(kind, values) for kind, values in _transforms(art, element.get("transform", ""))]
    if matrices:
        yield "q"
        yield from (f"{' '.join(number6(part) for part in matrix)} cm" for matrix in matrices)
    if tag in {"svg", "g"}:
        for child in element:
            yield from _draw(art, child, style, colour)
    elif tag == "use":
        target = art.ids.get(element.get("href", "").removeprefix("#"))
        if target is None or target is element:
            raise PaperError(f"{art.name}: use trỏ tới hình không có: {element.get('href')!r}")
        yield from _draw(art, target, style, colour)
    else:
        yield from _paint(art, outline(art.name, tag, element.attrib), style, colour)
    if matrices:
        yield "Q"


_STYLE = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "fill-rule")


def number6(value: float) -> str:
    """A matrix entry: six decimals, so that a turned ornament stays round."""
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _paint(art: Art, path: str, style: dict[str, str], colour: Callable[[str], Cmyk]) -> Iterator[str]:
    fill, stroke = _role(art, style["fill"]), _role(art, style["stroke"])
    if fill is None and stroke is None:
        return
    if fill:
        yield f"{colour(fill).operands} k"
    if stroke:
        caps = " 1 J" if style.get("stroke-linecap") == "round" else " 0 J"
        joins = " 1 j" if style.get("stroke-linejoin") == "round" else " 0 j"
        yield f"{colour(stroke).operands} K {number(float(style.get('stroke-width', '1')))} w{caps}{joins}"
    star = "*" if style.get("fill-rule") == "evenodd" else ""
    yield f"{path} {'B' + star if fill and stroke else 'f' + star if fill else 'S'}"


def _role(art: Art, value: str) -> str | None:
    if value == "none":
        return None
    match = _COLOUR.fullmatch(value)
    if not match:
        raise PaperError(f"{art.name}: màu {value!r} phải là none hoặc var(--tên-màu)")
    return match[1]


Matrix = tuple[float, float, float, float, float, float]


def _transforms(art: Art, text: str) -> Iterator[tuple[str, list[float]]]:
    rest = re.sub(r"(translate|scale|rotate|matrix)\(([^)]*)\)", "", text).strip(" ,")
    if rest:
        raise PaperError(f"{art.name}: transform {rest!r} không được hỗ trợ")
    for match in re.finditer(r"(translate|scale|rotate|matrix)\(([^)]*)\)", text):
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
