"""Outlines: the shapes and paths of SVG as PDF path segments (PDF 1.4, 4.4.1), as drawn or moved and turned."""

import re
from collections.abc import Iterable, Iterator
from math import acos, ceil, copysign, cos, hypot, pi, radians, sin, sqrt, tan

from app.paper.measures import Box, PaperError, number

Segment = tuple[str, tuple[float, ...]]
"""A PDF path operator (m, l, c or h) and its points."""
Matrix = tuple[float, float, float, float, float, float]
UNMOVED: Matrix = (1, 0, 0, 1, 0, 0)

FLAT = 1e-12
KAPPA = 4 / 3 * (sqrt(2) - 1)
NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_GAP, _FLAG = re.compile(r"[\s,]*"), re.compile("[01]")
_ARC_SIZE, _ARC_FLAGS = 7, (3, 4)
_COMMAND = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
_HOLE = re.compile(r",\s*,")
_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}


def written(segments: Iterable[Segment]) -> str:
    """Segments as a content stream holds them."""
    return " ".join(" ".join((*map(number, values), operator)) for operator, values in segments)


def moved(segments: Iterable[Segment], matrix: Matrix) -> list[Segment]:
    """The segments with every point taken through the matrix (a b c d e f, as in PDF and SVG)."""
    a, b, c, d, e, f = matrix
    return [
        (
            operator,
            tuple(
                part
                for x, y in zip(values[::2], values[1::2], strict=True)
                for part in (a * x + c * y + e, b * x + d * y + f)
            ),
        )
        for operator, values in segments
    ]


def combined(outer: Matrix, inner: Matrix) -> Matrix:
    """The matrix that does the inner one first, then the outer one."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f)


def inverse(matrix: Matrix) -> Matrix | None:
    """The matrix that undoes this one; None where it makes everything flat."""
    a, b, c, d, e, f = matrix
    area = a * d - b * c
    if abs(area) < FLAT:
        return None
    return (d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area)


def hull(segments: Iterable[Segment]) -> Box:
    """A box that holds all points, control points too."""
    values = [value for _, points in segments for value in points]
    xs, ys = values[::2], values[1::2]
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def ellipse(x: float, y: float, rx: float, ry: float) -> list[Segment]:
    """An ellipse about a point, from three o'clock on as SVG draws it (SVG 2, 10.4): dashes begin there."""
    kx, ky = rx * KAPPA, ry * KAPPA
    return [
        ("m", (x + rx, y)),
        ("c", (x + rx, y + ky, x + kx, y + ry, x, y + ry)),
        ("c", (x - kx, y + ry, x - rx, y + ky, x - rx, y)),
        ("c", (x - rx, y - ky, x - kx, y - ry, x, y - ry)),
        ("c", (x + kx, y - ry, x + rx, y - ky, x + rx, y)),
        ("h", ()),
    ]


def lines_through(text: str, *, closed: bool) -> list[Segment]:
    """The points of a polyline or polygon as segments."""
    values = _numbers(text)
    if len(values) % 2:
        raise PaperError("toạ độ lẻ trong hình vẽ")
    segments: list[Segment] = [
        ("l" if index else "m", point) for index, point in enumerate(zip(values[::2], values[1::2], strict=True))
    ]
    return [*segments, ("h", ())] if closed and segments else segments


def rounded(x: float, y: float, width: float, height: float, rx: float = 0, ry: float | None = None) -> list[Segment]:
    """A rectangle, with round corners where there are radii; an ellipse when the radii are half its sides."""
    right, bottom = x + width, y + height
    if rx <= 0:
        return [("m", (x, y)), ("l", (right, y)), ("l", (right, bottom)), ("l", (x, bottom)), ("h", ())]
    rx = min(rx, width / 2)
    ry = min(rx if ry is None else ry, height / 2)
    kx, ky = rx * (1 - KAPPA), ry * (1 - KAPPA)
    return [
        ("m", (x + rx, y)),
        ("l", (right - rx, y)),
        ("c", (right - kx, y, right, y + ky, right, y + ry)),
        ("l", (right, bottom - ry)),
        ("c", (right, bottom - ky, right - kx, bottom, right - rx, bottom)),
        ("l", (x + rx, bottom)),
        ("c", (x + kx, bottom, x, bottom - ky, x, bottom - ry)),
        ("l", (x, y + ry)),
        ("c", (x, y + ky, x + kx, y, x + rx, y)),
        ("h", ()),
    ]


