"""Accounts under four eyes: proposed by one person, approved by another, rested before a changed one is printed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.actors import Actor
from app.approval.actions import refuse_objection
from app.approval.queries import keeping_note
from app.approval.rules import (
    APPROVED,
    FIRST_YES,
    NEXT,
    PROPOSED,
    PROPOSER,
    REFUSED,
    RETIRED,
    STATES,
    WITHDRAWN,
    Involved,
    approvals_needed,
)
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from app.places.queries import is_real
from app.registry.actions.codes import issue_codes
from app.registry.actions.milestones import note_milestone
from app.registry.actions.sealing import sealed
from app.registry.actions.states import refresh_states
from app.registry.models import AccountApproval, Merchant, PaymentAccount
from app.registry.queries.bringers import bringers
from app.registry.queries.changers import changers, proposed_at_event
from app.registry.queries.labels import label_at, points_of
from app.registry.queries.reach import merchant_in_reach
from app.registry.queries.twins import twins
from app.registry.rules import rights
from app.registry.rules.accounts import account_key, checked_account, code_payload, payload_digest
from app.registry.rules.entries import Faults, NewAccount
from app.registry.rules.labels import fingerprint
from app.registry.rules.resting import print_from
from app.registry.rules.stages import ACCOUNT_READY

#: Who may say yes; the separation of the two persons comes on top of it.
APPROVERS = rights.APPROVERS


def propose_account(actor: Actor, now: datetime, merchant: Merchant, entry: NewAccount) -> PaymentAccount:
    """An account to be approved by somebody else; nothing is printed for it before. The old one stays valid.

    Raises RefusedError (number, bank, a wallet that only its provider may make codes for) and ConflictError where the
    same account is approved or waits already.
    """
    faults = Faults()
    # Approved with its holder's name, which is printed and never taken from the record later on.
    values = checked_account(entry, faults)
    values["holder_name"] = values["holder_name"] or merchant.holder_name
    faults.refuse()
    for known in _accounts_of(merchant.id, PROPOSED, APPROVED):
        if account_key(known.bank_bin, known.account_number, known.payload) == account_key(
            values["bank_bin"], values["account_number"], values["payload"]
        ):
            raise ConflictError("Tài khoản này đã có trong hồ sơ.", remedy="Xem mục Tài khoản của hộ.")
    account = PaymentAccount(
        **values,
        merchant_id=merchant.id,
        version=next_version(merchant.id),
        state=PROPOSED,
        proposed_by_id=actor.id,
        proposed_by=actor.name,
        proposed_session=actor.session,
        proposed_via=actor.via,
        proposed_at=now,
        reason=entry.reason,
    )
    db.session.add(account)
    db.session.flush()
    after = sealed(merchant.id, told(account))
    record(actor, now, "account.propose", ("payment_account", account.id), after=after, reason=entry.reason)
    refresh_states([merchant.id])
    return account


def adopt_provider_qr(
    actor: Actor, now: datetime, merchant: Merchant, payload: bytes, provider: str = "", reason: str = ""
) -> PaymentAccount:
    """Keeps the code a provider issued, byte for byte; approved like any account, for it redirects money like one."""
    return propose_account(actor, now, merchant, NewAccount(payload=payload, provider=provider, reason=reason))


def approve_account(
    actor: Actor, now: datetime, account_id: int, *, seen: str = "", only_first: bool = False
) -> PaymentAccount:
    """One person's yes. With it (or the second one's, where nobody signed in to propose) the codes are issued.

    `seen`: `fingerprint_of` what they were shown beside it. `only_first`: many are approved at once, so nothing that
    must be looked at by itself: changes, twins, names corrected since. Raises FourEyesError where this person may not
    say it, ConflictError where it is not what it was, or is not for many at once.
    """
    if not actor.has(*APPROVERS):
        raise ForbiddenError("Bạn không có vai trò duyệt tài khoản.")
    account = locked_account(account_id)
    merchant = merchant_in_reach(actor, account.merchant_id, *APPROVERS)
    points = points_of(account.merchant_id)
    writers = changers(account, points, proposed_at_event(account))
    is_change = bool(has_had_another(account.merchant_id) or twins(account, points))
    _refuse_unseen(account, seen, alone=bool(only_first and (is_change or writers)))
    earlier = _approvals(account.id)
    about = ("payment_account", account.id)
    involved = [*behind(account, earlier), *writers]
    refuse_objection(actor, now, involved, account.state, about, is_real=is_real(merchant.unit_id))
    assert actor.id is not None  # objection() lets nobody through without
    db.session.add(
        AccountApproval(account_id=account.id, approver_id=actor.id, approver=actor.name, session=actor.session, at=now)
    )
    given = len(earlier) + 1
    needed = approvals_needed(account.proposed_by_id)
    counts = {"approvals": given, "needed": needed}
    kept = keeping_note([account.proposed_by_id, *(each.approver_id for each in earlier), actor.id])
    after = {**counts, "keeping": kept} if kept else counts
    record(actor, now, "account.approve", ("payment_account", account.id), after=after)
    if given >= needed:
        _take_effect(actor, now, account, is_change=is_change)
    db.session.flush()
    return account


def refuse_account(actor: Actor, now: datetime, account_id: int, reason: str) -> PaymentAccount:
    """No, with the reason the proposer reads; anyone who may approve may refuse, their own proposals too."""
    if not actor.has(*APPROVERS):
        raise ForbiddenError("Bạn không có vai trò duyệt tài khoản.")
    account = locked_account(account_id)
    merchant_in_reach(actor, account.merchant_id, *APPROVERS)
    if not reason.strip():
        raise RefusedError("Thiếu lý do từ chối.", remedy="Hãy ghi một câu để người đề nghị biết cách sửa.")
    _move(actor, now, account, REFUSED, reason)
    return account


def withdraw_account(actor: Actor, now: datetime, account_id: int, reason: str = "") -> PaymentAccount:
    """The proposer takes a proposal back before anybody decided."""
    account = locked_account(account_id)
    if account.proposed_by_id != actor.id:
        raise ForbiddenError("Chỉ người đề nghị mới rút lại được.", remedy="Người duyệt có thể từ chối.")
    _move(actor, now, account, WITHDRAWN, reason)
    return account


def end_account(actor: Actor, now: datetime, account: PaymentAccount, reason: str) -> None:
    """No more of this account: a proposal is withdrawn, one in use retired; nothing where it has ended already."""
    if account.state in {PROPOSED, APPROVED}:
        _move(actor, now, account, WITHDRAWN if account.state == PROPOSED else RETIRED, reason)


def end_proposal(actor: Actor, now: datetime, account: PaymentAccount, reason: str) -> None:
    """Takes back what the program proposed for somebody (a merge that is undone); nothing where it is decided."""
    if account.state == PROPOSED:
        _move(actor, now, account, WITHDRAWN, reason)


def _take_effect(actor: Actor, now: datetime, account: PaymentAccount, *, is_change: bool) -> None:
    older = list(_accounts_of(account.merchant_id, APPROVED, RETIRED))
    account.is_change = is_change
    account.print_from = print_from(now, is_change=account.is_change)
    _move(actor, now, account, APPROVED, "")
    # The version in use stays approved, and its codes valid, until the new one may be printed; all others end here.
    approved = [each for each in older if each.state == APPROVED]
    in_use = [each for each in approved if each.print_from is not None and each.print_from <= now][-1:]
    for other in approved:
        if other not in in_use:
            _move(actor, now, other, RETIRED, "Có tài khoản mới hơn.")
    note_milestone(actor, now, account.merchant_id, ACCOUNT_READY, now, evidence=f"account:{account.version}")
    merchant = db.session.get_one(Merchant, account.merchant_id)
    issue_codes(actor, now, merchant, agreed=account.id)
    refresh_states([merchant.id])


def _move(actor: Actor, now: datetime, account: PaymentAccount, state: str, reason: str) -> None:
    """The only place where an account's state changes."""
    if state not in NEXT[account.state]:
        raise ConflictError(
            f"Tài khoản này {STATES[account.state].lower()}, không chuyển sang “{STATES[state].lower()}” được nữa.",
            remedy="Hãy tải lại trang.",
        )
    before = account.state
    account.state = state
    if state != RETIRED:
        account.decided_by_id, account.decided_by, account.decided_at = actor.id, actor.name, now
        account.decision_reason = reason
    db.session.flush()
    record(
        actor,
        now,
        f"account.{state}",
        ("payment_account", account.id),
        before={"state": before},
        after=_told_state(account),
        reason=reason,
    )


