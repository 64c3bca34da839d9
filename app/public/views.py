"""Pages for residents and traders."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.mapping.overview import ZONE_KINDS, Line, zone_lines
from app.mapping.plans import plan_of
from app.mapping.queries import Wish, coverage_of, kind_counts
from app.mapping.rules import TAKES_QR
from app.mapping.views import map_config, map_html
from app.places.frame import frame
from app.places.models import Unit, Zone
from app.places.queries import commune_of, units_below, zone_by_slug, zones
from app.public.queries import (
    PublicPoint,
    ServicePoint,
    public_accounts,
    public_merchant,
    service_points,
    traders_named,
)
from app.public.rules import is_web_address, shop_label
from app.registry.models import Merchant
from app.registry.rules.stages import STAGES
from app.vn.dates import local_date
from app.web.access import public
from app.web.clock import moment

pages = Blueprint("public", __name__)
QUERY_MAX = 100
pages.context_processor(frame)


@pages.get("/")
@public
def home() -> ResponseReturnValue:
    """Where can one pay by QR, is this code the seller's own, how far is the commune."""
    wanted = request.args.get("q", "").strip()[:QUERY_MAX]
    found, total = traders_named(wanted, local_date(moment()))
    whole = coverage_of(Wish())
    lines = zone_lines(Wish(), "public.zone")
    return render_template(
        "public/home.html",
        q=wanted,
        results=[{**_shown(trader), "url": url_for("public.merchant", code=trader.code)} for trader in found]
        if wanted
        else None,
        total=total,
        figures={"points": whole.done, "zones": len(lines), "percent": whole.percent, "payments": None},
        zones=[_bar(line) for line in lines],
        cashback=None,
    )


@pages.get("/map")
@public
def residents_map() -> ResponseReturnValue:
    """The map for residents: who takes QR, where to pay in and draw out."""
    config = map_config(
        by="kind",
        link="/m/",
        link_words="Xem trang người bán",
        fixed={"view": "public"},
        counts=kind_counts(Wish(public_on=local_date(moment()))),
        nothing="Chưa có chỗ nào ở đây đồng ý hiện trên bản đồ.",
    )
    return render_template("map/public.html", map=map_html(), config=config, zones=zones())


@pages.get("/m/<code>")
@public
def merchant(code: str) -> ResponseReturnValue:
    """A trader's page, for somebody who wants to be sure before paying."""
    now = moment()
    found, points = public_merchant(code, local_date(now))
    if found.code != code:
        return redirect(url_for("public.merchant", code=found.code))
    takes = any(point.stage in TAKES_QR for point in points)
    accounts = public_accounts(found, now) if takes else []
    return render_template(
        "public/merchant.html",
        merchant=_trader(found, points, accounts[0].holder_name if accounts else found.holder_name),
        accounts=[{"provider": each.provider, "tail": each.tail, "qr": ""} for each in accounts],
    )


@pages.get("/z/<slug>")
@public
def zone(slug: str) -> ResponseReturnValue:
    """The report card of a market, street or centre: how many of how many, and since when."""
    found = zone_by_slug(slug)
    plan = plan_of(found)
    commune = commune_of(found.unit)
    today = local_date(moment())
    rows = [
        {"name": f"Dãy {row}", "percent": part.percent, "done": part.done, "total": part.total}
        for row, part in plan.rows.items()
        if row
    ]
    return render_template(
        "public/zone.html",
        zone=_report(found, commune, {"done": plan.whole.done, "total": plan.whole.total, "as_of": today}),
        counts=[(stage, plan.whole.counts[stage]) for stage in STAGES if plan.whole.counts.get(stage)],
        rows=rows if len(rows) > 1 else [],
        services=[_service(point) for point in service_points(sorted(units_below([commune.id])), today)],
    )


def _shown(trader: Any) -> dict[str, str]:  # noqa: ANN401 - a slotted dataclass as the template's dict
    return {name: getattr(trader, name) for name in trader.__dataclass_fields__}


def _bar(line: Line) -> dict[str, Any]:
    covered = line.coverage
    return {
        "name": line.name,
        "kind": line.kind,
        "url": line.url,
        "percent": covered.percent,
        "done": covered.done,
        "total": covered.total,
    }


def _trader(found: Merchant, points: list[PublicPoint], holder_name: str) -> dict[str, Any]:
    first = points[0]
    seen = max((point.seen_at for point in points if point.seen_at), default=None)
    return {
        "code": found.code,
        "shop_name": found.title,
        "holder_name": holder_name,
        "stall": first.code if first.kind == "stall" else "",
        "place": " · ".join(part for part in (first.zone, first.unit) if part),
        "line": found.line_of_business,
        "stage": first.stage,
        "checked_on": local_date(seen) if seen else None,
        "online_shops": [(shop_label(each), each) for each in found.online_shops if is_web_address(each)],
        "map_url": _map_url(first.lat, first.lng),
        "public": True,
    }


def _report(found: Zone, commune: Unit, covered: dict[str, Any]) -> dict[str, Any]:
    total = covered["total"]
    return {
        "name": found.name,
        "kind": ZONE_KINDS[found.kind],
        "place": commune.title,
        "phase": f"Giai đoạn {found.phase}",
        "lead": found.lead,
        "target_on": found.planned_on,
        "target_percent": found.target_percent,
        "percent": covered["done"] * 100 // total if total else 0,
        "map_url": url_for("public.residents_map", zone=found.slug),
        **covered,
    }


def _service(point: ServicePoint) -> dict[str, str]:
    return {
        "name": point.name,
        "services": point.services,
        "hours": point.hours,
        "url": _map_url(point.lat, point.lng) or url_for("public.residents_map"),
    }


def _map_url(lat: float | None, lng: float | None) -> str:
    return "" if lat is None or lng is None else url_for("public.residents_map", at=f"{lat:.6f},{lng:.6f}")
