"""The sample commune's places and traders, in every stage from a name on a list to money every day."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.actors import APPROVER, COORDINATOR, SYSTEM, VOLUNTEER, Actor
from app.factory.sample.words import (
    COMMUNE,
    HAMLETS,
    MARKET,
    PROVINCE,
    PUBLIC_PLACES,
    ROWS,
    STALLS_PER_ROW,
    STREET_TRADES,
    STREETS,
    Trader,
    traders,
)
from app.places.actions.stalls import lay_out_market
from app.places.actions.units import create_commune, create_hamlet, create_province
from app.places.actions.zones import ZoneDetails, create_zone
from app.places.models import Stall, Unit, Zone
from app.places.rules import Layout
from app.registry.actions.accounts import approve_account, propose_account
from app.registry.actions.consents import give_consent
from app.registry.actions.merchants import register_merchant
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import open_point
from app.registry.models import Merchant, Point
from app.registry.rules.entries import NewAccount, NewConsent, NewMerchant, NewPoint
from app.registry.rules.texts import CONSENT_VERSION

MIDDLE = (16.4436, 107.7012)  #: where the market stands: a place without meaning
VACANT_EVERY = 6  #: one stall in so many is empty
SHOPS_PER_STREET = 24
#: How far a trader has come -> share in thousandths; the rest is only listed.
PROGRESS = (
    ("active", 300),
    ("first_paid", 120),
    ("trained", 80),
    ("installed", 110),
    ("account_ready", 120),
    ("proposed", 70),
    ("consented", 60),
    ("surveyed", 70),
    ("refused", 20),
    ("stopped", 10),
    ("dormant", 20),
)
REACHED = {
    "active": ("surveyed", "installed", "trained", "first_paid", "active"),
    "first_paid": ("surveyed", "installed", "trained", "first_paid"),
    "trained": ("surveyed", "installed", "trained"),
    "installed": ("surveyed", "installed"),
    "account_ready": ("surveyed",),
    "proposed": ("surveyed",),
    "consented": ("surveyed",),
    "surveyed": ("surveyed",),
    "refused": ("surveyed", "refused"),
    "stopped": ("surveyed", "installed", "first_paid", "stopped"),
    "dormant": ("surveyed", "installed", "first_paid", "dormant"),
}
WITH_CONSENT = frozenset(name for name, _ in PROGRESS) - {"surveyed", "refused"}
WITH_ACCOUNT = WITH_CONSENT - {"consented"}
APPROVED = WITH_ACCOUNT - {"proposed"}
TEXT_VERSION = CONSENT_VERSION
WHY_NOT = ("fee", "tax", "no_phone", "no_customers")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sample lies."""

    commune: Unit
    hamlets: Sequence[Unit]
    market: Zone
    stalls: Sequence[Stall]
    streets: Sequence[Zone]


@dataclass(frozen=True, slots=True)
class Standing:
    """A trader's point and how far they have come."""

    merchant: Merchant
    point: Point
    progress: str


