"""Passwords and one-time secrets: hashing, checking, making."""

import hashlib
import hmac
import secrets
import unicodedata

from flask import current_app
from flask_security import hash_password, verify_password

from app.accounts.models import User
from app.settings import Settings

#: Letters and digits that nobody confuses when a password is read out or copied from paper.
CLEAR_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def normal_form(password: str) -> str:
    """The same password whatever keyboard typed it: Telex, VNI and macOS compose letters differently."""
    return unicodedata.normalize("NFKC", password)


def hashed(password: str) -> str:
    """Argon2id of a password, to be kept."""
    result: str = hash_password(normal_form(password))
    return result


def matches(user: User | None, password: str) -> bool:
    """Whether this is the person's password; takes as long for nobody as for somebody."""
    if user is None:
        hashed(password)
        return False
    return bool(verify_password(normal_form(password), user.password))


def one_time_password() -> str:
    """Three groups of four that can be read out: about 59 bits."""
    return "-".join("".join(secrets.choice(CLEAR_LETTERS) for _ in range(4)) for _ in range(3))


def new_token(prefix: str) -> str:
    """An unguessable token (256 bits); the prefix tells people what they have found."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def token_hash(token: str) -> str:
    """What is kept of a token (SHA-256, hex): it is random enough to need no more."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(purpose: str, text: str) -> str:
    """HMAC-SHA-256 (hex) with the instance's secret: what is kept of recovery codes, addresses and names tried."""
    settings: Settings = current_app.config["SETTINGS"]
    return hmac.new(settings.secret_key.encode(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def new_recovery_code() -> str:
    """A recovery code that always holds a letter, so that it can't be taken for six digits of the app."""
    code = one_time_password()
    return code if any(letter.isalpha() for letter in code) else new_recovery_code()
