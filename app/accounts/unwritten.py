"""Signing in while nothing can be written: a full or read-only disk must not keep out those who would mend it.

Such a sign-in stands in the signed cookie alone, for an hour, and only reads. What is written otherwise (tries that
failed, codes that were used) this process keeps in its memory meanwhile.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import cast

from flask import session
from flask_security import UserMixin
from flask_security.utils import login_user

from app.accounts import factors, passwords, queries
from app.accounts.models import User
from app.accounts.rules import ACCOUNT_WINDOW, FAILURES_PER_ACCOUNT, identity_key
from app.accounts.sessions import Outcome
from app.db import begin_reading, db
from app.errors import ForbiddenError

LIFE = timedelta(hours=1)
MARK = "~"
TRIED_MAX = 10_000
_tries: dict[str, list[datetime]] = defaultdict(list)
_steps: dict[int, int] = {}


def check_password(identity: str, password: str, now: datetime) -> Outcome:
    """Checks a password; ten wrong ones in the usual time, and the account waits."""
    _read()
    key = identity_key(identity)
    if wait := _wait(key, now):
        return Outcome(wait_seconds=wait)
    if len(_tries) > TRIED_MAX:
        _tries.clear()
    _tries[key].append(now)
    user = queries.user_by_identity(identity)
    if not passwords.matches(user, password) or user is None or not user.active:
        return Outcome()
    _tries.pop(key, None)
    return Outcome(user)


def check_code(user: User, code: str, now: datetime) -> Outcome:
    """Checks a code of the app, good for one use; a recovery code cannot be struck out now, so it is not taken."""
    _read()
    key = f"code {user.id}"
    if wait := _wait(key, now):
        return Outcome(wait_seconds=wait)
    _tries[key].append(now)
    used = max(user.totp_counter or 0, _steps.get(user.id, 0))
    step = factors.clockwork().step_of(code.strip().replace(" ", ""), user.totp_secret or "", now, used)
    if step is None:
        return Outcome()
    _tries.pop(key, None)
    _steps[user.id] = step
    return Outcome(user)


def start(user: User, now: datetime) -> None:
    """Signs the person in for reading."""
    session.clear()
    login_user(cast("UserMixin", user), remember=False)
    session["sid"], session["seen"] = f"{MARK}{int((now + LIFE).timestamp())}", int(now.timestamp())


def is_unwritten(session_id: str) -> bool:
    """Whether this session stands in its cookie alone."""
    return session_id.startswith(MARK)


def person_of(session_id: str, uniquifier: str, now: datetime) -> User | None:
    """Who such a session belongs to, while it lasts."""
    until = session_id.removeprefix(MARK)
    if not until.isdigit() or int(until) <= now.timestamp():
        return None
    user = queries.user_by_uniquifier(uniquifier)
    return user if user is not None and user.active else None


def refuse_writing() -> None:
    """Whoever signed in like this changes nothing; the next sign-in is a whole one again."""
    raise ForbiddenError(
        "Bạn đã đăng nhập lúc đĩa của máy chủ không ghi được, nên chỉ xem được.",
        remedy="Khi đĩa đã được dọn hay mở khoá, hãy đăng xuất rồi đăng nhập lại.",
    )


def _read() -> None:
    db.session.rollback()
    begin_reading()


def _wait(key: str, now: datetime) -> int:
    recent = [at for at in _tries.get(key, ()) if now - ACCOUNT_WINDOW < at <= now]
    if len(recent) < FAILURES_PER_ACCOUNT:
        return 0
    return int((recent[0] + ACCOUNT_WINDOW - now).total_seconds()) + 1
