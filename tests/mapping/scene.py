"""A small market on earth with merchants at every distance from the goal, for the tests of map and public pages."""

from datetime import datetime

from app.db import unit_of_work
from app.places import actions
from app.places.actions import ZoneDetails
from app.places.models import Unit, Zone
from app.places.queries import stalls_of
from app.places.rules import Layout
from app.registry.actions.accounts import approve_account, propose_account
from app.registry.actions.consents import give_consent
from app.registry.actions.merchants import register_merchant
from app.registry.actions.milestones import record_milestone
from app.registry.actions.points import open_point
from app.registry.actions.states import states_refreshed_once
from app.registry.models import Merchant
from app.registry.rules.entries import NewAccount, NewConsent, NewMerchant, NewPoint
from tests.registry.scene import BINH, LAN, VCB, commune

LAT, LNG = 20.05, 105.6
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "${alert(1)}",
    "`backtick`",
    "back\\slash",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "Bún chả Hường",
)


def market(now: datetime, name: str = "Chợ Thử", rows: int = 2, stalls: int = 5, lat: float = LAT) -> Zone:
    """A market of this many stalls on earth, in the commune 99001."""
    unit = commune(now)
    with unit_of_work():
        zone = actions.create_zone(ZoneDetails(unit.id, "market", name, lat=lat, lng=LNG, lead="Đoàn xã"), LAN, now)
        actions.lay_out_market(zone, Layout(rows=rows, stalls_per_row=stalls, stall_width_m=4), LAN, now)
    return zone


def trader(
    now: datetime, zone: Zone, at: int, name: str, *, stage: str = "installed", consents: bool = True, **values: object
) -> Merchant:
    """A merchant on the stall of this number (from 0), with a milestone and, if so, consent to stand on the map."""
    stall = stalls_of(zone.id)[at]
    with unit_of_work(), states_refreshed_once():
        entry = NewMerchant(holder_name=f"Nguyễn Thị Mẫu {at}", shop_name=name, **values)  # type: ignore[arg-type]
        merchant = register_merchant(LAN, now, entry, zone.unit_id)
        open_point(LAN, now, merchant, NewPoint(zone_id=zone.id, stall_id=stall.id))
        if stage == "installed":
            _agree_on_an_account(now, merchant, at)
        if stage != "listed":
            record_milestone(LAN, now, merchant, stage, now)
        if consents:
            give_consent(LAN, now, merchant, NewConsent("public_map", "paper", "1"))
    return merchant


def crowd(now: datetime, zone: Zone, number: int) -> None:
    """This many merchants on the first stalls, one in three not yet installed."""
    with unit_of_work(), states_refreshed_once():
        for at, stall in enumerate(stalls_of(zone.id)[:number]):
            entry = NewMerchant(holder_name=f"Nguyễn Thị Mẫu {at}", shop_name=f"Quầy {at}")
            merchant = register_merchant(LAN, now, entry, zone.unit_id)
            open_point(LAN, now, merchant, NewPoint(zone_id=zone.id, stall_id=stall.id))
            if at % 3:
                _agree_on_an_account(now, merchant, at)
                record_milestone(LAN, now, merchant, "installed", now)
            give_consent(LAN, now, merchant, NewConsent("public_map", "paper", "1"))


def _agree_on_an_account(now: datetime, merchant: Merchant, at: int) -> None:
    """No board hangs without a code of an approved account."""
    entry = NewAccount(bank_bin=VCB, account_number=f"00110012{at:05}", holder_name=merchant.holder_name)
    approve_account(BINH, now, propose_account(LAN, now, merchant, entry).id)


def hamlet(now: datetime, unit: Unit, name: str = "1") -> Unit:
    """A hamlet with a square for an outline around the market."""
    ring = [[LNG - 0.01, LAT - 0.01], [LNG + 0.01, LAT - 0.01], [LNG + 0.01, LAT + 0.01], [LNG - 0.01, LAT - 0.01]]
    with unit_of_work():
        row = actions.create_hamlet(unit, "thôn", name, LAN, now)
        actions.draw_unit(row, {"type": "Polygon", "coordinates": [ring]}, (LAT, LNG), LAN, now)
    return row
