"""The list of merchants: search without accents, filters, Vietnamese order, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.actors import Actor
from app.approval.rules import APPROVED, PROPOSED
from app.db import db
from app.places.models import Unit, Zone
from app.places.queries import units_below
from app.qr import bank_name
from app.registry.models import Merchant, MerchantState, PaymentAccount, Point, PointState
from app.registry.queries.bulk import chosen_by
from app.registry.queries.issues import has_issue
from app.registry.queries.reach import merchants_in_reach
from app.registry.rules.issues import ISSUES
from app.registry.rules.recency import ON_THE_WALL, Recency, most_urgent, recency
from app.registry.rules.rights import sees_accounts
from app.registry.rules.search import NUMBER_MIN, search_words, typed_number, words_text
from app.registry.rules.stages import STAGES
from app.registry.rules.words import COMMON_LINES, POINT_KINDS
from app.vn.dates import local_date
from app.vn.text import fold
from app.web.paging import Cut, Page

#: How a list may be sorted; the first is how it comes.
SORTS = {
    "name": "Tên gọi",
    "stall": "Chợ, dãy, quầy",
    "new": "Mới thêm",
    "stage": "Đổi chặng gần nhất",
    "checked": "Lâu chưa kiểm tra",
}
CHUNK = 500


@dataclass(frozen=True, slots=True)
class MerchantFilter:
    """What a list is narrowed to; empty means not narrowed."""

    q: str = ""
    stages: tuple[str, ...] = ()
    zone_id: int | None = None
    unit_id: int | None = None
    point_kind: str = ""
    waiting: bool = False  #: only those whose account waits for approval
    issue: str = ""  #: a key of rules.issues.ISSUES, as things stand at `now`
    line: str = ""  #: line of business, exactly
    chosen: int | None = None  #: only those this person chose for a file (models.BulkAct)
    now: datetime | None = None
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class MerchantLine:
    """One row of the list."""

    id: int
    code: str
    shop_name: str
    holder_name: str
    kind: str
    phone: str | None
    line_of_business: str
    place: str
    stage: str
    since: datetime | None
    stalls: tuple[str, ...]
    zones: tuple[str, ...]
    lat: float | None
    lng: float | None
    bank: str
    account_number: str
    account_waits: bool
    is_sample: bool
    tax_code: str | None
    online_shops: int
    has_soundbox: bool | None
    added: date
    checked: Recency | None  #: of the point to go to first; None where they hold none


def merchant_page(actor: Actor, wanted: MerchantFilter, cut: Cut) -> Page[MerchantLine]:
    """One page of the merchants this person may see. Five queries, whatever the page."""
    conditions = _conditions(actor, wanted)
    total = _count(conditions)
    ids = db.session.scalars(_ids(wanted, conditions).offset(cut.offset).limit(cut.per_page)).all()
    return cut.page(merchant_lines(ids, wanted.now), total)


def merchant_count(actor: Actor, wanted: MerchantFilter) -> int:
    """How many merchants the filter holds."""
    return _count(_conditions(actor, wanted))


def _count(conditions: Collection[ColumnElement[bool]]) -> int:
    return db.session.scalar(select(func.count()).select_from(MerchantState).where(*conditions)) or 0


def merchant_ids(actor: Actor, wanted: MerchantFilter) -> Sequence[int]:
    """Every merchant of the filter, in its order."""
    return db.session.scalars(_ids(wanted, _conditions(actor, wanted))).all()


def stage_counts(actor: Actor, wanted: MerchantFilter) -> dict[str, int]:
    """How many merchants stand at each stage, in the order of the ladder; the filter's own stages do not count."""
    query = select(MerchantState.stage, func.count()).where(*_conditions(actor, wanted, by_stage=False))
    found = {row[0]: row[1] for row in db.session.execute(query.group_by(MerchantState.stage))}
    return {stage: found[stage] for stage in STAGES if stage in found}


