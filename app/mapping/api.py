"""The map's data: points or clusters of a part of the world, outlines of hamlets and zones."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from app.actors import Actor
from app.mapping.flags import stale_points
from app.mapping.queries import (
    Cluster,
    Spot,
    Wish,
    clusters,
    extent,
    hamlets_with_boundary,
    spots,
    zones_on_map,
)
from app.mapping.rules import MAP_ROLES, SINGLE_MAX, Box, parse_box
from app.places.queries import zone_by_slug
from app.registry.queries.reach import points_in_reach
from app.registry.rules.stages import STAGES
from app.registry.rules.words import POINT_KINDS
from app.vn.dates import local_date
from app.web.access import current_actor, public
from app.web.clock import moment

ZOOM_DEFAULT = 12
DEGREE_DIGITS = 6

api = Blueprint("mapping_api", __name__, url_prefix="/api/v1/map", description="Bản đồ")


def _told(words: str, schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """One answer as the description has it."""
    return {"description": words, "content": {"application/json": {"schema": schema, "example": example}}}


@api.get("/cells")
@public
@api.doc(
    security=[],
    summary="Điểm và cụm điểm trong một khung bản đồ",
    parameters=[
        {"in": "query", "name": name, "schema": {"type": "string"}, "description": words}
        for name, words in (
            ("bbox", "tây,nam,đông,bắc (độ, WGS 84); để trống là mọi nơi"),
            ("z", "mức phóng của bản đồ, 0 đến 22"),
            ("stage", "giai đoạn, cách nhau bằng dấu phẩy"),
            ("kind", "loại điểm, cách nhau bằng dấu phẩy"),
            ("zone", "khu vực (đuôi địa chỉ)"),
            ("hamlet", "thôn, tổ"),
            ("q", "tên, mã; không cần dấu"),
            ("stale", "1: chỉ điểm có bản in đã cũ"),
            ("view", "public: chỉ những gì người dân thấy"),
        )
    ],
    responses={
        "200": _told(
            "Tổng số điểm, khung chứa hết các điểm, và từng điểm (n = 1) hoặc cụm (n > 1)",
            {
                "type": "object",
                "required": ["total", "extent", "items"],
                "properties": {
                    "total": {"type": "integer"},
                    "extent": {"type": ["array", "null"], "items": {"type": "number"}},
                    "items": {"type": "array", "items": {"type": "object", "required": ["n", "lat", "lng"]}},
                },
            },
            {"total": 1, "extent": [105.7, 19.8, 105.7, 19.8], "items": [{"n": 1, "lat": 19.8, "lng": 105.7}]},
        )
    },
)
def cells() -> ResponseReturnValue:
    """Points one by one where there are few, clusters where there are many; `extent` holds all that was asked for."""
    wish = requested_wish(current_actor())
    is_public = wish.public_on is not None
    by = "kind" if is_public else "stage"
    found = clusters(wish, _zoom(), by)
    total, box = extent(found)
    alone = None if total <= SINGLE_MAX else [each.point_id for each in found if each.n == 1]
    items = [_spot_json(spot, is_public=is_public) for spot in spots(wish, alone)]
    if alone is not None:
        items += [_cluster_json(each, by) for each in found if each.n > 1]
    return {"total": total, "extent": _box_json(box), "items": items}


@api.get("/places")
@public
@api.doc(
    security=[],
    summary="Đường bao của thôn, tổ và khu vực",
    responses={
        "200": _told(
            "GeoJSON FeatureCollection",
            {
                "type": "object",
                "required": ["type", "features"],
                "properties": {
                    "type": {"const": "FeatureCollection"},
                    "features": {"type": "array", "items": {"type": "object"}},
                },
            },
            {"type": "FeatureCollection", "features": []},
        )
    },
)
def places() -> ResponseReturnValue:
    """Outlines that were drawn or uploaded, and where each zone lies, as one GeoJSON collection."""
    features = [_feature("hamlet", unit.title, unit.boundary) for unit in hamlets_with_boundary()]
    wish = requested_wish(current_actor())
    features += [_feature("zone", zone.name, zone.geometry or _top(box)) for zone, box in zones_on_map(wish)]
    return {"type": "FeatureCollection", "features": features}


def requested_wish(actor: Actor) -> Wish:
    """What this request asks for, narrowed to what its person may see."""
    args = request.args
    slug, hamlet = args.get("zone", ""), args.get("hamlet", "")
    is_public = not actor.has(*MAP_ROLES) or args.get("view") == "public"
    return Wish(
        box=parse_box(args.get("bbox", "")),
        zone_ids=[zone_by_slug(slug).id] if slug else None,
        unit_ids=[int(hamlet)] if hamlet.isascii() and hamlet.isdigit() and len(hamlet) < 10 else None,  # noqa: PLR2004 - an id
        stages=_among(args.get("stage", ""), STAGES) if not is_public else None,
        kinds=_among(args.get("kind", ""), POINT_KINDS),
        words=args.get("q", "")[:100] if not is_public else "",
        public_on=local_date(moment()) if is_public else None,
        reach=None if is_public else points_in_reach(actor),
        stale_points=None if is_public else stale_points(),
        only_stale=args.get("stale") == "1",
    )


def _among(written: str, known: dict[str, str]) -> list[str] | None:
    """The known words of a comma-separated list; None where nothing was asked."""
    wanted = [word for word in written.split(",") if word]
    return [word for word in wanted if word in known] if wanted else None


def _zoom() -> int:
    written = request.args.get("z", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 2 else ZOOM_DEFAULT  # noqa: PLR2004 - 0 to 22


def _spot_json(spot: Spot, *, is_public: bool) -> dict[str, Any]:
    """A point; residents get no stage, no holder's name and no address in words."""
    shown: dict[str, Any] = {
        "n": 1,
        "lat": spot.lat,
        "lng": spot.lng,
        "code": spot.code,
        "name": spot.name,
        "kind": spot.kind,
        "zone": spot.zone,
        "merchant": spot.merchant,
    }
    if is_public:
        return shown
    return {**shown, "stage": spot.stage, "holder": spot.holder, "place": spot.place, "stale": spot.stale}


def _cluster_json(cluster: Cluster, by: str) -> dict[str, Any]:
    return {
        "n": cluster.n,
        "lat": round(cluster.lat, DEGREE_DIGITS),
        "lng": round(cluster.lng, DEGREE_DIGITS),
        "extent": _box_json(cluster.extent),
        f"{by}s": dict(cluster.counts),
        **({"stale": cluster.stale} if by == "stage" else {}),
    }


def _box_json(box: Box | None) -> list[float] | None:
    return None if box is None else [box.west, box.south, box.east, box.north]


def _feature(kind: str, name: str, geometry: dict[str, Any] | None) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"kind": kind, "name": name}, "geometry": geometry}


def _top(box: Box) -> dict[str, Any]:
    """Where the name of a zone without outline stands: in the middle of its points' upper edge."""
    return {"type": "Point", "coordinates": [(box.west + box.east) / 2, box.north]}
