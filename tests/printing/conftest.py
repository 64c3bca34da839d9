"""What the tests of printing share."""

import pytest

from tests.conftest import PUBLIC_URL


@pytest.fixture(autouse=True)
def public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Designs that lead to our pages have an address to lead to."""
    monkeypatch.setenv("CHOSO_PUBLIC_URL", PUBLIC_URL)
