"""Writing down who holds whose key and who has proved what; refusing whoever may not decide."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.actors import Actor
from app.approval.models import PersonProof, SignInKey
from app.approval.queries import objection, sample_among
from app.approval.rules import PROPOSED, Involved, decided
from app.audit.refusals import tell_refusal
from app.db import db
from app.errors import ConflictError, ForbiddenError


class FourEyesError(ForbiddenError):
    """This person may not decide this proposal; somebody else may."""

    code = "bon-mat"


def record_key(actor: Actor, now: datetime, holder_id: int, kind: str) -> None:
    """Somebody (nobody signed in: the machine) gave or renewed another's means to sign in; one's own is no key."""
    if actor.id != holder_id:
        db.session.add(SignInKey(keeper_id=actor.id, holder_id=holder_id, kind=kind, at=now))
        db.session.flush()


def record_proof(now: datetime, user_id: int, confirmed_by_id: int | None) -> None:
    """The person proved to be somebody, by a code that a third person told them (None: from the machine)."""
    newest = db.session.scalar(select(func.max(SignInKey.id))) or 0
    how = "machine" if confirmed_by_id is None else "person"
    db.session.add(PersonProof(user_id=user_id, how=how, confirmed_by_id=confirmed_by_id, after_key=newest, at=now))
    db.session.flush()


def refuse_objection(
    actor: Actor,
    now: datetime,
    others: Sequence[Involved],
    state: str = PROPOSED,
    about: tuple[str, object] = ("approval", ""),
    *,
    is_real: bool = False,
) -> None:
    """Raises ConflictError where it is decided already, FourEyesError where this person may not decide it.

    The try is written down, under the kind and number of what it was `about`. `is_real`: it is not of the sample
    commune, so a sign-in whose password everybody has is nobody's.
    """
    settled = decided(state)
    if settled:
        raise ConflictError(settled.message, remedy=settled.remedy)
    found = objection(actor, others, now=now) or (sample_among(actor, others) if is_real else None)
    if found:
        tell_refusal(actor, now, "approval.refused", about, found.message)
        raise FourEyesError(found.message, remedy=found.remedy)
