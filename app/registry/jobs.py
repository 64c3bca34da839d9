"""Work of the registry that takes longer than a page may."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.accounts.guard import actor_of
from app.accounts.queries import user
from app.actors import Actor
from app.db import db, unit_of_work
from app.errors import DomainError, ForbiddenError
from app.jobs.actions import Progress
from app.registry.actions.accounts import approve_account
from app.registry.actions.bulk import changes_of, do_bulk, undo_changes
from app.registry.actions.states import states_refreshed_once
from app.registry.models import BulkAct, BulkChange
from app.registry.queries.approvals import first_accounts_of

KIND = "registry.approve_list"
CHUNK = 50
BULK = "registry.bulk"
UNDO = "registry.bulk_undo"
BULK_CHUNK = 200


def approve_list(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """One person's yes to every first account of a list, each judged by itself: their own proposals are left out.

    Changes of an account are never among them; those are looked at one by one, old beside new.
    """
    person = user(int(params["user_id"]))
    if not person.active:
        raise ForbiddenError("Người yêu cầu đã bị khoá.")
    actor = actor_of(person, "job", str(params["session"]))
    ids = first_accounts_of(int(params["batch_id"]))
    done, left = 0, 0
    for start in range(0, len(ids), CHUNK):
        with unit_of_work(), states_refreshed_once():
            approved = _approve(actor, progress, ids[start : start + CHUNK])
        done += approved
        left += len(ids[start : start + CHUNK]) - approved
        progress(done + left, len(ids), f"Đã duyệt {done} tài khoản")
    return {"approved": done, "left": left}


def _approve(actor: Actor, progress: Progress, ids: Sequence[int]) -> int:
    done = 0
    for account_id in ids:
        try:
            approve_account(actor, progress.clock(), account_id, only_first=True)
        except DomainError:
            continue  # theirs, a twin, decided since, not in their reach: it stays where it waits
        done += 1
    return done


def work_in_bulk(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """What one person does to many merchants, in chunks; what is done stays done when it is stopped."""
    person = user(int(params["user_id"]))
    if not person.active:
        raise ForbiddenError("Người yêu cầu đã bị khoá.")
    actor = actor_of(person, "job", str(params["session"]))
    ids: list[int] = params["merchant_ids"]
    bulk_id, done = int(params["bulk_id"]), _already(int(params["bulk_id"]))
    ids = [merchant_id for merchant_id in ids if merchant_id not in done]
    for start in range(0, len(ids), BULK_CHUNK):
        chunk = ids[start : start + BULK_CHUNK]
        with unit_of_work(), states_refreshed_once():
            bulk = db.session.get_one(BulkAct, bulk_id, populate_existing=True)
            do_bulk(actor, progress.clock(), bulk, chunk)
            told = bulk.done
        progress(start + len(chunk), len(ids), f"Đã làm cho {told} hộ")
    return {"bulk_id": bulk_id}


def undo_in_bulk(params: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Takes back what was done to many; what was changed since stays as it is."""
    person = user(int(params["user_id"]))
    actor = actor_of(person, "job", str(params["session"]))
    bulk = db.session.get_one(BulkAct, int(params["bulk_id"]))
    ids = [change.id for change in changes_of(bulk)]
    undone = 0
    for start in range(0, len(ids), BULK_CHUNK):
        chunk = ids[start : start + BULK_CHUNK]
        with unit_of_work(), states_refreshed_once():
            changes = db.session.scalars(select(BulkChange).where(BulkChange.id.in_(chunk))).all()
            undone += undo_changes(actor, progress.clock(), bulk, changes)
        progress(start + len(chunk), len(ids), f"Đã hoàn tác cho {undone} hộ")
    return {"bulk_id": bulk.id, "undone": undone}


def _already(bulk_id: int) -> frozenset[int]:
    """Whom an earlier try of this job reached: it is never done twice."""
    found = frozenset(db.session.scalars(select(BulkChange.merchant_id).where(BulkChange.bulk_id == bulk_id)))
    db.session.rollback()
    return found


HANDLERS = {KIND: approve_list, BULK: work_in_bulk, UNDO: undo_in_bulk}
