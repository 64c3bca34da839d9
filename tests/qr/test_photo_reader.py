"""A photo somebody sends is read apart: the same codes, one sentence for what cannot be read, and no harm to us."""

from contextlib import ExitStack

import pytest

from app import confined
from app.confined import ConfinedBusyError, read_confined
from app.qr import symbol, vietqr
from app.qr.drawing import png
from app.qr.photo import PhotoError, read_photo
from app.qr.photo_reader import read_sent_photo
from tests.qr.payloads import ACCOUNT, BIN
from tests.qr.test_photo import bomb, png_of


def test_a_sent_photo_says_what_it_says_when_read_here() -> None:
    data = png(symbol(vietqr(BIN, ACCOUNT), "M"))
    assert read_sent_photo(data) == read_photo(data)


@pytest.mark.parametrize("data", [b"", b"GIF89a", bomb(30_000), png_of(9_000, 9_000)])
def test_a_hostile_photo_is_one_sentence(data: bytes) -> None:
    with pytest.raises(PhotoError):
        read_sent_photo(data)


def test_a_photo_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "WAIT_S", 0.01)
    with pytest.raises(PhotoError, match="quá nặng"):
        read_sent_photo(png(symbol(vietqr(BIN, ACCOUNT), "M")))


def test_a_third_file_waits_its_turn_and_is_then_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "_TURN_S", 0.01)
    with confined._AT_ONCE, confined._AT_ONCE, pytest.raises(ConfinedBusyError):
        read_confined("app.qr.photo_reader", b"")
    with ExitStack() as line:
        for _ in range(4):
            line.enter_context(confined._IN_LINE)
        with pytest.raises(ConfinedBusyError):
            read_confined("app.qr.photo_reader", b"")
