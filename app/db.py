"""The database: one typed base for every table, one place that commits, SQLite and PostgreSQL alike.

SQLite runs in WAL with `synchronous=FULL` and foreign keys on, from a fixed library (3.51.3 or newer: older ones can
lose commits in WAL mode). A request that may write begins IMMEDIATE, so that two of them wait for each other instead of
one failing half-way (research: deferred read-then-write failed 724 of 800 times, immediate 0).
"""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pysqlite3.dbapi2 as sqlite
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event, insert
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from app.errors import DomainError
from app.paths import resource_dir

SQLITE_MIN = (3, 51, 3)
#: Kept beside the SQLite file: enough for the 32 KB that WAL shares, and for a few dozen small writes.
RESERVE, RESERVE_BYTES, SHARED_BYTES = ".reserve", 256 * 1024, 64 * 1024
#: Any number, the same in every program on one PostgreSQL database.
MIGRATION_LOCK = 712_004

_writing: ContextVar[bool] = ContextVar("choso_writing", default=False)
_in_unit: ContextVar[bool] = ContextVar("choso_in_unit", default=False)
_afterwards: ContextVar[tuple[Callable[[], object], ...]] = ContextVar("choso_afterwards", default=())
_first_act: ContextVar[Callable[[], None] | None] = ContextVar("choso_first_act", default=None)


class Base(DeclarativeBase):
    """Every table: constraints are named by one convention, so that migrations can drop what they made."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    # db.Model is a run-time value, which strict mypy refuses as a base class (python/mypy#8603).
    class Model(Base):
        """Base of every table."""

        __abstract__ = True
else:
    Model = db.Model


def insert_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows at once, all with the same columns, past the objects of the session: a third of the time."""
    db.session.flush()
    db.session.connection().execute(insert(model), rows)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC; a naive one is refused instead of guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC (SQLite keeps it without the offset)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"thời điểm {value!r} thiếu múi giờ")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware again."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` needs for this address: the fixed SQLite library, or a checked PostgreSQL pool.

    An error never repeats the values it was about: names and numbers of people would stand in the log.
    """
    if url.startswith("sqlite"):
        if sqlite.sqlite_version_info < SQLITE_MIN:
            raise RuntimeError(f"SQLite {sqlite.sqlite_version} quá cũ, cần {'.'.join(map(str, SQLITE_MIN))} trở lên")
        options: dict[str, Any] = {"module": sqlite, "connect_args": {"timeout": 30}, "hide_parameters": True}
        file = make_url(url).database or ""
        return options | ({"creator": partial(_read_only, file)} if _lies_read_only(file) else {})
    return {"pool_pre_ping": True, "hide_parameters": True}


def _lies_read_only(file: str) -> bool:
    """Whether a file of records lies on a disk where neither it nor anything beside it can be written."""
    path = Path(file)
    return path.is_file() and not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()


def _read_only(file: str) -> sqlite.Connection:
    """WAL cannot begin there: the file is read as one that nobody changes, which is what it is."""
    return sqlite.connect(f"file:{quote(file)}?immutable=1", uri=True, timeout=30)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: DBAPIConnection, _record: object) -> None:
    if not isinstance(connection, sqlite.Connection):
        return
    connection.isolation_level = None  # transactions are begun by us (below), not guessed by the driver
    cursor = connection.cursor()
    _make_room(cursor)
    for pragma in ("busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    _write_ahead(cursor)
    cursor.close()


def _make_room(cursor: sqlite.Cursor) -> None:
    """WAL shares 32 KB of a file with other programs. On a full disk that has none yet the reserve is given up for it;
    without a reserve this connection does without other programs.
    """
    file = cursor.execute("PRAGMA database_list").fetchone()[2]
    if not file or Path(f"{file}-shm").exists() or shutil.disk_usage(Path(file).parent).free > SHARED_BYTES:
        return
    reserve = Path(file).with_name(RESERVE)
    if reserve.is_file():
        reserve.unlink()
    else:
        cursor.execute("PRAGMA locking_mode=EXCLUSIVE")


def keep_reserve(folder: Path) -> None:
    """A little room beside the records, for the hour in which the disk is full; where there is none, there is none."""
    file = folder / RESERVE
    if file.exists():
        return
    try:
        if shutil.disk_usage(folder).free > 8 * RESERVE_BYTES:
            file.write_bytes(b"\0" * RESERVE_BYTES)
    except OSError:
        file.unlink(missing_ok=True)


def cannot_write(error: BaseException) -> bool:
    """Whether a database refuses a write because its disk is full, or may only be read."""
    said = str(getattr(error, "orig", None) or error)
    return _says_full(said) or any(words in said for words in ("readonly database", "read-only transaction"))


def _says_full(error: object) -> bool:
    return any(words in str(error) for words in ("disk is full", "disk I/O error", "No space left on device"))


def _write_ahead(cursor: sqlite.Cursor) -> None:
    """WAL for this file. Two programs that switch a new file at once don't wait for each other by themselves."""
    for pause in (0.02, 0.05, 0.1, 0.3, 1.0, 3.0):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite.OperationalError as error:
            if "readonly" in str(error):
                return
            if "locked" not in str(error):
                raise
            time.sleep(pause)
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def begin_writing() -> None:
    """From here on this request writes: its transaction takes the write lock when it begins."""
    _writing.set(True)


