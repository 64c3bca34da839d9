"""“Xác nhận là bạn”: approving, paying and handing out keys ask for a fresh code; what was typed is kept meanwhile."""

from datetime import datetime, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import queries, sessions
from app.accounts.forms import caller, text
from app.accounts.models import DeviceToken, LoginSession, User
from app.db import db, unit_of_work
from app.errors import ForbiddenError
from app.web.access import current_actor
from app.web.clock import moment

FRESH = timedelta(minutes=10)
FIELD = "confirm_code"


def ask() -> ResponseReturnValue | None:
    """None where whoever sits there has shown it within ten minutes or shows it now; else the page that asks.

    People of the sample share their passwords with everybody and are asked nothing.
    """
    actor, now = current_actor(), moment()
    user = queries.user(actor.id or 0)
    if user.sample or _is_fresh(db.session.get(LoginSession, actor.session), now):
        return None
    if request.form.get(FIELD) is None:
        return _page(user, "")
    outcome = _tried(user, now)
    if outcome.user is None:
        wait = f"Thử sai quá nhiều lần. Hãy đợi khoảng {-(-outcome.wait_seconds // 60)} phút."
        return _page(user, wait if outcome.wait_seconds else "Không đúng. Hãy đợi ứng dụng hiện mã mới rồi gõ lại.")
    with unit_of_work():
        sessions.confirm(actor, now)
    return None


def check_token(device: DeviceToken, now: datetime) -> None:
    """The same for a program: its token was made, with a code, within ten minutes. Raises ForbiddenError."""
    if not device.user.sample and not timedelta(0) <= now - device.created_at <= FRESH:
        raise ForbiddenError(
            "Việc này cần mã thiết bị vừa tạo trong 10 phút.",
            remedy="Hãy tạo mã mới ở trang Tài khoản của tôi, hoặc làm trên trang web.",
        )


def _is_fresh(row: LoginSession | None, now: datetime) -> bool:
    return row is not None and row.confirmed_at is not None and timedelta(0) <= now - row.confirmed_at <= FRESH


def _tried(user: User, now: datetime) -> sessions.Outcome:
    typed, visitor = text(request, FIELD), caller(request)
    if sessions.wants_code(user):
        return sessions.try_code(user, typed, visitor, now)
    return sessions.try_password(user.user_name, typed, visitor, now)


def _page(user: User, error: str) -> ResponseReturnValue:
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", FIELD}]
    files = [(name, file.filename) for name, file in request.files.items(multi=True) if file.filename]
    address = request.full_path.rstrip("?")
    page = render_template(
        "security/confirm.html",
        field=FIELD,
        address=address,
        kept=kept,
        files=files,
        by_code=sessions.wants_code(user),
        error=error,
    )
    return page, 403
