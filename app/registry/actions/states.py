"""Working out anew what lists and map read, whenever something they rest on has changed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, delete, select
from sqlalchemy.orm.util import identity_key

from app.approval.rules import APPROVED, PROPOSED
from app.db import db, insert_rows
from app.places.models import Zone
from app.registry.actions.likeness import refresh_likeness
from app.registry.models import Consent, Merchant, MerchantState, Milestone, PaymentAccount, Point, PointState, Tenancy
from app.registry.rules.search import search_text, walk_key, words_text
from app.registry.rules.stages import Fact, Standing, furthest, last_seen, standing
from app.vn.sorting import name_sort_key

CHUNK = 1000
ENDLESS = date.max
SORT_KEY_MAX = 400
#: What is read of merchants and points: columns, for thousands of objects of the session would be made for nothing.
_OF_MERCHANT: Final[tuple[Any, ...]] = (
    Merchant.id,
    Merchant.code,
    Merchant.unit_id,
    Merchant.holder_name,
    Merchant.shop_name,
    Merchant.line_of_business,
    Merchant.phone,
    Merchant.tax_code,
    Merchant.merged_into_id,
    Merchant.erased_at,
)
_OF_POINT: Final[tuple[Any, ...]] = (
    Point.id,
    Point.code,
    Point.kind,
    Point.unit_id,
    Point.zone_id,
    Point.stall_text,
    Point.place,
    Point.cell,
    Point.lat,
    Point.lng,
)

Values = Row[*tuple[Any, ...]]

_waiting: ContextVar[set[int] | None] = ContextVar("choso_states_waiting", default=None)


@contextmanager
def states_refreshed_once() -> Iterator[None]:
    """Many acts on many merchants, one refresh at the end: 365 merchants of the sample in 8 s instead of 20.

    Inside, lists and map still read what stood before.
    """
    waiting: set[int] = set()
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    refresh_states(waiting)


def refresh_states(merchant_ids: Iterable[int]) -> None:
    """Writes stage, search text and map rows of these merchants, of points they ever held, and of who holds those."""
    waiting = _waiting.get()
    if waiting is not None:
        waiting.update(merchant_ids)
        return
    db.session.flush()
    ids = sorted(set(merchant_ids))
    touched: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        chunk = _with_successors(ids[start : start + CHUNK])
        _refresh(chunk)
        touched.update(chunk)
    # All together: which key too many share does not hang on who came first.
    refresh_likeness(sorted(touched))


def rebuild_states() -> int:
    """The same for the whole registry; how many merchants there are."""
    ids = db.session.scalars(select(Merchant.id)).all()
    refresh_states(ids)
    return len(ids)


def _with_successors(ids: Sequence[int]) -> list[int]:
    held = select(Tenancy.point_id).where(Tenancy.merchant_id.in_(ids))
    now = select(Tenancy.merchant_id).where(Tenancy.point_id.in_(held), Tenancy.valid_to.is_(None))
    return sorted({*ids, *db.session.scalars(now)})


def _refresh(ids: Sequence[int]) -> None:
    merchants = db.session.execute(select(*_OF_MERCHANT).where(Merchant.id.in_(ids))).all()
    points = _points(ids)
    facts = _facts(ids)
    public = _public(ids)
    accounts = _accounts(ids)
    markets = _markets(point.zone_id for point, _ in points)
    held: dict[int, list[Values]] = defaultdict(list)
    standings: dict[int, list[Standing]] = defaultdict(list)
    rows = []
    for point, holder in points:
        known = facts.at_point(holder, point.id)
        stands = standing(known)
        if holder is not None:
            held[holder].append(point)
            standings[holder].append(stands)
        rows.append(_point_row(point, holder, stands, known, public.get(holder) if holder else None))
    db.session.execute(delete(PointState).where(PointState.point_id.in_([point.id for point, _ in points])))
    db.session.execute(delete(MerchantState).where(MerchantState.merchant_id.in_(ids)))
    if rows:
        insert_rows(PointState, rows)
    states = [
        _merchant_row(
            merchant,
            furthest(standings[merchant.id]) if standings[merchant.id] else standing(facts.all_of(merchant.id)),
            held[merchant.id],
            accounts[merchant.id],
            markets,
        )
        for merchant in merchants
        if merchant.merged_into_id is None and merchant.erased_at is None
    ]
    if states:
        insert_rows(MerchantState, states)
    for merchant in filter(None, (db.session.identity_map.get(identity_key(Merchant, each)) for each in ids)):
        db.session.expire(merchant, ["state"])


def _points(ids: Sequence[int]) -> list[tuple[Values, int | None]]:
    """Every point these merchants ever held (columns `_OF_POINT`), with who holds it today."""
    held = select(Tenancy.point_id).where(Tenancy.merchant_id.in_(ids))
    current = (Tenancy.point_id == Point.id) & Tenancy.valid_to.is_(None)
    query = select(*_OF_POINT, Tenancy.merchant_id.label("holder"))
    query = query.select_from(Point).outerjoin(Tenancy, current).where(Point.id.in_(held)).order_by(Point.id)
    return [(row, row.holder) for row in db.session.execute(query)]


def _markets(zone_ids: Iterable[int | None]) -> dict[int, tuple[int, str]]:
    """Phase and name of these zones."""
    wanted = {zone_id for zone_id in zone_ids if zone_id is not None}
    query = select(Zone.id, Zone.phase, Zone.name).where(Zone.id.in_(wanted))
    return {zone_id: (phase, name) for zone_id, phase, name in db.session.execute(query)} if wanted else {}


class _Facts:
    """Milestones by merchant; those of one point count only there."""

    def __init__(self, rows: Iterable[tuple[int, int | None, Fact]]) -> None:
        self._by_merchant: dict[int, list[tuple[int | None, Fact]]] = defaultdict(list)
        for merchant_id, point_id, fact in rows:
            self._by_merchant[merchant_id].append((point_id, fact))

    def at_point(self, merchant_id: int | None, point_id: int) -> list[Fact]:
        """What counts for this merchant at this point."""
        known = self._by_merchant.get(merchant_id, []) if merchant_id is not None else []
        return [fact for where, fact in known if where is None or where == point_id]

    def all_of(self, merchant_id: int) -> list[Fact]:
        """What counts for a merchant who holds no point."""
        return [fact for _, fact in self._by_merchant.get(merchant_id, [])]


def _facts(ids: Sequence[int]) -> _Facts:
    query = select(Milestone.merchant_id, Milestone.point_id, Milestone.kind, Milestone.at).where(
        Milestone.merchant_id.in_(ids), Milestone.revoked_at.is_(None)
    )
    rows = db.session.execute(query.order_by(Milestone.id))
    return _Facts((merchant_id, point_id, Fact(kind, at)) for merchant_id, point_id, kind, at in rows)


def _public(ids: Sequence[int]) -> dict[int, date]:
    """Until when each merchant agreed to stand on the public map."""
    query = select(Consent.merchant_id, Consent.expires_on).where(
        Consent.merchant_id.in_(ids), Consent.purpose == "public_map", Consent.withdrawn_at.is_(None)
    )
    until: dict[int, date] = {}
    for merchant_id, expires_on in db.session.execute(query):
        until[merchant_id] = max(until.get(merchant_id, date.min), expires_on or ENDLESS)
    return until


def _accounts(ids: Sequence[int]) -> Mapping[int, list[str]]:
    query = select(PaymentAccount.merchant_id, PaymentAccount.account_number).where(
        PaymentAccount.merchant_id.in_(ids), PaymentAccount.state.in_((PROPOSED, APPROVED))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for merchant_id, number in db.session.execute(query.order_by(PaymentAccount.version)):
        found[merchant_id].append(number)
    return found


def _point_row(
    point: Values, holder: int | None, stands: Standing, known: Sequence[Fact], public_until: date | None
) -> dict[str, Any]:
    return {
        "point_id": point.id,
        "merchant_id": holder,
        "unit_id": point.unit_id,
        "zone_id": point.zone_id,
        "kind": point.kind,
        "stage": stands.stage,
        "since": stands.since,
        "seen_at": last_seen(known),
        "public_until": public_until,
        "cell": point.cell,
        "lat": point.lat,
        "lng": point.lng,
    }


def _merchant_row(
    merchant: Values,
    stands: Standing,
    points: Sequence[Values],
    accounts: Sequence[str],
    markets: Mapping[int, tuple[int, str]],
) -> dict[str, Any]:
    stalls = [(point.zone_id, point.code) for point in points] or [(None, "")]
    written = [text for point in points for text in (point.code, point.stall_text)]
    return {
        "merchant_id": merchant.id,
        "unit_id": merchant.unit_id,
        "stage": stands.stage,
        "since": stands.since,
        "points": len(points),
        "sort_key": name_sort_key(merchant.holder_name)[:SORT_KEY_MAX],
        "walk_key": min(walk_key(zone_id, markets, code) for zone_id, code in stalls),
        "words": words_text(merchant.holder_name, merchant.shop_name),
        "search": search_text(
            merchant.code,
            [merchant.holder_name, merchant.shop_name, merchant.line_of_business, *(point.place for point in points)],
            stalls=written,
            phone=merchant.phone,
            tax_code=merchant.tax_code,
            accounts=accounts,
        ),
    }
