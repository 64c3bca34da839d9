"""Vector ornaments: an SVG whose colours are named by the theme.

Colours are `none`, `var(--role)` or `var(--role, #fallback)`: the fallback is for viewing the file alone. What of SVG
is read stands in `app.paper.vector.svg`.
"""

import re
from pathlib import Path

from app.paper.art import Art
from app.paper.measures import PaperError
from app.paper.outlines import UNMOVED
from app.paper.vector.svg import SvgReader, View, view_box
from app.paper.vector.tree import read_tree

_COLOUR = re.compile(r"var\(--([a-z0-9-]+)\s*(?:,\s*#[0-9A-Fa-f]{3,6})?\)")


def read_art(path: Path) -> Art:
    """An ornament from its SVG file; raises PaperError naming the file and what in it is not understood."""
    try:
        return _ornament(path.read_bytes())
    except PaperError as error:
        raise PaperError(f"{path.name}: {error}") from error


def _ornament(data: bytes) -> Art:
    root = read_tree(data)
    box = view_box(root)
    if box is None or box[:2] != (0, 0):
        raise PaperError("viewBox phải có dạng '0 0 rộng cao'")
    reader = SvgReader(root, role_of, {"fill": "none"})
    return Art(box[2], box[3], tuple(reader.shapes_in(root, UNMOVED, View(box[2], box[3]))))


def role_of(value: str, _current: str = "") -> str | None:
    """The theme's colour an ornament names; None for none."""
    if value == "none":
        return None
    match = _COLOUR.fullmatch(value)
    if not match:
        raise PaperError(f"màu {value!r} phải là none hoặc var(--tên-màu)")
    return match[1]
