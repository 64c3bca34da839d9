"""`choso serve` and `choso worker`."""

import os
import signal
import socket
import sys
import threading
import webbrowser
from types import FrameType
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.accounts.actions import create_first_admin
from app.db import unit_of_work
from app.errors import RefusedError
from app.factory.connections import make_server
from app.factory.rooms import HANDLERS
from app.factory.sweeping import sweep_leftovers
from app.jobs.worker import Worker
from app.settings import PORT_MAX, Settings
from app.web.clock import moment

JOB_SECONDS = 5  # a job at hand may end; a longer one is taken up again at the next start


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ lắng nghe.")
@click.option("--port", type=click.IntRange(1, PORT_MAX), help="Cổng (mặc định CHOSO_PORT hoặc 8000).")
@click.option("--welcome", is_flag=True, help="Lần đầu: tạo quản trị đầu tiên, chỉ đường; mở trình duyệt.")
@click.option("--no-browser", is_flag=True, help="Không mở trình duyệt.")
@with_appcontext
def serve(host: str, port: int | None, *, welcome: bool, no_browser: bool) -> None:
    """Chạy trang web và việc nền; Ctrl-C để dừng."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the app itself
    settings: Settings = app.config["SETTINGS"]
    chosen = port or settings.port
    _refuse_taken_port(host, chosen)
    server = make_server(app, host, chosen, **proxy_trust(settings))
    helper = Worker(app, HANDLERS)
    sweep_leftovers(settings, moment())
    helper.start()
    signal.signal(signal.SIGTERM, _interrupt)
    address = f"http://{host}:{chosen}"
    if welcome:
        _greet()
    click.echo(f"Chợ Số đang chạy tại {address} (Ctrl-C để dừng).", err=True)
    if welcome and not no_browser and _has_screen():
        threading.Timer(1.0, webbrowser.open, [address]).start()
    try:
        server.run()
    finally:
        helper.stop()
        server.close()
        helper.join(timeout=JOB_SECONDS)
        click.echo("Đã dừng.", err=True)


@click.command()
@with_appcontext
def worker() -> None:
    """Chỉ chạy việc nền (khi trang web chạy ở tiến trình khác)."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the app itself
    helper = Worker(app, HANDLERS)
    sweep_leftovers(app.config["SETTINGS"], moment())
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    click.echo("Đang nhận việc nền (Ctrl-C để dừng).", err=True)
    helper.start()
    try:
        stopped.wait()
    finally:
        helper.stop()
        helper.join(timeout=30)


def _greet() -> None:
    """The first start makes the first administrator and says what to do next; later starts say nothing."""
    with unit_of_work():
        made = create_first_admin(moment())
    if made is None:
        return
    user_name, password = made
    click.echo(
        "\nQuản trị đầu tiên (mật khẩu dùng một lần, chỉ hiện lúc này):\n"
        f"    tên đăng nhập  {user_name}\n"
        f"    mật khẩu       {password}\n"
        "Mỗi tài khoản nhận tiền cần hai người. Lập người duyệt ngay trên máy này, cửa sổ khác:\n"
        '    python3 run.py user add duyet --role approver --full-name "Họ tên"\n'
        "Muốn xem thử với một xã mẫu? Ở cửa sổ khác: python3 run.py demo\n",
        err=True,
    )


def _has_screen() -> bool:
    """Whether a browser would open before somebody's eyes, and not inside the terminal or on a server."""
    if not sys.stderr.isatty() or "CI" in os.environ:
        return False
    return sys.platform in {"win32", "darwin"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def proxy_trust(settings: Settings) -> dict[str, Any]:
    """Whose forwarded headers are believed: the HTTPS server's on this machine, and only where there is one.

    Without them every visitor would come from 127.0.0.1 (one throttle for all) and invitations would say http://.
    """
    options: dict[str, Any] = {"clear_untrusted_proxy_headers": True}
    if settings.https:
        headers = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
        options |= {"trusted_proxy": "127.0.0.1", "trusted_proxy_count": 1, "trusted_proxy_headers": headers}
    return options


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RefusedError(
                f"Cổng {port} trên {host} không dùng được.",
                remedy=f"Có thể Chợ Số đang chạy sẵn: mở http://{host}:{port}, hoặc chọn cổng khác bằng --port.",
            ) from error
