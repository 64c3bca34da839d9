import doctest
import importlib
import pkgutil

import pytest

import app.qr


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(app.qr.__path__, "app.qr.")] + ["app.qr"]
)
def test_examples_in_docstrings(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
