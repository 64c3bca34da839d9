"""`choso serve` and `choso worker`."""

import signal
import socket
import threading
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from waitress.server import create_server

from app.errors import RefusedError
from app.factory.rooms import HANDLERS
from app.jobs.worker import Worker
from app.settings import PORT_MAX, Settings

THREADS = 8


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ lắng nghe.")
@click.option("--port", type=click.IntRange(1, PORT_MAX), help="Cổng (mặc định CHOSO_PORT hoặc 8000).")
@with_appcontext
def serve(host: str, port: int | None) -> None:
    """Chạy trang web và việc nền; Ctrl-C để dừng."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the app itself
    settings: Settings = app.config["SETTINGS"]
    chosen = port or settings.port
    _refuse_taken_port(host, chosen)
    server = create_server(
        app, host=host, port=chosen, threads=THREADS, ident="choso", clear_untrusted_proxy_headers=True
    )
    helper = Worker(app, HANDLERS)
    helper.start()
    signal.signal(signal.SIGTERM, _interrupt)
    click.echo(f"Chợ Số đang chạy tại http://{host}:{chosen} (Ctrl-C để dừng).", err=True)
    try:
        server.run()
    finally:
        helper.stop()
        server.close()
        click.echo("Đã dừng.", err=True)


@click.command()
@with_appcontext
def worker() -> None:
    """Chỉ chạy việc nền (khi trang web chạy ở tiến trình khác)."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the app itself
    helper = Worker(app, HANDLERS)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    click.echo("Đang nhận việc nền (Ctrl-C để dừng).", err=True)
    helper.start()
    try:
        stopped.wait()
    finally:
        helper.stop()
        helper.join(timeout=30)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RefusedError(
                f"Cổng {port} trên {host} không dùng được ({error.strerror}).",
                remedy=f"Có thể Chợ Số đang chạy sẵn: mở http://{host}:{port}, hoặc chọn cổng khác bằng --port.",
            ) from error
