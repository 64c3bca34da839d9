"""Queueing, claiming, advancing and ending background work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update

from app.actors import Actor
from app.db import db, unit_of_work
from app.errors import DomainError, NotFoundError
from app.jobs.models import Job

LEASE = timedelta(minutes=2)
ATTEMPTS_MAX = 3


class CancelledError(DomainError):
    """Somebody stopped the job; the handler lets this pass."""

    code = "da-dung"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a handler calls as it goes: keeps the lease, shows the bar, notices a cancel."""

    job_id: int
    clock: Callable[[], datetime]

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """So many of so many done. Raises CancelledError when somebody stopped the job."""
        with unit_of_work():
            job = db.session.get_one(Job, self.job_id)
            db.session.refresh(job)
            job.done, job.total, job.message = done, total, message
            job.lease_until = self.clock() + LEASE
            stopped = job.cancel_requested
        if stopped:
            raise CancelledError("Việc này đã được dừng theo yêu cầu.")


#: A handler does the work: parameters and progress in, result (JSON) out. It commits its own chunks by unit_of_work.
Handler = Callable[[Mapping[str, Any], Progress], dict[str, Any]]


def enqueue(kind: str, params: Mapping[str, Any], actor: Actor, now: datetime) -> Job:
    """Adds a job to the queue; it starts once the surrounding transaction is committed."""
    job = Job(kind=kind, params=dict(params), owner_id=actor.id, owner_name=actor.name, created_at=now)
    db.session.add(job)
    db.session.flush()
    return job


def request_cancel(job_id: int, now: datetime) -> Job:
    """Asks a job to stop at its next step; one that has not begun stops at once."""
    job = db.session.get(Job, job_id)
    if job is None:
        raise NotFoundError("Không có việc này.")
    if job.state == "queued":
        job.state, job.finished_at = "cancelled", now
    elif job.state == "running":
        job.cancel_requested = True
    db.session.flush()
    return job


def claim_next(now: datetime) -> int | None:
    """Takes the oldest job that waits, or whose worker died; None when there is none."""
    with unit_of_work():
        waiting = or_(Job.state == "queued", and_(Job.state == "running", Job.lease_until < now))
        query = select(Job.id).where(waiting).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        job_id = db.session.scalar(query)
        if job_id is None:
            return None
        job = db.session.get_one(Job, job_id)
        if job.attempts >= ATTEMPTS_MAX:
            job.state, job.finished_at = "failed", now
            job.message = f"Đã thử {ATTEMPTS_MAX} lần không xong."
            return None
        job.state, job.attempts, job.lease_until = "running", job.attempts + 1, now + LEASE
        job.started_at = job.started_at or now
        return job_id


def finish(
    job_id: int, state: str, now: datetime, *, message: str = "", result: Mapping[str, Any] | None = None
) -> None:
    """Ends a job; what it found is kept with it."""
    with unit_of_work():
        values: dict[str, Any] = {"state": state, "finished_at": now, "lease_until": None}
        if message:
            values["message"] = message
        if result is not None:
            values["result"] = dict(result)
        db.session.execute(update(Job).where(Job.id == job_id).values(**values))
