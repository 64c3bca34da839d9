"""How a list and the floor plans fit: how many of its stalls stand on each market's plan, how many do not."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from app.db import db
from app.places.models import Stall, Unit, Zone
from app.places.queries import commune_of, units_below, zones
from app.registry.models import ImportBatch, ImportRow
from app.vn.stalls import stall_key


@dataclass(frozen=True, slots=True)
class PlanFit:
    """One market of a list: its stalls on the plan and off it; `slug` where the market is known already."""

    market: str
    slug: str
    has_plan: bool
    on_plan: int
    off_plan: int

    @property
    def words(self) -> str:
        """As the preview says it.

        >>> PlanFit("Chợ Thử", "cho-thu", True, 37, 3).words, PlanFit("Chợ Mới", "", False, 0, 40).words
        ('Chợ Thử: 37 quầy có trong sơ đồ, 3 không.', 'Chợ Mới chưa có sơ đồ; danh sách có 40 quầy.')
        """
        if not self.has_plan:
            return f"{self.market} chưa có sơ đồ; danh sách có {self.off_plan} quầy."
        return f"{self.market}: {self.on_plan} quầy có trong sơ đồ, {self.off_plan} không."


def plan_fits(batch: ImportBatch) -> list[PlanFit]:
    """Each market that the list names stalls of, the one with most of them first."""
    if batch.unit_id is None:
        return []
    unit = db.session.get_one(Unit, batch.unit_id)
    known = {zone.name.casefold(): zone for zone in zones(units_below([commune_of(unit).id]))}
    said = (ImportRow.values["market"].as_string(), ImportRow.values["code"].as_string())
    query = select(*said).where(ImportRow.batch_id == batch.id, ImportRow.state.in_(("new", "applied")))
    codes: Counter[tuple[str, str]] = Counter()
    for market, code in db.session.execute(query):
        if market and code:
            codes[market, stall_key(code)] += 1
    markets = Counter(market for market, _ in codes)
    return [_fit(market, known.get(market.casefold()), {key for each, key in codes if each == market}) for market, _ in
            markets.most_common()]  # fmt: skip


def _fit(market: str, zone: Zone | None, keys: set[str]) -> PlanFit:
    planned: set[str] = set()
    if zone is not None:
        query = select(Stall.code).where(Stall.zone_id == zone.id, Stall.valid_to.is_(None))
        planned = {stall_key(code) for code in db.session.scalars(query)}
    on_plan = len(keys & planned)
    return PlanFit(market, zone.slug if zone else "", bool(planned), on_plan, len(keys) - on_plan)
