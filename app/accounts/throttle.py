"""Counting tries that failed, so that a password cannot be guessed and a shared Wi-Fi still lets people in.

A try is written down before the password is even looked at and struck out when it was right: of a thousand tries at
once no more than ten reach the hash, and a restart forgets nothing (research/reliability.md G6).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select

from app.accounts.models import SignInFailure, User
from app.accounts.passwords import keyed_hash
from app.accounts.rules import ACCOUNT_WINDOW, ADDRESS_WINDOW, FAILURES_PER_ACCOUNT, account_wait, address_wait
from app.db import db


@dataclass(frozen=True, slots=True)
class Try:
    """Who is tried and from where, as keyed hashes.

    `known` browsers (the person signed in there before) count by themselves and skip the address's pace: whatever a
    stranger tries elsewhere, the owner gets in.
    """

    account_key: str
    address_key: str
    known: bool = False


def account_key(account: str, *, known: bool = False) -> str:
    """Under which tries on an account are counted (`user 7`, `code 7`, `text somebody`), as a keyed hash."""
    return keyed_hash("account", f"known {account}" if known else account)


def keys_of(user: User) -> list[str]:
    """All counters of a person."""
    return [account_key(f"{what} {user.id}", known=known) for what in ("user", "code") for known in (False, True)]


def clear(user: User) -> None:
    """Nothing is held against this person any more: the administrator gave them a new password."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.account_key.in_(keys_of(user))))


def admit(attempt: Try, now: datetime) -> timedelta:
    """Zero and a failure written down in advance, or how long to wait (then nothing is written)."""
    _one_at_a_time(attempt.account_key)
    wait = account_wait(_account_failures(attempt.account_key, now), now)
    if not wait and not attempt.known:
        wait = address_wait(*_address_failures(attempt.address_key, now), now)
    if not wait:
        db.session.add(SignInFailure(at=now, account_key=attempt.account_key, address_key=attempt.address_key))
        db.session.flush()
    return wait


def forgive(attempt: Try, now: datetime) -> None:
    """The try was right: the failures of its counter are struck out, and all that no window holds is swept."""
    window = max(ACCOUNT_WINDOW, ADDRESS_WINDOW)
    mine = SignInFailure.account_key == attempt.account_key
    over = or_(SignInFailure.at < now - window, SignInFailure.at > now + window)
    db.session.execute(delete(SignInFailure).where(mine | over))


def _account_failures(key: str, now: datetime) -> list[datetime]:
    recent = SignInFailure.at.between(now - ACCOUNT_WINDOW, now + ACCOUNT_WINDOW)  # the clock may have been put back
    query = select(SignInFailure.at).where(SignInFailure.account_key == key, recent)
    return list(db.session.scalars(query.order_by(SignInFailure.at.desc()).limit(FAILURES_PER_ACCOUNT)))


def _address_failures(key: str, now: datetime) -> tuple[int, datetime | None]:
    query = select(func.count(), func.max(SignInFailure.at)).where(
        SignInFailure.address_key == key, SignInFailure.at.between(now - ADDRESS_WINDOW, now + ADDRESS_WINDOW)
    )
    count, last = db.session.execute(query).one()
    return count, last


def _one_at_a_time(key: str) -> None:
    """PostgreSQL counts and writes side by side unless told not to; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        number = int(key[:15], 16)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))
