"""The map's data at 100,000 points: milliseconds of CPU for one answer of `/api/v1/map/cells`, by zoom.

    python benchmarks/map_cells.py [POINTS]

Points stand in forty invented markets and a thin spread over a province; SQLite; clusters, extent and points alike.
"""

import json
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import insert

from app.actors import SYSTEM
from app.db import db, migrate, unit_of_work
from app.factory import create_app
from app.mapping.queries import Wish, clusters, extent, spots
from app.mapping.rules import SINGLE_MAX, Box
from app.places.actions import create_commune, create_province
from app.registry.models import Point, PointState
from app.registry.rules.cells import cell_of
from app.registry.rules.stages import STAGES
from app.settings import Settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ZOOMS = (6, 8, 10, 12, 14, 16, 18)
VIEWS = 25
SCREEN = (1000, 700)


def places(number: int) -> list[tuple[float, float]]:
    draw = random.Random(7)
    markets = [(draw.uniform(19.5, 20.5), draw.uniform(105, 106)) for _ in range(40)]
    found = []
    for at in range(number):
        lat, lng = draw.choice(markets) if at % 5 else (draw.uniform(19.5, 20.5), draw.uniform(105, 106))
        spread = 0.002 if at % 5 else 0
        found.append((lat + draw.gauss(0, spread), lng + draw.gauss(0, spread)))
    return found


def fill(number: int) -> None:
    draw = random.Random(8)
    with unit_of_work():
        province = create_province("98", "tỉnh", "Mẫu", SYSTEM, NOW)
        unit = create_commune(province, "99001", "xã", "Mẫu", SYSTEM, NOW).id
        points, states = [], []
        for at, (lat, lng) in enumerate(places(number), start=1):
            where = {"unit_id": unit, "lat": lat, "lng": lng, "cell": cell_of(lat, lng)}
            points.append({"id": at, "code": f"P{at}", "created_at": NOW, "updated_at": NOW, **where})
            states.append({"point_id": at, "kind": "stall", "stage": draw.choice(list(STAGES)), **where})
        db.session.execute(insert(Point), points)
        db.session.execute(insert(PointState), states)


def view(zoom: int, draw: random.Random) -> Box:
    """A screen of the map around some point at this zoom."""
    lat, lng = draw.choice(CENTRES)
    width, height = (pixels * 360 / 256 / 2**zoom for pixels in SCREEN)
    return Box(lng - width / 2, max(-80, lat - height / 2), lng + width / 2, min(80, lat + height / 2))


def answer(zoom: int, box: Box) -> int:
    wish = Wish(box=box)
    found = clusters(wish, zoom)
    total, _ = extent(found)
    alone = None if total <= SINGLE_MAX else [each.point_id for each in found if each.n == 1]
    return len(spots(wish, alone)) + (0 if alone is None else len(found) - len(alone))


CENTRES: list[tuple[float, float]] = []


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    CENTRES.extend(random.Random(9).sample(places(number), 200))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "choso.sqlite3")
        app = create_app(Settings(Path(folder), f"sqlite:///{file}", 8000, "x" * 8 + "0123456789abcdef" * 2))
        with app.app_context():
            migrate(db.engine)
            fill(number)
            figures: dict[str, object] = {"points": number}
            for zoom in ZOOMS:
                draw, spent, items = random.Random(zoom), [], 0
                for _ in range(VIEWS):
                    box = view(zoom, draw)
                    start = time.process_time()
                    items = max(items, answer(zoom, box))
                    spent.append((time.process_time() - start) * 1000)
                p95 = quantiles(spent, n=20)[-1]
                figures[f"z{zoom}"] = {"p50_ms": round(median(spent), 1), "p95_ms": round(p95, 1), "items_max": items}
            db.session.remove()
            db.engine.dispose()
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
