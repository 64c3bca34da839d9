"""How the machine and the data are, for the admin's first page: the factory says how it is found out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not well: what, and how to mend it; a fault, or a warning."""

    title: str
    words: str
    remedy: str
    is_fault: bool


@dataclass(frozen=True, slots=True)
class Health:
    """What is not well, and when everything was looked at last; None where nobody ever did."""

    troubles: tuple[Trouble, ...]
    looked_at: datetime | None


Look = Callable[[datetime], Health]
_KEY = "choso_health"


def init_health(app: Flask, look: Look) -> None:
    """`look` says at a moment what a page may ask for without anybody waiting."""
    app.extensions[_KEY] = look


def health(now: datetime) -> Health | None:
    """That; None in a program without a doctor."""
    look: Look | None = current_app.extensions.get(_KEY)
    return look(now) if look else None
