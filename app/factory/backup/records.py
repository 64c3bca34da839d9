"""The records of an instance as one SQLite file, whatever database they live in; and back.

That one form makes a backup of a laptop restorable on a server with PostgreSQL and the other way round. SQLite gives a
consistent copy of itself (VACUUM INTO, which also leaves out what was erased); PostgreSQL's tables are read in one
snapshot and written into a SQLite file that the same migrations made.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    cast,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from app.db import Base, engine_options, migrate
from app.factory.backup.archive import BackupError
from app.factory.rooms import MODELS
from app.paths import resource_dir

ROWS = 1000
assert MODELS, "every room's tables are known before one is copied"


def save_records(engine: Engine, file: Path) -> str:
    """Copies all records into a new SQLite file while others go on working; returns their migration step."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("VACUUM INTO ?", (str(file),))
    else:
        with engine_of(f"sqlite:///{file}") as lite:
            migrate(lite)
            snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
            with snapshot.connect() as source, lite.connect() as target:
                target.connection.cursor().execute("PRAGMA foreign_keys=OFF")
                _copy_rows(source, target)
                target.commit()
    return check_records(file)


def load_records(file: Path, engine: Engine, before_commit: Callable[[], None]) -> None:
    """Fills an empty PostgreSQL database from such a file, in one transaction; raises BackupError for another one."""
    migrate(engine)
    with engine_of(f"sqlite:///{file}") as lite, lite.connect() as source, engine.begin() as target:
        if any(counts(target).values()):
            raise BackupError(
                "Cơ sở dữ liệu PostgreSQL này đã có bản ghi.",
                remedy="Hãy tạo một cơ sở dữ liệu trống (createdb), trỏ CHOSO_DATABASE_URL vào đó rồi khôi phục lại.",
            )
        links = target.execute(text(FOREIGN_KEYS)).all()
        for drop, _add in links:
            target.execute(text(drop))
        _copy_rows(source, target)
        for _drop, add in links:
            target.execute(text(add))
        for (restart,) in target.execute(text(SEQUENCES)).all():
            target.execute(text(restart))
        before_commit()


def check_records(file: Path) -> str:
    """The migration step of a SQLite file of records. Raises BackupError where the file is not whole."""
    connection = sqlite.connect(str(file))
    try:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        linked = connection.execute("PRAGMA foreign_key_check").fetchone() is None
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite.DatabaseError as error:
        raise BackupError(f"Tệp dữ liệu hỏng ({error}).", remedy="Hãy dùng bản sao lưu gần nhất còn nguyên.") from error
    finally:
        connection.close()
    if not (whole and linked and revision):
        raise BackupError("Tệp dữ liệu hỏng.", remedy="Hãy dùng bản sao lưu gần nhất còn nguyên.")
    return str(revision[0])


def update_records(file: Path) -> None:
    """Brings such a file to the tables of this program."""
    with engine_of(f"sqlite:///{file}") as lite:
        migrate(lite)
    for copy in file.parent.glob(f"{file.name}.before-*"):
        copy.unlink()


def counts_of(file: Path) -> dict[str, int]:
    """How many rows each table of such a file holds."""
    connection = sqlite.connect(str(file))
    try:
        names = [row[0] for row in connection.execute(TABLES)]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 - names of tables out of the file's own schema, quoted
    finally:
        connection.close()


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table of this program holds."""
    tables = Base.metadata.sorted_tables
    return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def is_known(revision: str) -> bool:
    """Whether this program knows the migration step: not one of a newer program."""
    script = ScriptDirectory(str(resource_dir("migrations")))
    return revision in {item.revision for item in script.walk_revisions()}


@contextmanager
def engine_of(url: str) -> Iterator[Engine]:
    """A database outside any running program, let go of at the end."""
    engine = create_engine(url, **engine_options(url))
    try:
        yield engine
    finally:
        engine.dispose()


TABLES = r"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name"
FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
SEQUENCES = """
    SELECT format('SELECT setval(%L, (SELECT coalesce(max(%I), 0) + 1 FROM %I), false)',
                  pg_get_serial_sequence(quote_ident(table_name), column_name), column_name, table_name)
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""


class _JsonAsText(TypeDecorator[str]):
    """JSON carried as its text, so that a JSON null and no value at all stay two things."""

    impl = Text
    cache_ok = True

    def column_expression(self, column: ColumnElement[str]) -> ColumnElement[str]:
        """Read as text."""
        return cast(column, Text)


class _TextIntoJson(_JsonAsText):
    """The same, for PostgreSQL, which wants to be told that a text is JSON."""

    cache_ok = True

    def bind_expression(self, bindparam: ColumnElement[str]) -> ColumnElement[str]:
        """Written as JSON."""
        return cast(bindparam, JSON)


def _copy_rows(source: Connection, target: Connection) -> None:
    reading = _carried(_JsonAsText())
    writing = _carried(_JsonAsText() if target.dialect.name == "sqlite" else _TextIntoJson())
    for name, table in reading.items():
        rows = source.execution_options(yield_per=ROWS).execute(select(table)).mappings()
        for part in rows.partitions():
            target.execute(insert(writing[name]), [dict(row) for row in part])


def _carried(json_as: TypeEngine[str]) -> Mapping[str, Table]:
    """Every table with its JSON columns as text."""
    metadata = MetaData()
    tables = {table.name: table.to_metadata(metadata) for table in Base.metadata.sorted_tables}
    for table in tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = json_as
    return tables
