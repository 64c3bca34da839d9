"""A person proves to be somebody: by a code that no keeper of their sign-in saw, which lets everybody else out.

The code comes from a third person who is one with neither of them, face to face, or from the machine's command line.
With it, in one step, the person chooses a new password and a new second factor, and every session, token and link that
anybody could hold ends. Only then is the proof written, and the keys given before it are worth nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from app.accounts import actions, factors
from app.accounts.models import HandOverCode, OneTimeLink, User
from app.accounts.passwords import keyed_hash
from app.actors import Actor
from app.approval.actions import record_proof, refuse_objection
from app.approval.queries import unproved
from app.approval.rules import Involved
from app.audit.actions import record
from app.db import db
from app.errors import ConflictError, RefusedError

LIFE = timedelta(minutes=30)
DIGITS = 8


@dataclass(frozen=True, slots=True)
class Proving:
    """What somebody types to prove that they are there: the code they were told, and means to sign in of their own."""

    code: str
    password: str
    again: str
    secret: str  #: of the new second factor, encrypted
    app_code: str  #: its first six digits


def issue_hand_over(actor: Actor, now: datetime, user: User) -> str:
    """A code for this person, shown once; earlier ones end. At the machine nobody is signed in, and anybody gets one.

    Raises ConflictError for who needs none, FourEyesError for who is one person with them or their keepers,
    RefusedError for an issuer without a second factor of their own.
    """
    if user.id not in unproved([user.id]):
        raise ConflictError(
            f"{user.full_name} không cần xác nhận: không ai giữ chìa khoá của tài khoản này.",
            remedy="Tài khoản lập trên máy, hoặc đã tự xác nhận.",
        )
    if actor.via != "cli":
        others = [Involved(user.id, "được xác nhận")]
        refuse_objection(actor, now, others, about=("user", user.id))
        _refuse_without_factor(actor)
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    _end_codes(user, now)
    db.session.add(
        HandOverCode(
            user_id=user.id, code_hash=_hash(user, code), issued_by_id=actor.id, issued_at=now, expires_at=now + LIFE
        )
    )
    record(actor, now, "user.hand_over", ("user", user.id))
    return code


def prove(actor: Actor, now: datetime, user: User, typed: Proving) -> list[str]:
    """The person at this sign-in is somebody of their own from now on; their new recovery codes, shown once.

    Every session ends, the one at hand too. Raises RefusedError for a wrong code (of either kind) or password.
    """
    query = select(HandOverCode).where(
        HandOverCode.user_id == user.id,
        HandOverCode.code_hash == _hash(user, typed.code),
        HandOverCode.used_at.is_(None),
        HandOverCode.expires_at > now,
    )
    found = db.session.scalar(query.with_for_update())
    if found is None:
        raise RefusedError(
            "Mã trao tay không đúng, đã dùng hoặc đã quá 30 phút.", remedy="Hãy nghe lại từng số, hoặc xin mã mới."
        )
    actions.choose_first_password(actor, now, user, typed.password, typed.again)
    codes = factors.set_up(user, typed.secret, typed.app_code, now)
    if codes is None:
        raise RefusedError("Mã 6 số của ứng dụng không đúng.", remedy="Hãy đợi ứng dụng hiện mã mới rồi gõ lại.")
    actions.end_everything(actor, now, user)
    mine = (OneTimeLink.user_id == user.id) & OneTimeLink.used_at.is_(None)
    db.session.execute(update(OneTimeLink).where(mine).values(used_at=now))
    _end_codes(user, now)
    record_proof(now, user.id, found.issued_by_id)
    record(actor, now, "user.confirm", ("user", user.id), after={"confirmed_by": found.issued_by_id})
    return codes


def _refuse_without_factor(actor: Actor) -> None:
    issuer = db.session.get(User, actor.id)
    if issuer is None or (issuer.totp_secret is None and not issuer.sample):
        raise RefusedError(
            "Người xác nhận cho người khác phải có xác thực hai lớp.", remedy="Hãy bật ở Tài khoản của tôi rồi thử lại."
        )


def _end_codes(user: User, now: datetime) -> None:
    mine = (HandOverCode.user_id == user.id) & HandOverCode.used_at.is_(None)
    db.session.execute(update(HandOverCode).where(mine).values(used_at=now))


def _hash(user: User, code: str) -> str:
    digits = "".join(letter for letter in code if letter.isdigit())
    return keyed_hash(f"hand over {user.id}", digits)