def merchant_lines(ids: Sequence[int], now: datetime | None = None) -> list[MerchantLine]:
    """The rows of these merchants, in the order given; how long ago each was looked at is told as of `now`."""
    lines: list[MerchantLine] = []
    today = local_date(now) if now is not None else date.min
    for start in range(0, len(ids), CHUNK):
        lines += _lines(ids[start : start + CHUNK], today)
    return lines


def lines_of_business(actor: Actor, limit: int = 60) -> Sequence[str]:
    """The lines of business that are in use, the most frequent first: what a form suggests."""
    query = (
        select(Merchant.line_of_business)
        .join(MerchantState, MerchantState.merchant_id == Merchant.id)
        .where(merchants_in_reach(actor), Merchant.line_of_business != "")
        .group_by(Merchant.line_of_business)
        .order_by(func.count().desc(), Merchant.line_of_business)
    )
    return db.session.scalars(query.limit(limit)).all()


def suggested_lines(actor: Actor) -> list[str]:
    """What a form suggests: what the commune writes already, then the common ones nobody has written otherwise."""
    used = lines_of_business(actor)
    known = {fold(line) for line in used}
    return [*used, *(line for line in COMMON_LINES if fold(line) not in known)]


def _conditions(actor: Actor, wanted: MerchantFilter, *, by_stage: bool = True) -> list[ColumnElement[bool]]:
    conditions = [merchants_in_reach(actor)]
    conditions += _said(actor, wanted.q)
    if by_stage and wanted.stages:
        conditions.append(MerchantState.stage.in_(wanted.stages))
    if wanted.zone_id is not None:
        conditions.append(_holds(PointState.zone_id == wanted.zone_id))
    if wanted.unit_id is not None:
        conditions.append(MerchantState.unit_id.in_(units_below([wanted.unit_id])))
    if wanted.point_kind in POINT_KINDS:
        conditions.append(_holds(PointState.kind == wanted.point_kind))
    if wanted.waiting:
        waits = select(PaymentAccount.merchant_id).where(PaymentAccount.state == PROPOSED)
        conditions.append(MerchantState.merchant_id.in_(waits))
    if wanted.line:
        sells = select(Merchant.id).where(Merchant.line_of_business == wanted.line)
        conditions.append(MerchantState.merchant_id.in_(sells))
    if wanted.chosen is not None:
        conditions.append(MerchantState.merchant_id.in_(chosen_by(actor, wanted.chosen)))
    if wanted.issue in ISSUES and wanted.now is not None:
        conditions.append(has_issue(wanted.issue, wanted.now))
    return conditions


def _said(actor: Actor, query: str) -> list[ColumnElement[bool]]:
    """Every word is found; a whole account number finds whose it is for those who may read it (lists keep its tail)."""
    words = [MerchantState.search.contains(word, autoescape=True) for word in search_words(query)]
    number = typed_number(query)
    if not words or not sees_accounts(actor) or len(number) < NUMBER_MIN:
        return words
    theirs = select(PaymentAccount.merchant_id).where(
        PaymentAccount.account_number == number.upper(), PaymentAccount.state.in_((PROPOSED, APPROVED))
    )
    return [or_(and_(*words), MerchantState.merchant_id.in_(theirs))]


