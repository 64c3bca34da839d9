"""Pairs that may be one, merges that were made, and who looks like what somebody is typing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select
from sqlalchemy.orm import joinedload

from app.actors import Actor
from app.db import db
from app.errors import NotFoundError
from app.places.queries import communes
from app.registry.models import DuplicatePair, Merchant, MerchantState, Merge
from app.registry.models.likeness import PAIR_STATES
from app.registry.queries.likeness import begun_names, commune_id_of, holders_of, likenesses
from app.registry.queries.merchants import MerchantLine, merchant_lines
from app.registry.queries.reach import merchants_in_reach
from app.registry.rules.likeness import LIKELY, WHY, Likeness, Reason, compare, wanted_keys
from app.registry.rules.rights import KEEPERS
from app.vn.text import fold
from app.web.paging import Cut, Page

#: While typing less is shown sooner: two reasons, or one that weighs.
WHILE_TYPING = 30
SHOWN_MAX = 5
NAME_BEGUN = 6
#: As long as nobody has chosen the commune, so many are looked through.
COMMUNES_MAX = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records side by side, why they look alike, and what was decided."""

    row: DuplicatePair
    one: MerchantLine | None
    other: MerchantLine | None
    reasons: tuple[Reason, ...]
    merge: Merge | None


@dataclass(frozen=True, slots=True)
class Alike:
    """A merchant that looks like what is being typed."""

    line: MerchantLine
    score: int
    reasons: tuple[Reason, ...]


def similar(actor: Actor, typed: Likeness, unit_id: int | None, but: int | None = None) -> list[Alike]:
    """Merchants this person may see that look like the typed one, the likest first; `but` is left out."""
    found: set[int] = set()
    begun = fold(typed.holder_name)
    for commune_id in [commune_id_of(unit_id)] if unit_id else [each.id for each in communes()][:COMMUNES_MAX]:
        found |= holders_of(wanted_keys(replace(typed, commune_id=commune_id)))
        if len(begun) >= NAME_BEGUN:
            found |= begun_names(commune_id, begun)
    seen = select(MerchantState.merchant_id).where(MerchantState.merchant_id.in_(found), merchants_in_reach(actor))
    known = likenesses(set(db.session.scalars(seen)) - {but})
    verdicts = [(key, compare(typed, likeness)) for key, likeness in known.items()]
    best = sorted(
        ((key, verdict) for key, verdict in verdicts if verdict.score >= WHILE_TYPING),
        key=lambda each: (-each[1].score, each[0]),
    )[:SHOWN_MAX]
    lines = {line.id: line for line in merchant_lines([key for key, _ in best])}
    return [Alike(lines[key], verdict.score, verdict.reasons) for key, verdict in best if key in lines]


@dataclass(frozen=True, slots=True)
class PairFilter:
    """What the list of pairs is narrowed to."""

    state: str = "open"
    likely: bool = False  #: only those that are one almost surely
    why: str = ""  #: a key of rules.likeness.WHY


def pair_page(actor: Actor, wanted: PairFilter, cut: Cut) -> Page[Pair]:
    """One page of the pairs of the filter, the likest first."""
    conditions = [DuplicatePair.state == wanted.state, _in_reach(actor, wanted.state)]
    if wanted.likely:
        conditions.append(DuplicatePair.score >= LIKELY)
    if wanted.why in WHY:
        told = cast(DuplicatePair.reasons, Text)
        conditions.append(or_(*(told.contains(f'["{code}",') for code in WHY[wanted.why][1])))
    total = db.session.scalar(select(func.count()).select_from(DuplicatePair).where(*conditions)) or 0
    query = select(DuplicatePair).where(*conditions).order_by(DuplicatePair.score.desc(), DuplicatePair.id.desc())
    rows = db.session.scalars(query.offset(cut.offset).limit(cut.per_page)).all()
    return cut.page(_pairs(rows), total)


def pair_counts(actor: Actor) -> dict[str, int]:
    """How many pairs there are in each state."""
    return {
        state: db.session.scalar(
            select(func.count()).select_from(DuplicatePair).where(DuplicatePair.state == state, _in_reach(actor, state))
        )
        or 0
        for state in PAIR_STATES
    }


def open_pairs(actor: Actor) -> int:
    """How many pairs nobody has looked at yet."""
    query = select(func.count()).select_from(DuplicatePair).where(DuplicatePair.state == "open")
    return db.session.scalar(query.where(_in_reach(actor, "open"))) or 0


def pair_in_reach(actor: Actor, pair_id: int) -> Pair:
    """The pair, or NotFoundError where either record is not this person's to see."""
    row = db.session.get(DuplicatePair, pair_id)
    if row is not None:
        query = select(DuplicatePair.id).where(DuplicatePair.id == pair_id, _in_reach(actor, row.state))
        if db.session.scalar(query) is not None:
            return _pairs([row])[0]
    raise NotFoundError("Không có cặp hồ sơ này.", remedy="Hãy mở lại danh sách hồ sơ trùng.")


def merge_in_reach(actor: Actor, merge_id: int) -> Merge:
    """The merge, or NotFoundError where the kept record is not this person's to see."""
    query = (
        select(Merge)
        .join(MerchantState, MerchantState.merchant_id == Merge.kept_id)
        .where(Merge.id == merge_id, merchants_in_reach(actor, *KEEPERS))
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFoundError("Không có lần gộp này.", remedy="Hãy mở lại danh sách hồ sơ trùng.")
    return found


def survivor(merchant: Merchant) -> Merchant:
    """The record this one lives on in: itself where it was never merged."""
    while merchant.merged_into_id is not None:
        merchant = db.session.get_one(Merchant, merchant.merged_into_id)
    return merchant


def _in_reach(actor: Actor, state: str) -> ColumnElement[bool]:
    """Both records are this person's; of a merged pair the one that is left."""
    mine = select(MerchantState.merchant_id).where(merchants_in_reach(actor, *KEEPERS))
    one, other = DuplicatePair.one_id.in_(mine), DuplicatePair.other_id.in_(mine)
    return or_(one, other) if state == "merged" else and_(one, other)


def _pairs(rows: Sequence[DuplicatePair]) -> list[Pair]:
    ids = sorted({key for row in rows for key in (row.one_id, row.other_id)})
    lines = {line.id: line for line in merchant_lines(ids)}
    merges = _standing_merges([row for row in rows if row.state == "merged"])
    return [
        Pair(
            row,
            lines.get(row.one_id),
            lines.get(row.other_id),
            tuple(Reason(*reason) for reason in row.reasons),
            merges.get((row.one_id, row.other_id)),
        )
        for row in rows
    ]


def _standing_merges(rows: Sequence[DuplicatePair]) -> dict[tuple[int, int], Merge]:
    """The merge behind each merged pair."""
    ids = {key for row in rows for key in (row.one_id, row.other_id)}
    query = (
        select(Merge)
        .where(Merge.undone_at.is_(None), Merge.gone_id.in_(ids))
        .options(joinedload(Merge.kept), joinedload(Merge.gone))
        .order_by(Merge.id)
    )
    found = db.session.scalars(query).all()
    return {(min(each.kept_id, each.gone_id), max(each.kept_id, each.gone_id)): each for each in found}
