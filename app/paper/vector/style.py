"""What an SVG's attributes, classes and style sheets say of an element (CSS Cascade 4; SVG 2, chapter 6).

Understood: selectors by element, class and id, alone or together, in lists. What would draw something that a plate does
not hold, or that is not understood, is refused by name; what has no part in flat outlines is passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, sqrt

from PIL import ImageColor

from app.paper.measures import PaperError
from app.paper.vector.tree import Node

INHERITED = {
    "fill": "#000000",
    "stroke": "none",
    "stroke-width": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-miterlimit": "4",
    "stroke-dasharray": "none",
    "stroke-dashoffset": "0",
    "fill-rule": "nonzero",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "color": "#000000",
    "visibility": "visible",
}
"""Properties that children take over, with what holds at the root."""
OWN = {"display": "inline", "opacity": "1", "clip-path": "none", "overflow": ""}
_ONLY = {
    "mask": ("none", "mặt nạ (mask)"),
    "filter": ("none", "hiệu ứng (filter)"),
    "marker": ("none", "mũi tên (marker)"),
    "marker-start": ("none", "mũi tên (marker)"),
    "marker-mid": ("none", "mũi tên (marker)"),
    "marker-end": ("none", "mũi tên (marker)"),
    "mix-blend-mode": ("normal", "chế độ hoà màu (blend)"),
    "vector-effect": ("none", "nét không co theo hình (vector-effect)"),
    "paint-order": ("normal", "thứ tự tô riêng (paint-order)"),
    "transform-origin": ("0", "gốc xoay riêng (transform-origin)"),
    "clip": ("auto", "vùng cắt kiểu cũ (clip)"),
    "clip-rule": ("nonzero", ""),
}
"""What is refused unless it says what it says anyway."""
_HARMLESS = re.compile(
    r"(-inkscape-|-webkit-font|font|text|letter-|word-|line-|white-|writing-|color-(interpolation|rendering|profile)|"
    r"(shape|image)-rendering|enable-background|isolation|cursor|pointer-events|direction|unicode-bidi|baseline-|"
    r"alignment-|dominant-|block-progression|stop-|flood-|lighting-|solid-|glyph-|kerning|inline-size|shape-(inside|padding|margin)|"
    r"fill-|stroke-|user-select|touch-action|-ms-|-moz-|box-sizing)"
)
_SELECTOR = re.compile(r"([\w-]+|\*)?((?:[.#][\w-]+)*)")
_LENGTH = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*([a-zA-Z%]*)")
_PX = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "q": 96 / 101.6}
_RGB = re.compile(r"rgba?\(\s*([\d.]+)(%?)[\s,]+([\d.]+)(%?)[\s,]+([\d.]+)(%?)\s*(?:[,/]\s*([\d.]+)(%?)\s*)?\)")
_HSL = re.compile(r"hsl\(\s*[\d.]+\s*,\s*[\d.]+%\s*,\s*[\d.]+%\s*\)")
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_SHEET_MAX = 2000


@dataclass(frozen=True, slots=True)
class Rule:
    """One selector of a style sheet and what it says; `weight` orders it among others (ids, classes, element)."""

    element: str
    classes: frozenset[str]
    ids: frozenset[str]
    weight: tuple[int, int, int]
    says: tuple[tuple[str, str, bool], ...]

    def fits(self, node: Node, classes: frozenset[str]) -> bool:
        """Whether it speaks of this element."""
        own = node.attributes.get("id")
        return self.element in {"", "*", node.tag} and self.classes <= classes and self.ids <= {own}


def sheet_of(root: Node) -> tuple[Rule, ...]:
    """All rules of a file's style elements, in order; raises PaperError for a selector that is not understood."""
    rules: list[Rule] = []
    for node in root.all():
        if node.tag != "style":
            continue
        if (
            node.attributes.get("media", "all") not in {"", "all"}
            or node.attributes.get("type", "text/css") != "text/css"
        ):
            raise PaperError("có bảng kiểu (CSS) theo loại màn hình; hãy xuất với Presentation Attributes")
        rules.extend(_rules(_uncommented(node.text)))
    if len(rules) > _SHEET_MAX:
        raise PaperError("bảng kiểu (CSS) quá dài; hãy xuất với Presentation Attributes")
    return tuple(sorted(rules, key=lambda rule: rule.weight))


