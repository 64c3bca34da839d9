"""Signing in and out: one row per browser, ended in one place."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import g, session
from flask_security import UserMixin
from flask_security.utils import login_user, logout_user
from sqlalchemy import update

from app.accounts import factors, passwords, queries, throttle
from app.accounts.models import LoginSession, User
from app.accounts.rules import SESSION_LONGEST, identity_key, needs_second_factor
from app.accounts.throttle import Try
from app.actors import Actor
from app.audit.actions import record
from app.audit.refusals import tell_refusal
from app.db import db, unit_of_work

BROWSER_MAX = 80
_STRANGER = Actor(None, "Khách")
PENDING_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a sign-in comes from: address, browser, and the marks of people who signed in there before."""

    address: str
    browser: str
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended: the person when it was right, else the seconds to wait (0: simply wrong)."""

    user: User | None = None
    wait_seconds: int = 0


def try_password(identity: str, password: str, caller: Caller, now: datetime) -> Outcome:
    """Checks a password; slow hashing happens between two short transactions, so that nobody waits for it."""
    with unit_of_work():
        user = queries.user_by_identity(identity)
        attempt = _try_for(f"user {user.id}" if user else f"text {identity_key(identity)}", caller, user)
        wait = throttle.admit(attempt, now)
    if wait:
        return _locked(user, wait, now)
    if not passwords.matches(user, password) or user is None or not user.active:
        tell_refusal(_STRANGER, now, "sign_in.wrong", _tried(user))
        return Outcome()
    with unit_of_work():
        throttle.forgive(attempt, now)
    return Outcome(user)


def try_code(user: User, code: str, caller: Caller, now: datetime) -> Outcome:
    """Checks a code of the second factor, under the same throttle."""
    with unit_of_work():
        attempt = _try_for(f"code {user.id}", caller, user)
        wait = throttle.admit(attempt, now)
        if wait:
            return _locked(user, wait, now)
        db.session.refresh(user, with_for_update={"of": User})
        right = factors.use_code(user, code, now)
        if right:
            throttle.forgive(attempt, now)
    if not right:
        tell_refusal(_STRANGER, now, "sign_in.wrong", _tried(user), "mã xác thực hai lớp")
    return Outcome(user) if right else Outcome()


def hand_over_wait(user: User, caller: Caller, now: datetime) -> int:
    """Seconds to wait before another hand-over code may be tried; 0 lets this one be, and counts it."""
    with unit_of_work():
        wait = throttle.admit(_try_for(f"hand over {user.id}", caller, user), now)
    return int(wait.total_seconds()) + 1 if wait else 0


def wants_code(user: User) -> bool:
    """Whether this person's second factor is set up and asked for."""
    return user.totp_secret is not None and not user.sample


def wants_setup(user: User) -> bool:
    """Whether this person has to set a second factor up before anything else."""
    return needs_second_factor(user.role_names) and user.totp_secret is None and not user.sample


def start(user: User, caller: Caller, now: datetime, *, confirmed: bool = False) -> LoginSession:
    """Signs the person in with a new session; whatever the browser held before is forgotten.

    `confirmed`: the strongest thing they sign in with was typed just now.
    """
    row = LoginSession(
        id=secrets.token_urlsafe(18),
        user_id=user.id,
        browser=caller.browser[:BROWSER_MAX],
        started_at=now,
        expires_at=now + SESSION_LONGEST,
        confirmed_at=now if confirmed else None,
    )
    db.session.add(row)
    user.signed_in_at = now
    record(Actor(user.id, user.full_name, session=row.id), now, "user.sign_in", ("user", user.id))
    _forget_browser()
    login_user(cast("UserMixin", user), remember=False)
    session["sid"], session["seen"] = row.id, int(now.timestamp())
    return row


def confirm(actor: Actor, now: datetime) -> None:
    """Whoever sits at this session has just shown that it is them."""
    db.session.execute(update(LoginSession).where(LoginSession.id == actor.session).values(confirmed_at=now))


def end(actor: Actor, now: datetime) -> None:
    """Signs out: everywhere at once, or only here for people of the sample commune, whom many visitors share."""
    if actor.id is not None:
        user = queries.user(actor.id)
        if user.sample:
            db.session.execute(update(LoginSession).where(LoginSession.id == actor.session).values(ended_at=now))
        else:
            end_all(user, now)
        record(actor, now, "user.sign_out", ("user", user.id))
    logout_user()
    _forget_browser()


def end_all(user: User, now: datetime) -> None:
    """Ends every session of a person at this moment, and every signed cookie with them."""
    alive = LoginSession.ended_at.is_(None)
    db.session.execute(update(LoginSession).where(LoginSession.user_id == user.id, alive).values(ended_at=now))
    user.fs_uniquifier = secrets.token_hex(32)


def end_others(actor: Actor, now: datetime, user: User) -> None:
    """Ends every other session of a person: what was signed in before a second factor must not outlive its change."""
    alive = (LoginSession.ended_at.is_(None), LoginSession.id != actor.session)
    db.session.execute(update(LoginSession).where(LoginSession.user_id == user.id, *alive).values(ended_at=now))


def keep_pending(user: User, target: str, now: datetime) -> None:
    """Remembers in the signed cookie that the password was right and the code is still to come."""
    _forget_browser()
    session["pending"] = {"who": user.fs_uniquifier, "at": int(now.timestamp()), "next": target}


def pending(now: datetime) -> tuple[User, str] | None:
    """The person whose code is still to come, and where they wanted to go; ten minutes long."""
    kept = session.get("pending")
    if not isinstance(kept, dict) or now.timestamp() - kept.get("at", 0) > PENDING_SECONDS:
        return None
    user = queries.user_by_uniquifier(str(kept.get("who", "")))
    return (user, str(kept.get("next", ""))) if user is not None and user.active else None


def known_mark(user: User) -> str:
    """What a browser keeps to show that this person signed in there before."""
    return passwords.keyed_hash("known browser", str(user.id))


def _locked(user: User | None, wait: timedelta, now: datetime) -> Outcome:
    tell_refusal(_STRANGER, now, "sign_in.locked", _tried(user))
    return Outcome(wait_seconds=int(wait.total_seconds()) + 1)


def _tried(user: User | None) -> tuple[str, object]:
    """Whose sign-in was tried; all names that nobody has are one subject, however many a stranger invents."""
    return ("user", user.id) if user is not None else ("sign_in", "unknown")


def _try_for(account: str, caller: Caller, user: User | None) -> Try:
    known = user is not None and known_mark(user) in caller.known
    return Try(throttle.account_key(account, known=known), passwords.keyed_hash("address", caller.address), known)


def _forget_browser() -> None:
    """A fresh session with a fresh CSRF token (Flask-WTF keeps one in g as well)."""
    session.clear()
    g.pop("csrf_token", None)
