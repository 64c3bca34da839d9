"""The logo reader proper, a program of its own: it turns somebody else's file into outlines or pixels, or refuses it.

Run confined (`python -m app.paper.logo_reader .svg`), it takes the file on standard input. What it refuses it refuses
with a whole sentence on standard error.
"""

import io
import sys
from collections.abc import Callable
from dataclasses import replace

import PIL
from PIL import Image, ImageChops, ImageMath

from app.confined import REFUSED
from app.paper.art import Art, Clip, Shape
from app.paper.colours import INK_LIMIT
from app.paper.hidden_codes import code_in
from app.paper.logo_picture import picture_of
from app.paper.logos import KEY_LEAST, SIDE, Logo, answer_of, ink_of
from app.paper.measures import Box, PaperError
from app.paper.outlines import Matrix, Segment, combined, hull, moved
from app.paper.vector.pdf import pdf_shapes
from app.paper.vector.style import length_of
from app.paper.vector.svg import SvgReader, View, fitted, view_box
from app.paper.vector.tree import Node, read_tree

PIXELS_MAX = 25_000_000
PIXELS_SIDE_MAX = 4000
"""A picture with more is made smaller: 340 mm at 300 dpi, more than any slot."""
FAR = 30.0
"""How many of its own sides beyond its frame a logo may reach: PDF's numbers end at 32,767 (PDF 1.4, appendix C)."""
LONGER_MAX = 50
SEARCHED_PX = 1400
SHOWN_MAX = 40
_DAMAGED = "không đọc được ảnh PNG (tệp hỏng); hãy xuất lại từ bản gốc"


def open_logo(data: bytes, suffix: str) -> Logo:
    """A logo from a file's bytes, in this process, without a code in it; raises PaperError with the reason."""
    logo = draw_logo(data, suffix)
    said = code_in(picture_of(logo, SEARCHED_PX))
    if said is not None:
        raise PaperError(
            f"trong hình có mã quét ({said[:SHOWN_MAX]!r}); biểu trưng không được chứa mã, hãy xin bản khác"
        )
    return logo


def draw_logo(data: bytes, suffix: str) -> Logo:
    """The same, whatever it shows."""
    readers: dict[str, Callable[[bytes], Logo]] = {".svg": _svg, ".png": _png, ".pdf": _pdf}
    logo = readers[suffix](data)
    if max(logo.width / logo.height, logo.height / logo.width) > LONGER_MAX:
        raise PaperError("hình quá dài và hẹp; hãy xin bản biểu trưng thường")
    return logo


def _svg(data: bytes) -> Logo:
    root = read_tree(data)
    box = view_box(root)
    width, height = _size(root, box)
    scale = SIDE / max(width, height)
    view = View(width, height)
    matrix: Matrix = (scale, 0, 0, scale, 0, 0)
    if box:
        matrix = combined(matrix, fitted(box, view, root.attributes.get("preserveAspectRatio", "")))
        view = View(box[2], box[3])
    shapes = SvgReader(root).shapes_in(root, matrix, view)
    return _drawing(width * scale, height * scale, tuple(shapes))


def _size(root: Node, box: tuple[float, float, float, float] | None) -> tuple[float, float]:
    """How large a viewer shows it: its width and height, else those of its view box (SVG 2, 8.2)."""
    said = {key: root.attributes.get(key, "auto").strip() for key in ("width", "height")}
    sides = {
        key: length_of(value, (0, 0)) for key, value in said.items() if value != "auto" and not value.endswith("%")
    }
    wide, high = sides.get("width"), sides.get("height")
    if box:
        ratio = box[2] / box[3]
        wide, high = wide or (high * ratio if high else box[2]), high or (wide / ratio if wide else box[3])
    if not wide or not high or wide <= 0 or high <= 0:
        raise PaperError("thiếu khung hình (viewBox); hãy xuất lại từ bản gốc")
    return wide, high