def _uncommented(text: str) -> str:
    """The text without comments, in one walk from left to right."""
    kept, at = [], 0
    while (start := text.find("/*", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("*/", start + 2)
        at = len(text) if end < 0 else end + 2
    kept.append(text[at:])
    return " ".join(kept)


def _rules(text: str) -> Iterator[Rule]:
    *blocks, rest = text.split("}")
    if rest.strip():
        raise PaperError("bảng kiểu (CSS) viết dở; hãy xuất lại từ bản gốc")
    for block in blocks:
        selectors, opened, body = block.partition("{")
        if not opened or "{" in body or "@" in selectors or "\\" in block:
            raise PaperError("bảng kiểu (CSS) có phần không đọc được; hãy xuất với Presentation Attributes")
        says = tuple(declarations(body))
        for selector in selectors.split(","):
            match = _SELECTOR.fullmatch(selector.strip())
            if not match or not selector.strip():
                raise PaperError(
                    f"kiểu (CSS) {selector.strip()[:40]!r} chưa đọc được; hãy xuất với Presentation Attributes"
                )
            element, parts = match[1] or "", re.findall(r"[.#][\w-]+", match[2])
            classes = frozenset(part[1:] for part in parts if part[0] == ".")
            ids = frozenset(part[1:] for part in parts if part[0] == "#")
            many = sum(part[0] == "." for part in parts)
            yield Rule(element, classes, ids, (len(ids), many, int(element not in {"", "*"})), says)


def declarations(text: str) -> Iterator[tuple[str, str, bool]]:
    """Property, value, and whether it is `!important`, of a style attribute or a rule's body."""
    for part in text.split(";"):
        key, colon, value = part.partition(":")
        if colon:
            value, mark, _ = value.partition("!")
            yield key.strip().lower(), value.strip(), bool(mark)


def said_of(node: Node, rules: tuple[Rule, ...]) -> dict[str, str]:
    """What all sources together say of an element: attributes, then rules by weight, then its style attribute."""
    known = INHERITED.keys() | OWN.keys() | _ONLY.keys()
    said = {key: value.strip() for key, value in node.attributes.items() if key in known and value.strip()}
    classes = frozenset(node.attributes.get("class", "").split())
    layers = [rule.says for rule in rules if rule.fits(node, classes)]
    layers.append(tuple(declarations(node.attributes.get("style", ""))))
    for important in (False, True):
        for layer in layers:
            said |= {key: value for key, value, mark in layer if mark == important}
    for key, value in said.items():
        _check(key, value)
    return {key: value for key, value in said.items() if value.lower() != "inherit"}


def _check(key: str, value: str) -> None:
    lowered = value.lower()
    if lowered in {"initial", "unset", "revert", "revert-layer"} or (
        "var(" in lowered and not key.startswith(("fill", "stroke"))
    ):
        raise PaperError(f"giá trị {key}: {value[:30]} chưa đọc được; hãy xuất với Presentation Attributes")
    if key in _ONLY:
        wanted, what = _ONLY[key]
        parts = {part.removesuffix("px") for part in lowered.split()}
        if what and not parts <= {wanted, "0"}:
            raise PaperError(f"dùng {what}, máy in không giữ được; hãy xuất bản nét đơn giản, màu đặc")
    elif key in OWN and lowered == "inherit":
        raise PaperError(f"giá trị {key}: inherit chưa đọc được; hãy xuất với Presentation Attributes")
    elif key not in INHERITED and key not in OWN and not _HARMLESS.match(key) and not key.startswith("--"):
        raise PaperError(f"kiểu {key[:30]!r} chưa đọc được; hãy xuất với Presentation Attributes, bỏ hiệu ứng")


def colour_of(value: str, current: str = "#000000") -> str | None:
    """A colour as #rrggbb, None for none (SVG 2, 13.2; CSS Color 3); raises PaperError for what is no flat colour."""
    value = value.strip().lower()
    if value == "currentcolor":
        value = current.strip().lower()
    if value in {"none", "transparent"}:
        return None
    if value in ImageColor.colormap or _HSL.fullmatch(value):
        red, green, blue = ImageColor.getrgb(value)[:3]
        value = f"#{red:02x}{green:02x}{blue:02x}"
    if match := _RGB.fullmatch(value):
        parts = [float(match[at]) * (2.55 if match[at + 1] else 1) for at in (1, 3, 5)]
        alpha = 1.0 if match[7] is None else float(match[7]) / (100 if match[8] else 1)
        value = "#" + "".join(f"{min(255, round(part)):02x}" for part in parts)
        return opaque(value, alpha)
    if not _HEX.fullmatch(value):
        what = "có chuyển sắc hoặc hoa văn" if "url(" in value else f"có màu lạ {value[:40]!r}"
        raise PaperError(f"{what}, không in được; hãy xuất bản màu đặc")
    digits = value[1:] if len(value) > 5 else "".join(2 * digit for digit in value[1:])  # noqa: PLR2004 -- #rgb, #rgba
    return opaque(f"#{digits[:6]}", int(digits[6:] or "ff", 16) / 255)


def opaque(colour: str | None, alpha: float) -> str | None:
    """The colour where it covers wholly, None where not at all; what is between is refused."""
    if alpha >= 1:
        return colour
    if alpha <= 0 or colour is None:
        return None
    raise PaperError("có phần trong suốt; hãy xuất bản màu đặc")


def alpha_of(value: str) -> float:
    """An opacity, 0 to 1."""
    number, unit = _parted(value)
    if unit not in {"", "%"}:
        raise PaperError(f"số viết sai {value[:30]!r}; hãy xuất lại từ bản gốc")
    return number / 100 if unit == "%" else number


def length_of(value: str, view: tuple[float, float], axis: str = "") -> float:
    """A length in user units; percentages are of the view's width (axis x), height (y) or diagonal (SVG 2, 8.9)."""
    number, unit = _parted(value)
    if unit == "%":
        whole = {"x": view[0], "y": view[1]}.get(axis, hypot(*view) / sqrt(2))
        return number * whole / 100
    if unit not in _PX:
        raise PaperError(f"đơn vị {unit!r} chưa đọc được; hãy xuất lại với đơn vị px hoặc mm")
    return number * _PX[unit]


def _parted(value: str) -> tuple[float, str]:
    match = _LENGTH.fullmatch(value.strip())
    if not match:
        raise PaperError(f"có số viết sai {value[:30]!r}; hãy xuất lại từ bản gốc")
    return float(match[1]), match[2].lower()
