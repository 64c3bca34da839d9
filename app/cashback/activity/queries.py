"""The window as people look at it: points with their names and zones, signs open and reviewed, who is close to whom."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.actors import Actor
from app.cashback.activity.checking import Excluded, Findings, Flag, Known, examine
from app.cashback.activity.models import ActivityReview, RelatedPayer
from app.cashback.activity.rules import EXCLUDED, ActivityRules, Counted, is_active
from app.db import db
from app.errors import NotFoundError
from app.places.models import Zone
from app.places.queries import commune_seen
from app.registry.models import Merchant, MerchantState, Milestone, Point, PointState
from app.registry.queries.reach import merchants_in_reach
from app.registry.rules.stages import ACTIVE, DORMANT
from app.settings import Settings
from app.transactions.queries import READERS, received, reports_in_use
from app.vn.phones import PhoneError, parse_phone

NO_ZONE = "Ngoài các khu"
NOT_LISTED = "Không có trong sổ"


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a report as the registry knows it."""

    merchant: Merchant
    zone: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One point of the window; `place` is None where the registry knows no such code."""

    counted: Counted
    place: Place | None
    is_active: bool
    stage: str

    @property
    def zone(self) -> str:
        """Where it counts."""
        return self.place.zone if self.place else NOT_LISTED

    @property
    def suggestion(self) -> str:
        """The milestone that this window speaks for, "" for none."""
        if self.place is None:
            return ""
        if self.is_active:
            return ACTIVE if self.stage != ACTIVE else ""
        return DORMANT if self.stage == ACTIVE and not self.counted.payments else ""


@dataclass(frozen=True, slots=True)
class Sign:
    """Something to look at and what was said about it; `review` is None or lacks payments that came later: open."""

    flag: Flag
    place: Place | None
    review: ActivityReview | None

    @property
    def references(self) -> list[str]:
        """The payments behind it."""
        return self.flag.references.split(" ")

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look."""
        return self.review is None or not set(self.references) <= set(self.review.references)


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A zone's points that were paid in the window, and how many of them are active."""

    name: str
    active: int
    points: int
    payments: int

    @property
    def percent(self) -> int:
        """The active share."""
        return self.active * 100 // self.points if self.points else 0


@dataclass(frozen=True, slots=True)
class Window:
    """Everything about one window."""

    findings: Findings
    rules: ActivityRules
    points: Sequence[Seen]
    signs: Sequence[Sign]
    excluded: Sequence[Excluded]

    @property
    def active_count(self) -> int:
        """How many points are active."""
        return sum(each.is_active for each in self.points)

    @property
    def zones(self) -> list[ZoneLine]:
        """By zone, the largest first."""
        groups: dict[str, list[Seen]] = defaultdict(list)
        for each in self.points:
            groups[each.zone].append(each)
        lines = [
            ZoneLine(name, sum(one.is_active for one in mine), len(mine), sum(one.counted.payments for one in mine))
            for name, mine in groups.items()
        ]
        return sorted(lines, key=lambda line: (-line.points, line.name))


def window(actor: Actor, settings: Settings, last_day: date | None, rules: ActivityRules) -> Window | None:
    """The window up to a day as this person may see it; None while there is no QR payment.

    Points of other people's communes are left out; codes that no registry knows are shown to everybody.
    """
    reports = reports_in_use(actor)
    known = Known(_related(actor), _set_aside(actor))
    found = examine(received(settings, reports), known, last_day, rules)
    if found is None:
        return None
    places, foreign = _places(actor, [each.merchant for each in found.points])
    stages = _stages()
    reviews = {(each.flag, each.point, each.who): each for each in reviews_of(actor) if each.undone_at is None}
    signs = [
        Sign(flag, places.get(flag.merchant), reviews.get((flag.flag, flag.merchant, flag.who)))
        for flag in found.flags
        if flag.merchant not in foreign
    ]
    points = [
        Seen(each, place, is_active(each, rules), stages.get(place.merchant.id, "") if place else "")
        for each in found.points
        if each.merchant not in foreign
        for place in [places.get(each.merchant)]
    ]
    return Window(
        found,
        rules,
        [*points, *_silent(actor, stages, {place.merchant.id for place in places.values()})],
        sorted(signs, key=lambda each: not each.is_open),
        [each for each in found.excluded if each.merchant not in foreign],
    )


def _silent(actor: Actor, stages: Mapping[int, str], heard: Collection[int]) -> list[Seen]:
    """Merchants said to be active whom nobody paid in the window."""
    query = select(Merchant).join(MerchantState, MerchantState.merchant_id == Merchant.id)
    query = query.where(merchants_in_reach(actor, *READERS), Merchant.merged_into_id.is_(None))
    zones = _zones()
    return [
        Seen(Counted(each.code, 0, 0, 0, 0, 0), Place(each, zones.get(each.id, NO_ZONE)), is_active=False, stage=ACTIVE)
        for each in db.session.scalars(query.order_by(Merchant.code))
        if stages.get(each.id) == ACTIVE and each.id not in heard
    ]


