"""The map itself, built with folium and nothing that folium would fetch: no tiles, no CDN, no merchant's text.

Folium writes a page with everything inline. Here its output is taken apart (research/maps.md 2.3), so that the office
page can serve the pieces under a strict Content-Security-Policy and `choso map` can inline them with their hashes.
Merchants never pass through folium: their names would run as script in popups and tooltips (research/maps.md 2.4).
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import folium
from branca.element import MacroElement
from jinja2 import Template

MAP_ID: Final = "choso"
#: Vietnam from above, before the points are known.
MIDDLE: Final = (16.2, 106.3)
ZOOM_START: Final = 6
ZOOM_MIN: Final = 4
ZOOM_MAX: Final = 22
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MapParts:
    """A folium page taken apart: the element that holds the map, the script that makes it, the style that sizes it."""

    html: str
    script: str
    style: str


class SlimMap(folium.Map):
    """A folium map that links to nothing: Leaflet comes from our own static files."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - as folium declares it
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - as folium declares it


class HandOver(MacroElement):
    """Gives the finished Leaflet map its limits, and to our own script under `window.choso_map`."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.setMinZoom({{ this.zoom_min }}).setMaxZoom({{ this.zoom_max }});
        {{ this._parent.get_name() }}.attributionControl.setPrefix(false);
        window.choso_map = {{ this._parent.get_name() }};
        {% endmacro %}"""
    )

    def __init__(self, zoom_min: int, zoom_max: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's own
        self._name = "HandOver"
        self.zoom_min = zoom_min
        self.zoom_max = zoom_max


def map_parts() -> MapParts:
    """The empty map; the same bytes each time."""
    drawn = SlimMap(
        location=list(MIDDLE),
        zoom_start=ZOOM_START,
        tiles=None,
        zoom_control=False,
        zoom_snap=0.5,
        fade_animation=False,
    )
    hand_over = HandOver(ZOOM_MIN, ZOOM_MAX)
    # Ids are random otherwise, and the page would differ with every start.
    drawn._id, hand_over._id = MAP_ID, "hand_over"  # noqa: SLF001 - folium has no other way to name an element
    drawn.add_child(hand_over)
    figure: Any = drawn.get_root()
    figure.render()
    style = [each.strip() for each in _STYLE.findall(figure.header.render()) if MAP_ID in each]
    return MapParts(figure.html.render().strip(), figure.script.render().strip(), "\n".join(style))