def _holds(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return MerchantState.merchant_id.in_(select(PointState.merchant_id).where(condition))


def _ids(wanted: MerchantFilter, conditions: Collection[ColumnElement[bool]]) -> Select[int]:
    query = select(MerchantState.merchant_id).where(*conditions)
    words = words_text(wanted.q)
    if words:  # who types accents wants them: exact matches first
        query = query.order_by(case((MerchantState.words.contains(words, autoescape=True), 0), else_=1))
    if wanted.sort == "stall":
        return query.order_by(MerchantState.walk_key, MerchantState.sort_key, MerchantState.merchant_id)
    if wanted.sort == "new":
        return query.order_by(MerchantState.merchant_id.desc())
    if wanted.sort == "stage":
        return query.order_by(MerchantState.since.desc().nulls_last(), MerchantState.merchant_id.desc())
    if wanted.sort == "checked":
        seen = (
            select(PointState.merchant_id, func.min(PointState.seen_at).label("seen_at"))
            .where(PointState.merchant_id.is_not(None), PointState.stage.in_(ON_THE_WALL))
            .group_by(PointState.merchant_id)
            .subquery()
        )
        query = query.outerjoin(seen, seen.c.merchant_id == MerchantState.merchant_id)
        return query.order_by(
            seen.c.merchant_id.is_(None), seen.c.seen_at.asc().nulls_first(), MerchantState.merchant_id
        )
    return query.order_by(MerchantState.sort_key, MerchantState.merchant_id)


def _lines(ids: Sequence[int], today: date) -> Iterator[MerchantLine]:
    query = (
        select(Merchant, MerchantState.stage, MerchantState.since, Unit)
        .join(MerchantState, MerchantState.merchant_id == Merchant.id)
        .join(Unit, Unit.id == Merchant.unit_id)
        .where(Merchant.id.in_(ids))
    )
    rows = {merchant.id: (merchant, stage, since, unit) for merchant, stage, since, unit in db.session.execute(query)}
    points, accounts = _points(ids), _accounts(ids)
    for merchant_id in ids:
        if merchant_id in rows:
            merchant, stage, since, unit = rows[merchant_id]
            held, account = points.get(merchant_id, []), accounts.get(merchant_id)
            yield _line(merchant, stage, since, unit, held, account, today)


@dataclass(frozen=True, slots=True)
class _Held:
    code: str
    zone: str
    lat: float | None
    lng: float | None
    kind: str
    stage: str
    seen_at: datetime | None

    def recency(self, today: date) -> Recency:
        return recency(self.kind, self.stage, local_date(self.seen_at) if self.seen_at else None, today)


def _points(ids: Sequence[int]) -> Mapping[int, list[_Held]]:
    query = (
        select(
            PointState.merchant_id,
            Point.code,
            Zone.name,
            Point.lat,
            Point.lng,
            PointState.kind,
            PointState.stage,
            PointState.seen_at,
        )
        .join(Point, Point.id == PointState.point_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(PointState.merchant_id.in_(ids))
        .order_by(Point.id)
    )
    held: dict[int, list[_Held]] = defaultdict(list)
    for merchant_id, code, zone, lat, lng, kind, stage, seen_at in db.session.execute(query):
        if merchant_id is not None:
            held[merchant_id].append(_Held(code, zone or "", lat, lng, kind, stage, seen_at))
    return held


def _accounts(ids: Sequence[int]) -> dict[int, PaymentAccount]:
    """The newest account of each: approved before proposed."""
    query = select(PaymentAccount).where(
        PaymentAccount.merchant_id.in_(ids), PaymentAccount.state.in_((PROPOSED, APPROVED))
    )
    order = (PaymentAccount.state.desc(), PaymentAccount.version)
    return {account.merchant_id: account for account in db.session.scalars(query.order_by(*order))}


def _line(
    merchant: Merchant,
    stage: str,
    since: datetime | None,
    unit: Unit,
    points: Sequence[_Held],
    account: PaymentAccount | None,
    today: date,
) -> MerchantLine:
    located = next((point for point in points if point.lat is not None), None)
    return MerchantLine(
        id=merchant.id,
        code=merchant.code,
        shop_name=merchant.shop_name,
        holder_name=merchant.holder_name,
        kind=merchant.kind,
        phone=merchant.phone,
        line_of_business=merchant.line_of_business,
        place=unit.title,
        stage=stage,
        since=since,
        stalls=tuple(point.code for point in points),
        zones=tuple(dict.fromkeys(point.zone for point in points if point.zone)),
        lat=located.lat if located else None,
        lng=located.lng if located else None,
        bank=(bank_name(account.bank_bin) if account.bank_bin else account.provider) if account else "",
        account_number=account.account_number if account else "",
        account_waits=account is not None and account.state == PROPOSED,
        is_sample=merchant.is_sample,
        tax_code=merchant.tax_code,
        online_shops=len(merchant.online_shops),
        has_soundbox=merchant.has_soundbox,
        added=local_date(merchant.created_at),
        checked=most_urgent(point.recency(today) for point in points),
    )