def begin_reading() -> None:
    """This request only reads: it never waits for a writer."""
    _writing.set(False)


def begin_next_unit_with(act: Callable[[], None] | None) -> None:
    """What this request's first unit of work does before anything else: kept with it or not at all."""
    _first_act.set(act)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Everything inside is kept together or not at all. The only place that commits; a unit inside a unit joins it."""
    if _in_unit.get():
        yield
        return
    was_writing = _writing.get()
    inside = _in_unit.set(True)
    if not was_writing:
        db.session.rollback()  # a transaction begun for reading can't take the write lock: begin anew
        _writing.set(True)
    try:
        if (first := _first_act.get()) is not None:
            _first_act.set(None)
            first()
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.set(was_writing)
        _in_unit.reset(inside)
        _do_what_is_left()


def afterwards(act: Callable[[], object]) -> None:
    """Does this in a unit of its own once the one at hand is over, kept or not: what was refused is written down."""
    _afterwards.set((*_afterwards.get(), act))
    if not _in_unit.get():
        _do_what_is_left()


def _do_what_is_left() -> None:
    acts = _afterwards.get()
    _afterwards.set(())
    for act in acts:
        try:
            with unit_of_work():
                act()
        except SQLAlchemyError:  # a full disk must not hide why the act itself was refused
            logging.getLogger("choso").exception("what was refused could not be written down")


def migrate(engine: Engine, revision: str = "head") -> bool:
    """Brings the tables to the wanted state in one transaction; True when something was done.

    An existing SQLite file is copied to `<file>.before-<revision>` first. Raises DomainError when the records were
    written by a newer program than this one.
    """
    script = ScriptDirectory(str(resource_dir("migrations")))
    target = script.get_current_head() if revision == "head" else revision
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == target:
            return False
        connection.rollback()
        with _alone(connection):
            current = MigrationContext.configure(connection).get_current_revision()  # somebody may have been faster
            if current == target:
                return False
            if current is not None and current not in {item.revision for item in script.walk_revisions()}:
                raise DomainError(
                    f"Dữ liệu được ghi bằng bản Chợ Số mới hơn (bước {current}).",
                    remedy="Hãy cập nhật chương trình rồi chạy lại.",
                )
            if current is not None:
                _copy_before(connection, current)
            config = Config(attributes={"connection": connection, "metadata": Base.metadata})
            config.set_main_option("script_location", str(resource_dir("migrations")))
            (command.downgrade if revision == "base" else command.upgrade)(config, revision)
            connection.commit()
    return True


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """A transaction that no other program's migration can share: two that start at once do it once."""
    raw = connection.connection.dbapi_connection
    lite = raw if isinstance(raw, sqlite.Connection) else None
    if lite:
        # A table made anew by a batch step is dropped in between; with foreign keys on, that would cascade.
        lite.execute("PRAGMA foreign_keys=OFF")
    writing = _writing.set(True)
    try:
        connection.begin()
        if not lite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        yield
    finally:
        _writing.reset(writing)
        connection.rollback()
        if lite:
            lite.execute("PRAGMA foreign_keys=ON")


def _copy_before(connection: Connection, revision: str) -> None:
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite.Connection):
        file = raw.execute("PRAGMA database_list").fetchone()[2]
        # another connection reads: one that holds the write lock can't be the source of its own copy
        with closing(sqlite.connect(file)) as source, closing(sqlite.connect(f"{file}.before-{revision}")) as copy:
            source.backup(copy)