def behind(account: PaymentAccount, approvals: Sequence[AccountApproval]) -> list[Involved]:
    """Everybody whose hand is in an account so far: who proposed it, who brought it before, who has said yes to it."""
    proposer = Involved(account.proposed_by_id, PROPOSER, account.proposed_session, account.proposed_at)
    said_yes = (Involved(each.approver_id, FIRST_YES, each.session, each.at) for each in approvals)
    return [proposer, *bringers(account), *said_yes]


def _told_state(account: PaymentAccount) -> dict[str, Any]:
    """What the audit keeps of a decision; of a yes also the digest of the code, which print compares."""
    told = {"state": account.state, "print_from": account.print_from.isoformat() if account.print_from else None}
    if account.state != APPROVED:
        return told
    payload = code_payload(account.bank_bin, account.account_number, account.payload)
    return {**told, "sha256": payload_digest(payload)}


def _refuse_unseen(account: PaymentAccount, seen: str, *, alone: bool) -> None:
    if alone:
        raise ConflictError("Tài khoản này cần xem riêng.", remedy="Hãy duyệt từng tài khoản ấy.")
    if seen and seen != fingerprint_of(account):
        raise ConflictError("Hồ sơ vừa đổi sau khi bạn mở trang.", remedy="Hãy xem lại rồi duyệt.")


