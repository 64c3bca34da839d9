"""Which merchant each line of a list means: by our own code, the sender's number, all it said before, or who it is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import or_, select, tuple_

from app.approval.rules import APPROVED, PROPOSED
from app.db import db
from app.places.models import Unit, Zone
from app.places.queries import commune_of, units_below, zones
from app.registry.models import Merchant, MerchantKey, PaymentAccount, Point, Tenancy
from app.registry.rules.likeness import Place, stall_key
from app.registry.rules.list_changes import KnownMerchant, KnownPoint, differences
from app.registry.rules.lists import ListLine
from app.vn.text import fold, tidy

CHUNK = 400
Key = TypeVar("Key")
#: A phone or stall that more share tells nobody: a market office's number.
SHARED_MAX = 25


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a line means and in what it differs; `is_sure` where a code, a number or all it said tells, not likeness."""

    known: KnownMerchant
    differs: tuple[str, ...]
    is_sure: bool


def recognised(source: str, unit: Unit, lines: Sequence[ListLine]) -> dict[int, Match]:
    """Line's place in the sequence -> the merchant it means; lines that are new, refused or labels are not there."""
    wanted = {at: line for at, line in enumerate(lines) if not (line.faults or line.label)}
    reach = units_below([commune_of(unit).id])
    if db.session.scalar(select(Merchant.id).where(Merchant.unit_id.in_(reach)).limit(1)) is None:
        return {}
    sure = _by_number(source, wanted) | _by_code(wanted, reach)
    unnumbered = {at: line for at, line in wanted.items() if at not in sure and not line.external_id}
    exact, pairs = _by_words(source, unnumbered)
    left = {at: line for at, line in wanted.items() if not (at in sure or at in exact or at in pairs)}
    alike = _by_likeness(unit, left)
    ids = {*sure.values(), *exact.values(), *pairs.values(), *(each for group in alike.values() for each in group)}
    known = known_merchants(ids)
    found: dict[int, Match] = {}
    for at, key in {**sure, **exact, **pairs}.items():
        line, merchant = wanted[at], known.get(key, KnownMerchant(key, "", ""))
        says_the_same = at in exact or key not in known
        is_sure = at not in pairs or bool(line.phone or line.code)
        differs = _unproposed(line, merchant) if says_the_same else differences(line, merchant)
        found[at] = Match(merchant, differs, is_sure)
    for at, group in alike.items():
        match = _likeliest(wanted[at], [known[each] for each in sorted(group) if each in known])
        if match is not None:
            found[at] = match
    return found


def _unproposed(line: ListLine, known: KnownMerchant) -> tuple[str, ...]:
    """An account that nobody had confirmed when the same line came before, and that now stands there without doubt."""
    account = (line.bank_bin, line.account_number)
    is_new = bool(known.code) and line.proposes_account and account not in known.accounts | known.past
    return ("account_number",) if is_new else ()


def _by_code(lines: Mapping[int, ListLine], reach: Collection[int]) -> dict[int, int]:
    """By the code of our own export; a merchant merged into another since is that other."""
    codes = {line.merchant_code for line in lines.values() if line.merchant_code}
    found: dict[str, int] = {}
    for chunk in _chunks(codes):
        query = select(Merchant.code, Merchant.id, Merchant.merged_into_id).where(
            Merchant.code.in_(chunk), Merchant.unit_id.in_(reach)
        )
        found |= {code: into or key for code, key, into in db.session.execute(query)}
    return {at: found[line.merchant_code] for at, line in lines.items() if line.merchant_code in found}


def _by_number(source: str, lines: Mapping[int, ListLine]) -> dict[int, int]:
    numbers = {line.external_id for line in lines.values() if line.external_id}
    found: dict[str, int] = {}
    for chunk in _chunks(numbers):
        query = select(Merchant.external_id, Merchant.id, Merchant.merged_into_id).where(
            Merchant.source == source, Merchant.external_id.in_(chunk)
        )
        found |= {number or "": into or key for number, key, into in db.session.execute(query)}
    return {at: found[line.external_id] for at, line in lines.items() if line.external_id in found}


def _by_words(source: str, lines: Mapping[int, ListLine]) -> tuple[dict[int, int], dict[int, int]]:
    """By all a line said, whoever sent it: exactly; and by who, where and how paid alone, for those nobody else is."""
    whole = source.partition("/")[0]
    of_commune = or_(Merchant.source == whole, Merchant.source.startswith(f"{whole}/", autoescape=True))
    query = select(Merchant.external_id, Merchant.id, Merchant.merged_into_id).where(
        of_commune, Merchant.external_id.startswith("=")
    )
    full: dict[str, int] = {}
    alone: dict[str, list[int]] = defaultdict(list)
    for number, key, into in db.session.execute(query.order_by(Merchant.id)) if lines else ():
        full[number or ""] = into or key
        alone[(number or "").partition("#")[0]].append(into or key)
    exact = {at: full[line.identity] for at, line in lines.items() if line.identity in full}
    claimed = set(exact.values())
    pairs: dict[int, int] = {}
    for at, line in lines.items():
        free = (
            [key for key in alone.get(line.identity.partition("#")[0], []) if key not in claimed]
            if at not in exact
            else []
        )
        if free:
            pairs[at] = free[0]
            claimed.add(free[0])
    return exact, pairs


