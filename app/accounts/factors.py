"""The second factor: six digits from a phone app, and recovery codes for the day the phone is lost."""

import hashlib
import hmac
from datetime import datetime

from flask import current_app
from flask_security import Totp
from passlib.exc import TokenError

from app.accounts.models import User
from app.accounts.passwords import keyed_hash, new_recovery_code
from app.settings import Settings

ISSUER = "Chợ Số"
#: A phone's clock may be off by one step of 30 seconds (RFC 6238, 5.2).
WINDOW_SECONDS = 30
RECOVERY_CODES = 10


class Clockwork(Totp):
    """Flask-Security's TOTP with the time as an argument and every code good for one use."""

    def step_of(self, code: str, secret: str, now: datetime, last_step: int | None) -> int | None:
        """The time step this code belongs to, or None when it is wrong or was used already."""
        try:
            match = self._totp.verify(code, secret, time=now.timestamp(), window=WINDOW_SECONDS, last_counter=last_step)
        except (TokenError, ValueError):
            return None
        step: int = match.counter
        return step


def clockwork() -> Clockwork:
    """TOTP with a key of this instance, under which the secrets are kept."""
    settings: Settings = current_app.config["SETTINGS"]
    key = hmac.new(settings.secret_key.encode(), b"totp", hashlib.sha256).hexdigest()
    return Clockwork({"1": key}, ISSUER)


def new_secret() -> str:
    """A fresh secret, encrypted: this text may be kept."""
    secret: str = clockwork().generate_totp_secret()
    return secret


def setup_values(secret: str, user_name: str) -> tuple[str, str]:
    """What the phone app needs: the otpauth address for a QR, and the key to type by hand."""
    works = clockwork()
    return works.get_totp_uri(user_name, secret), works.get_totp_pretty_key(secret)


def use_code(user: User, code: str, now: datetime) -> bool:
    """Whether this code (of the app, or a recovery code) lets the person in; it never does so twice."""
    typed = code.strip().replace(" ", "").lower()
    if typed.isascii() and typed.isdigit():
        return _use_app_code(user, typed, now)
    return _use_recovery_code(user, typed)


def set_up(user: User, secret: str, code: str, now: datetime) -> list[str] | None:
    """Turns the second factor on with this secret once its first code is right; the new recovery codes, or None."""
    step = clockwork().step_of(code.strip().replace(" ", ""), secret, now, None)
    if step is None:
        return None
    user.totp_secret, user.totp_counter = secret, step
    return renew_recovery_codes(user)


def renew_recovery_codes(user: User) -> list[str]:
    """Ten new recovery codes, shown once; the old ones end."""
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    user.recovery_codes = [_recovery_hash(user, code) for code in codes]
    return codes


def _use_app_code(user: User, code: str, now: datetime) -> bool:
    if user.totp_secret is None:
        return False
    step = clockwork().step_of(code, user.totp_secret, now, user.totp_counter)
    if step is not None:
        user.totp_counter = step
    return step is not None


def _use_recovery_code(user: User, code: str) -> bool:
    digest = _recovery_hash(user, code)
    if digest not in user.recovery_codes:
        return False
    user.recovery_codes = [kept for kept in user.recovery_codes if kept != digest]
    return True


def _recovery_hash(user: User, code: str) -> str:
    return keyed_hash(f"recovery {user.id}", code.replace("-", ""))