def fingerprint_of(account: PaymentAccount) -> str:
    """Other as soon as anything that will stand beside this account's codes is another."""
    return fingerprint([label_at(account, point) for point in points_of(account.merchant_id)])


def has_had_another(merchant_id: int) -> bool:
    """Whether an account of this merchant was ever approved: then another one is a change."""
    query = select(PaymentAccount.id).where(
        PaymentAccount.merchant_id == merchant_id, PaymentAccount.state.in_((APPROVED, RETIRED))
    )
    return db.session.scalar(query.limit(1)) is not None


def locked_account(account_id: int) -> PaymentAccount:
    """The account, locked until this unit of work ends, so that two decisions cannot cross."""
    query = select(PaymentAccount).where(PaymentAccount.id == account_id).with_for_update()
    account = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if account is None:
        raise NotFoundError("Không có tài khoản này.")
    return account


def next_version(merchant_id: int) -> int:
    """The number of the merchant's next account."""
    highest = db.session.scalar(
        select(func.max(PaymentAccount.version)).where(PaymentAccount.merchant_id == merchant_id)
    )
    return (highest or 0) + 1


def told(account: PaymentAccount) -> dict[str, Any]:
    """What the audit keeps of an account: enough to see which, the number by its end."""
    return {
        "merchant_id": account.merchant_id,
        "version": account.version,
        "bank_bin": account.bank_bin,
        "account_tail": account.tail,
        "holder_name": account.holder_name,
        "provider": account.provider,
    }


def _accounts_of(merchant_id: int, *states: str) -> list[PaymentAccount]:
    query = select(PaymentAccount).where(PaymentAccount.merchant_id == merchant_id, PaymentAccount.state.in_(states))
    return list(db.session.scalars(query.order_by(PaymentAccount.version)))


def _approvals(account_id: int) -> list[AccountApproval]:
    return list(db.session.scalars(select(AccountApproval).where(AccountApproval.account_id == account_id)))
