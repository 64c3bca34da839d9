"""A real server and a real browser; every page must be free of errors, CSP violations and requests to elsewhere."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect, sync_playwright
from waitress.server import WSGIServer, create_server

from app.db import db
from app.factory import create_app
from app.factory.rooms import HANDLERS
from app.factory.sample.build import install_sample
from app.factory.sample.people import sign_ins
from app.jobs.worker import Worker
from app.settings import Settings
from tests.conftest import SECRET, settings_for

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 360, "height": 640}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the machine, started once."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("máy này không có Chromium; cài bằng: apt install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sample_instance(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """An instance with the sample commune, built once; tests get copies."""
    folder = tmp_path_factory.mktemp("sample") / "instance"
    settings = settings_for(folder, f"sqlite:///{folder / 'choso.sqlite3'}")
    shutil.copyfile(sqlite_template, folder / "choso.sqlite3")
    app = create_app(settings)
    with app.app_context():
        install_sample(settings, datetime.now(UTC))
        db.engine.dispose()
    return folder


@pytest.fixture
def sample() -> None:
    """Named by a test whose server shall hold the sample commune."""


@pytest.fixture
def live_settings(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Settings:
    """An instance of its own for the server, on SQLite: empty, or with the sample commune."""
    folder = tmp_path / "instance"
    if "sample" in request.fixturenames:
        shutil.copytree(request.getfixturevalue("sample_instance"), folder)
    settings = settings_for(folder, f"sqlite:///{folder / 'choso.sqlite3'}")
    if "sample" not in request.fixturenames:
        shutil.copyfile(sqlite_template, folder / "choso.sqlite3")
    return settings


def sign_in(page: Page, role: str) -> None:
    """As the sample's person of this role."""
    me = next(each for each in sign_ins(SECRET) if each.role == role)
    page.goto("/login")
    page.fill("[name=identity]", me.user)
    page.fill("[name=password]", me.password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page).to_have_url("/desk/")


@pytest.fixture
def live_app(live_settings: Settings) -> Flask:
    """The program behind the server."""
    return create_app(live_settings)


def _serve(server: WSGIServer) -> None:
    """Until it is closed from outside, which its waiting select() may notice as a closed descriptor."""
    with suppress(OSError):
        server.run()


@pytest.fixture
def live(live_app: Flask) -> Iterator[str]:
    """Address of a running server with its worker."""
    server = create_server(live_app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=_serve, args=(server,), daemon=True)
    worker = Worker(live_app, HANDLERS)
    thread.start()
    worker.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    worker.stop()
    worker.join(timeout=10)
    server.close()
    thread.join(timeout=10)
    with live_app.app_context():
        db.engine.dispose()


@pytest.fixture(params=["laptop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live: str) -> Iterator[Page]:
    """A tab at a laptop's and at a phone's size; what went wrong in it fails the test."""
    context = browser.new_context(
        viewport=LAPTOP if request.param == "laptop" else PHONE, locale="vi-VN", base_url=live
    )
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            faults.append(message.text)

    def see(sent: Request) -> None:
        if not sent.url.startswith((live, "data:", "blob:")):
            faults.append(f"a request to elsewhere: {sent.url}")

    tab = context.new_page()
    tab.on("console", hear)
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("request", see)
    yield tab
    context.close()
    assert faults == []
