"""How much a request may bring: more for the few views that take what is large by nature."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., object])

MEGABYTE = 1024 * 1024
JSON_BYTES_MAX = 256 * 1024  #: a form's worth of text; what is larger is a file and comes as one
_MARK = "choso_upload_bytes"


def takes_up_to(megabytes: int) -> Callable[[View], View]:
    """Declares a view that takes larger files; whoever may not open it is sent away before the file is read."""

    def marked(view: View) -> View:
        setattr(view, _MARK, megabytes * MEGABYTE)
        return view

    return marked


def init_uploads(app: Flask, most: int) -> None:
    """Sets the measure for every view. It must be known before anything reads a form: before the check for CSRF."""
    app.config["MAX_CONTENT_LENGTH"] = most
    app.before_request(_widen)


def _widen() -> None:
    most = getattr(current_app.view_functions.get(request.endpoint or ""), _MARK, None)
    if most is not None:
        request.max_content_length = most
    elif request.is_json:
        request.max_content_length = JSON_BYTES_MAX


def size_words(size_bytes: int) -> str:
    """A limit as a person reads it.

    >>> size_words(20 * MEGABYTE), size_words(JSON_BYTES_MAX)
    ('20 MB', '256 KB')
    """
    return f"{size_bytes // MEGABYTE} MB" if size_bytes >= MEGABYTE else f"{size_bytes // 1024} KB"
