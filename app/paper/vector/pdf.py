"""A logo from a PDF: its paths, clips and flat colours as shapes; what is more than that is refused by name."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import isfinite

import pikepdf
from pikepdf import Name
from PIL import Image, ImageCms

from app.paper.art import Clip, Shape, Stroke
from app.paper.measures import PaperError
from app.paper.outlines import UNMOVED, Matrix, Segment, combined, moved, rounded
from app.paper.vector.pdf_page import check_page, frame_of, resources_of
from app.paper.vector.svg import CLIPS_DEEP, SEGMENTS_MAX, SHAPES_MAX

FORMS_DEEP = 8
_MISWRITTEN = "không đọc được PDF (đường vẽ viết sai); hãy xuất lại từ bản gốc"
STEPS_MAX = 300_000
SAVED_MAX = 200
_FILL = {"f", "F", "f*", "B", "B*", "b", "b*"}
_STROKE = {"S", "s", "B", "B*", "b", "b*"}
_CLOSE = {"s", "b", "b*"}
_PATH = {"m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "re": 4, "h": 0}
_TEXT = {"Tj", "TJ", "'", '"'}
_INKS = {"g": 1, "rg": 3, "k": 4}
_DEVICE = {
    "/DeviceGray": 1,
    "/G": 1,
    "/CalGray": 1,
    "/DeviceRGB": 3,
    "/RGB": 3,
    "/CalRGB": 3,
    "/DeviceCMYK": 4,
    "/CMYK": 4,
}
_UNSEEN = {
    "BT", "ET", "Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "Td", "TD", "Tm", "T*",
    "BMC", "EMC", "MP", "DP", "BX", "EX", "ri", "i",
}  # fmt: skip
"""What by itself marks nothing: the state of text, marked content, rendering intent and flatness."""
_BROKEN = (
    pikepdf.PdfError, ArithmeticError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError,
    NotImplementedError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _State:
    """The graphics state (PDF 1.7, 8.4)."""

    matrix: Matrix
    fill: str = "#000000"
    stroke: str = "#000000"
    fill_space: "_Space | None" = None
    stroke_space: "_Space | None" = None
    width: float = 1.0
    ends: int = 0
    corners: int = 0
    miter: float = 10.0
    dash: tuple[float, ...] = ()
    phase: float = 0.0
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True, slots=True)
class _Space:
    """A colour space: how many components, and the profile that says what they look like, for RGB."""

    size: int
    profile: bytes = b""


def pdf_shapes(data: bytes) -> tuple[float, float, list[Shape]]:
    """Width, height and shapes of the page, y downwards; raises PaperError for what is no flat drawing."""
    try:
        with pikepdf.open(io.BytesIO(data)) as book:
            page = check_page(book)
            frame = frame_of(page)
            pen = _Pen(page.obj, _State(frame.matrix))
            pen.read(page.obj, 0)
            return frame.width, frame.height, pen.shapes
    except pikepdf.PasswordError as error:
        raise PaperError("tệp PDF có mật khẩu; hãy bỏ mật khẩu rồi lưu lại") from error
    except _BROKEN as error:
        if isinstance(error, PaperError):
            raise
        raise PaperError("không đọc được PDF (tệp hỏng); hãy xuất lại từ bản gốc") from error


@dataclass(slots=True)
class _Pen:
    """One page being read: the state of its graphics, and the path so far."""

    page: pikepdf.Object
    now: _State
    shapes: list[Shape] = field(default_factory=list)
    path: list[Segment] = field(default_factory=list)
    clipping: str = ""
    steps: int = 0
    segments: int = 0

    def _refusal(self, reason: str) -> PaperError:
        return PaperError(reason)

    def read(self, owner: pikepdf.Object, depth: int) -> None:
        """All operators of a page or form."""
        resources = resources_of(owner, self.page)
        saved: list[_State] = []
        for step in pikepdf.parse_content_stream(owner):
            operator, operands = str(step.operator), list(step.operands)
            self.steps += 1
            if self.steps > STEPS_MAX or len(self.shapes) > SHAPES_MAX or self.segments > SEGMENTS_MAX:
                raise self._refusal("quá nhiều nét; hãy xin bản biểu trưng đơn giản")
            if operator in {"q", "Q"}:
                self._keep(operator, saved)
            elif operator == "Do":
                self._form(resources.XObject[str(operands[0])], depth)
            elif operator == "gs":
                self._set(resources.ExtGState[str(operands[0])])
            elif operator in {"cs", "CS"}:
                self._space(operator, str(operands[0]), resources)
            elif operator == "BDC":
                self._layer(operands, resources)
            else:
                self._follow(operator, operands)

    def _keep(self, operator: str, saved: list[_State]) -> None:
        """Put the state aside, or take it up again."""
        if operator == "q":
            saved.append(self.now)
            if len(saved) > SAVED_MAX:
                raise self._refusal("các nhóm lồng nhau quá sâu; hãy bỏ nhóm (Ungroup) rồi xuất lại")
        elif not saved:
            raise self._refusal(_MISWRITTEN)
        else:
            self.now = saved.pop()

    def _form(self, form: pikepdf.Object, depth: int) -> None:
        if form.get(Name.Subtype) != Name.Form:
            raise self._refusal("có ảnh điểm; hãy xin bản vector")
        if depth >= FORMS_DEEP:
            raise self._refusal("các nhóm lồng nhau quá sâu; hãy bỏ nhóm (Ungroup) rồi xuất lại")
        if form.get(Name.OC) is not None:
            self._member(form[Name.OC])
        before, path = self.now, self.path
        own: Matrix = tuple(map(float, form.get(Name.Matrix, UNMOVED)))  # type: ignore[assignment]
        left, lower, right, upper = map(float, form.BBox)
        self.now, self.path = replace(before, matrix=combined(before.matrix, own)), []
        self._clip(rounded(min(left, right), min(lower, upper), abs(right - left), abs(upper - lower)), even_odd=False)
        self.read(form, depth + 1)
        self.now, self.path = before, path

    def _layer(self, operands: list[pikepdf.Object], resources: pikepdf.Object) -> None:
        if str(operands[0]) == "/OC":
            self._member(resources.Properties[str(operands[1])])

    def _member(self, group: pikepdf.Object) -> None:
        if group.get(Name.Type) != Name.OCG:
            raise self._refusal("có lớp (layer) ẩn hiện theo điều kiện; hãy gộp lớp (Flatten) rồi xuất lại")

    def _set(self, state: pikepdf.Object) -> None:
        """What a graphics state dictionary changes (PDF 1.7, table 58)."""
        solid = all(float(state.get(each, 1)) == 1 for each in (Name.ca, Name.CA))
        if not solid or state.get(Name.SMask, Name.None_) != Name.None_:
            raise self._refusal("có phần trong suốt; hãy xuất bản màu đặc")
        blends = state.get(Name.BM, Name.Normal)
        modes = {str(blends)} if isinstance(blends, Name) else set(map(str, blends))
        transfers = {str(state.get(key, Name.Identity)) for key in (Name.TR, Name.TR2)}
        if not modes <= {"/Normal", "/Compatible"} or not transfers <= {"/Identity", "/Default"}:
            raise self._refusal("có chế độ hoà màu (blend); hãy xuất bản màu đặc")
        for key, operator in ((Name.LW, "w"), (Name.LC, "J"), (Name.LJ, "j"), (Name.ML, "M")):
            if key in state:
                self._line(operator, [state[key]])
        if Name.D in state:
            self._line("d", list(state[Name.D]))

    def _space(self, operator: str, key: str, resources: pikepdf.Object) -> None:
        space = self._space_of(key, resources)
        role = _role([0.0] * (space.size - 1) + [1.0 if space.size == _INKS["k"] else 0.0])
        if operator == "CS":
            self.now = replace(self.now, stroke_space=space, stroke=role)
        else:
            self.now = replace(self.now, fill_space=space, fill=role)

    def _space_of(self, key: str, resources: pikepdf.Object) -> _Space:
        if key in _DEVICE:
            return _Space(_DEVICE[key])
        named = resources.ColorSpace[key] if key != "/Pattern" else Name.Pattern
        kind = str(named) if isinstance(named, Name) else str(named[0])
        if kind in _DEVICE:
            return _Space(_DEVICE[kind])
        if kind == "/ICCBased" and int(named[1].N) in _INKS.values():
            size = int(named[1].N)
            return _Space(size, named[1].read_bytes() if size == _INKS["rg"] else b"")
        what = "chuyển sắc hoặc hoa văn" if kind == "/Pattern" else "màu pha (spot)"
        raise self._refusal(f"có {what}; hãy xuất bản màu đặc CMYK hoặc RGB")

    def _follow(self, operator: str, operands: list[pikepdf.Object]) -> None:
        if operator == "cm":
            self.now = replace(self.now, matrix=combined(self.now.matrix, _matrix(operands)))
        elif operator in {"w", "J", "j", "M", "d"}:
            self._line(operator, operands)
        elif (operator.lower() in _INKS and operator in {*_INKS, "G", "RG", "K"}) or operator in {
            "sc",
            "SC",
            "scn",
            "SCN",
        }:
            self._ink(operator, operands)
        elif operator in _PATH:
            self._draw(operator, list(map(float, operands)))
        elif operator in {"W", "W*"}:
            self.clipping = operator
        elif operator in _FILL | _STROKE | {"n"}:
            self._paint(operator)
        elif operator in _TEXT:
            raise self._refusal("còn chữ chưa chuyển thành nét; hãy dùng Create Outlines (Illustrator) rồi xuất lại")
        elif operator in {"sh", "BI", "INLINE IMAGE"}:
            raise self._refusal("có chuyển sắc hoặc ảnh điểm; hãy xuất bản màu đặc CMYK hoặc RGB")
        elif operator not in _UNSEEN:
            raise self._refusal(f"có lệnh PDF chưa đọc được ({operator[:20]}); hãy xuất lại dạng PDF/X-1a hoặc SVG")

    def _line(self, operator: str, operands: list[pikepdf.Object]) -> None:
        if operator == "w":
            self.now = replace(self.now, width=float(operands[0]))
        elif operator == "J":
            self.now = replace(self.now, ends=int(operands[0]))
        elif operator == "j":
            self.now = replace(self.now, corners=int(operands[0]))
        elif operator == "M":
            self.now = replace(self.now, miter=max(1.0, float(operands[0])))
        else:
            dash = tuple(map(float, operands[0]))
            dash = dash * 2 if len(dash) % 2 else dash
            if dash and (min(dash) < 0 or not sum(dash)):
                raise self._refusal(_MISWRITTEN)
            self.now = replace(self.now, dash=dash, phase=float(operands[1]) % sum(dash) if dash else 0.0)

    def _ink(self, operator: str, operands: list[pikepdf.Object]) -> None:
        lines = operator.isupper()
        space = self.now.stroke_space if lines else self.now.fill_space
        if operator.lower() in _INKS:
            space = _Space(_INKS[operator.lower()])
        space = space or _Space(1)
        if len(operands) != space.size or any(isinstance(each, Name) for each in operands):
            raise self._refusal("có màu pha hoặc hoa văn; hãy xuất bản màu đặc CMYK hoặc RGB")
        role = _role(list(map(float, operands)), space.profile)
        if lines:
            self.now = replace(self.now, stroke=role, stroke_space=space)
        else:
            self.now = replace(self.now, fill=role, fill_space=space)

    def _draw(self, operator: str, values: list[float]) -> None:
        if len(values) != _PATH[operator] or not (self.path or operator in {"m", "re"}):
            raise self._refusal(_MISWRITTEN)
        self.segments += 1
        self.path.extend(_segments(operator, values, self.path))

    def _paint(self, operator: str) -> None:
        if operator in _CLOSE and self.path:
            self.path.append(("h", ()))
        if self.path and operator != "n":
            self.shapes.extend(self._shapes(operator))
        if self.clipping and not self.path:
            raise self._refusal(_MISWRITTEN)
        if self.clipping:
            self._clip(self.path, even_odd=self.clipping.endswith("*"))
        self.path, self.clipping = [], ""

    def _clip(self, path: list[Segment], *, even_odd: bool) -> None:
        clip = Clip(tuple(moved(path, self.now.matrix)), even_odd)
        if clip not in self.now.clips:
            self.now = replace(self.now, clips=(*self.now.clips, clip))
        self.segments += len(self.now.clips)
        if len(self.now.clips) > CLIPS_DEEP:
            raise self._refusal("quá nhiều vùng cắt lồng nhau; hãy xuất bản nét đơn giản")

    def _shapes(self, operator: str) -> Iterator[Shape]:
        placed = tuple(moved(self.path, self.now.matrix))
        if not all(isfinite(value) for _, values in placed for value in values):
            raise self._refusal("có toạ độ lớn quá mức; hãy xuất lại từ bản gốc")
        fill = self.now.fill if operator in _FILL else None
        stroke = self._stroke() if operator in _STROKE else None
        if fill or stroke:
            yield Shape(placed, fill, stroke, operator.endswith("*"), self.now.clips)

    def _stroke(self) -> Stroke | None:
        now = self.now
        if now.width <= 0:
            raise self._refusal("có nét dày 0, máy in không giữ được; hãy đặt độ dày cho nét hoặc dùng Outline Stroke")
        return Stroke(now.stroke, now.width, now.ends, now.corners, now.miter, now.dash, now.phase).under(now.matrix)


def _matrix(operands: list[pikepdf.Object]) -> Matrix:
    a, b, c, d, e, f = map(float, operands)
    return (a, b, c, d, e, f)


def _role(values: list[float], profile: bytes = b"") -> str:
    values = [min(1.0, max(0.0, value)) for value in values]
    if len(values) == _INKS["k"]:
        return "cmyk " + " ".join(f"{100 * value:g}" for value in values)
    light = [round(255 * value) for value in (values * 3 if len(values) == 1 else values)]
    return "#" + "".join(f"{value:02x}" for value in (_as_srgb(light, profile) if profile else light))


def _as_srgb(light: list[int], profile: bytes) -> list[int]:
    """A colour of a camera's or program's own RGB as a screen shows it; as it is where the profile is damaged."""
    dot = Image.new("RGB", (1, 1), (light[0], light[1], light[2]))
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        seen = ImageCms.profileToProfile(dot, own, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return light
    return list((seen or dot).getpixel((0, 0)))  # type: ignore[arg-type]


def _segments(operator: str, values: list[float], path: list[Segment]) -> list[Segment]:
    if operator == "re":
        x, y, wide, high = values
        return [("m", (x, y)), ("l", (x + wide, y)), ("l", (x + wide, y + high)), ("l", (x, y + high)), ("h", ())]
    if operator in {"v", "y"}:
        values = [*_here(path), *values] if operator == "v" else [*values, *values[2:]]
        return [("c", tuple(values))]
    return [(operator, tuple(values))]


def _here(path: list[Segment]) -> tuple[float, ...]:
    """Where the pen stands: after a closing line, at the beginning of its part."""
    if path[-1][1]:
        return path[-1][1][-2:]
    return next((values for kind, values in reversed(path) if kind == "m"), (0.0, 0.0))
