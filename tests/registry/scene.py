"""An invented commune for the registry's tests: its people, a market, merchants made in one line."""

from datetime import datetime

from app.actors import ADMIN, APPROVER, COORDINATOR, SYSTEM, VOLUNTEER, Actor, Scope
from app.db import db, unit_of_work
from app.places.actions import create_commune, create_province, create_zone
from app.places.actions.zones import ZoneDetails
from app.places.models import Unit, Zone
from app.registry.actions.accounts import approve_account, propose_account
from app.registry.actions.merchants import register_merchant
from app.registry.actions.points import open_point
from app.registry.models import Merchant, PaymentAccount, Point
from app.registry.rules.entries import NewAccount, NewMerchant, NewPoint

EVERYWHERE = frozenset({Scope("all")})


def someone(number: int, *roles: str, session: str = "", scopes: frozenset[Scope] = EVERYWHERE) -> Actor:
    return Actor(number, f"Người {number}", frozenset(roles), scopes, session=session or f"phiên-{number}")


LAN = someone(1, COORDINATOR)
BINH = someone(2, APPROVER)
CUC = someone(3, APPROVER, ADMIN)
DUNG = someone(4, VOLUNTEER)

VCB = "970436"
MB = "970422"
VIETTEL_MONEY = "971005"


def commune(now: datetime, code: str = "99001", name: str = "Cẩm Thử", *, is_sample: bool = False) -> Unit:
    with unit_of_work():
        province = create_province(f"9{code[-1]}", "tỉnh", f"Tỉnh thử {code}", SYSTEM, now)
        return create_commune(province, code, "xã", name, SYSTEM, now, is_sample=is_sample)


def market(now: datetime, unit: Unit, name: str = "Chợ Thử") -> Zone:
    with unit_of_work():
        return create_zone(ZoneDetails(unit_id=unit.id, kind="market", name=name), SYSTEM, now)


def merchant(now: datetime, unit: Unit, holder: str = "Nguyễn Thị Mẫu", **values: object) -> Merchant:
    with unit_of_work():
        return register_merchant(LAN, now, NewMerchant(holder_name=holder, **values), unit.id)  # type: ignore[arg-type]


def stall(now: datetime, holder: Merchant | None, zone: Zone, code: str = "A01-06", **values: object) -> Point:
    with unit_of_work():
        return open_point(LAN, now, holder, NewPoint(code=code, zone_id=zone.id, **values))  # type: ignore[arg-type]


def account(
    now: datetime, holder: Merchant, number: str = "0011001234567", by: Actor = LAN, bank_bin: str = VCB
) -> PaymentAccount:
    with unit_of_work():
        entry = NewAccount(bank_bin=bank_bin, account_number=number, holder_name=holder.holder_name)
        return propose_account(by, now, holder, entry)


def approved(now: datetime, holder: Merchant, number: str = "0011001234567", **values: str) -> PaymentAccount:
    """An account that two persons agreed to, so that the codes of the holder's points are issued."""
    with unit_of_work():
        return approve_account(BINH, now, account(now, holder, number, **values).id)  # type: ignore[arg-type]


def fresh(row: Merchant | Point | PaymentAccount) -> None:
    """Reads the row anew, as another request would."""
    db.session.expire(row)
