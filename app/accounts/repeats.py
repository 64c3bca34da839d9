"""A phone that got no answer asks again with the same key: it is answered again, and the act is done once."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request
from sqlalchemy import select

from app.accounts.models import KeptAnswer, User
from app.db import db, unit_of_work
from app.errors import ConflictError, RefusedError
from app.web.access import current_actor
from app.web.clock import moment

HEADER = "Idempotency-Key"
KEY_MAX = 80
KEY = re.compile(rf"[!-~]{{1,{KEY_MAX}}}")
MARK = "_choso_repeatable"

Operation = TypeVar("Operation", bound=Callable[..., Mapping[str, Any]])
Again = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class KeyUsedError(ConflictError):
    """The same key came with another request."""

    code = "khoa-da-dung"


def repeatable(*kept: str, again: Again | None = None) -> Callable[[Operation], Operation]:
    """Does an operation once for each `Idempotency-Key` of a person.

    Of the answer only the fields in `kept` are stored (nothing about a person stands there longer than in their
    record); `again` makes the whole answer of them anew, without it they are the answer.
    """

    def mark(operation: Operation) -> Operation:
        @wraps(operation)
        def once(*arguments: object, **named: object) -> Mapping[str, Any]:
            key = request.headers.get(HEADER)
            if key is None:
                return operation(*arguments, **named)
            with unit_of_work():
                before = _answered(key)
                if before is not None:
                    return again(before) if again else before
                answer = operation(*arguments, **named)
                _keep(key, {name: answer[name] for name in kept if name in answer})
            return answer

        setattr(once, MARK, True)
        return cast("Operation", once)

    return mark


def _answered(key: str) -> Mapping[str, Any] | None:
    """What this key was answered with before. Raises KeyUsedError where it stood for something else."""
    if not KEY.fullmatch(key):
        raise RefusedError(f"{HEADER} không dùng được.", remedy=f"Hãy dùng UUID, tối đa {KEY_MAX} ký tự.")
    # one request of a person after the other: the second of two at a time finds what the first has kept
    db.session.execute(select(User.id).where(User.id == current_actor().id).with_for_update())
    query = select(KeptAnswer).where(KeptAnswer.user_id == current_actor().id, KeptAnswer.key == key)
    found = db.session.scalar(query)
    if found is None:
        return None
    if found.request_sha256 != _digest():
        raise KeyUsedError("Khoá này đã dùng cho một yêu cầu khác.", remedy="Hãy tạo khoá mới cho mỗi việc.")
    return found.answer


def _keep(key: str, answer: Mapping[str, Any]) -> None:
    row = KeptAnswer(user_id=current_actor().id, key=key, request_sha256=_digest(), answer=dict(answer), at=moment())
    db.session.add(row)
    db.session.flush()


def _digest() -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.get_data()).hexdigest()