def _by_likeness(unit: Unit, lines: Mapping[int, ListLine]) -> dict[int, set[int]]:
    """Who has the same phone, or the same stall."""
    commune = commune_of(unit)
    markets = {zone.name.casefold(): zone.id for zone in zones(units_below([commune.id]))}
    keys: dict[tuple[str, str], set[int]] = defaultdict(set)
    for at, line in lines.items():
        if line.phone:
            keys["phone", line.phone].add(at)
        zone_id = markets.get(line.market.casefold())
        if line.code and zone_id is not None:
            keys["stall", stall_key(zone_id, line.code)].add(at)
    found: dict[int, set[int]] = defaultdict(set)
    for chunk in _chunks(keys):
        holders: dict[tuple[str, str], set[int]] = defaultdict(set)
        query = select(MerchantKey.kind, MerchantKey.key, MerchantKey.merchant_id).where(
            tuple_(MerchantKey.kind, MerchantKey.key).in_(chunk)
        )
        for kind, key, merchant_id in db.session.execute(query):
            holders[kind, key].add(merchant_id)
        for pair, ids in holders.items():
            if len(ids) <= SHARED_MAX:
                for at in keys[pair]:
                    found[at] |= ids
    return found


def _likeliest(line: ListLine, group: Sequence[KnownMerchant]) -> Match | None:
    """The one who surely is this line's person: two of phone, stall and name are the same."""
    matches = [Match(known, differences(line, known), is_sure=False) for known in group]
    sure = [match for match in matches if _agreements(line, match) > 1]
    return min(sure, key=lambda match: (-_agreements(line, match), len(match.differs)), default=None)


def _agreements(line: ListLine, match: Match) -> int:
    known = match.known
    at_stall = bool(line.code) and "stall" not in match.differs and "market" not in match.differs and bool(known.points)
    is_named = fold(tidy(line.holder_name)) == fold(tidy(known.holder_name))
    return sum((bool(line.phone) and line.phone == known.phone, at_stall, is_named))


def known_merchants(ids: Collection[int]) -> dict[int, KnownMerchant]:
    """These merchants with their places and accounts; those merged into others or erased are left out."""
    found: dict[int, KnownMerchant] = {}
    for chunk in _chunks(ids):
        accounts, past = _accounts(chunk)
        points = _points(chunk)
        query = (
            select(Merchant, Unit.level, Unit.kind, Unit.name)
            .join(Unit, Unit.id == Merchant.unit_id)
            .where(Merchant.id.in_(chunk), Merchant.merged_into_id.is_(None), Merchant.erased_at.is_(None))
        )
        for each, level, kind, name in db.session.execute(query):
            found[each.id] = KnownMerchant(
                each.id,
                each.code,
                each.holder_name,
                each.shop_name,
                each.phone or "",
                each.tax_code or "",
                each.line_of_business,
                each.note,
                f"{kind} {name}" if level == "hamlet" else "",
                frozenset(accounts[each.id]),
                frozenset(past[each.id]),
                tuple(points[each.id]),
            )
    return found


Accounts = Mapping[int, set[tuple[str, str]]]


def _accounts(ids: Sequence[int]) -> tuple[Accounts, Accounts]:
    now: dict[int, set[tuple[str, str]]] = defaultdict(set)
    past: dict[int, set[tuple[str, str]]] = defaultdict(set)
    query = select(
        PaymentAccount.merchant_id, PaymentAccount.bank_bin, PaymentAccount.account_number, PaymentAccount.state
    ).where(PaymentAccount.merchant_id.in_(ids))
    for key, bank, number, state in db.session.execute(query):
        (now if state in {PROPOSED, APPROVED} else past)[key].add((bank, number))
    return now, past


def _points(ids: Sequence[int]) -> Mapping[int, list[KnownPoint]]:
    query = (
        select(Tenancy.merchant_id, Point, Zone.name)
        .join(Point, Point.id == Tenancy.point_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(Tenancy.merchant_id.in_(ids), Tenancy.valid_to.is_(None))
        .order_by(Point.id)
    )
    found: dict[int, list[KnownPoint]] = defaultdict(list)
    for key, point, zone in db.session.execute(query):
        at = Place(point.lat, point.lng) if point.lat is not None and point.lng is not None else None
        found[key].append(
            KnownPoint(
                point.code, zone or "", point.row, point.stall_text, point.place, at, point.located_how == "plan"
            )
        )
    return found


def _chunks(keys: Iterable[Key]) -> Iterator[list[Key]]:
    ordered = list(keys)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
