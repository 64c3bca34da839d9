"""Signing in and out."""

from collections.abc import Callable
from typing import TypeVar

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from app.accounts import sessions, unwritten
from app.accounts.forms import caller, sign_in_form, text
from app.accounts.sessions import Outcome
from app.accounts.views.frame import enter, enter_or_ask, home_of, me, pages
from app.db import cannot_write, unit_of_work
from app.web.access import current_actor, public, signed_in
from app.web.clock import moment

T = TypeVar("T")
WRONG = "Tên đăng nhập, số điện thoại hoặc mật khẩu không đúng."
MISSING = "Hãy gõ tên đăng nhập (hoặc số điện thoại) và mật khẩu."
WRONG_CODE = "Mã không đúng hoặc đã dùng rồi. Hãy đợi ứng dụng hiện mã mới."
LOST_PHONE = "Mất điện thoại thì mở Tài khoản của tôi, chọn Đổi sang điện thoại khác."


@pages.get("/login")
@public
def login() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in already goes on."""
    form = sign_in_form(request)
    if current_actor().id is not None:
        return redirect(form.target or home_of(me()))
    return render_template("security/login.html", form=form, error="")


@pages.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    """Checks the password; then the code of the second factor where there is one."""
    form = sign_in_form(request)
    if not form.complete:
        return render_template("security/login.html", form=form, error=MISSING), 422
    try:
        outcome = sessions.try_password(form.identity, form.password, caller(request), moment())
    except DBAPIError as wrong:
        outcome = _while_it_can(wrong, lambda: unwritten.check_password(form.identity, form.password, moment()))
    if outcome.user is None:
        return _refused("security/login.html", outcome, WRONG, form=form)
    return enter_or_ask(outcome.user, form.target)


@pages.get("/login/code")
@public
def code() -> ResponseReturnValue:
    """Asks for the code of the second factor."""
    if sessions.pending(moment()) is None:
        return redirect(url_for("accounts.login"))
    return render_template("security/code.html", error="")


@pages.post("/login/code")
@public
def check_code() -> ResponseReturnValue:
    """Checks the code and lets the person in."""
    waiting = sessions.pending(moment())
    if waiting is None:
        flash("Đã quá 10 phút. Hãy đăng nhập lại.", "warn")
        return redirect(url_for("accounts.login"))
    user, target = waiting
    codes_before = len(user.recovery_codes)
    try:
        outcome = sessions.try_code(user, text(request, "code"), caller(request), moment())
    except DBAPIError as wrong:
        outcome = _while_it_can(wrong, lambda: unwritten.check_code(user, text(request, "code"), moment()))
    if outcome.user is None:
        return _refused("security/code.html", outcome, WRONG_CODE)
    response, codes_left = enter(outcome.user, target, confirmed=True), len(outcome.user.recovery_codes)
    if codes_left < codes_before:
        flash(f"Bạn vừa dùng một mã dự phòng, còn {codes_left} mã. {LOST_PHONE}", "warn")
    return response


@pages.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """Signs out."""
    try:
        with unit_of_work():
            sessions.end(current_actor(), moment())
    except DBAPIError as wrong:
        _while_it_can(wrong, session.clear)
    flash("Đã đăng xuất.", "good")
    return redirect(url_for("accounts.login"))


def _while_it_can(wrong: DBAPIError, act: Callable[[], T]) -> T:
    """What is done instead where the disk takes nothing; any other fault stays one."""
    if not cannot_write(wrong):
        raise wrong
    return act()


def _refused(template: str, outcome: Outcome, wrong: str, **context: object) -> ResponseReturnValue:
    if not outcome.wait_seconds:
        return render_template(template, error=wrong, **context), 401
    minutes = -(-outcome.wait_seconds // 60)
    error = f"Thử sai quá nhiều lần. Hãy đợi khoảng {minutes} phút rồi thử lại."
    return render_template(template, error=error, **context), 429, {"Retry-After": str(outcome.wait_seconds)}
