"""Two records of one merchant made one, and taken apart again to the last row.

Points, milestones and consents move; accounts stay with the record they were approved for. So a merge, or its undoing,
prints nothing: where a moved point is to carry the kept record's account, a second person agrees first, as always.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.actors import Actor
from app.approval.rules import APPROVED, PROPOSED
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, NotFoundError, RefusedError
from app.registry.actions.accounts import end_proposal, propose_account
from app.registry.actions.codes import LIVE, issue_codes
from app.registry.actions.states import refresh_states
from app.registry.models import (
    Consent,
    DuplicatePair,
    Merchant,
    Merge,
    Milestone,
    PaymentAccount,
    QrAsset,
    Tenancy,
)
from app.registry.queries.likeness import likenesses
from app.registry.rules.entries import NewAccount
from app.registry.rules.likeness import compare
from app.registry.rules.stages import ACCOUNT_READY
from app.registry.rules.words import PURPOSES

#: Fields that are filled in from the other record where the kept one has nothing.
FILLED = ("shop_name", "phone", "tax_code", "line_of_business", "online_shops", "has_soundbox", "note")
EMPTY: tuple[object, ...] = (None, "", [])
SAID_NO = "Đã rút ở hồ sơ được gộp."


def merge_merchants(actor: Actor, now: datetime, kept: Merchant, gone: Merchant, reason: str = "") -> Merge:
    """`gone` becomes part of `kept`. Raises RefusedError, ConflictError where they cannot be one."""
    _refuse_merge(kept, gone)
    closed = _close_consents(kept.id, gone.id)
    moved: dict[str, Any] = {
        "tenancies": _move(Tenancy.merchant_id, gone.id, kept.id),
        "milestones": _move(Milestone.merchant_id, gone.id, kept.id, but=ACCOUNT_READY),
        "consents": _move(Consent.merchant_id, gone.id, kept.id),
        "closed_consents": closed,
        "filled": _fill(kept, gone),
    }
    gone.merged_into_id = kept.id
    _touch(now, kept, gone)
    moved["proposed"] = _propose_again(actor, now, kept, gone)
    merge = Merge(
        kept_id=kept.id,
        gone_id=gone.id,
        moved=moved,
        reason=reason,
        merged_at=now,
        merged_by_id=actor.id,
        merged_by=actor.name,
    )
    db.session.add(merge)
    db.session.flush()
    issue_codes(actor, now, kept, waiting=_points(moved["tenancies"]))
    counted = {name: len(moved[name]) for name in ("tenancies", "milestones", "consents")}
    record(actor, now, "merchant.merge", ("merchant", kept.id), after={"gone": gone.code, **counted}, reason=reason)
    record(actor, now, "merchant.merge", ("merchant", gone.id), after={"into": kept.code}, reason=reason)
    _decide(actor, now, kept.id, gone.id, "merged")
    refresh_states([kept.id, gone.id])
    return merge


def undo_merge(actor: Actor, now: datetime, merge_id: int) -> Merge:
    """Both records as they were; what was added since stays with the kept one. Raises ConflictError where too late."""
    merge = db.session.scalar(select(Merge).where(Merge.id == merge_id).with_for_update())
    if merge is None:
        raise NotFoundError("Không có lần gộp này.")
    kept, gone = db.session.get_one(Merchant, merge.kept_id), db.session.get_one(Merchant, merge.gone_id)
    _refuse_undo(merge, kept, gone)
    moved = merge.moved
    back = _move(Tenancy.merchant_id, kept.id, gone.id, only=moved["tenancies"])
    _move(Milestone.merchant_id, kept.id, gone.id, only=moved["milestones"])
    _move(Consent.merchant_id, kept.id, gone.id, only=moved["consents"])
    _open_consents(merge)
    for name, (before, after) in moved["filled"].items():
        if getattr(kept, name) == after:
            setattr(kept, name, before)
    if moved["proposed"] is not None:
        end_proposal(actor, now, db.session.get_one(PaymentAccount, moved["proposed"]), "Lần gộp hồ sơ được hoàn tác.")
    gone.merged_into_id = None
    _touch(now, kept, gone)
    merge.undone_at, merge.undone_by = now, actor.name
    db.session.flush()
    _return_codes(actor, now, kept, gone, _points(back))
    record(actor, now, "merchant.unmerge", ("merchant", kept.id), after={"back": gone.code})
    record(actor, now, "merchant.unmerge", ("merchant", gone.id), before={"into": kept.code})
    _decide(actor, now, kept.id, gone.id, "open")
    refresh_states([kept.id, gone.id])
    return merge


def set_apart(actor: Actor, now: datetime, pair: DuplicatePair, note: str = "") -> None:
    """Not the same: remembered, and not asked again whatever else may look alike."""
    if pair.state == "merged":
        raise ConflictError("Hai hồ sơ này đã được gộp.", remedy="Hãy hoàn tác lần gộp trước.")
    _decide(actor, now, pair.one_id, pair.other_id, "apart", note)
    record(actor, now, "merchant.set_apart", ("merchant", pair.one_id), after={"other": pair.other_id}, reason=note)


def ask_again(actor: Actor, now: datetime, pair: DuplicatePair) -> None:
    """Takes "not the same" back."""
    if pair.state != "apart":
        raise ConflictError("Cặp này chưa được đánh dấu khác nhau.", remedy="Hãy tải lại trang.")
    _decide(actor, now, pair.one_id, pair.other_id, "open")
    record(actor, now, "merchant.ask_again", ("merchant", pair.one_id), after={"other": pair.other_id})
    refresh_states([pair.one_id, pair.other_id])


def _refuse_merge(kept: Merchant, gone: Merchant) -> None:
    if kept.id == gone.id:
        raise RefusedError("Không gộp một hồ sơ với chính nó.")
    for one in (kept, gone):
        if one.merged_into_id is not None or one.erased_at is not None:
            raise ConflictError(f"Hồ sơ {one.code} đã được gộp hoặc đã xoá.", remedy="Hãy tải lại trang.")
    if kept.tax_code and gone.tax_code and kept.tax_code != gone.tax_code:
        raise ConflictError("Hai hồ sơ có mã số thuế khác nhau.", remedy="Nếu đúng là một hộ, hãy sửa mã sai trước.")


def _refuse_undo(merge: Merge, kept: Merchant, gone: Merchant) -> None:
    if merge.undone_at is not None or gone.merged_into_id != kept.id:
        raise ConflictError("Lần gộp này đã được hoàn tác.", remedy="Hãy tải lại trang.")
    if kept.merged_into_id is not None:
        raise ConflictError(
            f"Hồ sơ {kept.code} đã được gộp tiếp vào hồ sơ khác.", remedy="Hãy hoàn tác lần gộp sau trước."
        )
    if kept.erased_at is not None or gone.erased_at is not None:
        raise ConflictError("Dữ liệu của người này đã xoá theo yêu cầu, không tách lại được.")


def _move(
    column: InstrumentedAttribute[int], source: int, target: int, *, but: str = "", only: Collection[int] | None = None
) -> list[int]:
    """Hands rows of one merchant to another, `only` these, or all `but` milestones of one kind; their ids."""
    model = column.class_
    query = select(model.id).where(column == source)
    if but:
        query = query.where(model.kind != but)
    if only is not None:
        query = query.where(model.id.in_(list(only)))
    ids = list(db.session.scalars(query.order_by(model.id)))
    if ids:
        db.session.execute(update(model).where(model.id.in_(ids)).values({column: target}))
    return ids


def _fill(kept: Merchant, gone: Merchant) -> dict[str, list[Any]]:
    filled = {}
    for name in FILLED:
        mine, theirs = getattr(kept, name), getattr(gone, name)
        if mine in EMPTY and theirs not in EMPTY:
            filled[name] = [mine, theirs]
            setattr(kept, name, theirs)
    return filled


def _touch(now: datetime, *merchants: Merchant) -> None:
    """A form filled in before is told, and the undoing of a list leaves both alone."""
    for merchant in merchants:
        merchant.version += 1
        merchant.updated_at = now
    db.session.flush()


def _close_consents(kept_id: int, gone_id: int) -> list[int]:
    """One person, two records: whose last word on a purpose was no, has said no; the ids of what is closed by it."""
    closed: list[int] = []
    for purpose in PURPOSES:
        query = select(Consent).where(Consent.merchant_id.in_((kept_id, gone_id)), Consent.purpose == purpose)
        consents = list(db.session.scalars(query))
        no = max((each.withdrawn_at for each in consents if each.withdrawn_at), default=None)
        for consent in consents:
            if no is not None and consent.withdrawn_at is None and consent.given_at <= no:
                consent.withdrawn_at, consent.withdraw_reason = no, SAID_NO
                closed.append(consent.id)
    db.session.flush()
    return closed


def _open_consents(merge: Merge) -> None:
    """What the merge closed is open again, unless the person has said no to that purpose since."""
    both = (merge.kept_id, merge.gone_id)
    for consent in db.session.scalars(select(Consent).where(Consent.id.in_(merge.moved["closed_consents"]))):
        later = select(Consent.id).where(
            Consent.merchant_id.in_(both), Consent.purpose == consent.purpose, Consent.withdrawn_at > merge.merged_at
        )
        if consent.withdraw_reason == SAID_NO and db.session.scalar(later.limit(1)) is None:
            consent.withdrawn_at, consent.withdraw_reason = None, ""


def _propose_again(actor: Actor, now: datetime, kept: Merchant, gone: Merchant) -> int | None:
    """Where only the other record had an account, it is proposed for this one, for a second person to approve."""
    live = (PROPOSED, APPROVED)
    query = select(PaymentAccount).where(PaymentAccount.state.in_(live)).order_by(PaymentAccount.version.desc())
    if db.session.scalar(query.where(PaymentAccount.merchant_id == kept.id).limit(1)) is not None:
        return None
    theirs = db.session.scalar(query.where(PaymentAccount.merchant_id == gone.id).limit(1))
    if theirs is None:
        return None
    entry = NewAccount(
        bank_bin=theirs.bank_bin,
        account_number=theirs.account_number,
        holder_name=theirs.holder_name,
        provider=theirs.provider,
        payload=theirs.payload,
        reason=f"Gộp hồ sơ {gone.code}.",
    )
    return propose_account(actor, now, kept, entry).id


def _points(tenancies: Sequence[int]) -> list[int]:
    return list(db.session.scalars(select(Tenancy.point_id).where(Tenancy.id.in_(tenancies)).distinct()))


def _return_codes(actor: Actor, now: datetime, kept: Merchant, gone: Merchant, points: Sequence[int]) -> None:
    """A returned point prints what it printed; where a second person gave it another account since, they agree anew."""
    theirs = set(db.session.scalars(select(PaymentAccount.id).where(PaymentAccount.merchant_id == kept.id)))
    for point_id in points:
        live = select(QrAsset).where(QrAsset.point_id == point_id, QrAsset.state.in_(LIVE))
        assets = list(db.session.scalars(live))
        foreign = [asset for asset in assets if asset.account_id in theirs]
        ended = assets if any(asset.decided_by_id is not None for asset in foreign) else foreign
        for asset in ended:
            asset.state, asset.ended_at = "replaced", now
    db.session.flush()
    issue_codes(actor, now, gone, waiting=points)


def _decide(actor: Actor, now: datetime, one_id: int, other_id: int, state: str, note: str = "") -> None:
    one, other = sorted((one_id, other_id))
    query = select(DuplicatePair).where(DuplicatePair.one_id == one, DuplicatePair.other_id == other)
    pair = db.session.scalar(query)
    if pair is None:
        pair = DuplicatePair(one_id=one, other_id=other, score=0, reasons=[])
        db.session.add(pair)
    decided = state != "open"
    pair.state, pair.note = state, note
    pair.decided_at = now if decided else None
    pair.decided_by_id, pair.decided_by = (actor.id, actor.name) if decided else (None, "")
    db.session.flush()


def compare_by_hand(one: Merchant, other: Merchant) -> DuplicatePair:
    """The pair of two records that somebody wants to look at, however little they look alike."""
    if one.id == other.id:
        raise RefusedError("Hai mã này là một hồ sơ.", remedy="Hãy ghi mã của hai hồ sơ khác nhau.")
    first, second = sorted((one.id, other.id))
    query = select(DuplicatePair).where(DuplicatePair.one_id == first, DuplicatePair.other_id == second)
    pair = db.session.scalar(query)
    if pair is None:
        known = likenesses([first, second])
        verdict = compare(known[first], known[second])
        reasons = [[reason.code, reason.words, reason.weight] for reason in verdict.reasons]
        pair = DuplicatePair(one_id=first, other_id=second, score=verdict.score, reasons=reasons)
        db.session.add(pair)
        db.session.flush()
    return pair
