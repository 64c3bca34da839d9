"""The worker: a thread beside the web server, or `choso worker` as a process of its own."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from flask import Flask

from app.db import db
from app.errors import DomainError
from app.jobs.actions import CancelledError, Handler, Progress, claim_next, finish
from app.jobs.models import Job

IDLE_SECONDS = 1.0
log = logging.getLogger("choso.jobs")


def utc_now() -> datetime:
    """The clock of the worker."""
    return datetime.now(UTC)


def run_next(app: Flask, handlers: Mapping[str, Handler], clock: Callable[[], datetime] = utc_now) -> bool:
    """Runs one waiting job; False when there was none. A job's fault ends the job, never the worker."""
    with app.app_context():
        job_id = claim_next(clock())
        if job_id is None:
            return False
        job = db.session.get_one(Job, job_id)
        kind, params = job.kind, dict(job.params)
        db.session.rollback()
        try:
            result = handlers[kind](params, Progress(job_id, clock))
        except CancelledError as stop:
            finish(job_id, "cancelled", clock(), message=str(stop))
        except DomainError as refused:
            finish(job_id, "failed", clock(), message=str(refused))
        except Exception:
            log.exception("job %s (%s) failed", job_id, kind)
            finish(job_id, "failed", clock(), message="Lỗi ngoài dự kiến; chi tiết nằm trong tệp nhật ký của máy.")
        else:
            finish(job_id, "done", clock(), result=result)
        return True


class Worker(threading.Thread):
    """Takes jobs one after another until told to stop."""

    def __init__(self, app: Flask, handlers: Mapping[str, Handler]) -> None:
        super().__init__(name="choso-worker", daemon=True)
        self.app = app
        self.handlers = handlers
        self.stopping = threading.Event()

    def run(self) -> None:
        """Until stopped: the next job, or a short wait."""
        while not self.stopping.is_set():
            try:
                worked = run_next(self.app, self.handlers)
            except Exception:
                log.exception("the worker could not reach its jobs")
                worked = False
            if not worked:
                self.stopping.wait(IDLE_SECONDS)

    def stop(self) -> None:
        """Ends after the job at hand."""
        self.stopping.set()
