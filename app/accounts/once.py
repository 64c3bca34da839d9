"""One form is one act: a form that is posted twice does its work once, and the second post gets the first one's answer.

Every form carries an id made with its page (`form_id()` beside the CSRF token). The id is written down in the very
transaction that does the work, so two posts at the same moment can't both commit; nothing is needed in the views.
"""

import hashlib
import logging
import secrets
import time
from datetime import timedelta
from typing import Final

from flask import Flask, Response, flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from app.accounts.models import FormPost
from app.accounts.presence import FIELD as CODE
from app.db import begin_next_unit_with, db, unit_of_work
from app.web.access import current_actor
from app.web.clock import moment

FIELD: Final = "form_id"
ID_MAX: Final = 40
KEPT: Final = timedelta(hours=25)  # a form's CSRF token is good for a day
NOT_COMPARED: Final = frozenset({FIELD, "csrf_token", CODE})
READ_BYTES: Final = 1 << 20
WAIT_SECONDS: Final = 3.0  #: for the answer of a post that is just being worked on
WAIT_STEP_SECONDS: Final = 0.05
TOLD: Final = "Biểu mẫu này đã được gửi rồi, nên không làm lại lần nữa."
log = logging.getLogger("choso")


def init_once(app: Flask) -> None:
    """Gives forms their ids, and keeps what became of a post."""
    app.jinja_env.globals["form_id"] = lambda: secrets.token_urlsafe(12)
    app.after_request(_keep_answer)


def answered_before() -> ResponseReturnValue | None:
    """What this very form was answered when it was posted before, or None: then it does its work now.

    Asked by the guard once the form is known to be ours.
    """
    form_id = request.form.get(FIELD, "")
    if not form_id or len(form_id) > ID_MAX or "HX-Request" in request.headers or _signs_in():
        return None
    key = _key(form_id)
    if (found := _found(key)) is not None:
        return _again(found)
    begin_next_unit_with(lambda: _write_down(key))
    return None


def _signs_in() -> bool:
    """A stranger's forms at the door begin a session: each answer carries a cookie of its own."""
    return current_actor().id is None and request.blueprint == "accounts"


def _key(form_id: str) -> str:
    """The form, who sends it, where to, and what was filled in: another try from the same page is another act."""
    total = hashlib.sha256()
    parts = [form_id, str(current_actor().id), request.path]
    parts += [f"{name}={value}" for name, value in request.form.items(multi=True) if name not in NOT_COMPARED]
    parts += [f"{name}:{file.filename}:{_digest(file)}" for name, file in request.files.items(multi=True)]
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def _digest(file: FileStorage) -> str:
    total = hashlib.sha256()
    while chunk := file.stream.read(READ_BYTES):
        total.update(chunk)
    file.stream.seek(0)
    return total.hexdigest()


def _found(key: str) -> FormPost | None:
    return db.session.scalar(select(FormPost).where(FormPost.key == key).execution_options(populate_existing=True))


def _write_down(key: str) -> None:
    """Inside the transaction of the work. Raises HTTPException with the first post's answer where there was one."""
    now = moment()
    db.session.execute(delete(FormPost).where(FormPost.at < now - KEPT))
    row = FormPost(key=key, at=now, location="")
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        db.session.rollback()
        found = _found(key)
        raise HTTPException(response=make_response(_again(found)) if found else None) from None
    g.form_post = key


def _again(found: FormPost) -> ResponseReturnValue:
    """The first answer: where it led; or a page that says so, where it showed something that is shown once."""
    location = _location(found)
    if location:
        flash(TOLD, "info")
        return redirect(location)
    remedy = "Hãy mở danh sách để xem; mật khẩu hay đường dẫn chỉ hiện một lần thì tạo cái mới."
    page = render_template("errors/error.html", status=409, title="Đã gửi rồi", detail=f"{TOLD} {remedy}", code="")
    return page, 409


def _location(found: FormPost) -> str:
    """Where the first post led; it may just be on its way."""
    until = time.monotonic() + WAIT_SECONDS
    key, location, done = found.key, found.location, found.done
    while not done and time.monotonic() < until:
        db.session.rollback()
        time.sleep(WAIT_STEP_SECONDS)
        again = _found(key)
        if again is None:
            return ""
        location, done = again.location, again.done
    return location


def _keep_answer(response: Response) -> Response:
    """What became of the post: where it led; a refusal, a file or a part of a page may be asked for again."""
    key = g.pop("form_post", None)
    if key is None:
        return response
    leads = 300 <= response.status_code < 400  # noqa: PLR2004 - redirects
    page = response.status_code < 300 and response.mimetype == "text/html"  # noqa: PLR2004
    try:
        with unit_of_work():
            if leads or page:
                values = {"location": response.location or "", "done": True}
                db.session.execute(update(FormPost).where(FormPost.key == key).values(values))
            else:
                db.session.execute(delete(FormPost).where(FormPost.key == key))
    except OperationalError:
        log.warning("what became of a form was not kept")
    return response
