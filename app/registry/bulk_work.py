"""Many merchants at once, from a page or a program: done while one waits where they are few, else by a job."""

from collections.abc import Sequence
from datetime import datetime

from app.actors import Actor
from app.db import db
from app.errors import ConflictError
from app.jobs.actions import enqueue
from app.jobs.models import Job
from app.registry.actions.bulk import begin_bulk, begin_undo, changes_of, do_bulk, undo_changes
from app.registry.actions.states import states_refreshed_once
from app.registry.jobs import BULK, UNDO
from app.registry.models import BulkAct
from app.registry.rules.bulk import ACTS, AT_ONCE_MAX

#: States of a job that has not ended.
AT_WORK = frozenset({"queued", "running"})


def start_bulk(actor: Actor, now: datetime, kind: str, value: str, ids: Sequence[int]) -> BulkAct:
    """Writes the act down and does it, or hands it to a job. Raises RefusedError, NotFoundError before anything."""
    made = begin_bulk(actor, now, kind, value, len(ids))
    if len(ids) > AT_ONCE_MAX and not ACTS[kind].leads_away:
        params = {"bulk_id": made.id, "user_id": actor.id, "session": actor.session, "merchant_ids": list(ids)}
        made.job_id = enqueue(BULK, params, actor, now).id
        return made
    with states_refreshed_once():
        do_bulk(actor, now, made, ids)
    return made


def take_back(actor: Actor, now: datetime, made: BulkAct) -> int | None:
    """Takes an act back where nobody has changed it since; for how many, or None where a job does it.

    Raises ConflictError while it is still being done, or where it was taken back.
    """
    job = job_of(made)
    if job is not None and job.state in AT_WORK:
        raise ConflictError("Máy đang làm dở việc này.", remedy="Đợi xong rồi hãy hoàn tác.")
    begin_undo(actor, now, made)
    if made.done > AT_ONCE_MAX:
        params = {"bulk_id": made.id, "user_id": actor.id, "session": actor.session}
        made.job_id = enqueue(UNDO, params, actor, now).id
        return None
    with states_refreshed_once():
        return undo_changes(actor, now, made, changes_of(made))


def job_of(made: BulkAct) -> Job | None:
    """The job that does it, or undoes it; None where it was done at once."""
    return db.session.get(Job, made.job_id) if made.job_id is not None else None
