"""Logos as their owners hand them over: SVG and PDF stay vectors, PNG becomes CMYK; black stays one ink.

A logo is never redrawn here. What a press could not print as it is meant is refused, and the owner asked for another
file: gradients, transparency, letters that are not outlines, too few pixels.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, fromstring

import PIL
from PIL import Image, ImageChops, ImageMath

from app.paper.art import SVG, Art, Reader, Shape
from app.paper.colours import BLACK, INK_LIMIT, Cmyk, contrast
from app.paper.logo_pdf import pdf_shapes
from app.paper.measures import PaperError
from app.paper.outlines import Matrix, hull

BYTES_MAX = 5_000_000
PIXELS_MAX = 40_000_000
DPI_LEAST = 250
"""Fewer pixels an inch than this look torn at reading distance."""
KEY_LEAST = 0.2
"""Light left in the darkest colour that still mixes inks: below it black does the work, so ink stays within 280 %."""
SHARE_SEEN = 0.05
"""Share of a logo's area from which a colour counts for whether it is seen."""
_RULE = re.compile(r"\.([\w-]+)\s*\{([^}]*)\}")
_HEX = re.compile(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_NAMED = {"black": "#000000", "white": "#ffffff", "red": "#ff0000", "currentColor": "#000000"}
_SKIPPED = {"title", "desc", "metadata", "defs", "style"}
_STYLE = ("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "fill-rule")


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo ready for the press: a drawing or a picture, its proportions, and the hash of the file it came from."""

    width: float
    height: float
    sha256: str
    art: Art | None = field(default=None, repr=False)
    picture: Image.Image | None = field(default=None, repr=False, compare=False)

    def seen_on(self, ground: Cmyk) -> float:
        """Contrast of the part of it that is seen best on this ground, 1 to 21."""
        return max((contrast(colour, ground) for colour in self._colours()), default=1.0)

    def width_at_most_mm(self) -> float:
        """How wide it can be printed; a drawing knows no limit."""
        return float("inf") if self.picture is None else self.picture.width / DPI_LEAST * 25.4

    def _colours(self) -> Iterator[Cmyk]:
        if self.art is not None:
            least = SHARE_SEEN * self.width * self.height
            for shape in self.art.shapes:
                box = hull(shape.segments)
                if shape.fill and box.width * box.height >= least:
                    yield ink_of(shape.fill)
                if shape.stroke and (box.width + box.height) * shape.stroke.width >= least:
                    yield ink_of(shape.stroke.role)
        elif self.picture is not None:
            small = self.picture.convert("RGB").resize((64, 64)).quantize(16)
            palette = small.getpalette() or []
            for count, at in small.getcolors() or []:
                if count >= SHARE_SEEN * 64 * 64:
                    yield _ink(*(part / 255 for part in palette[3 * int(at) : 3 * int(at) + 3]))  # type: ignore[arg-type]


def read_logo(data: bytes, name: str) -> Logo:
    """A logo from a file's bytes; raises PaperError saying what the owner must send instead."""
    if len(data) > BYTES_MAX:
        raise PaperError(f"{name}: tệp lớn hơn 5 MB; hãy xin bản SVG hoặc PDF")
    readers: dict[str, Callable[[bytes, str], Logo]] = {".svg": _svg, ".png": _png, ".pdf": _pdf}
    read = readers.get(Path(name).suffix.lower())
    if read is None:
        raise PaperError(f"{name}: biểu trưng phải là tệp SVG, PDF hoặc PNG")
    return read(data, name)


def ink_of(role: str) -> Cmyk:
    """The ink of a logo's own colour, written `#rrggbb` or `cmyk c m y k`."""
    if role.startswith("#"):
        digits = role[1:] if len(role) > 4 else "".join(2 * digit for digit in role[1:])  # noqa: PLR2004 -- #rgb
        return _ink(*(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)))
    return Cmyk(*map(float, role.split()[1:]))


def _ink(red: float, green: float, blue: float) -> Cmyk:
    """Light as ink: the grey part in black alone, so that black needs one plate."""
    light = max(red, green, blue)
    if light == 0:
        return BLACK
    rest = max(light, KEY_LEAST)
    cyan, magenta, yellow = (100 * (light - part) / rest for part in (red, green, blue))
    return Cmyk(round(cyan, 1), round(magenta, 1), round(yellow, 1), round(100 * (1 - light), 1))


def _svg(data: bytes, name: str) -> Logo:
    text = data.decode("utf-8", "replace")
    if "<!ENTITY" in text:
        raise PaperError(f"{name}: tệp SVG không được có ENTITY")
    text = re.sub(r"<!DOCTYPE[^>\[]*>", "", text)
    if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL):
        raise PaperError(f"{name}: tệp SVG không được có DOCTYPE riêng")
    try:
        root = fromstring(text.encode())  # noqa: S314 -- declarations are refused above, so nothing can expand
        x, y, width, height = _frame(root)
    except (ParseError, ValueError) as error:
        raise PaperError(f"{name}: không đọc được SVG; hãy xuất lại từ bản gốc") from error
    rules = dict(_RULE.findall(" ".join(each.text or "" for each in root.iter(f"{SVG}style"))))
    _plain(root, name, rules)
    reader = Reader(name, {each.get("id", ""): each for each in root.iter() if each.get("id")}, _own_colour)
    start: Matrix = (1, 0, 0, 1, -x, -y)
    try:
        shapes = tuple(reader.shapes(root, {"fill": "#000000", "stroke": "none"}, start))
    except ValueError as error:
        raise PaperError(str(error) if isinstance(error, PaperError) else f"{name}: có số viết sai") from error
    return Logo(width, height, _hash(data), art=_art(name, width, height, shapes))


