"""Background work is neither lost nor done twice."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.actors import SYSTEM
from app.db import db, unit_of_work
from app.errors import RefusedError
from app.jobs.actions import ATTEMPTS_MAX, LEASE, Progress, claim_next, enqueue, request_cancel
from app.jobs.models import Job
from app.jobs.worker import run_next


def add(kind: str, now: datetime, **params: object) -> int:
    with unit_of_work():
        return enqueue(kind, params, SYSTEM, now).id


def job(job_id: int) -> Job:
    db.session.rollback()
    return db.session.get_one(Job, job_id)


def count_to(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    for number in range(params["n"]):
        progress(number + 1, params["n"], f"bước {number + 1}")
    return {"counted": params["n"]}


def test_a_job_runs_once_and_keeps_its_result(app: Flask, now: datetime) -> None:
    job_id = add("count", now, n=3)
    assert run_next(app, {"count": count_to}, lambda: now)
    assert not run_next(app, {"count": count_to}, lambda: now)
    done = job(job_id)
    assert (done.state, done.done, done.total, done.result) == ("done", 3, 3, {"counted": 3})


def test_a_job_of_a_rolled_back_act_never_runs(app: Flask, now: datetime) -> None:
    def act_and_fail() -> None:
        with unit_of_work():
            enqueue("count", {"n": 1}, SYSTEM, now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act_and_fail()
    assert not run_next(app, {"count": count_to}, lambda: now)


def test_a_refusal_is_told_and_a_fault_is_not(app: Flask, now: datetime) -> None:
    def refuse(_params: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
        raise RefusedError("Tệp hỏng.", remedy="Hãy gửi lại.")

    def break_down(_params: Mapping[str, Any], _progress: Progress) -> dict[str, Any]:
        raise KeyError("secret detail")

    refused, broken = add("refuse", now), add("break", now)
    handlers = {"refuse": refuse, "break": break_down}
    assert run_next(app, handlers, lambda: now)
    assert run_next(app, handlers, lambda: now)
    assert (job(refused).state, job(refused).message) == ("failed", "Tệp hỏng. Hãy gửi lại.")
    assert job(broken).state == "failed"
    assert "secret detail" not in job(broken).message


def test_cancel_before_and_while_running(app: Flask, now: datetime) -> None:
    waiting, running = add("count", now, n=1), add("stop", now, n=3)
    with unit_of_work():
        request_cancel(waiting, now)

    def stop_itself(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
        progress(1, 3)
        with unit_of_work():
            request_cancel(running, now)
        return count_to(params, progress)

    assert run_next(app, {"stop": stop_itself, "count": count_to}, lambda: now)
    assert [job(each).state for each in (waiting, running)] == ["cancelled", "cancelled"]


def test_a_dead_workers_job_is_taken_up_and_finally_given_up(app: Flask, now: datetime) -> None:
    job_id = add("count", now, n=1)
    moment = now
    for _attempt in range(ATTEMPTS_MAX):
        assert claim_next(moment) == job_id
        assert claim_next(moment) is None, "its lease still runs"
        moment += LEASE + timedelta(seconds=1)
    assert claim_next(moment) is None
    assert job(job_id).state == "failed"