def _numbers(text: str) -> list[float]:
    """All numbers of a text that holds nothing else."""
    if NUMBER.sub("", text).strip(" ,\n\t\r\f") or _HOLE.search(text):
        raise PaperError(f"số viết sai trong hình vẽ: {text.strip()[:40]!r}")
    return [float(part) for part in NUMBER.findall(text)]


def _arc_numbers(rest: str) -> list[float]:
    """Numbers of arcs; the two flags are single digits that may touch what follows (SVG 2, 9.3.8)."""
    values: list[float] = []
    at = 0
    while True:
        gap = _GAP.match(rest, at)
        at = gap.end() if gap else at
        if at == len(rest):
            return values
        match = (_FLAG if len(values) % _ARC_SIZE in _ARC_FLAGS else NUMBER).match(rest, at)
        if match is None:
            raise PaperError(f"cung tròn viết sai trong hình vẽ: {rest[at : at + 40]!r}")
        values.append(float(match[0]))
        at = match.end()


def path_of(data: str) -> Iterator[Segment]:
    """SVG path data as segments (SVG 2, chapter 9); arcs and quadratics become cubics.

    A viewer draws a damaged path up to the damage; here it is refused with PaperError.
    """
    pen = _Pen()
    start = _COMMAND.search(data)
    if data[: start.start() if start else len(data)].strip(" \n\t\r\f") or (start and start[1] not in "Mm"):
        raise PaperError(f"đường vẽ viết sai: {data.strip()[:40]!r}")
    for command, rest in _COMMAND.findall(data):
        values = _arc_numbers(rest) if command in "Aa" else _numbers(rest)
        size = _ARGUMENTS[command.upper()]
        if len(values) % size if size else values:
            raise PaperError(f"đường vẽ viết sai: {command}{rest[:40]!r}")
        groups = [values[i : i + size] for i in range(0, len(values), size)] if size else [[]]
        if not groups:
            raise PaperError(f"đường vẽ viết sai: {command} không có số")
        for index, group in enumerate(groups):
            # More pairs after a move are lines (SVG 2, 9.3.3).
            follow = {"M": "L", "m": "l"}.get(command, command) if index else command
            yield from pen.draw(follow, group)


