"""Behind an HTTPS server the visitor's address and scheme are the visitor's; without one nobody can pretend."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from flask import Flask, request, url_for
from waitress.server import WSGIServer, create_server

from app.factory.serving import proxy_trust
from app.settings import Settings

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "choso.example",
}


def _serve(server: WSGIServer) -> None:
    """Until it is closed from outside, which its waiting select() may notice as a closed descriptor."""
    with suppress(OSError):
        server.run()


@pytest.fixture
def seen(settings: Settings) -> Iterator[Callable[[bool], list[str]]]:
    """What the program sees of a request with forwarded headers: address, scheme, an outside address."""
    web = Flask("proxy")

    @web.get("/")
    def look() -> list[str]:
        return [request.remote_addr or "", request.scheme, url_for("look", _external=True)]

    servers = []

    def ask(https: bool) -> list[str]:
        server = create_server(web, host="127.0.0.1", port=0, **proxy_trust(replace(settings, https=https)))
        servers.append(server)
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        call = urllib.request.Request(f"http://127.0.0.1:{server.effective_port}/", headers=FORWARDED)
        with urllib.request.urlopen(call, timeout=10) as answer:
            return [str(each) for each in json.load(answer)]

    yield ask
    for server in servers:
        server.close()


def test_https_server_is_believed(seen: Callable[[bool], list[str]]) -> None:
    https = True
    assert seen(https) == ["203.0.113.9", "https", "https://choso.example/"]


def test_nobody_else_is(seen: Callable[[bool], list[str]]) -> None:
    https = False
    address, scheme, outside = seen(https)
    assert (address, scheme) == ("127.0.0.1", "http")
    assert "choso.example" not in outside
