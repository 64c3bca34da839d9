"""A signature drawn on the screen: strokes as they were drawn, checked, and kept as a small SVG of our own. Pure.

The browser sends strokes, never a picture: nothing of what it sends is stored as it came, so nothing can hide in it.
"""

import itertools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.registry.rules.entries import EntryError, Fault

#: The field signed in, in units of its own; the pad on the page has the same proportions.
WIDTH: Final = 1000
HEIGHT: Final = 400
CHARS_MAX: Final = 60_000
STROKES_MAX: Final = 120
POINTS_MAX: Final = 5_000
#: Less ink than this is a slip of the finger.
INK_MIN: Final = 120.0
_PAIR: Final = 2
_PATHS = re.compile(r' d="([^"]*)"')
_SUBPATH = re.compile(r"M([0-9 L]+)")
_NUMBER = re.compile(r"[0-9]+")

Stroke = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Strokes in the order they were drawn; x from 0 to 1000 rightwards, y from 0 to 400 downwards."""

    strokes: tuple[Stroke, ...]

    def svg(self, words: str) -> bytes:
        """The drawing; `words` (whose, when) bind it to one record."""
        path = "".join(_path(stroke) for stroke in self.strokes)
        plain = words.replace("&", "&amp;").replace("<", "&lt;")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{plain}</title>'
            f'<path fill="none" stroke="#12303c" stroke-width="5" stroke-linecap="round" stroke-linejoin="round" '
            f'd="{path}"/></svg>\n'
        ).encode()


def read_signature(text: str) -> Signature:
    """The strokes a page sent: `[[x, y, x, y, ...], ...]`. Raises EntryError for an empty, broken or endless one.

    >>> read_signature("[[10, 10, 400, 300]]").strokes
    (((10, 10), (400, 300)),)
    """
    if not text.strip():
        raise EntryError([Fault("signature", "Chưa có chữ ký. Người bán ký vào ô, hoặc chọn cách đồng ý khác.")])
    try:
        found = json.loads(text) if len(text) <= CHARS_MAX else None
    except (ValueError, RecursionError):
        found = None
    strokes = _strokes(found)
    if strokes is None:
        raise EntryError([Fault("signature", "Chữ ký không đọc được. Xoá và ký lại, ngắn hơn.")])
    if sum(_length(stroke) for stroke in strokes) < INK_MIN:
        raise EntryError([Fault("signature", "Chữ ký mới là một chấm. Xoá và ký lại cho rõ.")])
    return Signature(strokes)


def drawn_signature(svg: bytes) -> Signature:
    """The strokes of a drawing made by `Signature.svg`; none for anything else."""
    path = _PATHS.search(svg.decode("utf-8", "replace"))
    found = []
    for part in _SUBPATH.findall(path[1] if path else ""):
        numbers = [int(each) for each in _NUMBER.findall(part)]
        found.append(tuple(zip(numbers[::2], numbers[1::2], strict=False)))
    return Signature(tuple(found))


def _strokes(found: Any) -> tuple[Stroke, ...] | None:  # noqa: ANN401 - JSON
    """The strokes, None where this is not a list of lists of pairs within the field."""
    if not isinstance(found, list) or len(found) > STROKES_MAX:
        return None
    if sum(len(each) if isinstance(each, list) else 0 for each in found) > _PAIR * POINTS_MAX:
        return None
    strokes = [_stroke(each) for each in found]
    return None if None in strokes else tuple(stroke for stroke in strokes if stroke)


def _stroke(found: Any) -> Stroke | None:  # noqa: ANN401 - JSON
    if not isinstance(found, list) or len(found) % _PAIR or not found:
        return None
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in found):
        return None
    pairs = tuple(zip(found[::2], found[1::2], strict=True))
    inside = all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in pairs)
    return pairs if inside else None


def _length(stroke: Sequence[tuple[int, int]]) -> float:
    return sum(math.dist(one, other) for one, other in itertools.pairwise(stroke))


def _path(stroke: Stroke) -> str:
    points = stroke if len(stroke) > 1 else stroke * 2  # a dot is a line to itself
    return "M" + "L".join(f"{x} {y}" for x, y in points)