class _Pen:
    """Where the pen stands while path data is read."""

    def __init__(self) -> None:
        self.x = self.y = self.start_x = self.start_y = 0.0
        self.control: tuple[str, float, float] | None = None

    def draw(self, command: str, values: list[float]) -> Iterator[Segment]:
        """The segments of one path command."""
        kind, relative = command.upper(), command.islower()
        points = self._absolute(kind, values) if relative else values
        if kind == "Z":
            self.x, self.y, self.control = self.start_x, self.start_y, None
            yield "h", ()
        elif kind in "MLHV":
            yield self._straight(kind, points)
        elif kind == "A":
            yield from self._arc(points)
        else:
            yield self._curve(kind, points)

    def _absolute(self, kind: str, values: list[float]) -> list[float]:
        if kind == "H":
            return [values[0] + self.x]
        if kind == "V":
            return [values[0] + self.y]
        if kind == "A":
            return [*values[:5], values[5] + self.x, values[6] + self.y]
        return [value + (self.y if index % 2 else self.x) for index, value in enumerate(values)]

    def _straight(self, kind: str, points: list[float]) -> Segment:
        if kind == "H":
            self.x = points[0]
        elif kind == "V":
            self.y = points[0]
        else:
            self.x, self.y = points
        if kind == "M":
            self.start_x, self.start_y = self.x, self.y
        self.control = None
        return "m" if kind == "M" else "l", (self.x, self.y)

    def _curve(self, kind: str, points: list[float]) -> Segment:
        family = "Q" if kind in "QT" else "C"
        if kind in "ST":
            points = [*self._mirrored(family), *points]
        *middle, end_x, end_y = points
        self.control = (family, middle[-2], middle[-1])
        if family == "Q":
            qx, qy = middle
            middle = [
                self.x + 2 / 3 * (qx - self.x),
                self.y + 2 / 3 * (qy - self.y),
                end_x + 2 / 3 * (qx - end_x),
                end_y + 2 / 3 * (qy - end_y),
            ]
        self.x, self.y = end_x, end_y
        return "c", (*middle, end_x, end_y)

    def _mirrored(self, family: str) -> tuple[float, float]:
        if self.control and self.control[0] == family:
            return 2 * self.x - self.control[1], 2 * self.y - self.control[2]
        return self.x, self.y

    def _arc(self, values: list[float]) -> Iterator[Segment]:
        rx, ry, turn, large, sweep, end_x, end_y = values
        if not rx or not ry:  # SVG 2, 9.5.1: a radius of nothing makes a line
            yield self._straight("L", [end_x, end_y])
            return
        for curve in _arc(self.x, self.y, abs(rx), abs(ry), radians(turn), bool(large), bool(sweep), end_x, end_y):
            yield "c", curve
        self.x, self.y, self.control = end_x, end_y, None


def _arc(
    x1: float, y1: float, rx: float, ry: float, turn: float, large: bool, sweep: bool, x2: float, y2: float
) -> Iterator[tuple[float, ...]]:
    """An elliptical arc as cubic curves of at most a quarter turn (SVG 2, appendix B.2.4)."""
    if (x1, y1) == (x2, y2):
        return
    c, s = cos(turn), sin(turn)
    dx, dy = (x1 - x2) / 2, (y1 - y2) / 2
    px, py = c * dx + s * dy, c * dy - s * dx
    grow = sqrt(max(1.0, (px / rx) ** 2 + (py / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    rest = (rx * ry) ** 2 / ((rx * py) ** 2 + (ry * px) ** 2) - 1
    root = copysign(sqrt(max(0.0, rest)), 1 if large != sweep else -1)
    qx, qy = root * rx * py / ry, -root * ry * px / rx
    centre_x, centre_y = c * qx - s * qy + (x1 + x2) / 2, s * qx + c * qy + (y1 + y2) / 2
    first = _angle((px - qx) / rx, (py - qy) / ry)
    span = (_angle((-px - qx) / rx, (-py - qy) / ry) - first) % (2 * pi)
    if not sweep:
        span -= 2 * pi
    yield from _quarters(first, span, (c * rx, s * rx, -s * ry, c * ry, centre_x, centre_y))


def _quarters(first: float, span: float, matrix: Matrix) -> Iterator[tuple[float, ...]]:
    """A part of the unit circle as cubics, taken through the matrix."""
    steps = ceil(abs(span) / (pi / 2) - 1e-9)
    reach = 4 / 3 * tan(span / steps / 4)
    for step in range(steps):
        a, b = first + span * step / steps, first + span * (step + 1) / steps
        unit = (
            cos(a) - reach * sin(a),
            sin(a) + reach * cos(a),
            cos(b) + reach * sin(b),
            sin(b) - reach * cos(b),
            cos(b),
            sin(b),
        )
        yield moved([("c", unit)], matrix)[0][1]


def _angle(x: float, y: float) -> float:
    return copysign(acos(max(-1.0, min(1.0, x / hypot(x, y)))), y)
