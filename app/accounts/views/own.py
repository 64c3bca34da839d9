"""One's own account: password, second factor, devices, sessions."""

from flask import flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.accounts import actions, devices, factors, presence, queries, sessions
from app.accounts.forms import caller, text
from app.accounts.models import User
from app.accounts.rules import needs_second_factor
from app.accounts.scopes import world
from app.accounts.views.confirming import keepers_in_words
from app.accounts.views.frame import done, enter, home_of, me, pages
from app.db import unit_of_work
from app.errors import DomainError, RefusedError
from app.web.access import current_actor, present, signed_in
from app.web.clock import moment
from app.web.qr_picture import svg_data


@pages.get("/desk/me")
@signed_in
def me_page() -> ResponseReturnValue:
    """My account."""
    return _me_page(me())


@pages.route("/desk/me/password", methods=["GET", "POST"])
@signed_in
def own_password() -> ResponseReturnValue:
    """Chooses a new password; everything signs out and this browser in again."""
    user = me()
    if request.method == "GET":
        return render_template("security/password.html", user=user, error="")
    try:
        typed = [text(request, name) for name in ("old", "new", "again")]
        _throttled_password(user, typed[0], "Mật khẩu hiện tại không đúng.")
        with unit_of_work():
            actions.change_own_password(current_actor(), moment(), user, *typed)
    except DomainError as error:
        return render_template("security/password.html", user=user, error=str(error)), 422
    flash("Đã đổi mật khẩu. Các máy khác đã bị đăng xuất.", "good")
    return enter(user, "", confirmed=not sessions.wants_code(user))


@pages.route("/desk/me/second-factor", methods=["GET", "POST"])
@signed_in
def own_factor() -> ResponseReturnValue:
    """Sets the second factor up: a QR for the phone app, then its first code."""
    user = me()
    secret = session.get("factor") or factors.new_secret()
    session["factor"] = secret
    if request.method == "GET":
        return _factor_page(user, secret, "")
    try:
        _check_password(user)
        with unit_of_work():
            codes = actions.keep_second_factor(current_actor(), moment(), user, secret, text(request, "code"))
            sessions.confirm(current_actor(), moment())
    except DomainError as error:
        return _factor_page(user, secret, str(error)), 422
    session.pop("factor", None)
    return render_template("security/recovery_codes.html", codes=codes, home=home_of(user), user=user)


@pages.post("/desk/me/recovery-codes")
@signed_in
def own_recovery_codes() -> ResponseReturnValue:
    """New recovery codes, for the password: whoever has them needs no phone."""
    user = me()
    try:
        _check_password(user)
        with unit_of_work():
            codes = actions.renew_recovery_codes(current_actor(), moment(), user)
    except DomainError as error:
        return _me_page(user, error=str(error)), 422
    return render_template("security/recovery_codes.html", codes=codes, home=url_for("accounts.me_page"), user=user)


@pages.post("/desk/me/devices")
@signed_in
def own_device_add() -> ResponseReturnValue:
    """A token for a program of mine, shown once; one that may approve and administer asks for the second factor."""
    user, kind = me(), "desk" if text(request, "kind") == "desk" else "api"
    try:
        if kind == "desk":
            _check_present(user)
        elif (asked := presence.ask()) is not None:
            return asked
        with unit_of_work():
            _, token = devices.issue_device(current_actor(), moment(), user, kind, text(request, "name"))
    except DomainError as error:
        return _me_page(me(), error=str(error)), 422
    return _me_page(me(), token=token)


@pages.post("/desk/me/phone-token")
@signed_in
@present
def own_phone_token() -> ResponseReturnValue:
    """A token for the phone app in this browser: {"token", "expires_at"}; the app keeps it and sends it as bearer."""
    with unit_of_work():
        name = text(request, "name") or "Điện thoại"
        device, token = devices.issue_device(current_actor(), moment(), me(), "phone", name)
    return {"token": token, "expires_at": device.expires_at.isoformat(), "name": current_actor().name}


@pages.post("/desk/me/devices/<int:device_id>/revoke")
@signed_in
def own_device_revoke(device_id: int) -> ResponseReturnValue:
    """Ends one of my devices."""
    return done(
        url_for("accounts.me_page"),
        "Đã thu hồi thiết bị.",
        lambda: devices.revoke_device(current_actor(), moment(), me(), device_id),
    )


def _check_present(user: User) -> None:
    """An open laptop is not enough for half a day of approving: the phone's code now, or the password without one."""
    typed, visitor, now = text(request, "code"), caller(request), moment()
    if sessions.wants_code(user):
        outcome = sessions.try_code(user, typed, visitor, now)
    else:
        outcome = sessions.try_password(user.user_name, typed, visitor, now)
    if outcome.user is None:
        raise RefusedError("Mã hoặc mật khẩu không đúng.", remedy="Hãy gõ lại; sai nhiều lần thì phải đợi 15 phút.")


def _check_password(user: User) -> None:
    """Another phone, or codes in place of one, needs the password again: an open laptop is not enough."""
    if user.totp_secret is not None:
        _throttled_password(user, text(request, "password"), "Mật khẩu không đúng.")


def _throttled_password(user: User, typed: str, wrong: str) -> None:
    """Whoever found an open session may guess no faster than at the door. Raises RefusedError."""
    outcome = sessions.try_password(user.user_name, typed, caller(request), moment())
    if outcome.wait_seconds:
        minutes = outcome.wait_seconds // 60 + 1
        raise RefusedError("Sai mật khẩu quá nhiều lần.", remedy=f"Hãy đợi {minutes} phút rồi thử lại.")
    if outcome.user is None:
        raise RefusedError(wrong, remedy="Hãy gõ lại mật khẩu đang dùng.")


def _me_page(user: User, *, token: str = "", error: str = "") -> str:
    now = moment()
    return render_template(
        "accounts/me.html",
        user=user,
        keepers=keepers_in_words(user),
        world=world(),
        devices=queries.devices_of(user.id, now),
        sessions=queries.sessions_of(user.id, now),
        token=token,
        error=error,
    )


def _factor_page(user: User, secret: str, error: str) -> str:
    address, key = factors.setup_values(secret, user.user_name)
    return render_template(
        "security/second_factor.html",
        user=user,
        error=error,
        picture=svg_data(address),
        address=address,
        key=key,
        required=needs_second_factor(user.role_names) and not user.sample,
    )