def _pdf(data: bytes) -> Logo:
    width, height, shapes = pdf_shapes(data)
    scale = SIDE / max(width, height)
    return _drawing(width * scale, height * scale, tuple(_scaled(shape, scale) for shape in shapes))


def _scaled(shape: Shape, scale: float) -> Shape:
    matrix: Matrix = (scale, 0, 0, scale, 0, 0)

    def larger(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        return tuple(moved(segments, matrix))

    stroke = shape.stroke and replace(
        shape.stroke,
        width=shape.stroke.width * scale,
        dash=tuple(each * scale for each in shape.stroke.dash),
        phase=shape.stroke.phase * scale,
    )
    clips = tuple(Clip(larger(clip.segments), clip.even_odd) for clip in shape.clips)
    return replace(shape, segments=larger(shape.segments), stroke=stroke, clips=clips)


def _drawing(width: float, height: float, shapes: tuple[Shape, ...]) -> Logo:
    """The logo of these shapes: those outside its frame are left out, what no press could print is refused."""
    frame = Box(0, 0, width, height)
    seen = tuple(shape for shape in shapes if _reach(shape).touches(frame))
    if not seen:
        raise PaperError("không có nét vẽ nào trong khung; hãy xuất lại từ bản gốc")
    limits = frame.grown(FAR * SIDE)
    for shape in seen:
        for box in (shape.reach, *(hull(clip.segments) for clip in shape.clips if clip.segments)):
            if box.x < limits.x or box.y < limits.y or box.right > limits.right or box.bottom > limits.bottom:
                raise PaperError(
                    "có nét ra rất xa ngoài khung hình; hãy cắt theo khung (Crop, Fit Artboard) rồi xuất lại"
                )
    art = Art(width, height, seen)
    heaviest = max(ink_of(role).ink for role in art.roles())
    if heaviest > INK_LIMIT:
        raise PaperError(f"có màu {heaviest:.0f} % mực, quá {INK_LIMIT} %; hãy xin bản dành cho in")
    return Logo(width, height, "", art=art)


def _reach(shape: Shape) -> Box:
    """What a shape may mark; one without width is still seen by its line."""
    return shape.reach.grown(0.001)


def _png(data: bytes) -> Logo:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise PaperError("ảnh quá nhiều điểm; hãy thu xuống dưới 5.000 điểm mỗi chiều")
            image = opened.convert("RGBA")
    except Image.DecompressionBombError as error:
        raise PaperError("ảnh quá nhiều điểm; hãy thu xuống dưới 5.000 điểm mỗi chiều") from error
    except (PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, PaperError):
            raise
        raise PaperError(_DAMAGED) from error
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    box = ImageChops.difference(flat, Image.new("RGB", flat.size, "white")).getbbox()
    if box is None:
        raise PaperError("ảnh trắng, không thấy gì trên giấy; hãy xin bản màu")
    flat = flat.crop(box)
    flat.thumbnail((PIXELS_SIDE_MAX, PIXELS_SIDE_MAX))
    return Logo(flat.width, flat.height, "", picture=_separated(flat))


def _separated(image: Image.Image) -> Image.Image:
    """Light as ink, pixel by pixel, as `ink_of_light` does for one colour."""
    bands = image.split()
    light = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    rest = light.point(lambda value: max(value, round(255 * KEY_LEAST)))

    def part(band: Image.Image) -> Image.Image:
        inked: Image.Image = ImageMath.lambda_eval(
            lambda args: args["convert"]((args["light"] - args["band"]) * 255 / args["rest"], "L"),
            light=light,
            band=band,
            rest=rest,
        )
        return inked

    return Image.merge("CMYK", (*map(part, bands), ImageChops.invert(light)))


def main() -> int:
    """Read standard input as a logo; answer on standard output, or exit REFUSED with the reason."""
    try:
        answer = answer_of(open_logo(sys.stdin.buffer.read(), sys.argv[1]))
    except PaperError as error:
        sys.stderr.buffer.write(str(error).encode())
        return REFUSED
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
