"""All that is known about one person, and what they asked for."""

import base64
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table, func, select

from app.actors import Actor
from app.audit.models import AuditEvent
from app.db import Model, db
from app.errors import NotFoundError
from app.registry.models import Consent, Merchant, MerchantState, PersonRequest, Tenancy
from app.registry.queries.reach import merchants_in_reach
from app.registry.rules.rights import KEEPERS
from app.vn.dates import local_date
from app.web.paging import Cut, Page

#: Worked out from other rows, or about comparing one person with others: no new knowledge about this one.
DERIVED = frozenset({"merchant_state", "point_state", "merchant_key", "duplicate_pair"})
#: Places outlive who holds them: their rows are listed, what else hangs on them is somebody else's.
PLACES = frozenset({"point", "unit", "zone", "stall"})
#: Which browser a member of staff used is not the trader's data.
NOT_THEIRS = frozenset({"proposed_session", "issued_session", "session"})


def personal_data(merchant: Merchant) -> dict[str, list[dict[str, Any]]]:
    """Every row about this person, by table: whatever points at their record, in any room, and at that in turn."""
    found: dict[str, set[Any]] = defaultdict(set, {"merchant": {merchant.id}})
    grown = True
    while grown:
        grown = sum(_follow(table, found) for table in Model.metadata.sorted_tables) > 0
    found["point"] = set(db.session.scalars(select(Tenancy.point_id).where(Tenancy.merchant_id == merchant.id)))
    rows = {name: _rows(Model.metadata.tables[name], keys) for name, keys in sorted(found.items()) if keys}
    events = select(AuditEvent).where(AuditEvent.subject_kind == "merchant", AuditEvent.subject_id == str(merchant.id))
    rows["audit_event"] = [
        _shown({"at": each.at, "action": each.action, "by": each.actor_name, "reason": each.reason})
        for each in db.session.scalars(events.order_by(AuditEvent.id))
    ]
    return rows


def _follow(table: Table, found: dict[str, set[Any]]) -> bool:
    """Adds the rows of a table that point at a found one; True when there were new ones."""
    if table.name in DERIVED or table.name in PLACES or table.name == "merchant":
        return False
    before = len(found[table.name])
    for key in table.foreign_keys:
        target = key.column.table.name
        if target not in PLACES and found[target]:
            pointing = select(_key(table)).where(key.parent.in_(sorted(found[target])))
            found[table.name] |= set(db.session.scalars(pointing))
    return len(found[table.name]) > before


def _rows(table: Table, keys: Collection[Any]) -> list[dict[str, Any]]:
    query = select(table).where(_key(table).in_(sorted(keys))).order_by(_key(table))
    return [_shown(dict(row._mapping)) for row in db.session.execute(query)]  # noqa: SLF001 - SQLAlchemy's own name for it


def _key(table: Table) -> Column[Any]:
    return next(iter(table.primary_key.columns))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it."""
    return {name: _value(value) for name, value in row.items() if name not in NOT_THEIRS}


def _value(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def consenting(merchant_ids: Collection[int], purpose: str, today: date) -> set[int]:
    """Which of these merchants agree to this purpose on this day: given, not taken back, not over."""
    query = select(Consent.merchant_id).where(
        Consent.merchant_id.in_(list(merchant_ids)),
        Consent.purpose == purpose,
        Consent.withdrawn_at.is_(None),
        Consent.expires_on.is_(None) | (Consent.expires_on >= today),
    )
    return set(db.session.scalars(query))


def given_consents(merchant: Merchant) -> Sequence[Consent]:
    """Every consent ever given, newest first."""
    query = select(Consent).where(Consent.merchant_id == merchant.id)
    return db.session.scalars(query.order_by(Consent.id.desc())).all()


def requests_of(merchant: Merchant) -> Sequence[PersonRequest]:
    """What this person asked for, newest first."""
    query = select(PersonRequest).where(PersonRequest.merchant_id == merchant.id)
    return db.session.scalars(query.order_by(PersonRequest.id.desc())).all()


def request_page(actor: Actor, state: str, cut: Cut) -> Page[PersonRequest]:
    """One page of the requests in this state, the most urgent first."""
    mine = select(MerchantState.merchant_id).where(merchants_in_reach(actor, *KEEPERS))
    conditions = (PersonRequest.state == state, PersonRequest.merchant_id.in_(mine))
    total = db.session.scalar(select(func.count()).select_from(PersonRequest).where(*conditions)) or 0
    query = select(PersonRequest).where(*conditions).order_by(PersonRequest.due_on, PersonRequest.id)
    return cut.page(db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all(), total)


def open_requests(actor: Actor, now: datetime) -> tuple[int, int]:
    """How many requests wait, and how many of them are late."""
    mine = select(MerchantState.merchant_id).where(merchants_in_reach(actor, *KEEPERS))
    query = select(PersonRequest.due_on).where(PersonRequest.state == "open", PersonRequest.merchant_id.in_(mine))
    days = db.session.scalars(query).all()
    return len(days), sum(day < local_date(now) for day in days)


def request_of(merchant: Merchant, request_id: int) -> PersonRequest:
    """One request of this merchant. Raises NotFoundError."""
    found = db.session.get(PersonRequest, request_id)
    if found is None or found.merchant_id != merchant.id:
        raise NotFoundError("Không có yêu cầu này.", remedy="Hãy mở lại hồ sơ.")
    return found
