"""Writing down what was refused: a try that failed leaves a trace, and nobody fills the chain with tries."""

from datetime import datetime, timedelta

from app.actors import Actor
from app.audit.actions import record
from app.audit.models import RefusalTally
from app.db import afterwards, db

HOUR = timedelta(hours=1)
#: Which of the tries of one hour are told: the first, and how many there are each time they are ten times as many.
TOLD = frozenset({1, 10, 100, 1_000, 10_000, 100_000})


def tell_refusal(actor: Actor, now: datetime, action: str, subject: tuple[str, object], reason: str = "") -> None:
    """Somebody was refused: told in a unit of work of its own, since the one at hand is rolled back.

    Of the same person, act and subject a few events an hour at most, with how many tries there were.
    """
    afterwards(lambda: _tell(actor, now, action, subject, reason))


def _tell(actor: Actor, now: datetime, action: str, subject: tuple[str, object], reason: str) -> None:
    key = f"{actor.id or 0} {action} {subject[0]} {subject[1]}"[:180]
    tally = db.session.get(RefusalTally, key, with_for_update=True)
    if tally is None:
        tally = RefusalTally(key=key, since=now, count=0)
        db.session.add(tally)
    elif not timedelta(0) <= now - tally.since < HOUR:
        tally.since, tally.count = now, 0
    tally.count += 1
    db.session.flush()
    if tally.count in TOLD:
        record(actor, now, action, subject, after={"tries": tally.count} if tally.count > 1 else None, reason=reason)