def add_places(now: datetime) -> Places:
    """Province, commune, hamlets, a market with its floor plan, two streets."""
    province = create_province("00", *PROVINCE, SYSTEM, now, is_sample=True)
    commune = create_commune(province, "00000", *COMMUNE, SYSTEM, now, is_sample=True)
    hamlets = [create_hamlet(commune, "thôn", name, SYSTEM, now, is_sample=True) for name in HAMLETS]
    lat, lng = MIDDLE
    market = create_zone(
        ZoneDetails(
            commune.id, "market", MARKET, lead="Đoàn Thanh niên xã", partner="Ban quản lý chợ", lat=lat, lng=lng
        ),
        SYSTEM,
        now,
        is_sample=True,
    )
    layout = Layout(rows=len(ROWS), stalls_per_row=STALLS_PER_ROW, cross_aisle_after=STALLS_PER_ROW // 2)
    stalls = lay_out_market(market, layout, SYSTEM, now)
    streets = [
        create_zone(
            ZoneDetails(hamlets[index].id, "street", name, phase=index + 1, lead="Hội Phụ nữ", lat=lat, lng=lng),
            SYSTEM,
            now,
            is_sample=True,
        )
        for index, name in enumerate(STREETS)
    ]
    return Places(commune, hamlets, market, stalls, streets)


class Registrar:
    """Registers the sample's traders as the commune would: volunteer asks, coordinator proposes, approver approves."""

    def __init__(self, people: Mapping[str, Actor], places: Places, rng: random.Random, now: datetime) -> None:
        self.people = people
        self.places = places
        self.rng = rng
        self.now = now
        self.begun = now - timedelta(days=62)

    def market(self) -> list[Standing]:
        """Stalls of the market, row by row; a few stand empty."""
        found: list[Standing] = []
        number = 1
        for row, trades in enumerate(ROWS):
            stock = traders(self.rng, trades, number)
            first = row * STALLS_PER_ROW
            for index, stall in enumerate(self.places.stalls[first : first + STALLS_PER_ROW]):
                if (first + index) % VACANT_EVERY == VACANT_EVERY - 1:
                    continue
                trader = next(stock)
                number = trader.number + 1
                point = NewPoint(stall_id=stall.id, since=self.begun.date(), is_sample=True)
                found.append(self._register(trader, point, self.places.commune.id))
        return found

    def streets(self) -> list[Standing]:
        """Shops along the two streets."""
        found: list[Standing] = []
        for index, street in enumerate(self.places.streets):
            stock = traders(self.rng, STREET_TRADES, 1000 * (index + 1))
            for house in range(SHOPS_PER_STREET):
                lat, lng = self._along(index, house)
                entry = NewPoint(
                    kind="shop",
                    code=f"S{index + 1}-{2 * house + 1:02d}",
                    zone_id=street.id,
                    place=f"Số {2 * house + 1} {street.name}",
                    lat=lat,
                    lng=lng,
                    accuracy_m=8.0,
                    located_how="gps",
                    since=self.begun.date(),
                    is_sample=True,
                )
                found.append(self._register(next(stock), entry, self.places.hamlets[index].id))
        return found

    def public_places(self) -> list[Standing]:
        """One-stop desk, schools, health station, service points, Wi-Fi."""
        found = []
        for index, (kind, point_kind, name, services) in enumerate(PUBLIC_PLACES):
            hamlet = self.places.hamlets[index % len(self.places.hamlets)]
            trader = next(traders(self.rng, ("",), 5000 + index))
            lat, lng = self._along(index % 2, index * 3 + 1)
            entry = NewPoint(
                kind=point_kind,
                code=f"C{index + 1:02d}",
                unit_id=hamlet.id,
                place=f"Thôn {hamlet.name}",
                lat=lat + 0.0004,
                lng=lng,
                located_how="pin",
                services=services,
                opening_hours="Thứ hai – thứ sáu, 7:30–17:00",
                is_sample=True,
            )
            merchant = NewMerchant(name, name, kind, hamlet.id, phone=trader.phone, is_sample=True)
            progress = "surveyed" if point_kind == "amenity" else "active"
            found.append(self._follow(merchant, trader, entry, progress, hamlet.id))
        return found

    def _along(self, street: int, house: int) -> tuple[float, float]:
        lat, lng = MIDDLE
        side = 1 if street else -1
        return lat + side * 0.0012 + 0.00004 * (house % 2), lng - 0.0022 + 0.00016 * house

    def _register(self, trader: Trader, point: NewPoint, unit_id: int) -> Standing:
        merchant = NewMerchant(
            trader.holder_name,
            trader.shop_name,
            unit_id=unit_id,
            phone=trader.phone,
            line_of_business=trader.trade,
            has_soundbox=self.rng.random() < 0.2,  # noqa: PLR2004 - one in five
            is_sample=True,
        )
        return self._follow(merchant, trader, point, self._progress(), unit_id)

    def _follow(self, entry: NewMerchant, trader: Trader, place: NewPoint, progress: str, unit_id: int) -> Standing:
        volunteer, now = self.people[VOLUNTEER], self.now
        merchant = register_merchant(volunteer, now, entry, unit_id)
        point = open_point(volunteer, now, merchant, place)
        if progress in WITH_CONSENT:
            purposes = ("register", "provider", "public_map") if self.rng.random() < 0.9 else ("register",)  # noqa: PLR2004 - one in ten stays off the map
            for purpose in purposes:
                give_consent(volunteer, now, merchant, NewConsent(purpose, "paper", TEXT_VERSION))
        if progress in WITH_ACCOUNT:
            wanted = NewAccount(trader.bank_bin, trader.account_number, trader.holder_name)
            account = propose_account(self.people[COORDINATOR], now, merchant, wanted)
            if progress in APPROVED:
                approve_account(self.people[APPROVER], now, account.id)
        self._record(merchant, point, progress)
        return Standing(merchant, point, progress)

    def _record(self, merchant: Merchant, point: Point, progress: str) -> None:
        moment = self.begun + timedelta(hours=self.rng.randrange(24 * 20))
        for kind in REACHED.get(progress, ()):
            reason = self.rng.choice(WHY_NOT) if kind in {"refused", "stopped"} else ""
            record_milestone(self.people[VOLUNTEER], self.now, merchant, kind, moment, point=point, reason=reason)
            moment += timedelta(hours=self.rng.randrange(12, 24 * 9))

    def _progress(self) -> str:
        mark = self.rng.randrange(1000)
        for name, share in PROGRESS:
            if mark < share:
                return name
            mark -= share
        return "listed"
