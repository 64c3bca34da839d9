"""Keeping up by which keys merchants are found again, and which pairs of them look like one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from app.db import db, insert_rows
from app.registry.models import DuplicatePair, MerchantKey
from app.registry.queries.likeness import SHARED_MAX, likenesses
from app.registry.rules.likeness import POSSIBLE, Likeness, Verdict, compare, keys

CHUNK = 400
Pair = tuple[int, int]


def refresh_likeness(ids: Sequence[int]) -> None:
    """Writes the keys of these merchants anew and compares them with everybody under the same keys.

    What somebody decided about a pair stays; a pair that no longer looks alike is dropped unless decided.
    """
    known = likenesses(ids)
    _write_keys(ids, known)
    alike = {pair: verdict for pair, verdict in _verdicts(_candidates(ids), known) if verdict.score >= POSSIBLE}
    _keep_pairs(ids, alike)


def _write_keys(ids: Sequence[int], known: Mapping[int, Likeness]) -> None:
    for chunk in _chunks(ids):
        db.session.execute(delete(MerchantKey).where(MerchantKey.merchant_id.in_(chunk)))
    rows = [
        {"merchant_id": merchant_id, "kind": kind, "key": key}
        for merchant_id, likeness in known.items()
        for kind, key in sorted(keys(likeness))
    ]
    if rows:
        insert_rows(MerchantKey, rows)


def _candidates(ids: Sequence[int]) -> set[Pair]:
    """Pairs with one of these merchants that share a key which not too many share.

    `near` keys name one cell: neighbours are looked up while typing, and by the other keys here.
    """
    pairs: set[Pair] = set()
    wanted = set(ids)
    for chunk in _chunks(ids):
        mine = select(MerchantKey.kind, MerchantKey.key).where(MerchantKey.merchant_id.in_(chunk)).distinct().subquery()
        shared = (
            select(MerchantKey.kind, MerchantKey.key)
            .join(mine, and_(mine.c.kind == MerchantKey.kind, mine.c.key == MerchantKey.key))
            .group_by(MerchantKey.kind, MerchantKey.key)
            .having(and_(func.count() > 1, func.count() <= SHARED_MAX))
            .subquery()
        )
        query = select(MerchantKey.kind, MerchantKey.key, MerchantKey.merchant_id).join(
            shared, and_(shared.c.kind == MerchantKey.kind, shared.c.key == MerchantKey.key)
        )
        groups: dict[tuple[str, str], set[int]] = defaultdict(set)
        for kind, key, merchant_id in db.session.execute(query):
            groups[kind, key].add(merchant_id)
        for group in groups.values():
            pairs |= {(one, other) for one, other in combinations(sorted(group), 2) if one in wanted or other in wanted}
    return pairs


def _verdicts(pairs: Collection[Pair], known: Mapping[int, Likeness]) -> Iterator[tuple[Pair, Verdict]]:
    others = {merchant_id for pair in pairs for merchant_id in pair if merchant_id not in known}
    all_known = {**known, **likenesses(others)}
    for one, other in sorted(pairs):
        if one in all_known and other in all_known:
            yield (one, other), compare(all_known[one], all_known[other])


def _keep_pairs(ids: Sequence[int], alike: Mapping[Pair, Verdict]) -> None:
    old: dict[Pair, tuple[int, int, list[Any], str]] = {}
    for chunk in _chunks(ids):
        query = select(
            DuplicatePair.one_id,
            DuplicatePair.other_id,
            DuplicatePair.id,
            DuplicatePair.score,
            DuplicatePair.reasons,
            DuplicatePair.state,
        ).where(or_(DuplicatePair.one_id.in_(chunk), DuplicatePair.other_id.in_(chunk)))
        for one, other, key, score, reasons, state in db.session.execute(query):
            old[one, other] = (key, score, reasons, state)
    gone = [key for pair, (key, _, _, state) in old.items() if pair not in alike and state == "open"]
    for chunk in _chunks(gone):
        db.session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(chunk)))
    new = []
    for pair, verdict in alike.items():
        reasons = [[reason.code, reason.words, reason.weight] for reason in verdict.reasons]
        if pair not in old:
            new.append({"one_id": pair[0], "other_id": pair[1], "score": verdict.score, "reasons": reasons})
        elif old[pair][1:3] != (verdict.score, reasons):
            changed = update(DuplicatePair).where(DuplicatePair.id == old[pair][0])
            db.session.execute(changed.values(score=verdict.score, reasons=reasons))
    if new:
        db.session.execute(insert(DuplicatePair), new)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
