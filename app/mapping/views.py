"""Office pages: the map, and the floor plan of a zone. Also the pieces of the map that folium draws."""

import importlib
from functools import cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.mapping.marks import KIND_MARKS, MARKS, as_json
from app.mapping.overview import overview
from app.mapping.plans import plan_of
from app.mapping.rules import MAP_ROLES
from app.places.queries import zone_in_reach
from app.registry.queries.reach import points_in_reach
from app.registry.rules.stages import STAGES
from app.web.access import allow, current_actor, may_open, public

if TYPE_CHECKING:
    from app.mapping.drawing import MapParts

pages = Blueprint("mapping", __name__)
DRAWING_SECONDS = 3600
RECORDS = "/desk/merchants/"
STALE_PIECES = "/desk/prints/pieces?stale=1"


@pages.get("/desk/map")
@allow(*MAP_ROLES)
def desk_map() -> ResponseReturnValue:
    """The office's map with coverage of zones and hamlets beside it."""
    actor = current_actor()
    beside = overview(points_in_reach(actor))
    counts = dict(beside["counts"])
    stale = _opened(STALE_PIECES)
    config = map_config(by="stage", link=_opened(RECORDS), link_words="Mở hồ sơ", counts=counts, stale_link=stale)
    return render_template("map/desk.html", map=map_html(), config=config, stale_link=stale, **beside)


@pages.get("/desk/map/<slug>")
@allow(*MAP_ROLES)
def desk_zone(slug: str) -> ResponseReturnValue:
    """The floor plan of a zone: each stall's stage, each row's coverage, and the same as a table."""
    zone = zone_in_reach(current_actor(), slug)
    plan = plan_of(zone)
    stage = request.args.get("stage", "")
    counts = [(code, plan.whole.counts[code]) for code in STAGES if plan.whole.counts.get(code)]
    return render_template(
        "map/zone.html",
        zone=zone,
        plan=plan,
        counts=counts,
        marks=MARKS,
        stage=stage if stage in STAGES else "",
        records=_opened(RECORDS),
        stale_link=_opened(STALE_PIECES),
    )


def _opened(address: str) -> str:
    """Where a link leads, "" for whoever would be refused there (a province looks at the map, at no record)."""
    page = f"{address}HK-000000" if address == RECORDS else address
    return address if may_open(page) else ""


@pages.get("/map/draw.js")
@public
def draw_js() -> Response:
    """The script with which folium makes the map."""
    return _drawing(_parts().script, "text/javascript; charset=utf-8")


@pages.get("/map/draw.css")
@public
def draw_css() -> Response:
    """The style with which folium sizes the map."""
    return _drawing(_parts().style, "text/css; charset=utf-8")


def map_html() -> str:
    """The element that folium fills."""
    return _parts().html


def map_config(*, by: str, link: str, link_words: str, **further: object) -> dict[str, object]:
    """What static/js/map/page.js needs to know; `by` is stage (office) or kind (residents)."""
    only = [word for word in request.args.get(by, "").split(",") if word]
    return {
        "source": url_for("mapping_api.cells"),
        "places": url_for("mapping_api.places"),
        "marks": as_json(list((MARKS if by == "stage" else KIND_MARKS).values())),
        "by": by,
        "only": only,
        "link": link,
        "link_words": link_words,
        "fixed": {},
        "at": _requested_place(),
        "nothing": "Chưa có điểm nào trên bản đồ hợp với bộ lọc.",
        "nothing_here": "Không có điểm nào trong khung này. Bấm “Xem tất cả”.",
        **further,
    }


def _requested_place() -> list[float] | None:
    """`?at=lat,lng`: where a link from a merchant's page leads."""
    try:
        lat, lng = (float(part) for part in request.args.get("at", "").split(","))
    except ValueError:
        return None
    return [lat, lng] if abs(lat) <= 90 and abs(lng) <= 180 else None  # noqa: PLR2004 - degrees; NaN is refused too


@cache
def _parts() -> "MapParts":
    """Folium is imported when the first map is opened: it brings numpy along, which takes a second at the start."""
    parts: MapParts = importlib.import_module("app.mapping.drawing").map_parts()
    return parts


def _drawing(text: str, kind: str) -> Response:
    response = Response(text, content_type=kind)
    response.cache_control.max_age = DRAWING_SECONDS
    response.cache_control.public = True
    return response
