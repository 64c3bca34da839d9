"""Work of the registry that takes longer than a page may."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.accounts.guard import actor_of
from app.accounts.queries import user
from app.actors import Actor
from app.db import unit_of_work
from app.errors import DomainError, ForbiddenError
from app.jobs.actions import Progress
from app.registry.actions.accounts import approve_account
from app.registry.actions.states import states_refreshed_once
from app.registry.queries.approvals import first_accounts_of

KIND = "registry.approve_list"
CHUNK = 50


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
            approve_account(actor, progress.clock(), account_id)
        except DomainError:
            continue  # theirs, decided since, or not in their reach: it stays where it waits
        done += 1
    return done


HANDLERS = {KIND: approve_list}
