"""Idle and dripping connections: others are served at once, slow senders are cut off."""

import contextlib
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest
from flask import Flask

from app.factory import connections
from app.factory.connections import connections_max, is_too_slow, make_server

CONNECTIONS = 500
SECOND = 1.0
pytestmark = pytest.mark.skipif(connections_max() < CONNECTIONS + 100, reason="máy này không cho mở đủ kết nối")


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """A server of ours on a free port."""
    web = Flask("connections")
    web.add_url_rule("/healthz", "healthz", lambda: {"status": "ok"}, methods=["GET", "POST"])
    server = make_server(web, "127.0.0.1", 0)

    def run() -> None:
        with contextlib.suppress(OSError):  # closed from outside
            server.run()

    threading.Thread(target=run, daemon=True).start()
    yield "127.0.0.1", server.effective_port
    server.close()


def _slowest_answer(address: tuple[str, int], tries: int = 5) -> float:
    slowest = 0.0
    for _ in range(tries):
        began = time.monotonic()
        with urllib.request.urlopen(f"http://{address[0]}:{address[1]}/healthz", timeout=10) as answer:
            assert answer.status == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def test_five_hundred_idle_or_dripping_connections(address: tuple[str, int]) -> None:
    with contextlib.ExitStack() as open_ones:
        held = [open_ones.enter_context(socket.create_connection(address)) for _ in range(CONNECTIONS)]
        for n, one in enumerate(held):
            if n % 2:
                one.sendall(
                    b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\na"
                    if n % 4 == 1
                    else b"GE"
                )
        before = _slowest_answer(address)
        for one in held[1::2]:
            one.sendall(b"T")
        assert max(before, _slowest_answer(address)) < SECOND


def test_a_slow_sender_is_cut_off(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with socket.create_connection(address) as one:
        one.settimeout(10)
        one.sendall(b"GET /healthz HT")
        assert one.recv(100) == b""


def test_the_pace_of_a_body() -> None:
    assert not is_too_slow(29, 1, head_done=True)
    assert is_too_slow(31, 1, head_done=True)
    assert not is_too_slow(3600, 100 * 1024 * 1024, head_done=True)
