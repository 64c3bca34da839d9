"""The only wiring: settings, rooms, error pages, headers and the command line come together here.

`create_app` is loaded when it is asked for (PEP 562): the command line lives in this package too, and `choso qr encode`
must not wait for Flask and SQLAlchemy, which it does not use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.factory.application import create_app, create_ready_app

__all__ = ("create_app", "create_ready_app")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what a module holds is of any type
    if name in __all__:
        return getattr(importlib.import_module("app.factory.application"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