def _frame(root: Element) -> tuple[float, float, float, float]:
    """What of its plane the drawing shows: viewBox, else width and height."""
    if root.get("viewBox"):
        x, y, width, height = map(float, re.split(r"[\s,]+", root.get("viewBox", "").strip()))
    else:
        x, y = 0.0, 0.0
        width, height = (float(re.sub(r"(px|pt|mm)$", "", root.get(key, ""))) for key in ("width", "height"))
    if width <= 0 or height <= 0:
        raise ValueError("empty")
    return x, y, width, height


def _plain(element: Element, name: str, rules: dict[str, str]) -> None:
    """Classes and style attributes as plain attributes; what has no place on a plate is refused by name."""
    for child in list(element):
        if not child.tag.startswith(SVG) or child.tag.removeprefix(SVG) in _SKIPPED - {"defs"}:
            element.remove(child)
        elif child.tag == f"{SVG}text":
            raise PaperError(f"{name}: còn chữ chưa chuyển thành nét (Create outlines)")
        else:
            _plain(child, name, rules)
    said = [rules.get(each, "") for each in element.get("class", "").split()] + [element.get("style", "")]
    for key, value in (part.split(":", 1) for part in ";".join(said).split(";") if ":" in part):
        element.set(key.strip(), value.strip())
    for key in ("opacity", "fill-opacity", "stroke-opacity"):
        if element.get(key, "1") not in {"1", "1.0", "100%"}:
            raise PaperError(f"{name}: có phần trong suốt; hãy xuất bản màu đặc")
    for key in ("filter", "mask", "clip-path"):
        if element.get(key, "none") != "none":
            raise PaperError(f"{name}: dùng {key}, máy in không giữ được; hãy xuất bản nét đơn giản")
    if element.get("display") == "none":
        element.clear()
        element.tag = f"{SVG}g"


def _own_colour(name: str, value: str) -> str | None:
    value = _NAMED.get(value, value)
    if value in {"none", "transparent"}:
        return None
    if value.startswith("rgb("):
        parts = [int(part) for part in re.findall(r"\d+", value)[:3]]
        value = "#" + "".join(f"{min(255, part):02x}" for part in parts)
    if not _HEX.fullmatch(value):
        raise PaperError(f"{name}: màu {value!r} không in được (chuyển sắc hoặc màu lạ); hãy xuất bản màu đặc")
    return value.lower()


def _pdf(data: bytes, name: str) -> Logo:
    width, height, shapes = pdf_shapes(data, name)
    return Logo(width, height, _hash(data), art=_art(name, width, height, tuple(shapes)))


def _art(name: str, width: float, height: float, shapes: tuple[Shape, ...]) -> Art:
    if not any(shape.fill or shape.stroke for shape in shapes):
        raise PaperError(f"{name}: không có nét vẽ nào")
    art = Art(width, height, shapes)
    heaviest = max(ink_of(role).ink for role in art.roles())
    if heaviest > INK_LIMIT:
        raise PaperError(f"{name}: có màu {heaviest:.0f} % mực, quá {INK_LIMIT} %; hãy xin bản dành cho in")
    return art


def _png(data: bytes, name: str) -> Logo:
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise PaperError(f"{name}: ảnh quá lớn; hãy thu xuống dưới 6.000 điểm mỗi chiều")
            image = opened.convert("RGBA")
    except (PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, PaperError):
            raise
        raise PaperError(f"{name}: không đọc được ảnh PNG") from error
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    box = ImageChops.difference(flat, Image.new("RGB", flat.size, "white")).getbbox()
    if box is None:
        raise PaperError(f"{name}: ảnh trắng, không thấy gì trên giấy; hãy xin bản màu")
    flat = flat.crop(box)
    return Logo(flat.width, flat.height, _hash(data), picture=_separated(flat))


def _separated(image: Image.Image) -> Image.Image:
    """Light as ink, pixel by pixel, as `_ink` does for one colour."""
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


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
