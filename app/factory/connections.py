"""The web server's connections: many idle ones are held, slow senders are cut off, nobody else waits for either.

waitress gives a thread only to a request that has come in whole; what it lacks is room (100 connections by default,
counting idle ones) and a clock for a request that drips in byte by byte: every byte counts as activity there.
"""

import sys
import time
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from app.web.uploads import MEGABYTE

THREADS = 8
CONNECTIONS_MAX = 2000
FILES_OF_OUR_OWN = 200  #: open files that are no connections: databases, logs, uploads
SELECT_MAX = 400  #: Windows can't watch more than 512 sockets at once
IDLE_SECONDS = 30
SWEEP_SECONDS = 5
HEAD_SECONDS = 20  #: a request's head is a few hundred bytes
BODY_SECONDS = 30  #: before a body is held to a pace
BODY_BYTES_PER_SECOND = 2_000  #: a bad telephone line; a photo of a megabyte takes eight minutes then
BODY_BYTES_MAX = 110 * MEGABYTE  #: the largest upload there is, and its form
WAITING_BYTES_MAX = 512 * MEGABYTE  #: of one answer, on the disk, before a thread waits for a slow reader


def is_too_slow(seconds: float, received: int, *, head_done: bool) -> bool:
    """Whether a request that has been coming in for so long, with so many bytes, is given up.

    >>> is_too_slow(21, 300, head_done=False), is_too_slow(60, 20_000, head_done=True)
    (True, True)
    >>> is_too_slow(600, 5_000_000, head_done=True)
    False
    """
    allowed = BODY_SECONDS + received / BODY_BYTES_PER_SECOND if head_done else HEAD_SECONDS
    return seconds > allowed


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress is untyped
    """A connection that keeps an eye on the request that is coming in."""

    begun: float | None = None
    taken = 0

    def received(self, data: bytes) -> bool:
        """Takes what was sent; a request that stays unfinished is timed from its first byte."""
        result: bool = super().received(data)
        if self.request is None:
            self.begun, self.taken = None, 0
        else:
            self.begun = self.begun or time.monotonic()
            self.taken += len(data)
        return result

    def readable(self) -> bool:
        """Asked by the server in every round, at least once a second."""
        request = self.request
        if self.begun is not None and request is not None:
            passed = time.monotonic() - self.begun
            if is_too_slow(passed, self.taken, head_done=bool(request.headers_finished)):
                self.will_close = True
        return bool(super().readable())


def make_server(app: Flask, host: str, port: int, **proxy: Any) -> BaseWSGIServer | MultiSocketServer:  # noqa: ANN401 - waitress's own
    """The server, listening, with limits of its own. `proxy`: whose forwarded headers are believed."""
    most = connections_max()
    server = create_server(
        app,
        host=host,
        port=port,
        threads=THREADS,
        ident="choso",
        connection_limit=most,
        backlog=1024,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=SWEEP_SECONDS,
        max_request_body_size=BODY_BYTES_MAX,
        outbuf_high_watermark=WAITING_BYTES_MAX,
        asyncore_use_poll=sys.platform != "win32",
        **proxy,
    )
    parts = server.map.values() if isinstance(server, MultiSocketServer) else [server]
    for part in parts:
        if isinstance(part, BaseWSGIServer):
            part.channel_class = Channel
    return server


def connections_max() -> int:
    """How many connections this machine lets one program hold; asks for more where it may."""
    if sys.platform == "win32":
        return SELECT_MAX
    import resource  # noqa: PLC0415 - not there on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS_MAX + FILES_OF_OUR_OWN
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return (
        CONNECTIONS_MAX if soft == resource.RLIM_INFINITY else max(100, min(CONNECTIONS_MAX, soft - FILES_OF_OUR_OWN))
    )
