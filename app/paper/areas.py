"""How much of a finished page belongs to whom: areas of what is painted inside marked content, measured in mm²."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from pikepdf import Name

from app.paper.measures import Box, points
from app.paper.outlines import UNMOVED, Matrix, Segment, combined, hull, moved

PATHS = {"m", "l", "c"}
FILLS = {"f", "F", "f*", "B", "B*", "b", "b*"}
PAINTS = FILLS | {"S", "s", "n"}


def marked_areas(pdf: Path) -> dict[str, float]:
    """Mark -> area in mm² of what is filled under it on the first page, as far as it lies within the trim."""
    with pikepdf.open(pdf) as book:
        page = book.pages[0]
        left, lower, right, upper = map(float, page.trimbox)
        trim = Box(left, lower, right - left, upper - lower)
        areas: dict[str, float] = {}
        for mark, box in _fills(page.obj, UNMOVED):
            inside = box.overlap(trim)
            areas[mark] = areas.get(mark, 0.0) + inside.width * inside.height / points(1) ** 2
        return areas


def _fills(owner: pikepdf.Object, matrix: Matrix) -> Iterator[tuple[str, Box]]:
    """Every filled path under a mark in a page or form, forms within it too, in page space."""
    pen = _Pen(matrix)
    for step in pikepdf.parse_content_stream(owner):
        name, operands = str(step.operator), list(step.operands)
        if name == "Do":
            form = owner.Resources.XObject[str(operands[0])]
            if form.get(Name.Subtype) == Name.Form:
                own = _matrix(list(form.Matrix)) if Name.Matrix in form else UNMOVED
                yield from _fills(form, combined(pen.matrix, own))
        elif name in PAINTS:
            if name in FILLS and pen.marks:
                yield pen.marks[-1], hull(moved(pen.path, pen.matrix))
            pen.path = []
        else:
            pen.follow(name, operands)


@dataclass(slots=True)
class _Pen:
    """The state of one content stream: where user space is, under which marks, and the path so far."""

    matrix: Matrix
    saved: list[Matrix] = field(default_factory=list)
    path: list[Segment] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def follow(self, name: str, operands: list[pikepdf.Object]) -> None:
        """Take in an operator that paints nothing."""
        if name == "q":
            self.saved.append(self.matrix)
        elif name == "Q":
            self.matrix = self.saved.pop()
        elif name == "cm":
            self.matrix = combined(self.matrix, _matrix(operands))
        elif name in PATHS:
            self.path.append((name, tuple(map(float, operands))))
        elif name == "BMC":
            self.marks.append(str(operands[0]).removeprefix("/"))
        elif name == "EMC":
            self.marks.pop()


def _matrix(operands: list[pikepdf.Object]) -> Matrix:
    a, b, c, d, e, f = map(float, operands)
    return (a, b, c, d, e, f)
