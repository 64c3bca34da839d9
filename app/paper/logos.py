"""Logos as their owners hand them over: SVG and PDF stay vectors, PNG becomes CMYK; black stays one ink.

A logo is never redrawn here. What a press could not print as a viewer shows it is refused, and the owner asked for
another file: gradients, transparency, letters that are not outlines, too few pixels, a code within it. The file is
somebody else's: a confined process reads it (`app.paper.logo_reader`), and answers with outlines or pixels.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from app.confined import ConfinedBusyError, ConfinedError, ConfinedRefusalError, read_confined
from app.paper.art import Art, Clip, Ink, Shape, Stroke
from app.paper.colours import BLACK, Cmyk, contrast
from app.paper.measures import Box, PaperError, number
from app.paper.outlines import hull

BYTES_MAX = 5_000_000
DPI = 300
"""What a print shop asks of a picture."""
DPI_LEAST = 250
"""Fewer pixels an inch than this look torn at reading distance."""
MM_PER_INCH = 25.4
KEY_LEAST = 0.2
"""Light left in the darkest colour that still mixes inks: below it black does the work, so ink stays within 280 %."""
SHARE_SEEN = 0.05
"""Share of a logo's area from which a colour counts for whether it is seen."""
SUFFIXES = (".svg", ".pdf", ".png")
SIDE = 1000.0
"""The longer side of every logo's own plane: three decimals of it are finer than any press."""


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

    def width_at_most_mm(self, dpi: float = DPI_LEAST) -> float:
        """How wide it can be printed; a drawing knows no limit."""
        return float("inf") if self.picture is None else self.picture.width / dpi * MM_PER_INCH

    def operators(self, box: Box, colour: Callable[[str], Ink] | None = None) -> str:
        """A drawing as PDF operators that fill the box, y downwards, and mark nothing beyond; a picture has none."""
        if self.art is None:
            return ""
        scale = box.width / self.width
        frame = f"0 0 {number(self.width)} {number(self.height)} re W n"
        drawn = self.art.operators(colour or ink_of)
        return f"q {scale:.6f} 0 0 {scale:.6f} {number(box.x)} {number(box.y)} cm {frame}\n{drawn}\nQ"

    def _colours(self) -> Iterator[Cmyk]:
        if self.art is not None:
            areas = self._areas()
            least = SHARE_SEEN * sum(areas.values())
            yield from (ink_of(role) for role, area in areas.items() if area >= least)
        elif self.picture is not None:
            small = self.picture.convert("RGB").resize((64, 64)).quantize(16)
            palette = small.getpalette() or []
            for count, at in small.getcolors() or []:
                if count >= SHARE_SEEN * 64 * 64:
                    yield ink_of_light(*(part / 255 for part in palette[3 * int(at) : 3 * int(at) + 3]))  # type: ignore[arg-type]

    def _areas(self) -> dict[str, float]:
        """About how much of a drawing each of its colours covers, by the boxes of its shapes."""
        found: dict[str, float] = {}
        for shape in self.art.shapes if self.art else ():
            box = hull(shape.segments).overlap(Box(0, 0, self.width, self.height))
            for clip in shape.clips:
                box = box.overlap(hull(clip.segments) if clip.segments else Box(0, 0, 0, 0))
            if shape.fill:
                found[shape.fill] = found.get(shape.fill, 0) + box.width * box.height
            if shape.stroke:
                line = (box.width + box.height) * shape.stroke.width
                found[shape.stroke.role] = found.get(shape.stroke.role, 0) + line
        return found


def read_logo(data: bytes, name: str) -> Logo:
    """A logo from a file's bytes, read in a confined process; raises PaperError saying what its owner must send."""
    if len(data) > BYTES_MAX:
        raise PaperError(f"{name}: tệp lớn hơn {BYTES_MAX // 1_000_000} MB; hãy xin bản SVG hoặc PDF gọn hơn")
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise PaperError(f"{name}: biểu trưng phải là tệp SVG, PDF hoặc PNG")
    try:
        return _read(data, suffix)
    except ConfinedRefusalError as error:
        raise PaperError(f"{name}: {error}") from error
    except ConfinedBusyError as error:
        raise PaperError(f"{name}: máy đang đọc tệp khác; hãy gửi lại sau một phút") from error
    except ConfinedError as error:
        raise PaperError(f"{name}: hình quá nặng, đọc không xong; hãy xin bản biểu trưng đơn giản") from error


@lru_cache(maxsize=8)
def _read(data: bytes, suffix: str) -> Logo:
    """The same bytes are read once."""
    return logo_of(read_confined("app.paper.logo_reader", data, (suffix,)), hashlib.sha256(data).hexdigest())


def answer_of(logo: Logo) -> bytes:
    """A logo as the confined reader writes it: a line of JSON, then a picture's bytes in CMYK."""
    said: dict[str, Any] = {"width": logo.width, "height": logo.height}
    if logo.art is not None:
        said["shapes"] = [asdict(shape) for shape in logo.art.shapes]
    picture = logo.picture.tobytes() if logo.picture is not None else b""
    return json.dumps(said).encode() + b"\n" + picture


def logo_of(answer: bytes, sha256: str) -> Logo:
    """The inverse of `answer_of`."""
    line, _, picture = answer.partition(b"\n")
    said = json.loads(line)
    if "shapes" in said:
        shapes = tuple(map(_shape, said["shapes"]))
        return Logo(said["width"], said["height"], sha256, art=Art(said["width"], said["height"], shapes))
    size = (int(said["width"]), int(said["height"]))
    return Logo(*size, sha256, picture=Image.frombytes("CMYK", size, picture))


def _shape(said: dict[str, Any]) -> Shape:
    stroke = said["stroke"]
    if stroke:
        stroke = Stroke(**{**stroke, "dash": tuple(stroke["dash"]), "skew": tuple(stroke["skew"])})
    clips = tuple(Clip(_segments(clip["segments"]), clip["even_odd"]) for clip in said["clips"])
    return Shape(_segments(said["segments"]), said["fill"], stroke, said["even_odd"], clips)


def _segments(said: list[Any]) -> tuple[tuple[str, tuple[float, ...]], ...]:
    return tuple((operator, tuple(values)) for operator, values in said)


def light_of(role: str) -> tuple[float, float, float] | None:
    """The light of a colour written `#rrggbb`; None for one in inks."""
    if not role.startswith("#"):
        return None
    red, green, blue = (int(role[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def ink_of(role: str) -> Cmyk:
    """The ink of a logo's own colour, written `#rrggbb` or `cmyk c m y k`."""
    light = light_of(role)
    return ink_of_light(*light) if light else Cmyk(*map(float, role.split()[1:]))


def ink_of_light(red: float, green: float, blue: float) -> Cmyk:
    """Light as ink: the grey part in black alone, so that black needs one plate."""
    light = max(red, green, blue)
    if light == 0:
        return BLACK
    rest = max(light, KEY_LEAST)
    cyan, magenta, yellow = (100 * (light - part) / rest for part in (red, green, blue))
    return Cmyk(round(cyan, 1), round(magenta, 1), round(yellow, 1), round(100 * (1 - light), 1))