def _places(actor: Actor, codes: Sequence[str]) -> tuple[dict[str, Place], set[str]]:
    """Code -> place of those this person may see, and the codes that are somebody else's."""
    wanted = set(codes)
    found: dict[str, Place] = {}
    seen = set(db.session.scalars(select(MerchantState.merchant_id).where(merchants_in_reach(actor, *READERS))))
    zones = _zones()
    foreign: set[str] = set()
    for merchant in db.session.scalars(select(Merchant).where(Merchant.merged_into_id.is_(None))):
        if merchant.code not in wanted:
            continue
        if merchant.id in seen:
            found[merchant.code] = Place(merchant, zones.get(merchant.id, NO_ZONE))
        else:
            foreign.add(merchant.code)
    shared = select(Point.code).group_by(Point.code).having(func.count() > 1)
    held = (
        select(Point.code, Merchant)
        .join(PointState, PointState.point_id == Point.id)
        .join(Merchant, Merchant.id == PointState.merchant_id)
        .where(Point.code.not_in(shared))
    )
    for code, merchant in db.session.execute(held):
        if code in wanted and code not in found and code not in foreign:
            if merchant.id in seen:
                found[code] = Place(merchant, zones.get(merchant.id, NO_ZONE))
            else:
                foreign.add(code)
    return found, foreign


def _zones() -> dict[int, str]:
    """Merchant -> the zone of their first point."""
    query = (
        select(PointState.merchant_id, Zone.name)
        .join(Zone, Zone.id == PointState.zone_id)
        .where(PointState.merchant_id.is_not(None))
        .order_by(PointState.point_id.desc())
    )
    return {merchant_id: name for merchant_id, name in db.session.execute(query) if merchant_id is not None}


def _stages() -> dict[int, str]:
    """Merchant -> `active` or `dormant`, whichever was said last."""
    query = (
        select(Milestone.merchant_id, Milestone.kind)
        .where(Milestone.kind.in_((ACTIVE, DORMANT)), Milestone.revoked_at.is_(None))
        .order_by(Milestone.at, Milestone.id)
    )
    return dict(db.session.execute(query).all())


def _related(actor: Actor) -> list[tuple[str, str, bool]]:
    """(code, payer, is the owner) by the names and numbers that reports may use; the registry's own numbers count."""
    codes = _codes_of()
    rows = []
    owners = select(Merchant.id, Merchant.phone).where(Merchant.phone.is_not(None), Merchant.merged_into_id.is_(None))
    for merchant_id, phone in db.session.execute(owners):
        rows += [(code, name, True) for code in codes.get(merchant_id, ()) for name in writings(phone or "")]
    for each in related_of(actor):
        names = writings(each.payer)
        rows += [(code, name, each.relation == "owner") for code in codes.get(each.merchant_id, ()) for name in names]
    return rows


def _codes_of() -> Mapping[int, list[str]]:
    """Merchant -> what reports may call them."""
    found: dict[int, list[str]] = defaultdict(list)
    for merchant_id, code in db.session.execute(
        select(Merchant.id, Merchant.code).where(Merchant.merged_into_id.is_(None))
    ):
        found[merchant_id].append(code)
    shared = select(Point.code).group_by(Point.code).having(func.count() > 1)
    held = select(PointState.merchant_id, Point.code).join(Point, Point.id == PointState.point_id)
    for holder_id, code in db.session.execute(held.where(Point.code.not_in(shared))):
        if holder_id is not None:
            found[holder_id].append(code)
    return found


def writings(payer: str) -> list[str]:
    """A telephone number in the ways reports write it; any other name as it is.

    >>> writings("0987 654 321")
    ['0987654321', '84987654321', '+84987654321']
    """
    try:
        e164 = parse_phone(payer).e164
    except PhoneError:
        return [payer] if payer else []
    return [e164.replace("+84", "0", 1), e164.removeprefix("+"), e164]


def _set_aside(actor: Actor) -> list[str]:
    return [
        str(reference)
        for each in reviews_of(actor)
        if each.decision == EXCLUDED and each.undone_at is None
        for reference in each.references
    ]


def reviews_of(actor: Actor) -> Sequence[ActivityReview]:
    """What was looked at, the latest first; undone ones too."""
    seen = commune_seen(ActivityReview.unit_id, actor, *READERS)
    return db.session.scalars(select(ActivityReview).where(seen).order_by(ActivityReview.id.desc())).all()


def review_of(actor: Actor, review_id: int) -> ActivityReview:
    """The review with this number, or NotFoundError where there is none or it is another commune's."""
    seen = commune_seen(ActivityReview.unit_id, actor, *READERS)
    found = db.session.scalar(select(ActivityReview).where(ActivityReview.id == review_id, seen))
    if found is None:
        raise NotFoundError("Không có lần xem này.", remedy="Hãy tải lại danh sách.")
    return found


def related_of(actor: Actor) -> Sequence[RelatedPayer]:
    """Who is close to the merchants this person may see, by merchant."""
    reach = select(MerchantState.merchant_id).where(merchants_in_reach(actor, *READERS))
    query = select(RelatedPayer).join(Merchant, Merchant.id == RelatedPayer.merchant_id)
    query = query.where(RelatedPayer.removed_at.is_(None), RelatedPayer.merchant_id.in_(reach))
    return db.session.scalars(query.order_by(Merchant.code, RelatedPayer.id)).all()


def related_payer(actor: Actor, related_id: int) -> RelatedPayer:
    """One of them, or NotFoundError."""
    found = next((each for each in related_of(actor) if each.id == related_id), None)
    if found is None:
        raise NotFoundError("Không có người này trong danh sách.", remedy="Hãy tải lại trang.")
    return found
