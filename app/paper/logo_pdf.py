"""A logo from a PDF: its paths and flat colours as shapes; what is more than that is refused by name."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pikepdf
from pikepdf import Name

from app.paper.art import Shape, Stroke
from app.paper.measures import PaperError
from app.paper.outlines import UNMOVED, Matrix, Segment, combined, moved

FORMS_DEEP = 8
SHAPES_MAX = 5000
_FILL = {"f", "F", "f*", "B", "B*", "b", "b*"}
_STROKE = {"S", "s", "B", "B*", "b", "b*"}
_CLOSE = {"s", "b", "b*"}
_TEXT = {"Tj", "TJ", "'", '"'}
_INKS = {"g": 1, "rg": 3, "k": 4}


@dataclass(frozen=True, slots=True)
class _Ink:
    fill: str = "#000000"
    stroke: str = "#000000"
    width: float = 1.0
    matrix: Matrix = UNMOVED


def pdf_shapes(data: bytes, name: str) -> tuple[float, float, list[Shape]]:
    """Width, height and shapes of the first page, y downwards; raises PaperError for what is no flat drawing."""
    try:
        with pikepdf.open(io.BytesIO(data)) as book:
            page = book.pages[0]
            left, lower, right, upper = map(float, page.trimbox)
            pen = _Pen(name, _Ink(matrix=(1, 0, 0, -1, -left, upper)))
            pen.read(page.obj, 0)
            return right - left, upper - lower, pen.shapes
    except (pikepdf.PdfError, IndexError) as error:
        raise PaperError(f"{name}: không đọc được PDF") from error


@dataclass(slots=True)
class _Pen:
    """One page being read: the state of its graphics, and the path so far."""

    name: str
    now: _Ink
    shapes: list[Shape] = field(default_factory=list)
    saved: list[_Ink] = field(default_factory=list)
    path: list[Segment] = field(default_factory=list)

    def read(self, owner: pikepdf.Object, depth: int) -> None:
        """All operators of a page or form."""
        for step in pikepdf.parse_content_stream(owner):
            operator, operands = str(step.operator), list(step.operands)
            if operator == "Do":
                self._form(owner, str(operands[0]), depth)
            elif operator == "gs":
                self._opaque(owner, str(operands[0]))
            elif operator in _TEXT:
                raise PaperError(f"{self.name}: còn chữ chưa chuyển thành nét (Create outlines)")
            elif operator in {"sh", "BI", "scn", "SCN"}:
                raise PaperError(f"{self.name}: có chuyển sắc, màu pha hoặc ảnh; hãy xuất bản màu đặc CMYK hoặc RGB")
            else:
                self._follow(operator, operands)
            if len(self.shapes) > SHAPES_MAX:
                raise PaperError(f"{self.name}: quá nhiều nét; hãy xin bản biểu trưng đơn giản")

    def _form(self, owner: pikepdf.Object, key: str, depth: int) -> None:
        form = owner.Resources.XObject[key]
        if form.get(Name.Subtype) != Name.Form or depth > FORMS_DEEP:
            raise PaperError(f"{self.name}: có ảnh điểm; hãy xin bản vector")
        before = self.now
        own: Matrix = tuple(map(float, form.get(Name.Matrix, UNMOVED)))  # type: ignore[assignment]
        self.now = replace(before, matrix=combined(before.matrix, own))
        self.read(form, depth + 1)
        self.now = before

    def _opaque(self, owner: pikepdf.Object, key: str) -> None:
        state = owner.Resources.ExtGState[key]
        solid = all(float(state.get(each, 1)) == 1 for each in (Name.ca, Name.CA))
        if not solid or state.get(Name.SMask, Name.None_) != Name.None_:
            raise PaperError(f"{self.name}: có phần trong suốt; hãy xuất bản màu đặc")

    def _follow(self, operator: str, operands: list[pikepdf.Object]) -> None:
        if operator == "q":
            self.saved.append(self.now)
        elif operator == "Q" and self.saved:
            self.now = self.saved.pop()
        elif operator == "cm":
            self.now = replace(self.now, matrix=combined(self.now.matrix, _matrix(operands)))
        elif operator == "w":
            self.now = replace(self.now, width=float(operands[0]))
        elif operator.lower() in _INKS or operator in {"sc", "SC"}:
            self._ink(operator, list(map(float, operands)))
        elif operator in {"m", "l", "c", "v", "y", "re", "h"}:
            self.path.extend(_segments(operator, list(map(float, operands)), self.path))
        elif operator in _FILL | _STROKE | {"n"}:
            self._paint(operator)

    def _ink(self, operator: str, values: list[float]) -> None:
        if operator in {"sc", "SC"} and len(values) not in _INKS.values():
            raise PaperError(f"{self.name}: có màu pha; hãy xuất bản màu CMYK hoặc RGB")
        role = _role(values)
        self.now = replace(self.now, stroke=role) if operator.isupper() else replace(self.now, fill=role)

    def _paint(self, operator: str) -> None:
        if operator in _CLOSE and self.path:
            self.path.append(("h", ()))
        if self.path and operator != "n":
            self.shapes.extend(self._shapes(operator))
        self.path = []

    def _shapes(self, operator: str) -> Iterator[Shape]:
        matrix = self.now.matrix
        scale = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
        stroke = Stroke(self.now.stroke, self.now.width * scale, False, False) if operator in _STROKE else None  # noqa: FBT003
        fill = self.now.fill if operator in _FILL else None
        yield Shape(tuple(moved(self.path, matrix)), fill, stroke, operator.endswith("*"))


def _matrix(operands: list[pikepdf.Object]) -> Matrix:
    a, b, c, d, e, f = map(float, operands)
    return (a, b, c, d, e, f)


def _role(values: list[float]) -> str:
    if len(values) == _INKS["k"]:
        return "cmyk " + " ".join(f"{100 * value:g}" for value in values)
    grey = values * 3 if len(values) == 1 else values
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, value))):02x}" for value in grey)


def _segments(operator: str, values: list[float], path: list[Segment]) -> list[Segment]:
    if operator == "re":
        x, y, wide, high = values
        return [("m", (x, y)), ("l", (x + wide, y)), ("l", (x + wide, y + high)), ("l", (x, y + high)), ("h", ())]
    if operator in {"v", "y"}:
        here = path[-1][1][-2:] if path and path[-1][1] else tuple(values[:2])
        values = [*here, *values] if operator == "v" else [*values, *values[2:]]
        return [("c", tuple(values))]
    return [(operator, tuple(values))]
