"""What an SVG shows, as outlines with flat colours: what a viewer would draw, or a refusal that says what to change.

Read: nested svg, g, a, switch, use and symbol with place and view, all shapes, all transforms, units and percentages,
colours by name and number, dashes, clip paths of one outline. Refused by name: letters, pictures, gradients,
patterns, masks, filters, transparency, scripts and motion (SVG 2; sections are named where they are followed).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import cos, isfinite, radians, sin, tan

from app.paper.art import Clip, Shape, Stroke
from app.paper.measures import PaperError
from app.paper.outlines import (
    NUMBER,
    UNMOVED,
    Matrix,
    Segment,
    combined,
    ellipse,
    lines_through,
    moved,
    path_of,
    rounded,
)
from app.paper.vector.style import INHERITED, alpha_of, colour_of, length_of, opaque, said_of, sheet_of
from app.paper.vector.tree import Node

SHAPES_MAX = 5000
SEGMENTS_MAX = 200_000
VISITS_MAX = 20_000
USES_DEEP = 16
CLIPS_DEEP = 16
_GROUPS = {"svg", "g", "a", "symbol", "switch"}
_UNSEEN = {
    "", "title", "desc", "metadata", "defs", "style", "symbol", "clipPath", "linearGradient", "radialGradient",
    "pattern", "marker", "filter", "mask", "view", "cursor", "color-profile", "font", "font-face", "solidcolor",
}  # fmt: skip
_REFUSED = {
    "text": "còn chữ chưa chuyển thành nét; hãy dùng Create Outlines (Illustrator) hoặc Object to Path (Inkscape)",
    "image": "có ảnh điểm (image) nhúng trong tệp; hãy xin bản chỉ gồm nét vector",
    "foreignObject": "có phần trang web (foreignObject); hãy xuất lại chỉ gồm nét vẽ",
    "script": "có mã lệnh (script); hãy xuất lại từ bản gốc",
    "meshgradient": "có chuyển sắc; hãy xuất bản màu đặc",
}
_MOTION = {"animate", "animateTransform", "animateMotion", "animateColor", "set", "discard"}
_TRANSFORM = re.compile(r"[\s,]*(translate|scale|rotate|matrix|skewX|skewY)\s*\(([^()]*)\)[\s,]*")
_ARGUMENTS = {"translate": (1, 2), "scale": (1, 2), "rotate": (1, 3), "matrix": (6,), "skewX": (1,), "skewY": (1,)}
_ASPECT = re.compile(r"(none|x(Min|Mid|Max)Y(Min|Mid|Max))(?:\s+(meet|slice))?")
_SHARE = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}
VIEW_BOX = 4

Colour = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class View:
    """The viewport that percentages are of, in user units."""

    width: float
    height: float

    @property
    def sides(self) -> tuple[float, float]:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True, slots=True)
class _State:
    """What an element takes over from those around it."""

    style: Mapping[str, str]
    matrix: Matrix
    view: View
    clips: tuple[Clip, ...] = ()
    uses: tuple[int, ...] = ()


class SvgReader:
    """One SVG file being read; `colour` says what a colour in it means (value, current colour)."""

    def __init__(self, root: Node, colour: Colour = colour_of, start: Mapping[str, str] | None = None) -> None:
        self._colour = colour
        self._rules = sheet_of(root)
        self._ids: dict[str, Node] = {}
        for node in root.all():
            self._ids.setdefault(node.attributes.get("id", ""), node)
        self._start = {**INHERITED, **(start or {})}
        self._visits = self._segments = 0

    def shapes_in(self, root: Node, matrix: Matrix, view: View) -> Iterator[Shape]:
        """All outlines the root shows, moved by the matrix; PaperError names what no plate can hold."""
        if "transform" in root.attributes:
            raise self._refusal("hình xoay cả khung (transform ở svg); hãy xuất lại từ bản gốc")
        state = self._entered(root, _State(self._start, matrix, view))
        for count, shape in enumerate(self._children(root, state) if state else ()):
            if count >= SHAPES_MAX:
                raise self._refusal(f"quá nhiều nét (trên {SHAPES_MAX}); hãy xin bản biểu trưng đơn giản")
            yield shape

    def _refusal(self, reason: str) -> PaperError:
        return PaperError(reason)

    def _entered(self, node: Node, state: _State) -> _State | None:
        """The state within an element; None where it and all in it is unseen."""
        said = said_of(node, self._rules)
        if said.get("display", "inline").lower() == "none" or "requiredExtensions" in node.attributes:
            return None
        if "systemLanguage" in node.attributes:
            raise self._refusal("có phần theo ngôn ngữ (systemLanguage); hãy xuất lại từ bản gốc")
        if opaque("seen", alpha_of(said.get("opacity", "1"))) is None:
            return None
        style = {**state.style, **{key: value for key, value in said.items() if key in INHERITED}}
        matrix = combined(state.matrix, self._transform(node.attributes.get("transform", "")))
        clips = state.clips
        if said.get("clip-path", "none").lower() != "none":
            clips = (*clips, self._clip(said["clip-path"], replace(state, style=style, matrix=matrix)))
        if len(clips) > CLIPS_DEEP:
            raise self._refusal("quá nhiều vùng cắt lồng nhau; hãy xuất bản nét đơn giản")
        return replace(state, style=style, matrix=matrix, clips=clips)

    def _children(self, node: Node, state: _State) -> Iterator[Shape]:
        children = node.children
        if node.tag == "switch":  # the first one that applies (SVG 2, 5.8)
            children = [each for each in children if each.tag and "requiredExtensions" not in each.attributes][:1]
        for child in children:
            yield from self._shapes(child, state)

    def _shapes(self, node: Node, outer: _State) -> Iterator[Shape]:
        """All outlines of an element and what is in it."""
        self._visits += 1
        if self._visits > VISITS_MAX:
            raise self._refusal("hình lặp quá nhiều lần (use); hãy xin bản biểu trưng đơn giản")
        tag = node.tag
        if tag in _MOTION:
            raise self._refusal("có chuyển động; hãy xuất hình đứng yên")
        if tag in _UNSEEN:
            return
        state = self._entered(node, outer)
        if state is None:
            return
        if tag in _REFUSED:
            raise self._refusal(_REFUSED[tag])
        if any(child.tag in _MOTION for child in node.children):
            raise self._refusal("có chuyển động; hãy xuất hình đứng yên")
        if tag == "use":
            yield from self._used(node, state)
        elif tag == "svg":
            yield from self._nested(node, state, node.attributes)
        elif tag in _GROUPS:
            yield from self._children(node, state)
        else:
            yield from self._outline(node, state)

    def _used(self, node: Node, state: _State) -> Iterator[Shape]:
        """What a `use` shows: its target at its place, in its own style (SVG 2, 5.6)."""
        href = node.attributes.get("href", "")
        target = self._ids.get(href[1:]) if href.startswith("#") and len(href) > 1 else None
        if target is None:
            raise self._refusal(f"use trỏ tới hình không có trong tệp ({href[:40]!r}); hãy xuất lại từ bản gốc")
        if id(target) in state.uses or len(state.uses) >= USES_DEEP:
            raise self._refusal("hình tự lặp lại chính nó (use); hãy xuất lại từ bản gốc")
        x, y = (self._length(node, key, state, key) for key in ("x", "y"))
        at = replace(state, matrix=combined(state.matrix, (1, 0, 0, 1, x, y)), uses=(*state.uses, id(target)))
        if target.tag not in {"svg", "symbol"}:
            yield from self._shapes(target, at)
            return
        own = {key: value for key, value in node.attributes.items() if key in {"width", "height"}}
        entered = self._entered(target, at)
        if entered is not None:
            yield from self._nested(target, entered, {**target.attributes, **own})

    def _nested(self, node: Node, state: _State, attributes: Mapping[str, str]) -> Iterator[Shape]:
        """What an svg inside another, or a symbol, shows: within its own window (SVG 2, 8.2, 8.6)."""
        sides = state.view.sides
        at = [length_of(attributes.get(key, "0"), sides, key) for key in ("x", "y")]
        wide, high = (
            length_of("100%" if attributes.get(key, "auto") == "auto" else attributes[key], sides, axis)
            for key, axis in (("width", "x"), ("height", "y"))
        )
        if wide <= 0 or high <= 0:
            return
        inner = combined(state.matrix, (1, 0, 0, 1, at[0], at[1]))
        clips = state.clips
        overflow = said_of(node, self._rules).get("overflow", "hidden").lower()
        if overflow not in {"visible", "auto"}:
            clips = (*clips, Clip(tuple(moved(rounded(0, 0, wide, high), inner))))
        box = view_box(node)
        view = View(wide, high)
        if box:
            inner = combined(inner, fitted(box, view, node.attributes.get("preserveAspectRatio", "")))
            view = View(box[2], box[3])
        yield from self._children(node, replace(state, matrix=inner, clips=clips, view=view))

    def _clip(self, value: str, state: _State) -> Clip:
        """The outline a clip path names; one of several outlines, or clipped itself, is refused."""
        match = re.fullmatch(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)", value)
        target = self._ids.get(match[1]) if match else None
        if target is None or target.tag != "clipPath":
            raise self._refusal(f"vùng cắt (clip-path) {value[:30]!r} chưa đọc được; hãy xuất bản nét đơn giản")
        unit = target.attributes.get("clipPathUnits", "userSpaceOnUse")
        seen = [each for each in target.children if each.tag not in {"", "title", "desc", "metadata"}]
        said = said_of(target, self._rules)
        if unit != "userSpaceOnUse" or len(seen) != 1 or said.get("clip-path", "none") != "none":
            raise self._refusal("vùng cắt (clip-path) gồm nhiều hình; hãy gộp thành một nét (Pathfinder, Union)")
        within = self._entered(target, replace(state, style=self._start, clips=()))
        inside = within and self._entered(seen[0], within)
        if inside is None or inside.style["visibility"].lower() != "visible":
            return Clip(())
        if inside.clips or seen[0].tag in _GROUPS | _REFUSED.keys() | {"use"}:
            raise self._refusal("vùng cắt (clip-path) gồm nhiều hình; hãy gộp thành một nét (Pathfinder, Union)")
        segments = moved(self._segments_of(seen[0], inside), inside.matrix)
        rule = said_of(seen[0], self._rules).get("clip-rule", said.get("clip-rule", "nonzero"))
        return Clip(tuple(segments), rule == "evenodd")

    def _outline(self, node: Node, state: _State) -> Iterator[Shape]:
        segments = self._segments_of(node, state)
        if not segments or state.style["visibility"].lower() != "visible":
            return
        self._segments += len(segments)
        if self._segments > SEGMENTS_MAX:
            raise self._refusal("nét vẽ quá phức tạp; hãy xin bản biểu trưng đơn giản")
        style, current = state.style, state.style["color"]
        placed = tuple(moved(segments, state.matrix))
        if not all(isfinite(value) for _, values in placed for value in values):
            raise self._refusal("có toạ độ lớn quá mức; hãy xuất lại từ bản gốc")
        fill = self._colour(style["fill"], current)
        fill = opaque(fill, alpha_of(style["fill-opacity"]))
        stroke = self._stroke(node, state)
        if stroke and stroke.ends == _CAPS["square"] and ("m", "h") in pairwise(kind for kind, _ in segments):
            raise self._refusal("có chấm vẽ bằng nét dài 0; hãy chuyển nét thành hình (Outline Stroke)")
        if fill or stroke:
            yield Shape(placed, fill, stroke, style["fill-rule"].lower() == "evenodd", state.clips)

    def _stroke(self, node: Node, state: _State) -> Stroke | None:
        style = state.style
        role = opaque(self._colour(style["stroke"], style["color"]), alpha_of(style["stroke-opacity"]))
        width = length_of(style["stroke-width"], state.view.sides) if role else 0.0
        if role is None or width <= 0:
            return None
        caps, joins = _CAPS.get(style["stroke-linecap"].lower()), _JOINS.get(style["stroke-linejoin"].lower())
        if caps is None or joins is None:
            raise self._refusal("có kiểu đầu nét lạ (linecap, linejoin); hãy xuất lại từ bản gốc")
        miter = max(1.0, alpha_of(style["stroke-miterlimit"]))
        return Stroke(role, width, caps, joins, miter, *self._dashes(node, state)).under(state.matrix)

    def _dashes(self, node: Node, state: _State) -> tuple[tuple[float, ...], float]:
        text = state.style["stroke-dasharray"].strip().lower()
        if text == "none" or not text:
            return (), 0.0
        sides = state.view.sides
        dash = tuple(length_of(part, sides) for part in re.split(r"[\s,]+", text))
        if "pathLength" in node.attributes:
            raise self._refusal("nét đứt theo độ dài riêng (pathLength); hãy xuất lại từ bản gốc")
        if min(dash) < 0 or not sum(dash):
            return (), 0.0
        dash = dash * 2 if len(dash) % 2 else dash
        return dash, length_of(state.style["stroke-dashoffset"], sides) % sum(dash)

    def _length(self, node: Node, key: str, state: _State, axis: str = "") -> float:
        value = node.attributes.get(key, "0")
        return 0.0 if value == "auto" else length_of(value, state.view.sides, axis)

    def _segments_of(self, node: Node, state: _State) -> list[Segment]:
        """One basic shape or path, in its own coordinates (SVG 2, chapter 10); empty where it has no size."""

        def along(key: str, axis: str = "") -> float:
            return self._length(node, key, state, axis)

        tag, attributes = node.tag, node.attributes
        try:
            if tag == "path":
                return list(path_of(attributes.get("d", "")))
            if tag in {"polyline", "polygon"}:
                return lines_through(attributes.get("points", ""), closed=tag == "polygon")
        except PaperError as error:
            raise self._refusal(f"{error}; hãy xuất lại từ bản gốc") from error
        if tag == "rect":
            wide, high = along("width", "x"), along("height", "y")
            rx, ry = (along(key, axis) for key, axis in (("rx", "x"), ("ry", "y")))
            rx, ry = rx if "rx" in attributes else ry, ry if "ry" in attributes else rx
            round_x, round_y = (rx, ry) if rx > 0 and ry > 0 else (0.0, 0.0)
            return (
                rounded(along("x", "x"), along("y", "y"), wide, high, round_x, round_y) if min(wide, high) > 0 else []
            )
        if tag in {"circle", "ellipse"}:
            rx, ry = (along("r"),) * 2 if tag == "circle" else (along("rx", "x"), along("ry", "y"))
            return ellipse(along("cx", "x"), along("cy", "y"), rx, ry) if min(rx, ry) > 0 else []
        if tag == "line":
            return [("m", (along("x1", "x"), along("y1", "y"))), ("l", (along("x2", "x"), along("y2", "y")))]
        raise self._refusal(f"phần tử <{tag[:30]}> chưa đọc được; hãy xuất bản nét đơn giản")

    def _transform(self, text: str) -> Matrix:
        matrix: Matrix = UNMOVED
        at = 0
        while at < len(text):
            match = _TRANSFORM.match(text, at)
            if match is None and text[at:].strip() in {"", "none"}:
                break
            values = [float(part) for part in NUMBER.findall(match[2])] if match else []
            if match is None or len(values) not in _ARGUMENTS[match[1]] or NUMBER.sub("", match[2]).strip(" ,\t\r\n"):
                raise self._refusal(f"transform {text[at : at + 40]!r} chưa đọc được; hãy xuất lại từ bản gốc")
            matrix = combined(matrix, matrix_of(match[1], values))
            at = match.end()
        return matrix


def matrix_of(kind: str, values: list[float]) -> Matrix:
    """One transform function as a matrix (CSS Transforms 1, 9)."""
    if kind == "translate":
        return (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
    if kind == "scale":
        return (values[0], 0, 0, values[-1], 0, 0)
    if kind == "matrix":
        return (values[0], values[1], values[2], values[3], values[4], values[5])
    angle = radians(values[0])
    if kind in {"skewX", "skewY"}:
        return (1, 0, tan(angle), 1, 0, 0) if kind == "skewX" else (1, tan(angle), 0, 1, 0, 0)
    x, y = (values[1], values[2]) if len(values) > 1 else (0.0, 0.0)
    c, s = cos(angle), sin(angle)
    return (c, s, -s, c, x - c * x + s * y, y - s * x - c * y)


def view_box(node: Node) -> tuple[float, float, float, float] | None:
    """The part of its plane an svg or symbol shows; None where it says nothing."""
    text = node.attributes.get("viewBox")
    if text is None:
        return None
    values = [float(part) for part in NUMBER.findall(text)]
    if len(values) != VIEW_BOX or NUMBER.sub("", text).strip(" ,\t\r\n") or min(values[2:]) <= 0:
        raise PaperError("khung hình (viewBox) viết sai; hãy xuất lại từ bản gốc")
    return values[0], values[1], values[2], values[3]


def fitted(box: tuple[float, float, float, float], view: View, said: str) -> Matrix:
    """The matrix that puts a view box into its viewport (SVG 2, 8.2: preserveAspectRatio)."""
    match = _ASPECT.fullmatch(said.strip() or "xMidYMid")
    if match is None:
        raise PaperError(f"preserveAspectRatio {said[:30]!r} chưa đọc được; hãy xuất lại từ bản gốc")
    x, y, wide, high = box
    across, down = view.width / wide, view.height / high
    if match[1] == "none":
        return (across, 0, 0, down, -x * across, -y * down)
    scale = max(across, down) if match[4] == "slice" else min(across, down)
    left = (view.width - wide * scale) * _SHARE[match[2]]
    top = (view.height - high * scale) * _SHARE[match[3]]
    return (scale, 0, 0, scale, left - x * scale, top - y * scale)
