"""Signing in and out, the second factor, one's own account."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.accounts import actions, factors, queries, sessions
from app.accounts.forms import KNOWN_COOKIE, KNOWN_MAX, caller, local_target, sign_in_form, text
from app.accounts.models import User
from app.accounts.rules import needs_second_factor
from app.accounts.sessions import Outcome
from app.db import unit_of_work
from app.errors import DomainError
from app.settings import Settings
from app.web.access import current_actor, public, signed_in
from app.web.clock import moment
from app.web.qr_picture import svg_data

pages = Blueprint("accounts", __name__)

WRONG = "Tên đăng nhập, số điện thoại hoặc mật khẩu không đúng."
MISSING = "Hãy gõ tên đăng nhập (hoặc số điện thoại) và mật khẩu."
WRONG_CODE = "Mã không đúng hoặc đã dùng rồi. Hãy đợi ứng dụng hiện mã mới."
KNOWN_SECONDS = 365 * 24 * 3600


@pages.get("/login")
@public
def login() -> ResponseReturnValue:
    """The sign-in page; whoever is signed in already goes on."""
    form = sign_in_form(request)
    if current_actor().id is not None:
        return redirect(form.target or _home())
    return render_template("security/login.html", form=form, error="")


@pages.post("/login")
@public
def sign_in() -> ResponseReturnValue:
    """Checks the password; then the code of the second factor where there is one."""
    form = sign_in_form(request)
    if not form.complete:
        return render_template("security/login.html", form=form, error=MISSING), 422
    outcome = sessions.try_password(form.identity, form.password, caller(request), moment())
    if outcome.user is None:
        return _refused("security/login.html", outcome, WRONG, form=form)
    if sessions.wants_code(outcome.user):
        sessions.keep_pending(outcome.user, form.target, moment())
        return redirect(url_for("accounts.code"))
    return _enter(outcome.user, form.target)


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
    outcome = sessions.try_code(user, text(request, "code"), caller(request), moment())
    if outcome.user is None:
        return _refused("security/code.html", outcome, WRONG_CODE)
    return _enter(outcome.user, target)


@pages.post("/logout")
@signed_in
def logout() -> ResponseReturnValue:
    """Signs out."""
    with unit_of_work():
        sessions.end(current_actor(), moment())
    flash("Đã đăng xuất.", "good")
    return redirect(url_for("accounts.login"))


@pages.route("/desk/me/password", methods=["GET", "POST"])
@signed_in
def own_password() -> ResponseReturnValue:
    """Chooses a new password; everything signs out and this browser in again."""
    user = _me()
    if request.method == "GET":
        return render_template("security/password.html", user=user, error="")
    try:
        with unit_of_work():
            typed = [text(request, name) for name in ("old", "new", "again")]
            actions.change_own_password(current_actor(), moment(), user, *typed)
    except DomainError as error:
        return render_template("security/password.html", user=user, error=str(error)), error.status
    flash("Đã đổi mật khẩu. Các máy khác đã bị đăng xuất.", "good")
    return _enter(user, "")


@pages.route("/desk/me/second-factor", methods=["GET", "POST"])
@signed_in
def own_factor() -> ResponseReturnValue:
    """Sets the second factor up: a QR for the phone app, then its first code."""
    user = _me()
    secret = session.get("factor") or factors.new_secret()
    session["factor"] = secret
    if request.method == "GET":
        return _factor_page(user, secret, "")
    try:
        with unit_of_work():
            codes = actions.keep_second_factor(current_actor(), moment(), user, secret, text(request, "code"))
    except DomainError as error:
        return _factor_page(user, secret, str(error)), error.status
    session.pop("factor", None)
    return render_template("security/recovery_codes.html", codes=codes, user=user, home=_home())


def _factor_page(user: User, secret: str, error: str) -> str:
    address, key = factors.setup_values(secret, user.user_name)
    return render_template(
        "security/second_factor.html",
        user=user,
        error=error,
        picture=svg_data(address),
        key=key,
        required=needs_second_factor(user.role_names) and not user.sample,
    )


def _me() -> User:
    """The person signed in, as a record."""
    return queries.user(current_actor().id or 0)


def _enter(user: User, target: str) -> Response:
    """Starts the session, remembers the browser, goes on."""
    visitor = caller(request)
    with unit_of_work():
        sessions.start(user, visitor, moment())
    response = make_response(redirect(local_target(target) or _home()))
    marks = [sessions.known_mark(user), *sorted(visitor.known - {sessions.known_mark(user), ""})][:KNOWN_MAX]
    settings: Settings = current_app.config["SETTINGS"]
    response.set_cookie(
        KNOWN_COOKIE,
        ".".join(marks),
        max_age=KNOWN_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.https,
        path="/login",
    )
    return response


def _refused(template: str, outcome: Outcome, wrong: str, **context: object) -> ResponseReturnValue:
    if not outcome.wait_seconds:
        return render_template(template, error=wrong, **context), 401
    minutes = -(-outcome.wait_seconds // 60)
    error = f"Thử sai quá nhiều lần. Hãy đợi khoảng {minutes} phút rồi thử lại."
    return render_template(template, error=error, **context), 429, {"Retry-After": str(outcome.wait_seconds)}


def _home() -> str:
    """Where people land after signing in: the office's first page."""
    return "/desk/"
