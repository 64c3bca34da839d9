"""One file that is a whole map: Leaflet, our own script and every point inside it; nothing is ever fetched.

The page carries its own Content-Security-Policy with the hash of each script and style, so that even a browser fault
could not make it load or run anything else. Points stand in a JSON data block: a name is never markup, never script.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.mapping.drawing import map_parts
from app.mapping.marks import MARKS, Mark, as_json, unknown_mark
from app.mapping.spots import Spot
from app.paths import resource_dir, vendor_dir

#: Our modules in the order in which they use each other.
MODULES: Final = ("words", "marks", "layer", "ground", "file")
STYLES: Final = ("tokens", "map", "map-file")
FONT_WEIGHTS: Final = ("400", "700")
COLUMNS: Final = ("code", "name", "holder", "zone", "row", "stall", "lat", "lng", "stage")
#: Beyond this many words of its own, a file's stage column is surely something else: they are shown as one.
OWN_STAGES_MAX: Final = 12
OTHER_STAGE: Final = "Khác"
_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_FONT_FACE = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)
_URL = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)")
_LINE_WITH_URL = re.compile(r"^[^\n]*url\((?!data:)[^\n]*\n", re.MULTILINE)
_ENDS_ELEMENT = re.compile(r"</(?:script|style)|<!--", re.IGNORECASE)
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def page(spots: Sequence[Spot], title: str) -> str:
    """The whole page as HTML text; the same spots and title give the same text."""
    parts = map_parts()
    scripts = [_leaflet_js(), _plain(parts.script), _own_script()]
    styles = [_leaflet_css(), f"{_fonts()}\n{_own_styles()}\n{parts.style}"]
    template = Environment(
        loader=FileSystemLoader(resource_dir("templates")), autoescape=True, undefined=StrictUndefined
    ).get_template("map/file.html")
    return template.render(
        title=title,
        policy=_policy(scripts, styles),
        styles=[Markup(style) for style in styles],  # noqa: S704 - our own files, checked by `_plain`
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files, checked by `_plain`
        map_html=Markup(parts.html),  # noqa: S704 - folium's empty element, no merchant's text
        data=Markup(data_block(spots)),  # noqa: S704 - JSON without any "<"
        icon=_data_url("image/svg+xml", (resource_dir("static") / "icons" / "favicon.svg").read_bytes()),
    )


def data_block(spots: Sequence[Spot]) -> str:
    r"""The points as JSON for a script element: every "<" is written \u003c, so that no name can end the element."""
    marks = _marks_of(spots)
    index = {mark.stage: number for number, mark in enumerate(marks)}
    other = index.get(OTHER_STAGE, 0)
    zones = sorted({spot.zone for spot in spots if spot.zone})
    zone_index = {zone: number for number, zone in enumerate(zones)}
    rows = [
        [s.code, s.name, s.holder, zone_index.get(s.zone, -1), s.row, s.stall, s.lat, s.lng, index.get(s.stage, other)]
        for s in spots
    ]
    data: dict[str, Any] = {"columns": COLUMNS, "stages": as_json(marks), "zones": zones, "rows": rows}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _marks_of(spots: Iterable[Spot]) -> list[Mark]:
    """The marks of the stages that occur, in their order; a file's own stages after them."""
    stages = {spot.stage for spot in spots}
    known = [mark for stage, mark in MARKS.items() if stage in stages]
    own = sorted(stages - MARKS.keys())
    if len(own) > OWN_STAGES_MAX:
        own = [OTHER_STAGE]
    return known + [unknown_mark(words) for words in own]


def _policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(script) for script in scripts)}",
            f"style-src {' '.join(_hash(style) for style in styles)}",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _leaflet_js() -> str:
    """Leaflet without its source map and without the link in its attribution: the file names no address."""
    script = (vendor_dir() / "leaflet" / "leaflet.js").read_text("utf-8")
    return _plain(_SOURCE_MAP.sub("", script).replace('href="https://leafletjs.com"', ""))


@cache
def _leaflet_css() -> str:
    """Leaflet's style without the pictures of controls that are not used here."""
    return _plain(_LINE_WITH_URL.sub("", (vendor_dir() / "leaflet" / "leaflet.css").read_text("utf-8")))


@cache
def _own_script() -> str:
    """Our modules as one classic script: imports and exports fall away, everything lives in one function."""
    folder = resource_dir("static") / "js" / "map"
    modules = [(folder / f"{name}.js").read_text("utf-8") for name in MODULES]
    body = "\n".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules)
    return _plain(f'(() => {{\n"use strict";\n{body}}})();\n')


@cache
def _own_styles() -> str:
    folder = resource_dir("static") / "css"
    return _plain("\n".join((folder / f"{name}.css").read_text("utf-8") for name in STYLES))


@cache
def _fonts() -> str:
    """The house's typeface inside the file, in two weights."""
    sheet = resource_dir("static") / "css" / "fonts.css"
    faces = _FONT_FACE.findall(sheet.read_text("utf-8"))
    wanted = [
        face
        for face in faces
        if "latin-ext" not in face and any(f"font-weight: {weight};" in face for weight in FONT_WEIGHTS)
    ]
    return _plain(
        "\n".join(
            _URL.sub(lambda link: f'url("{_data_url("font/woff2", (sheet.parent / link[1]).read_bytes())}")', face)
            for face in wanted
        )
    )


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _plain(text: str) -> str:
    """Text that may stand inside a script or style element as it is; a browser hashes it with plain line ends."""
    if _ENDS_ELEMENT.search(text):
        raise ValueError("tệp giao diện có chữ làm đứt thẻ; hãy cài lại")
    return text.replace("\r\n", "\n")
